"""Plain English, as far as it can be counted: in docstrings and comments of finished folders, and in documents."""

import ast
import re
from pathlib import Path

import pytest

from tests.meta.prose import comments_of, docstrings_of, markdown_paragraphs, paragraphs_of, sentences_of

ROOT = Path(__file__).parents[2]
DONE = (
    "api",
    "api/middleware",
    "api/services",
    "explorer",
    "explorer/panels",
    "indexer",
    "indexer/backups",
    "indexer/collection",
    "indexer/embedders",
    "indexer/exports",
    "indexer/images",
    "indexer/imports",
    "indexer/insights",
    "indexer/maps",
    "indexer/maps/projectors",
    "indexer/neighbors",
    "indexer/pipeline",
    "indexer/reviews",
    "indexer/reviews/writers",
    "indexer/sources",
    "indexer/stores",
    "indexer/supervisely",
    "api/routes",
    "indexer/insights/suspects",
    "lookalike/client",
    "lookalike/client/asynchronous",
    "lookalike/client/blocking",
    "lookalike/commands",
    "lookalike",
    "lookalike/wire",
)
"""Folders whose files are plain."""
PAGES = (
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "docs/architecture.md",
    "docs/commands.md",
    "docs/compose.md",
    "docs/decisions.md",
    "docs/explorer.md",
    "docs/extending.md",
    "docs/measurements.md",
    "docs/scaling.md",
    "docs/serving.md",
    "docs/sources.md",
    "docs/supervisely.md",
)

ODD_BEGINNING = re.compile(r"(What|How|That|Those|Whoever)\b")
BANNED = re.compile(
    r"\b(of others|take note|whoever|keep company|keeps company|has a say|where there (?:is|are))\b", re.IGNORECASE
)
MOST_WORDS = 25
MOST_BREAKS = 1
"""Colons and semicolons of a sentence."""


def faults_of(paragraph):
    """What is not plain about a paragraph, in words."""
    for sentence in sentences_of(paragraph):
        n_words = len(re.findall(r"(?<![\w.,])[A-Za-z][\w'.-]*", sentence))
        n_breaks = len(re.findall(r"[:;](?=\s)", sentence))
        if n_words > MOST_WORDS:
            yield f"{n_words} words: {sentence}"
        if n_breaks > MOST_BREAKS:
            yield f"{n_breaks} colons or semicolons: {sentence}"
    if found := BANNED.search(paragraph):
        yield f"says '{found[0]}': {paragraph[:80]}"


def faults_of_code(path):
    code = path.read_text(encoding="utf-8")
    texts = list(docstrings_of(ast.parse(code)))
    for line, docstring in texts:
        if ODD_BEGINNING.match(docstring):
            yield f"{line}: begins with '{docstring.split()[0]}': {docstring.splitlines()[0]}"
    paragraphs = [(line, paragraph) for line, docstring in texts for paragraph in paragraphs_of(docstring)]
    for line, paragraph in [*paragraphs, *comments_of(code)]:
        for fault in faults_of(paragraph):
            yield f"{line}: {fault}"


@pytest.mark.parametrize("folder", DONE)
def test_code__is_plain(folder):
    files = sorted((ROOT / folder).glob("*.py"))

    assert files
    assert {path.name: faults for path in files if (faults := list(faults_of_code(path)))} == {}


def test_folders__none_is_left_out():
    files = (path for room in ("lookalike", "indexer", "api", "explorer") for path in (ROOT / room).rglob("*.py"))

    assert {path.parent.relative_to(ROOT).as_posix() for path in files} == set(DONE)


@pytest.mark.parametrize("page", PAGES)
def test_page__is_plain(page):
    text = (ROOT / page).read_text(encoding="utf-8")

    assert [fault for paragraph in markdown_paragraphs(text) for fault in faults_of(paragraph)] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LRU cache bounded by bytes.", []),
        ("It has an end: here; there.", ["2 colons or semicolons: It has an end: here; there."]),
        ("``a: b; c: d`` is code, and so is (1: 2; 3).", []),
        ("Ask whoever knows.", ["says 'whoever': Ask whoever knows."]),
        (f"{'word ' * 25}word.", [f"26 words: {'word ' * 25}word."]),
    ],
)
def test_faults_of__examples(text, expected):
    assert list(faults_of(text)) == expected


def test_paragraphs_of__entries_lose_their_names_and_tables_are_left_out():
    docstring = "First: one.\n\n    A    B\n\nArgs:\n    path: The file; its folder\n        exists.\n    n: A number."

    assert list(paragraphs_of(docstring)) == ["First: one.", "The file; its folder exists.", "A number."]
