"""Maps of a real store: which one answers a question, and which ones are kept."""

import numpy as np
import pytest

from indexer.domain import CollectionSpec, CropOptions, Point
from indexer.points import make_point_id
from indexer.settings import IndexerSettings
from indexer.workspace import Workspace

SPEC = CollectionSpec("fake", "weights", 5, CropOptions().text)
MOMENT = "2026-01-02T03:04:05+00:00"


@pytest.fixture
def workspace(tmp_path):
    with Workspace.open(IndexerSettings(data_dir=tmp_path / "data")) as opened:
        opened.store.create_collection("test", SPEC)
        add_points(opened, 0, 3)
        yield opened


def add_points(workspace, first, last):
    random = np.random.default_rng(first)
    payload = {"source_key": "fake", "instance": "object", "class_name": "cat", "embedded_at": MOMENT}
    points = [
        Point(make_point_id("fake", str(row), "1"), payload | {"image_key": str(row)}, vector.astype(np.float32))
        for row, vector in zip(range(first, last), random.normal(size=(last - first, 5)), strict=True)
    ]
    workspace.collections.open().upsert(points)


def test_make__stand_in__is_found_again_and_answers_no_other_question(workspace):
    stand_in = workspace.maps.make(method="umap")
    assert (stand_in.header.method, stand_in.header.requested_method) == ("pca", "umap")

    assert workspace.maps.make(method="umap").header.id == stand_in.header.id
    pca = workspace.maps.make(method="pca").header
    assert (pca.requested_method, pca.note) == ("pca", "")


def test_make__stand_in_of_too_few_points__gives_way_once_there_are_enough(workspace):
    workspace.maps.make(method="umap")
    add_points(workspace, 3, 12)
    made = workspace.maps.make(method="umap").header
    assert (made.method, made.requested_method, made.note, made.n_points) == ("umap", "umap", "", 12)


def test_make__stand_in_of_other_points__says_how_many_there_are(workspace):
    workspace.maps.make(method="umap")
    workspace.collections.open().delete([str(workspace.collections.snapshot().ids[0])])
    assert workspace.maps.make(method="umap").header.note == (
        "umap needs at least 4 points and there are 2, so PCA stands in."
    )


def test_make__again_and_again__keeps_the_newest_and_the_one_before_of_each_question(workspace):
    euclidean = workspace.maps.make(method="pca", metric="euclidean").header.id
    made = []
    for n_points in (4, 5, 6, 7):
        add_points(workspace, n_points - 1, n_points)
        made.append(workspace.maps.make(method="pca").header.id)
    refitted = workspace.maps.make(method="pca", refit=True).header.id
    assert workspace.maps.ids() == [refitted, made[-1], euclidean]
