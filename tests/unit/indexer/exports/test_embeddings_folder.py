import json

import numpy as np
import pytest
import torch

from indexer.domain import PointColumns
from indexer.errors import InvalidOptionsError
from indexer.exports.base import WantedExport
from indexer.exports.embeddings_folder import _to_numbers, write_embeddings_folder
from tests.unit.indexer.exports.exported_points import SPEC, column, map_of_two, three_points


def test_write_embeddings_folder__tensors__load_without_pickled_code(tmp_path):
    folder = write_embeddings_folder(
        WantedExport(tmp_path / "out", three_points(), newest_map=map_of_two(), spec=SPEC)
    ).path
    embeddings = torch.load(folder / "embeddings.pt", weights_only=True)
    assert embeddings.dtype == torch.float32
    np.testing.assert_array_equal(embeddings.numpy(), three_points().embeddings)
    places = torch.load(folder / "projections_UMAP_cosine.pt", weights_only=True)
    np.testing.assert_array_equal(places.numpy(), map_of_two().coordinates)


def read_json(path):
    return json.loads(path.read_text(encoding="utf-8"))


def read_as_the_app(folder):
    """The rows of a folder as the original app takes them: the values of info.json zipped, the mode from cfg.json."""
    info, options = read_json(folder / "info.json"), read_json(folder / "cfg.json")
    embeddings = torch.load(folder / "embeddings.pt", weights_only=True)
    rows = [dict(zip(info, values, strict=True)) for values in zip(*info.values(), strict=True)]
    assert len(rows) == len(embeddings)
    return rows, options["instance_mode"]


def test_write_embeddings_folder__folder__is_read_by_the_app(tmp_path):
    write_embeddings_folder(WantedExport(tmp_path, three_points(), newest_map=map_of_two(), spec=SPEC))
    rows, mode = read_as_the_app(tmp_path)
    assert mode == "both"
    assert [(row["dataset_id"], row["image_id"], row["object_id"]) for row in rows] == [
        (18, 43, 7),
        (18, 43, 8),
        (17, 42, None),
    ]
    assert [(row["object_cls"], row["crop_yxyx"]) for row in rows] == [
        ("dog", [3, 2, 8, 11]),
        (None, [0, 0, 4, 4]),
        ("office", [0, 0, 6, 8]),
    ]
    assert len(torch.load(tmp_path / "projections_UMAP_cosine.pt", weights_only=True)) == len(rows)


def test_write_embeddings_folder__info__is_aligned_with_the_rows(tmp_path):
    write_embeddings_folder(WantedExport(tmp_path, three_points()))
    info = read_json(tmp_path / "info.json")
    assert info["dataset"] == ["train", "train", "17"]
    assert info["image_key"] == ["train/a.png", "train/a.png", "42"]
    assert info["object_key"] == ["7", "second", None]
    assert info["updated_at"] == ["2026-01-02T03:04:05.000006+00:00", "2026-01-02T05:04:05+02:00", None]
    assert info["point_id"] == ["id-1", "id-2", "id-3"]


@pytest.mark.parametrize(
    ("keys", "numbers"),
    [
        (["5", "3", "5"], [5, 3, 5]),
        (["7", "07", "x", None], [7, 8, 9, None]),
        (["9" * 5000, "1"], [2, 1]),
        (["\u0663", "b"], [1, 2]),  # a digit of another script
    ],
    ids=["the platform's", "mixed", "5,000 digits", "other digits"],
)
def test_to_numbers__each_key_one_number(keys, numbers):
    assert _to_numbers(keys, keys) == numbers


def test_to_numbers__equal_keys_of_two_sources__are_two_numbers():
    assert _to_numbers(["5", "5"], [("one", "5"), ("other", "5")]) == [5, 6]


@pytest.mark.parametrize(
    ("kinds", "mode"),
    [(["image", "image"], "images"), (["object", "object"], "objects"), (["image", "object"], "both")],
)
def test_write_embeddings_folder__instance_mode__is_that_of_the_points(tmp_path, kinds, mode):
    points = PointColumns(np.array(["a", "b"]), np.eye(2, dtype=np.float32), {"instance": column(*kinds)})
    write_embeddings_folder(WantedExport(tmp_path, points))
    assert read_json(tmp_path / "cfg.json")["instance_mode"] == mode


def test_write_embeddings_folder__without_map_or_spec__writes_the_rest(tmp_path):
    write_embeddings_folder(WantedExport(tmp_path, three_points()))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cfg.json", "embeddings.pt", "info.json"]
    assert read_json(tmp_path / "cfg.json") == {"made_by": "lookalike", "dimension": 2, "instance_mode": "both"}


def test_write_embeddings_folder__map_of_an_earlier_export__goes(tmp_path):
    write_embeddings_folder(WantedExport(tmp_path, three_points(), newest_map=map_of_two()))
    write_embeddings_folder(WantedExport(tmp_path, three_points()))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cfg.json", "embeddings.pt", "info.json"]


def test_write_embeddings_folder__folder_of_the_app__is_refused(tmp_path):
    (tmp_path / "cfg.json").write_text('{"model_name": "clip"}')
    (tmp_path / "embeddings.pt").write_bytes(b"took a night")
    with pytest.raises(InvalidOptionsError, match="is not an earlier export and would be lost"):
        write_embeddings_folder(WantedExport(tmp_path, three_points()))
    assert (tmp_path / "embeddings.pt").read_bytes() == b"took a night"


def test_write_embeddings_folder__spec__is_in_the_options(tmp_path):
    write_embeddings_folder(WantedExport(tmp_path, three_points(), spec=SPEC))
    options = json.loads((tmp_path / "cfg.json").read_text())
    assert (options["model_name"], options["crops"]) == ("timm:tiny", "padding=0px min=1px")
