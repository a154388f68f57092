"""Parquet: one row a point, for pandas, DuckDB, Polars, embedding-atlas and whatever reads tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from indexer.domain import CollectionSpec, PointColumns
from indexer.exports.base import MAP_COLUMNS, InsightColumn, WantedExport, Written, tabulate_map
from indexer.exports.files import replaced_file, to_json
from indexer.payload import PayloadField
from lookalike.visible_text import escape_halves

FILE_NAME: Final = "points.parquet"
_GROUP_ROWS: Final = 8192  # a row group of 1280 dimensions takes 40 MiB

_METADATA_KEY: Final = b"lookalike"
_MOMENT: Final = pa.timestamp("us", tz="UTC")
_TAGS: Final = pa.list_(pa.string())
_TYPES: Final[dict[str, pa.DataType]] = {
    PayloadField.VERSION: pa.int32(),
    PayloadField.IMAGE_SIZE_HW: pa.list_(pa.int32()),
    PayloadField.BOX: pa.list_(pa.int32()),
    PayloadField.TAGS: _TAGS,
    PayloadField.IMAGE_UPDATED_AT: _MOMENT,
    PayloadField.OBJECT_UPDATED_AT: _MOMENT,
    PayloadField.EMBEDDED_AT: _MOMENT,
    PayloadField.N_INSTANCES: pa.int32(),
    InsightColumn.SUSPECT_SCORE: pa.float32(),
    InsightColumn.CLUSTER: pa.int32(),
    InsightColumn.OUTLIER_SCORE: pa.float32(),
}
"""Types of the fields that are no text; what has a structure of its own is JSON text."""


def write_parquet(wanted: WantedExport) -> Written:
    """Write a table for programs, with all fields, embeddings, insights and places on the map.

    See ``Export``. The file is ``points.parquet``; ``embedding`` is a list of float32. A point that is not on the map
    has null for those of the map. The collection's spec is in the file's metadata.
    """
    points = wanted.points
    schema = _schema(points, wanted.spec)
    path = wanted.folder / FILE_NAME
    on_map = tabulate_map(wanted.newest_map, len(points))
    with replaced_file(path, is_earlier=_is_earlier) as partial, pq.ParquetWriter(partial, schema) as writer:
        for start in range(0, len(points), _GROUP_ROWS):
            wanted.on_progress("export", start, len(points))
            rows = slice(start, start + _GROUP_ROWS)
            writer.write_table(pa.Table.from_arrays(_columns(points, on_map, rows), schema=schema))
    wanted.on_progress("export", len(points), len(points))
    return Written(path)


def _is_earlier(path: Path) -> bool:
    try:
        return _METADATA_KEY in (pq.read_schema(path).metadata or {})
    except (OSError, ValueError):  # what pyarrow says of a file that is not Parquet
        return False


def _schema(points: PointColumns, spec: CollectionSpec | None) -> pa.Schema:
    fields = [("id", pa.string()), *((name, _field_type(name)) for name in points.fields)]
    fields += [("embedding", pa.list_(pa.float32())), *((name, pa.float32()) for name in MAP_COLUMNS)]
    described = {} if spec is None else {name: str(getattr(spec, name)) for name in type(spec).__slots__}
    return pa.schema(fields).with_metadata({_METADATA_KEY: to_json(described)})


def _field_type(name: str) -> pa.DataType:
    return _TYPES.get(name, pa.string())


def _columns(points: PointColumns, on_map: npt.NDArray[np.float32], rows: slice) -> list[pa.Array]:
    ids = points.ids[rows]
    embeddings = points.embeddings[rows]
    offsets = np.arange(0, embeddings.size + 1, embeddings.shape[1], dtype=np.int32)
    return [
        pa.array(ids.tolist(), pa.string()),
        *(_payload_array(values[rows], _field_type(name)) for name, values in points.fields.items()),
        pa.ListArray.from_arrays(offsets, pa.array(embeddings.ravel())),
        # from_pandas: NaN becomes null
        *(pa.array(column, pa.float32(), from_pandas=True) for column in on_map[rows].T),
    ]


def _payload_array(values: Iterable[Any], kind: pa.DataType) -> pa.Array:
    if kind == _MOMENT:
        values = (None if value is None else datetime.fromisoformat(value) for value in values)
    elif kind == pa.string():
        values = map(_to_text, values)
    elif kind == _TAGS:
        values = (value if value is None else [escape_halves(tag) for tag in value] for value in values)
    return pa.array(list(values), kind)


def _to_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value and escape_halves(value)
    return to_json(value).decode()
