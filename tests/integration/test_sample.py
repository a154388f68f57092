"""The main job on the sample project: flipped labels are found, neighbors are exact, the map shows every point."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from indexer.collection.variety import Variety
from indexer.exports.export_collection import export_collection
from indexer.payload import PayloadField
from indexer.settings import IndexerSettings
from indexer.workspace import Workspace
from lookalike.commands.main import main
from tests.copies import copy_data


@pytest.fixture(scope="module")
def data_dir(indexed_sample, tmp_path_factory):
    return copy_data(indexed_sample, tmp_path_factory.mktemp("copy") / "data")


@pytest.fixture
def workspace(data_dir):
    with Workspace.open(IndexerSettings(data_dir=data_dir)) as opened:
        yield opened


def identity(entry):
    return entry["dataset"], entry["image_name"], str(entry["object_key"])


def test_sample__most_flipped_labels_are_in_a_list_of_as_many(data_dir, capsys):
    flipped = json.loads((data_dir / "sample" / "flipped.json").read_text())
    with pytest.raises(SystemExit) as stopped:
        main(["suspects", "--limit", str(len(flipped)), "--json", "--data-dir", str(data_dir)])
    suspects = json.loads(capsys.readouterr().out)

    assert stopped.value.code == 0
    assert len(flipped) == 54
    truth = {identity(entry): entry for entry in flipped}
    found = [suspect for suspect in suspects if identity(suspect) in truth]
    assert len(found) >= 50
    assert all(suspect["class_name"] == truth[identity(suspect)]["given"] for suspect in found)
    right = sum(suspect["suggested_class"] == truth[identity(suspect)]["true"] for suspect in found)
    assert right / len(found) > 0.9
    scores = [suspect["score"] for suspect in suspects]
    assert scores == sorted(scores, reverse=True)
    assert "nearest" in suspects[0]["reason"]


def test_sample__neighbors_equal_exact_search_on_the_exported_vectors(workspace, tmp_path):
    exported = export_collection(workspace.export_parts, None, tmp_path)
    table = pq.read_table(exported.path)
    ids = np.array(table["id"].to_pylist())
    embeddings = np.array(table["embedding"].to_pylist(), dtype=np.float32)
    rows = np.random.default_rng(0).choice(len(ids), 100, replace=False)

    recalls = []
    for row in rows:
        similarities = embeddings @ embeddings[row]
        similarities[row] = -2
        exact = set(ids[np.argsort(-similarities)[:10]])
        found = {hit.id for hit in workspace.search.neighbors(None, [str(ids[row])], limit=10)}
        recalls.append(len(exact & found) / 10)

    assert np.mean(recalls) >= 0.99


def test_sample__the_map_shows_exactly_the_points(workspace):
    (header,) = workspace.maps.headers()
    stored = workspace.maps.read(None, header.id)

    assert header.method == "umap"
    assert list(stored.point_ids) == list(workspace.collections.snapshot().ids)
    assert np.isfinite(stored.coordinates).all()


def test_sample__datasets_and_classes(workspace):
    described = workspace.describe()

    assert described.datasets == {"scans": 1200, "scans/archive": 597}
    assert sorted(described.classes) == [str(digit) for digit in range(10)]
    assert (described.n_points, described.n_images) == (1797, 60)


def test_sample__a_search_can_leave_the_same_image_out(workspace):
    snapshot = workspace.collections.snapshot()
    point, image = str(snapshot.ids[0]), snapshot.fields[PayloadField.IMAGE_KEY][0]

    found = workspace.search.neighbors(None, [point], limit=50, variety=Variety(excludes_same_image=True))

    assert len(found) == 50
    assert image not in {hit.payload["image_key"] for hit in found}
