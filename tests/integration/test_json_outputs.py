"""Every command with ``--json`` prints one JSON document, also where every field of its result has something to say."""

import json
import shutil
import time

import numpy as np
import pytest
import torch
import typer
from PIL import Image

from lookalike.commands.main import app, main
from tests.copies import copy_data
from tests.source_formats import sly_rectangle, write_json, write_text

SIZE_HW = (60, 80)
BOXES = {"red": (4, 4, 40, 50), "blue": (42, 8, 78, 56)}
COLORS = {"red": (220, 40, 40), "blue": (40, 40, 220)}


def make_project(root):
    """Forty labelled patches: two swapped labels, copies across datasets, and one of everything that can go wrong."""
    write_json(root / "meta.json", {"classes": [{"title": name, "shape": "rectangle"} for name in BOXES], "tags": []})
    random = np.random.default_rng(0)
    for number in range(20):
        pixels = np.full((*SIZE_HW, 3), 128.0)
        for name, (left, top, right, bottom) in BOXES.items():
            pixels[top:bottom, left:right] = COLORS[name]
        pixels = (pixels + random.normal(0, 25, pixels.shape)).clip(0, 255).astype(np.uint8)
        add_image(root / "train", f"größe_{number}.png", pixels, classes=("blue", "red") if number == 7 else BOXES)
        if number < 3:
            add_image(root / "val", f"copy_{number}.png", pixels, classes=("blue", "red") if number else BOXES)
    odd = [sly_rectangle("red", (500, 500, 600, 600), id=9001), {"classTitle": "red", "geometryType": "rectangle"}]
    add_image(root / "val", "odd.png", pixels, more=odd)
    write_text(root / "val" / "img" / "broken.png", "no image")
    write_json(root / "val" / "ann" / "broken.png.json", annotation(BOXES, 9000))
    write_json(root / "val" / "ann" / "gone.png.json", annotation(BOXES, 9100))
    write_json(root / "gone" / "ann" / "gone.png.json", annotation(BOXES, 9200))
    return root


def add_image(dataset, name, pixels, classes=tuple(BOXES), more=()):
    (dataset / "img").mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(dataset / "img" / name)
    write_json(dataset / "ann" / f"{name}.json", annotation(classes, 10 * len(list(dataset.rglob("*"))), more))


def annotation(classes, first_id, more=()):
    facts = {"labelerLogin": "ann", "updatedAt": "2024-02-03T04:05:06Z", "tags": [{"name": "night", "value": "yes"}]}
    labels = [
        sly_rectangle(name, box, id=first_id + place, **facts)
        for place, (name, box) in enumerate(zip(classes, BOXES.values(), strict=True))
    ]
    return {"size": {"height": SIZE_HW[0], "width": SIZE_HW[1]}, "tags": facts["tags"], "objects": [*labels, *more]}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The project, and a data directory into which the command indexed it."""
    folder = tmp_path_factory.mktemp("json")
    project = make_project(folder / "project")
    with pytest.raises(SystemExit):
        main(["index", str(project), "--data-dir", str(folder / "data")])
    return project, folder / "data"


@pytest.fixture
def project(made, tmp_path):
    """The project under its own path, as its source key is; given back as it was."""
    shutil.copytree(made[0], tmp_path / "before")
    yield made[0]
    shutil.rmtree(made[0])
    shutil.copytree(tmp_path / "before", made[0])


@pytest.fixture
def data_dir(made, tmp_path):
    copy_data(made[1], tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def ask(lookalike, data_dir):
    """Run a command with ``--json``; gives its document, and checks that nothing else is on stdout."""

    def run(*arguments, code=0):
        found, out, err = lookalike(*arguments, "--data-dir", data_dir, "--json")
        assert found == code, err
        assert "Traceback" not in err
        out.encode()
        return json.loads(out)

    return run


def empty_fields(document, path=""):
    """Paths of fields without a value; of the items of a list, only those that no item has."""
    if isinstance(document, dict) and document:
        return {below for name, value in document.items() for below in empty_fields(value, f"{path}.{name}")}
    if isinstance(document, list) and document:
        return set.intersection(*(empty_fields(one, f"{path}[]") for one in document))
    return {path} if document in (None, [], {}, "") else set()


IN_TESTS_OF_SUPERVISELY = {f"supervisely {name}" for name in ("tag", "undo", "job", "collection", "save", "import")}
"""Commands that need a server; see ``supervisely/writing/test_commands.py``."""


def test_commands__all_that_print_json_are_tested_here():
    group = typer.main.get_command(app)
    found = set()
    for name, command in group.commands.items():
        below = getattr(command, "commands", {"": command})
        found |= {f"{name} {one}".strip() for one, leaf in below.items() if "as_json" in {p.name for p in leaf.params}}

    assert found == {
        "index", "watch", "demo", "status", "models", "project", "suspects", "clusters", "duplicates", "outliers",
        "confusion", "pick", "check", "similar", "export", "import",
        "backup", "restore", "move", "delete", "ready",
        "reviews list", "reviews add", "reviews undo", "reviews apply",
        *IN_TESTS_OF_SUPERVISELY,
    }  # fmt: skip


def test_index__every_field(ask, project):
    report = ask("index", project, "--force")

    assert empty_fields(report) == set()
    assert report["format"] == "supervisely"
    assert report["recognised_by"] == "meta.json beside gone, train, val"
    assert report["skipped_reasons"] == {"outside the image": 1, "broken annotation": 1}
    assert report["instances"]["skipped"] == 2
    assert report["images"]["failed"] == len(report["failures"]) == 1
    assert [note["kind"] for note in report["notes"]] == [
        "declared but not there",
        "annotations of images that the source does not have",
        "annotations that cannot be used",
    ]


def test_index__nothing_to_do_says_the_same_of_what_is_missing(ask, project):
    report = ask("index", project)

    assert report["skipped_reasons"] == {"outside the image": 1, "broken annotation": 1}
    assert report["instances"]["embedded"] == 0
    assert empty_fields(report) == set()


def test_index__of_which_nothing_can_be_used_prints_its_report_too(ask, tmp_path):
    write_text(tmp_path / "cups" / "1.png", "no image")
    report = ask("index", tmp_path, code=1)

    assert (report["images"]["seen"], report["images"]["failed"]) == (1, 1)


def test_watch__one_look_is_one_line(lookalike, project, data_dir, monkeypatch):
    def stop(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", stop)
    code, out, err = lookalike("watch", project, "--data-dir", data_dir, "--json")

    assert (code, len(out.splitlines())) == (130, 1), err
    assert empty_fields(json.loads(out)) == set()


def test_demo__every_field(lookalike, indexed_sample):
    code, out, _ = lookalike("demo", "--no-serve", "--data-dir", indexed_sample, "--json")  # it changes nothing

    assert code == 0
    assert empty_fields(json.loads(out)) == {".skipped_reasons", ".failures", ".notes"}


def test_status__every_field(ask):
    ask("project", "--method", "pca")
    assert empty_fields(ask("status")) == set()


def test_models__every_field(lookalike):
    code, out, _ = lookalike("models", "--json")

    assert code == 0
    assert empty_fields(json.loads(out)) == set()


def test_project__every_field(ask):
    assert empty_fields(ask("project", "--method", "pca")) <= {".note", ".mean_trust", ".parameters"}


@pytest.mark.parametrize("command", ["clusters", "duplicates", "outliers", "confusion", "pick 5", "pick 5 --diverse"])
def test_insights__every_field(ask, command):
    assert empty_fields(ask(*command.split())) == set()


def test_suspects__every_field(ask):
    ask("reviews", "add", ask("suspects")[0]["id"], "--verdict", "skip", "--note", "später")
    assert empty_fields(ask("suspects")) <= {"[].group"}  # the groups of a few pictures are single points


def test_check__every_field(ask):
    report = ask("check", code=1)

    assert empty_fields(report) <= {".why", ".checks[].why"}


def test_similar__every_field(ask, project):
    found = ask("similar", "--image", project / "train" / "img" / "größe_0.png")
    assert empty_fields(found) == set()
    assert empty_fields(ask("similar", "--id", found[0]["id"])) == set()


def test_reviews__every_field(ask, project, tmp_path):
    points = [one["id"] for one in ask("outliers", "--limit", 3)]
    added = ask(
        "reviews", "add", *points[:2], "--verdict", "accept", "--class", "größer", "--new-class", "--note", "wrong"
    )
    assert empty_fields(added) == set()
    assert empty_fields(ask("reviews", "list")) == set()

    patched = ask("reviews", "apply", "--patch", tmp_path / "patch.json")
    assert empty_fields(patched) == {".files", ".run", ".outcomes[].reason"}
    applied = ask("reviews", "apply")
    assert empty_fields(applied) == {".patch", ".outcomes[].reason"}

    assert empty_fields(ask("reviews", "list", "--log")) == set()

    restored = ask("reviews", "undo", "--applied", applied["run"])
    assert empty_fields(restored) == {".kept"}
    undone = ask("reviews", "undo")
    assert empty_fields(undone) == {".standing"}


@pytest.mark.parametrize("name", ["parquet", "csv", "coco", "embeddings-folder"])
def test_export__every_field(ask, tmp_path, name):
    # Only objects without a class are left out, which no source has.
    assert empty_fields(ask("export", tmp_path / "out", "--format", name)) == {".left_out"}


def test_import__every_field(ask, tmp_path):
    ask("project", "--method", "pca")
    ask("export", tmp_path / "out", "--format", "embeddings-folder")
    torch.save(torch.zeros(3, 2), tmp_path / "out" / "projections_tsne_cosine.pt")  # of other points
    found = ask("import", tmp_path / "out", "--collection", "imported")

    assert empty_fields(found) == set()
    assert found["stale_files"] == ["projections_tsne_cosine.pt"]


def test_backups__every_field(ask, tmp_path):
    ask("project", "--method", "pca")
    ask("reviews", "add", ask("outliers")[0]["id"], "--verdict", "skip")

    made = ask("backup", tmp_path / "all.zip")
    assert empty_fields(made) == set()
    assert empty_fields(ask("restore", tmp_path / "all.zip", "--collection", "again")) == set()
    moved = ask("move", "--to", tmp_path / "elsewhere", "--collection", "again")
    assert empty_fields(moved) == set()
    assert moved["n_queries"] == made["n_embedded"]
    assert empty_fields(ask("delete", "again", "--yes")) == set()
