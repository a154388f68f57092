import contextlib
import json
from datetime import UTC, datetime

import numpy as np
import pytest

from indexer import atomic_files
from indexer.errors import ProjectionError
from indexer.maps import archive
from indexer.maps.archive import (
    delete_projection,
    delete_replaced,
    list_projection_ids,
    list_projections,
    load_projection,
    save_projection,
)
from indexer.maps.projectors.base import Projection

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
    assert list_projections(tmp_path) == []


HEADER = {
    "version": 1, "id": "20260101T000000000000Z-umap", "n_points": 2, "method": "umap", "requested_method": "umap",
    "metric": "cosine", "seed": 0, "revision": "r", "created_at": "2026-01-01T00:00:00+00:00", "note": "",
    "parameters": {},
}  # fmt: skip
ARRAYS = {"header": np.array(json.dumps(HEADER)), "coordinates": PLACES, "point_ids": np.array([b"a", b"b"])}


def with_header(**changes):
    return ARRAYS | {"header": np.array(json.dumps(HEADER | changes))}


def test_load_projection__columns_as_they_should_be__are_read(tmp_path):
    np.savez(tmp_path / "20260101T000000000000Z-umap.npz", **ARRAYS)
    assert load_projection(tmp_path, HEADER["id"]).point_ids.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    "arrays",
    [
        with_header(n_points="2"),
        with_header(n_points=3),
        with_header(id="20260101T000000000001Z-umap"),
        with_header(parameters=[1]),
        with_header(created_at="2026-01-01T00:00:00"),
        with_header(created_at=7),
        ARRAYS | {"header": np.array("[1]")},
        ARRAYS | {"header": np.array('"text"')},
        ARRAYS | {"header": np.array("[" * 100_000)},
        ARRAYS | {"coordinates": np.array([[1, np.nan], [3, 4]], np.float32)},
        ARRAYS | {"coordinates": PLACES.astype(np.int32)},
        ARRAYS | {"coordinates": PLACES[:1]},
        ARRAYS | {"point_ids": np.array([1, 2])},
        ARRAYS | {"point_ids": np.array([b"a", b"\xff"])},
        ARRAYS | {"trust": np.array([1.0])},
        ARRAYS | {"trust": np.array([np.nan, 1.0])},
        ARRAYS | {"embedded_at": np.array([b"2026"])},
    ],
)
def test_load_projection__wrong_columns__is_one_clear_error(tmp_path, arrays):
    np.savez(tmp_path / "20260101T000000000000Z-umap.npz", **arrays)
    with pytest.raises(ProjectionError, match="is damaged") as said:
        load_projection(tmp_path, HEADER["id"])
    assert "\n" not in str(said.value)


@pytest.mark.parametrize("position", range(0, 1200, 41))
def test_load_projection__any_byte_damaged__is_one_clear_error_or_what_was_saved(tmp_path, position):
    path = tmp_path / "20260101T000000000000Z-umap.npz"
    np.savez_compressed(path, **ARRAYS)
    data = bytearray(path.read_bytes())
    data[position % len(data)] ^= 0xFF
    path.write_bytes(data)
    with contextlib.suppress(ProjectionError):
        np.testing.assert_array_equal(load_projection(tmp_path, HEADER["id"]).coordinates, PLACES)


def test_list_projections__damaged_foreign_or_a_folder__are_left_out_and_the_rest_is_there(tmp_path):
    kept = save_projection(tmp_path, stand_in(), point_ids=IDS, revision="r")
    (tmp_path / "20990101T000000000000Z-umap.npz").write_text("rubbish")
    (tmp_path / "20990101T000000000001Z-umap.npz").mkdir()
    np.save(tmp_path / "one.npy", PLACES)
    (tmp_path / "one.npy").rename(tmp_path / "20990101T000000000002Z-umap.npz")
    (tmp_path / "my maps.npz").write_text("of somebody")

    assert [header.id for header in list_projections(tmp_path)] == [kept]
    assert "my maps" not in list_projection_ids(tmp_path)
    for damaged in list_projection_ids(tmp_path)[:3]:
        with pytest.raises(ProjectionError, match="is damaged"):
            load_projection(tmp_path, damaged)
    newest = save_projection(tmp_path, stand_in(), point_ids=IDS, revision="r")
    delete_replaced(tmp_path, load_projection(tmp_path, newest).header)
    assert [header.id for header in list_projections(tmp_path)] == [newest, kept]


@pytest.mark.parametrize("newest", ["99991231T235959999999Z-umap", "99999999T999999999999Z-umap", "7-umap"])
def test_save_projection__beside_an_id_that_is_no_time__is_stored(tmp_path, newest):
    (tmp_path / f"{newest}.npz").write_text("of somebody")
    assert load_projection(tmp_path, save_projection(tmp_path, stand_in(), point_ids=IDS, revision="r"))


def test_save_projection__clock_that_went_back__leaves_the_newest_the_newest(tmp_path, monkeypatch):
    saved = []
    for year in (2031, 2030, 2029, 2031):
        clock = type(
            "Clock", (datetime,), {"now": classmethod(lambda cls, zone, year=year: cls(year, 1, 1, tzinfo=zone))}
        )
        monkeypatch.setattr(archive, "datetime", clock)
        saved.append(save_projection(tmp_path, stand_in(), point_ids=IDS, revision="r"))

    assert saved[0] == "20310101T000000000000Z-pca"
    assert [header.id for header in list_projections(tmp_path)] == saved[::-1]
    delete_replaced(tmp_path, load_projection(tmp_path, saved[-1]).header)
    assert list_projection_ids(tmp_path) == [saved[3], saved[2]]


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
