"""Export and import on the command line."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from indexer.domain import CollectionSpec, CropOptions
from indexer.settings import IndexerSettings
from indexer.stores.opening import open_store
from tests.planted import DIMENSION, PLANTED, make_point


def test_export__parquet_has_every_point_and_neighbors_equal_exact_search(lookalike, data_dir, tmp_path):
    import pyarrow.parquet as pq

    code, header, _ = lookalike("project", "--method", "pca", "--data-dir", data_dir, "--json")
    assert code == 0
    code, out, _ = lookalike("export", tmp_path / "out", "--format", "parquet", "--data-dir", data_dir, "--json")
    assert code == 0
    table = pq.read_table(json.loads(out)["path"]).to_pydict()
    assert len(table["id"]) == json.loads(out)["points"] == 12
    assert {"class_name", "image_name", "box", "embedding", "x", "y"} <= set(table)
    assert None not in table["x"]
    assert np.mean(table["trust"]) == pytest.approx(json.loads(header)["mean_trust"])

    embeddings = np.array(table["embedding"], dtype=np.float32)
    exact = np.argsort(-(embeddings @ embeddings[0]), kind="stable")[1:6]
    _, out, _ = lookalike("similar", "--id", table["id"][0], "--limit", 5, "--data-dir", data_dir, "--json")
    assert [hit["id"] for hit in json.loads(out)] == [table["id"][row] for row in exact]


def test_import__what_was_exported_searches_the_same(lookalike, data_dir, tmp_path):
    assert lookalike("export", tmp_path / "out", "--format", "embeddings-folder", "--data-dir", data_dir)[0] == 0
    code, out, _ = lookalike("import", tmp_path / "out", "--data-dir", tmp_path / "other", "--json")

    assert code == 0
    assert json.loads(out)["n_points"] == 12
    again, _, _ = lookalike("import", tmp_path / "out", "--data-dir", tmp_path / "other")
    _, status, _ = lookalike("status", "--data-dir", tmp_path / "other", "--json")
    (collection,) = json.loads(status)["collections"]
    assert again == 0
    assert (collection["points"], collection["classes"]) == (12, {"blue": 6, "red": 6})


def test_import__pickle_with_code_is_refused(lookalike, tmp_path):
    import pickle

    (tmp_path / "embeddings.pt").write_bytes(pickle.dumps(os.getcwd))
    (tmp_path / "info.json").write_text("{}")

    code, _, err = lookalike("import", tmp_path, "--data-dir", tmp_path / "data")

    assert code == 1
    assert "may carry code" in err


def test_project__says_how_far_the_map_can_be_trusted(lookalike, data_dir):
    _, out, _ = lookalike("project", "--method", "pca", "--data-dir", data_dir, "--json")
    mean_trust = json.loads(out)["mean_trust"]
    _, words, _ = lookalike("project", "--method", "pca", "--data-dir", data_dir)

    assert 0 < mean_trust <= 1
    assert f"{mean_trust:.0%} of a point's nearest neighbors are its nearest on the map" in words


@pytest.fixture
def coco(tmp_path):
    """A COCO data set: a dog, an image without objects, and one whose only object is a crowd."""
    root = tmp_path / "data"
    (root / "images").mkdir(parents=True)
    names = ("dog.png", "empty.png", "crowd.png")
    for name in names:
        Image.new("RGB", (30, 20), "white").save(root / "images" / name)
    images = [{"id": number, "file_name": name, "height": 20, "width": 30} for number, name in enumerate(names, 1)]
    dog = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [2, 3, 10, 6], "iscrowd": 0}
    crowd = {"id": 2, "image_id": 3, "category_id": 1, "bbox": [0, 0, 9, 9], "iscrowd": 1}
    content = {"images": images, "annotations": [dog, crowd], "categories": [{"id": 1, "name": "dog"}]}
    (root / "annotations.json").write_text(json.dumps(content))
    return root


def test_export__coco__has_images_without_objects_and_is_indexed_again(lookalike, coco, tmp_path):
    data = ["--data-dir", tmp_path / "store"]
    assert lookalike("index", coco, *data)[0] == 0
    code, out, _ = lookalike("export", tmp_path / "out", "--format", "coco", *data, "--json")
    assert (code, json.loads(out)["left_out"]) == (0, {})
    content = json.loads((tmp_path / "out" / "instances.json").read_text())
    assert [image["file_name"] for image in content["images"]] == [
        str(coco / "images" / "dog.png"),
        str(coco / "images" / "empty.png"),
    ]
    assert [(one["image_id"], one["bbox"], one["area"]) for one in content["annotations"]] == [(1, [2, 3, 10, 6], 60)]

    assert lookalike("export", coco, "--format", "coco", *data)[0] == 0
    again = ["--data-dir", tmp_path / "again", "--json"]
    code, out, _ = lookalike("index", coco / "instances.json", *again)
    assert (code, json.loads(out)["instances"]["embedded"]) == (0, 1)
    assert json.loads(lookalike("pick", 5, *again)[1])[0]["box"] == [2, 3, 12, 9]


def test_export__coco_of_a_selection__has_none_of_the_other_images(lookalike, coco, tmp_path):
    data = ["--data-dir", tmp_path / "store"]
    lookalike("index", coco, *data)
    lookalike("export", tmp_path / "out", "--format", "coco", "--class", "dog", *data)
    content = json.loads((tmp_path / "out" / "instances.json").read_text())
    assert [Path(image["file_name"]).name for image in content["images"]] == ["dog.png"]


def test_export__points_that_the_format_does_not_take__are_counted(lookalike, tmp_path):
    point = make_point(1, np.eye(DIMENSION)[0], None, "train")
    store = open_store(IndexerSettings(data_dir=tmp_path / "store"))
    spec = CollectionSpec("fake:planted", "f", DIMENSION, CropOptions().text)
    store.create_collection(PLANTED, spec).upsert([point])
    store.close()

    code, out, err = lookalike("export", tmp_path / "out", "--format", "coco", "--data-dir", tmp_path / "store")

    assert (code, out) == (0, f"{tmp_path}/out/instances.json: 0 points\n")
    assert err.splitlines()[-1] == "lookalike: 1 left out: no class"


@pytest.mark.parametrize("kind", ["expanded", "pipe", "nested"])
def test_import__hostile_folder__is_one_line(lookalike, tmp_path, kind):
    torch.save(
        torch.zeros(1, 3).expand(10**10, 3) if kind == "expanded" else torch.ones(1, 3), tmp_path / "embeddings.pt"
    )
    if kind == "pipe":
        os.mkfifo(tmp_path / "info.json")
    else:
        (tmp_path / "info.json").write_text("[" * 999 + "]" * 999)

    code, out, err = lookalike("import", tmp_path, "--data-dir", tmp_path / "data")

    assert (code, out, len(err.splitlines())) == (1, "", 1)
