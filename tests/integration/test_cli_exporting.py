"""Export and import on the command line."""

import json
import os

import numpy as np
import pytest


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
