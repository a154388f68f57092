"""The examples of docs/extending.md work: they are put into a package as pip would, and run from first to last."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+) (run|file=\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
COLOURS = {"red": (220, 40, 40), "green": (40, 200, 40), "blue": (40, 40, 220)}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the package as pip would leave it: modules, and the entry points of its pyproject.toml."""
    folder = tmp_path_factory.mktemp("installed")
    files = {where.removeprefix("file="): code for _, where, code in BLOCKS if where != "run"}
    project = tomllib.loads(files.pop("pyproject.toml"))["project"]
    facts = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n")
    groups = project["entry-points"].items()
    lines = [f"[{group}]\n" + "".join(f"{name} = {at}\n" for name, at in points.items()) for group, points in groups]
    (facts / "entry_points.txt").write_text("\n".join(lines))
    for name, code in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(code, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A folder to work in, with a source: 24 one-coloured pictures of three classes."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "pictures").mkdir()
    random, lines = np.random.default_rng(0), ["file,class"]
    for name, colour in COLOURS.items():
        for number in range(8):
            pixels = (np.array(colour) + random.normal(0, 12, (20, 30, 3))).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "pictures" / f"{name}{number}.png")
            lines.append(f"{name}{number}.png,{name}")
    (folder / "pictures" / "labels.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def run(installed, work):
    """Run Python with the package installed; gives what it printed."""

    def run_python(*arguments, is_ok=True):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(installed), str(ROOT)])}
        done = subprocess.run(
            [sys.executable, *arguments],
            check=False,
            cwd=work,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert (done.returncode == 0) == is_ok, done.stderr
        return done.stdout if is_ok else done.stderr

    return run_python


@pytest.fixture(scope="module")
def answers(run):
    """What each command of the page printed, read as JSON, by the command's name."""
    blocks = [code for language, where, code in BLOCKS if language == "sh" and where == "run"]
    words = [shlex.split(line)[1:] for line in "".join(blocks).splitlines()]
    return {command[0]: json.loads(run("-m", "lookalike", *command)) for command in words}


def test_page__has_an_example_of_each_kind():
    files = {where for _, where, _ in BLOCKS if where.startswith("file=lookalike_colours/")}
    headings = re.findall(r"^## An? (\w+)$", PAGE, re.MULTILINE)

    assert headings == ["source", "embedder", "projector", "exporter", "insight", "panel"]
    assert len(files) == len(headings)


def test_source_and_embedder__index_what_they_recognise(answers):
    assert answers["index"]["images"]["added"] == 24
    assert answers["index"]["instances"]["embedded"] == 24


def test_projector__makes_a_map(answers):
    assert answers["project"]["method"] == "random"


def test_exporter__writes_every_point(answers, work):
    lines = [json.loads(line) for line in (work / "out" / "points.jsonl").read_text().splitlines()]

    assert len(lines) == 24
    assert {line["class_name"] for line in lines} == set(COLOURS)


def test_insight_and_panel__scripts_print_their_answers(answers, run):
    scripts = [code for language, where, code in BLOCKS if language == "python" and where == "run"]

    assert [run("-c", code) for code in scripts] == ["blue: 1.00\nred: 1.00\n", "2 classes\n"]


def test_insight__is_a_command_with_options_and_conditions(answers, run):
    assert answers["purity"] == {"class_names": ["red"], "purity": [1.0]}
    assert run("-m", "lookalike", "purity", "--collection", answers["index"]["collection"]) == (
        "blue: 1.00\ngreen: 1.00\nred: 1.00\n"
    )
    said = run("-m", "lookalike", "purity", "--help")
    assert "Show the share of same-class points" in said
    assert "How many neighbors of a point to look at." in said
    assert "purity" in run("-m", "lookalike", "--help")
    assert "n_neighbors: " in run("-m", "lookalike", "purity", "--n-neighbors", "0", is_ok=False)


def test_insight__is_a_route_with_a_document(run):
    code = (
        "from pathlib import Path\n"
        "from api.app import create_app\nfrom api.settings import ApiSettings\n"
        "from indexer.settings import IndexerSettings\nfrom indexer.workspace import Workspace\n"
        "with Workspace.open(IndexerSettings(data_dir=Path('.lookalike'))) as workspace:\n"
        "    app = create_app(ApiSettings(), workspace)\n"
        "    path = '/collections/{collection}/purity'\n"
        "    print(sorted(app.openapi()['paths'][path]))\n"
    )

    assert run("-c", code) == "['get', 'post']\n"


def test_unknown_name__lists_the_new_ones(answers, run):
    said = run("-m", "lookalike", "export", "out", "--format", "jsonlines", is_ok=False)

    assert "unknown export format 'jsonlines'" in said
    assert "jsonl" in said.partition("known:")[2]
