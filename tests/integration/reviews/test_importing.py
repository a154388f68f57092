"""Verdicts on imported points."""

import json

import torch

from indexer.importing import import_embeddings
from indexer.reviewing import Judgement

LISTS = {
    "dataset_id": [1, 1],
    "image_id": [7, 8],
    "object_id": [70, 80],
    "object_cls": ["cat", "dog"],
    "crop_yxyx": [[0, 0, 9, 9], [0, 0, 9, 9]],
    "updated_at": ["2026-01-02T03:04:05Z"] * 2,
}


def test_import_embeddings__again__verdicts_stay(opened, tmp_path):
    folder = tmp_path / "embeddings"
    folder.mkdir()
    torch.save(torch.eye(2), folder / "embeddings.pt")
    (folder / "info.json").write_text(json.dumps(LISTS))
    workspace = opened()
    import_embeddings(workspace, folder)
    first, second = workspace.columns().ids.tolist()
    reviews = workspace.reviews.add(None, [first, second], Judgement("dismiss", "ann"))

    import_embeddings(workspace, folder)

    assert {one.id for one in workspace.reviews.standing()} == {one.id for one in reviews}
