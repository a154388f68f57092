"""Insights in exports of a real store."""

import csv
import json

import numpy as np
import pytest
import torch

from indexer.domain import PointFilter
from indexer.exports.export_collection import export_collection
from indexer.imports.import_embeddings import import_embeddings
from indexer.insights.outliers import OUTLIERS
from indexer.settings import IndexerSettings
from indexer.workspace import Workspace

INSIGHTS = ["suspect_score", "suggested_class", "cluster", "outlier_score"]


@pytest.fixture
def workspace(tmp_path):
    with Workspace.open(IndexerSettings(data_dir=tmp_path / "data")) as opened:
        yield opened


def fill(workspace, folder, class_names):
    """Points in two clouds, the even rows around one axis and the odd ones around another."""
    n_points = len(class_names)
    noise = np.random.default_rng(0).normal(scale=0.1, size=(n_points, 8))
    embeddings = np.eye(2, 8)[np.arange(n_points) % 2] + noise
    columns = {"image_id": list(range(n_points)), "object_id": list(range(n_points)), "object_cls": class_names}
    constant = {"dataset_id": 1, "crop_yxyx": [0, 0, 9, 9], "updated_at": "2026-01-02T03:04:05Z"}
    folder.mkdir()
    torch.save(torch.tensor(embeddings), folder / "embeddings.pt")
    info = columns | {name: [value] * n_points for name, value in constant.items()}
    (folder / "info.json").write_text(json.dumps(info))
    import_embeddings(workspace.collections, workspace.mend, folder)


def export_rows(workspace, folder, **options):
    """The rows of a CSV export by image."""
    path = export_collection(workspace.export_parts, None, folder, export_format="csv", **options).path
    with path.open(encoding="utf-8", newline="") as file:
        return {row["image_key"]: row for row in csv.DictReader(file)}


CAT_CALLED_DOG = ["dog" if row == 6 else ("cat", "dog")[row % 2] for row in range(40)]


def test_export_collection__insights__are_those_that_the_workspace_lists(workspace, tmp_path):
    fill(workspace, tmp_path / "in", CAT_CALLED_DOG)

    rows = export_rows(workspace, tmp_path / "out")

    assert rows["6"]["suggested_class"] == "cat"
    for suspect in workspace.suspects.find().suspects:
        row = rows[suspect.point.payload["image_key"]]
        assert (row["suggested_class"], row["suspect_score"]) == (suspect.suggested_class, str(round(suspect.score, 6)))
    scores = {row["id"]: row["outlier_score"] for row in rows.values()}
    found = workspace.insights.ask(OUTLIERS, OUTLIERS.question(limit=40))
    assert scores == {one.point.id: str(round(one.score, 6)) for one in found.outliers}
    assert {rows[str(row)]["cluster"] for row in range(0, 40, 2)}.isdisjoint(
        rows[str(row)]["cluster"] for row in range(1, 40, 2)
    )


def test_export_collection__selection__has_the_insights_of_all_points(workspace, tmp_path):
    fill(workspace, tmp_path / "in", CAT_CALLED_DOG)
    everything = export_rows(workspace, tmp_path / "all")

    dogs = export_rows(workspace, tmp_path / "dogs", selection=PointFilter(equals_any={"class_name": ("dog",)}))

    assert len(dogs) == 21
    assert dogs == {image: row for image, row in everything.items() if row["class_name"] == "dog"}


@pytest.mark.parametrize(
    ("class_names", "expected"),
    [
        (CAT_CALLED_DOG, INSIGHTS),
        ([None] * 12, ["cluster", "outlier_score"]),
        (["cat"] * 12, ["cluster", "outlier_score"]),
        (["cat", "dog", "cat", "dog"], []),
    ],
    ids=["classes", "no classes", "one class", "four points"],
)
def test_export_collection__insight_that_cannot_be_computed__is_no_column(workspace, tmp_path, class_names, expected):
    fill(workspace, tmp_path / "in", class_names)
    row = export_rows(workspace, tmp_path / "out")["0"]
    assert [name for name in INSIGHTS if name in row] == expected


@pytest.mark.parametrize(("export_format", "is_told"), [("parquet", True), ("embeddings-folder", False)])
def test_export_collection__insights__are_computed_where_they_have_a_place(workspace, tmp_path, export_format, is_told):
    fill(workspace, tmp_path / "in", CAT_CALLED_DOG)
    stages = set()
    export_collection(
        workspace.export_parts,
        None,
        tmp_path / "out",
        export_format=export_format,
        on_progress=lambda stage, done, total: stages.add(stage),
    )
    assert ("suspects: fit" in stages) is is_told
