from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from indexer.domain import PointColumns
from indexer.errors import CancelledError, InvalidOptionsError
from indexer.exports import parquet
from indexer.exports.base import WantedExport
from indexer.exports.parquet import write_parquet
from tests.unit.indexer.exports.exported_points import SPEC, column, map_of_two, three_points


def test_write_parquet__three_points__types_say_what_values_are(tmp_path):
    schema = pq.read_schema(write_parquet(WantedExport(tmp_path / "new", three_points(), newest_map=map_of_two())).path)
    types = {field.name: str(field.type) for field in schema}
    assert types["id"] == "string"
    assert types["box"] == "list<element: int32>"
    assert types["tags"] == "list<element: string>"
    assert types["embedding"] == "list<element: float>"
    assert types["image_updated_at"] == "timestamp[us, tz=UTC]"
    assert [types[name] for name in ("x", "y", "trust", "suspect_score", "cluster")] == [*["float"] * 4, "int32"]


@pytest.mark.parametrize("group_rows", [1, 2, 100])
def test_write_parquet__any_row_group__gives_every_value_back(tmp_path, monkeypatch, group_rows):
    monkeypatch.setattr(parquet, "_GROUP_ROWS", group_rows)
    path = write_parquet(WantedExport(tmp_path, three_points(), newest_map=map_of_two())).path
    first, second, third = pq.read_table(path).to_pylist()
    assert first["id"] == "id-1"
    assert first["box"] == [2, 3, 12, 9]
    assert first["tags"] == ["big", "size=3"]
    assert first["shape"] == '{"polygons": [[[2, 3], [12, 3], [12, 9]]]}'
    assert first["image_updated_at"] == datetime(2026, 1, 2, 3, 4, 5, 6, UTC)
    assert (first["x"], first["y"], first["trust"], first["embedding"]) == (1.5, -2, 0.5, [1, 0])
    assert (second["trust"], third["trust"]) == (None, 1)
    assert second["image_updated_at"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (second["class_name"], second["x"], second["y"], second["tags"]) == (None, None, None, [])
    assert third["embedding"] == pytest.approx([0.6, 0.8])
    assert (third["image_size_hw"], third["image_updated_at"], third["tags"], third["cluster"]) == (None, None, None, 0)


def test_write_parquet__without_a_map__places_are_null(tmp_path):
    table = pq.read_table(write_parquet(WantedExport(tmp_path, three_points())).path)
    assert [table[name].null_count for name in ("x", "y", "trust")] == [3, 3, 3]


def test_write_parquet__no_points__is_an_empty_table(tmp_path):
    whole = three_points()
    none = type(whole)(whole.ids[:0], whole.embeddings[:0], {name: values[:0] for name, values in whole.fields.items()})
    table = pq.read_table(write_parquet(WantedExport(tmp_path, none)).path)
    assert table.num_rows == 0
    assert table.schema.field("embedding").type == pa.list_(pa.field("element", pa.float32()))


def test_write_parquet__spec__is_in_the_metadata(tmp_path):
    metadata = pq.read_schema(write_parquet(WantedExport(tmp_path, three_points(), spec=SPEC)).path).metadata
    assert b'"embedder": "timm:tiny"' in metadata[b"lookalike"]


def test_write_parquet__cancelled__keeps_the_file_of_before(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "_GROUP_ROWS", 1)
    path = write_parquet(WantedExport(tmp_path, three_points())).path
    before = path.read_bytes()

    def cancel(stage: str, done: int, total: int | None) -> None:
        if done == 2:
            raise CancelledError("stop")

    with pytest.raises(CancelledError):
        write_parquet(WantedExport(tmp_path, three_points(), newest_map=map_of_two(), on_progress=cancel))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_write_parquet__folder_is_a_file__says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidOptionsError, match=r"cannot write into '.*file': it is not a folder"):
        write_parquet(WantedExport(tmp_path / "file", three_points()))


def test_write_parquet__halves_of_characters__are_escaped(tmp_path):
    names, tags = column("\udcff.png"), column(["\ud800"])
    points = PointColumns(np.array(["a"]), np.ones((1, 2), np.float32), {"image_name": names, "tags": tags})
    (row,) = pq.read_table(write_parquet(WantedExport(tmp_path, points)).path).to_pylist()
    assert (row["image_name"], row["tags"]) == (r"\udcff.png", [r"\ud800"])


def test_write_parquet__table_of_somebody_else__is_refused(tmp_path):
    pq.write_table(pa.table({"id": [1]}), tmp_path / "points.parquet")
    with pytest.raises(InvalidOptionsError, match="is not an earlier export"):
        write_parquet(WantedExport(tmp_path, three_points()))


def test_write_parquet__exported_vectors__are_those_of_the_points(tmp_path):
    column = pq.read_table(write_parquet(WantedExport(tmp_path, three_points())).path)["embedding"]
    np.testing.assert_array_equal(np.stack(column.to_numpy()), three_points().embeddings)
