"""What the documents promise exists: links, anchors and make tasks."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]


def anchors_of(page):
    """Anchors of a page's headings, as hosts of Markdown make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page__every_link_leads_somewhere(page):
    targets = [target for target in re.findall(r"\]\(([^)]+)\)", page.read_text()) if not target.startswith("http")]
    broken = []
    for target in targets:
        name, _, anchor = target.partition("#")
        found = (page.parent / name).resolve() if name else page
        if not found.exists() or (anchor and anchor not in anchors_of(found)):
            broken.append(target)

    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page__every_make_task_exists(page):
    tasks = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    assert set(re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8"))) <= tasks


def test_contributing__names_every_folder_of_tests():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    folders = {path.parent.relative_to(ROOT).parts[1] for path in (ROOT / "tests").rglob("test_*.py")}

    assert [folder for folder in sorted(folders) if f"`tests/{folder}`" not in text] == []


def test_architecture__names_every_room_of_the_indexer():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in (ROOT / "indexer").glob("*/__init__.py")}

    assert [room for room in sorted(rooms) if f"(../indexer/{room})" not in text] == []
