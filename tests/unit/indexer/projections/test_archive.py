import json
from datetime import UTC, datetime

import numpy as np
import pytest

from indexer import atomic_files
from indexer.errors import ProjectionError
from indexer.projections import archive
from indexer.projections.archive import (
    delete_projection,
    delete_replaced,
    list_projection_ids,
    list_projections,
    load_projection,
    save_projection,
)
from indexer.projections.base import Projection

IDS = np.array(["first", "zweite-ü"])
PLACES = np.array([[1, 2], [3, 4.5]], np.float32)


def stand_in(**changes):
    values = {
        "coordinates": PLACES,
        "method": "pca",
        "requested_method": "umap",
        "metric": "cosine",
        "seed": 7,
        "note": "PCA stands in.",
        "parameters": {"n_neighbors": 15},
    }
    return Projection(**(values | changes))


def test_load_projection__after_save__gives_everything_back(tmp_path):
    trust = np.array([0.5, 1], np.float32)
    before = datetime.now(UTC)
    projection_id = save_projection(tmp_path / "new", stand_in(), point_ids=IDS, revision="r1", trust=trust)
    stored = load_projection(tmp_path / "new", projection_id)
    assert stored.point_ids.tolist() == ["first", "zweite-ü"]
    np.testing.assert_array_equal(stored.coordinates, PLACES)
    np.testing.assert_array_equal(stored.trust, trust)
    header = stored.header
    assert (header.id, header.n_points, header.revision) == (projection_id, 2, "r1")
    assert (header.method, header.requested_method, header.metric, header.seed) == ("pca", "umap", "cosine", 7)
    assert (header.note, header.parameters) == ("PCA stands in.", {"n_neighbors": 15})
    assert before <= header.created_at <= datetime.now(UTC)


def test_load_projection__without_trust__has_none(tmp_path):
    projection_id = save_projection(tmp_path, stand_in(), point_ids=IDS, revision="r1")
    assert load_projection(tmp_path, projection_id).trust is None


def test_load_projection__embedding_times__are_kept_and_absent_in_older_files(tmp_path):
    times = np.array([b"2026-01-01T00:00:00+00:00", b"2026-01-01T00:00:00.5+00:00"])
    projection_id = save_projection(tmp_path, stand_in(), point_ids=IDS, revision="r1", embedded_at=times)
    assert load_projection(tmp_path, projection_id).embedded_at.tolist() == times.tolist()

    older = save_projection(tmp_path, stand_in(), point_ids=IDS, revision="r1")
    assert load_projection(tmp_path, older).embedded_at is None


def test_save_projection__other_number_of_embedding_times__is_refused(tmp_path):
    with pytest.raises(ProjectionError, match="map of 2 points cannot be stored with 1 embedded_at"):
        save_projection(tmp_path, stand_in(), point_ids=IDS, revision="r", embedded_at=np.array([b"2026"]))


def test_list_projections__several__newest_first(tmp_path):
    saved = [save_projection(tmp_path, stand_in(seed=n), point_ids=IDS, revision="r") for n in range(3)]
    assert [header.id for header in list_projections(tmp_path)] == saved[::-1]


def test_list_projections__no_folder__is_empty(tmp_path):
    assert list_projections(tmp_path / "missing") == []


@pytest.mark.parametrize("name", ["20260101T000000000000Z-umap", "../../etc/passwd", ""])
def test_load_projection__unknown_id__lists_the_known(tmp_path, name):
    known = save_projection(tmp_path, stand_in(), point_ids=IDS, revision="r")
    with pytest.raises(ProjectionError, match=f"known: {known}"):
        load_projection(tmp_path, name)


def test_load_projection__truncated_file__is_one_clear_error(tmp_path):
    projection_id = save_projection(tmp_path, stand_in(), point_ids=IDS, revision="r")
    path = tmp_path / f"{projection_id}.npz"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ProjectionError, match=r"is damaged .* delete it"):
        load_projection(tmp_path, projection_id)
    with pytest.raises(ProjectionError, match="is damaged"):
        list_projections(tmp_path)


@pytest.mark.parametrize(
    "arrays",
    [
        {"coordinates": PLACES},
        {"header": np.array("no json")},
        {"header": np.array(json.dumps({"version": 99}))},
        {"header": np.array(json.dumps({"version": 1, "created_at": "2026-01-01T00:00:00+00:00", "extra": 1}))},
        {"header": np.array({"a": "pickle"}, dtype=object)},
    ],
    ids=["no header", "no json", "other version", "other fields", "pickle"],
)
def test_load_projection__foreign_contents__is_one_clear_error(tmp_path, arrays):
    np.savez(tmp_path / "20260101T000000000000Z-umap.npz", **arrays)
    with pytest.raises(ProjectionError, match="is damaged"):
        load_projection(tmp_path, "20260101T000000000000Z-umap")


def test_save_projection__other_number_of_ids__is_refused(tmp_path):
    with pytest.raises(ProjectionError, match="map of 2 points cannot be stored with 1 ids"):
        save_projection(tmp_path, stand_in(), point_ids=IDS[:1], revision="r")


def test_save_projection__killed_while_writing__leaves_nothing(tmp_path, monkeypatch):
    def die(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic_files.os, "fsync", die)
    with pytest.raises(KeyboardInterrupt):
        save_projection(tmp_path, stand_in(), point_ids=IDS, revision="r")
    assert list(tmp_path.iterdir()) == []


def test_save_projection__folder_is_a_file__says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ProjectionError, match="cannot store the projection"):
        save_projection(tmp_path / "file", stand_in(), point_ids=IDS, revision="r")


def test_delete_projection__damaged_or_missing__is_gone(tmp_path):
    (tmp_path / "20260101T000000000000Z-umap.npz").write_text("rubbish")
    delete_projection(tmp_path, "20260101T000000000000Z-umap")
    delete_projection(tmp_path, "20260101T000000000000Z-umap")
    assert list(tmp_path.iterdir()) == []


def test_list_projections__one_deleted_meanwhile__is_left_out(tmp_path, monkeypatch):
    kept = save_projection(tmp_path, stand_in(), point_ids=IDS, revision="r")
    monkeypatch.setattr(archive, "list_projection_ids", lambda folder: ["20260101T000000000000Z-gone", kept])
    assert [header.id for header in list_projections(tmp_path)] == [kept]


def test_delete_replaced__keeps_the_one_before_and_what_was_asked_for_otherwise(tmp_path):
    def save(**changes):
        return save_projection(tmp_path, stand_in(**changes), point_ids=IDS, revision="r")

    pca, euclidean = save(requested_method="pca"), save(metric="euclidean")
    _, before, newest = save(), save(method="umap"), save(method="umap")
    delete_replaced(tmp_path, load_projection(tmp_path, newest).header)
    assert list_projection_ids(tmp_path) == [newest, before, euclidean, pca]
