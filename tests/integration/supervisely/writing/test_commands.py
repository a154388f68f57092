"""The commands as a user runs them, on one indexed project: JSON, exit codes, one line per error, never the token."""

import json
from io import BytesIO

import numpy as np
import pytest
import torch

from indexer.settings import IndexerSettings
from indexer.workspace import Workspace
from tests.copies import copy_data
from tests.doubles.supervisely_server.work import upload_files
from tests.integration.supervisely.projects import add_sample


@pytest.fixture
def sample(server):
    return add_sample(server.tables, n_images=1)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return tmp_path_factory.mktemp("kept") / "data"


@pytest.fixture
def data_dir(server, sample, lookalike, kept, tmp_path):
    """The sample indexed by the command: once, as it has the same ids and times in every test."""
    if not kept.exists():
        code, _, err = lookalike("index", sample.address, "--data-dir", kept, "--json")
        assert code == 0, err
    copy_data(kept, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def ask(server, lookalike, data_dir):
    """Run a command with --json; gives the exit code, and the result or the one line of the error."""

    def run(*arguments, into=data_dir):
        code, out, err = lookalike(*arguments, "--data-dir", into, "--json")
        lines = [line for line in err.splitlines() if line.startswith("lookalike: ")]
        assert server.token not in out + err
        assert "Traceback" not in err
        assert len(lines) <= 1
        return code, json.loads(out) if out else lines[0]

    return run


def read_points(data_dir):
    """Payloads and embeddings of objects, by id."""
    with Workspace.open(IndexerSettings(data_dir=data_dir)) as workspace:
        columns = workspace.collections.open().read_columns(
            ["object_key", "image_key", "dataset", "image_name", "image_locator", "class_name", "box"],
            with_embeddings=True,
        )
    rows = zip(*(columns.fields[name].tolist() for name in columns.fields), strict=True)
    return {
        point_id: (dict(zip(columns.fields, row, strict=True)), embedding)
        for point_id, row, embedding in zip(columns.ids.tolist(), rows, columns.embeddings, strict=True)
        if row[0] is not None
    }


def test_work__json_of_every_command(server, sample, ask, data_dir, tmp_path):
    points = read_points(data_dir)
    of_object = {payload["object_key"]: point_id for point_id, (payload, _) in points.items()}
    cat = of_object[str(sample.figures[0])]
    (tmp_path / "ids.txt").write_text("\n".join(of_object[str(one)] for one in sample.figures[:4]))

    assert ask("reviews", "add", cat, "--verdict", "accept", "--class", "dog")[0] == 0
    code, applied = ask("reviews", "apply")
    assert (code, applied["written"], applied["refused"], applied["patch"]) == (0, 1, 0, None)
    place = f"supervisely://{server.url.removeprefix('http://')}/{sample.project}/{sample.datasets['train']}"
    assert applied["files"] == [{"path": f"{place}/{sample.images[0]}", "image": "train / part/0.png"}]
    assert applied["outcomes"][0]["path"] == f"{place}/{sample.images[0]}/{sample.figures[0]}"
    code, report = ask("index", sample.address)
    assert (report["instances"]["embedded"], report["instances"]["payload_updated"]) == (0, 1)
    code, restored = ask("reviews", "undo", "--applied", applied["run"])
    assert (code, restored["kept"], len(restored["restored"])) == (0, [], 1)
    assert server.tables.figures[sample.figures[0]]["classId"] == sample.classes["cat"]
    assert ask("index", sample.address)[1]["instances"]["embedded"] == 0
    assert ask("reviews", "apply", sample.address, "--dry-run")[1]["written"] == 1

    code, tagged = ask("supervisely", "tag", "ISSUE", cat)
    run = tagged.pop("run")
    assert (code, tagged) == (
        0,
        {"tag": "ISSUE", "on": "object", "dry_run": False, "added": 1, "already": 0, "removed": 0},
    )
    assert ask("supervisely", "undo", run) == (0, {"run": run, "undone": 1})
    code, made = ask("supervisely", "job", "look", "--ids", tmp_path / "ids.txt", "--assign", "bob")
    assert (code, made["created"], made["existing"], sorted(made["jobs"][0])) == (
        0,
        2,
        0,
        ["dataset_id", "id", "images"],
    )
    code, collected = ask("supervisely", "collection", "to see", "--ids", tmp_path / "ids.txt")
    assert (code, collected.pop("collection_id") > 0, collected) == (0, True, {"added": 2, "already": 0, "missing": 0})


def test_work__errors_are_one_line(server, sample, ask, data_dir, monkeypatch):
    cat = next(iter(read_points(data_dir)))
    cases = {
        ("tag", "ISSUE"): (2, "name points, or a file of their ids with --ids FILE"),
        ("tag", "ISSUE", "x"): (1, "has no point 'x'"),
        ("tag", "ISSUE", cat, "--on", "frame"): (2, "unknown owner of tags 'frame'; known: image, object"),
        ("tag", "none", cat, "--remove"): (2, "unknown tag 'none'; known: blurred, night"),
        ("job", "look", cat, "--assign", "zoe"): (2, "unknown login 'zoe'; known: ann, bob, eva"),
        ("undo", "x"): (2, "unknown run 'x'"),
        ("save", "supervisely://999"): (1, "does not have project 999"),
        ("import", sample.address): (1, "Team Files keep no embeddings of project 'streets'"),
        ("import", "streets"): (2, "'streets' names no project"),
    }
    for arguments, (expected, message) in cases.items():
        code, line = ask("supervisely", *arguments)
        assert (code, message in line) == (expected, True), (arguments, line)
    monkeypatch.setenv("API_TOKEN", "wrong-one")
    assert ask("supervisely", "tag", "ISSUE", cat)[0] == 1


def test_save__import__same_points_without_embedding(server, sample, ask, data_dir, tmp_path):
    server.tables.projects[sample.project]["name"] = "streets & co/2 (new)"

    code, saved = ask("supervisely", "save", sample.address)

    folder = f"/embeddings/streetsco2(new)_{sample.project}/"
    assert (code, saved["points"], saved["folder"].startswith(folder)) == (0, 12, True)
    assert saved["url"].startswith(f"{server.url}/files/")
    assert set(saved["files"]) == {"cfg.json", "embeddings.pt", "info.json"}
    files = {path.rpartition("/")[2]: data for path, (_, data) in server.tables.files.items()}
    info = json.loads(files["info.json"])
    assert json.loads(files["cfg.json"])["instance_mode"] == "objects"
    assert sorted(info["object_id"]) == sorted(sample.figures)
    assert set(info["dataset_id"]) == set(sample.datasets.values())
    assert set(info["updated_at"]) == {row["updatedAt"] for row in server.tables.images.values()}
    assert {len(values) for values in info.values()} == {12}

    server.tables.projects[sample.project]["name"] = "renamed"
    code, again = ask("supervisely", "save", sample.address)
    assert (code, again["folder"]) == (0, saved["folder"])
    server.forget_requests()
    code, done = ask("supervisely", "import", sample.address, into=tmp_path / "other")
    assert (code, done["n_points"]) == (0, 12)
    assert not {"images.download", "images.bulk.download"} & server.requests.keys()
    indexed, imported = read_points(data_dir), read_points(tmp_path / "other")
    assert indexed.keys() == imported.keys()
    for point_id, (payload, embedding) in indexed.items():
        assert imported[point_id][0] == payload
        assert np.allclose(imported[point_id][1], embedding, atol=1e-6)


def add_app_folder(server, sample, model, *, project_id=None):
    """A folder as the app writes it: numbers for ids, nothing of ours."""
    images, figures = [server.tables.figures[one]["imageId"] for one in sample.figures], sample.figures
    info = {
        "dataset_id": [server.tables.images[one]["datasetId"] for one in images],
        "image_id": images,
        "object_id": figures,
        "object_cls": ["cat", "dog"] * (len(figures) // 2),
        "crop_yxyx": [[2, 2, 11, 11], [2, 12, 17, 27]] * (len(figures) // 2),
        "updated_at": [server.tables.images[one]["updatedAt"] for one in images],
    }
    path = f"/embeddings/old name_{project_id or sample.project}/{model}/"
    tensor = BytesIO()
    torch.save(torch.eye(len(figures)), tensor)
    contents = {
        "embeddings.pt": tensor.getvalue(),
        "info.json": json.dumps(info).encode(),
        "cfg.json": json.dumps({"model_name": model, "instance_mode": "objects"}).encode(),
    }
    for name, data in contents.items():
        parts = [("name", name), ("path", path), ("file", data)]
        upload_files(server.tables, parts, 1)
    return path


def test_import__of_the_app__same_ids_as_index__and_models_to_choose(server, sample, ask, data_dir, tmp_path):
    add_app_folder(server, sample, "google_vit-base")
    add_app_folder(server, sample, "vit-base", project_id=f"{sample.project}0")  # another project

    code, done = ask("supervisely", "import", sample.address, into=tmp_path / "other")

    assert code == 0, done
    assert done["collection"] == "imported-google_vit-base"
    indexed, imported = read_points(data_dir), read_points(tmp_path / "other")
    assert {key: payload for key, (payload, _) in imported.items()} == {
        key: payload for key, (payload, _) in indexed.items()
    }
    add_app_folder(server, sample, "dino")
    code, line = ask("supervisely", "import", sample.address, into=tmp_path / "other")
    assert (code, line) == (
        2,
        "lookalike: embeddings of several models are kept: dino, google_vit-base; say --model NAME",
    )
    code, line = ask("supervisely", "import", sample.address, "--model", "nope", into=tmp_path / "other")
    assert (code, line) == (2, "lookalike: unknown model 'nope'; known: dino, google_vit-base")
    code, done = ask("supervisely", "import", sample.address, "--model", "dino", into=tmp_path / "other")
    assert (code, done["collection"]) == (0, "imported-dino")


def test_save__what_the_app_computed__is_not_written_over(server, sample, ask):
    code, saved = ask("supervisely", "save", sample.address)
    model = saved["folder"].split("/")[-2]
    server.tables.files.clear()
    add_app_folder(server, sample, model)

    code, line = ask("supervisely", "save", sample.address)

    assert (code, "holds what another program computed" in line) == (2, True)


@pytest.mark.parametrize("how", [{"status": 504, "is_done": True}, {"keep_share": 0}, {"status": 500}])
def test_save__lost_answers__all_files_are_there(server, sample, ask, how):
    server.fail("file-storage.bulk.upload", after=1, **how)

    code, saved = ask("supervisely", "save", sample.address)

    assert code == 0
    assert {path.rpartition("/")[2] for path in server.tables.files} == set(saved["files"])


def test_undo__says_what_was_restored_and_why_nothing_was(server, sample, ask, lookalike, data_dir):
    points = read_points(data_dir)
    cat = next(one for one, (payload, _) in points.items() if payload["object_key"] == str(sample.figures[0]))
    ask("reviews", "add", cat, "--verdict", "accept", "--class", "dog")
    first = ask("reviews", "apply")[1]["run"]

    undo = ("reviews", "undo", "--data-dir", data_dir, "--applied")
    assert lookalike(*undo, first)[1] == "1 object restored; run 'lookalike index' to have the points follow\n"
    assert lookalike(*undo, first)[1] == "nothing to restore: all is as it was before that run\n"
    ask("index", sample.address)
    second = ask("reviews", "apply")[1]["run"]
    server.tables.remove_figure(sample.figures[0])
    code, _, err = lookalike(*undo, second)
    reason = "it is no longer on the server; run 'lookalike index'"
    assert (code, err.splitlines()[-1]) == (1, f"lookalike: nothing could be restored; the first reason: {reason}")


def test_apply__other_class_than_the_server_has__exit_1(server, sample, ask, data_dir):
    cat = next(iter(read_points(data_dir)))
    ask("reviews", "add", cat, "--verdict", "accept", "--class", "tiger", "--new-class")

    code, result = ask("reviews", "apply")

    assert (code, result["run"], result["refused"]) == (1, None, 1)
    assert "has no class 'tiger'; make it there" in result["outcomes"][0]["reason"]
