import json

import numpy as np
import torch

from indexer.exports.embeddings_folder import write_embeddings_folder
from tests.unit.indexer.exports.exported_points import SPEC, map_of_two, three_points


def test_write_embeddings_folder__tensors__load_without_pickled_code(tmp_path):
    folder = write_embeddings_folder(tmp_path / "out", three_points(), newest_map=map_of_two(), spec=SPEC)
    embeddings = torch.load(folder / "embeddings.pt", weights_only=True)
    assert embeddings.dtype == torch.float32
    np.testing.assert_array_equal(embeddings.numpy(), three_points().embeddings)
    places = torch.load(folder / "projections_UMAP_cosine.pt", weights_only=True)
    np.testing.assert_array_equal(places.numpy(), map_of_two().coordinates)


def test_write_embeddings_folder__info__is_aligned_with_the_rows(tmp_path):
    write_embeddings_folder(tmp_path, three_points())
    info = json.loads((tmp_path / "info.json").read_text(encoding="utf-8"))
    assert info["dataset_id"] == ["train", "train", 17]
    assert info["image_id"] == ["train/a.png", "train/a.png", 42]
    assert info["object_id"] == [7, "second", None]
    assert info["object_cls"] == ["dog", None, "office"]
    assert info["crop_yxyx"] == [[3, 2, 8, 11], [0, 0, 4, 4], [0, 0, 6, 8]]
    assert info["updated_at"] == ["2026-01-02T03:04:05.000006+00:00", "2026-01-02T05:04:05+02:00", None]
    assert info["point_id"] == ["id-1", "id-2", "id-3"]
    assert info["instance_mode"] == "both"


def test_write_embeddings_folder__without_map_or_spec__writes_the_rest(tmp_path):
    write_embeddings_folder(tmp_path, three_points())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cfg.json", "embeddings.pt", "info.json"]
    assert json.loads((tmp_path / "cfg.json").read_text()) == {"made_by": "lookalike", "dimension": 2}


def test_write_embeddings_folder__spec__is_in_the_options(tmp_path):
    write_embeddings_folder(tmp_path, three_points(), spec=SPEC)
    options = json.loads((tmp_path / "cfg.json").read_text())
    assert (options["model_name"], options["crops"]) == ("timm:tiny", "padding=0px min=1px")
