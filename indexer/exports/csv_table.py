"""CSV: one row a point, without embeddings, for spreadsheets."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Final

from indexer.exports.base import MAP_COLUMNS, WantedExport, Written, tabulate_map
from indexer.exports.files import read_head, replaced_file
from lookalike.visible_text import escape_halves

FILE_NAME: Final = "points.csv"
_REPORT_EVERY: Final = 10_000


def write_csv(wanted: WantedExport) -> Written:
    """Write a table for spreadsheets, with all fields, insights and places on the map, but no embeddings.

    See ``Export``. The file is ``points.csv``; ``x``, ``y`` and ``trust`` are empty where a point has none. Lists and
    structures are JSON text; the collection's spec has no place in the format. The character NUL, at which readers end
    a text, is written as an escape.
    """
    points = wanted.points
    path = wanted.folder / FILE_NAME
    on_map = tabulate_map(wanted.newest_map, len(points))
    with (
        replaced_file(path, is_earlier=_is_earlier) as partial,
        partial.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(["id", *points.fields, *MAP_COLUMNS])
        for row, point_id in enumerate(points.ids):
            if row % _REPORT_EVERY == 0:
                wanted.on_progress("export", row, len(points))
            payload = (values[row] for values in points.fields.values())
            writer.writerow([point_id, *map(_cell, payload), *map(_cell, on_map[row].tolist())])
    wanted.on_progress("export", len(points), len(points))
    return Written(path)


def _cell(value: Any) -> Any:
    if value is None or value != value:  # noqa: PLR0124 - only NaN differs from itself
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | tuple | dict) else value
    return escape_halves(text).replace("\0", r"\x00") if isinstance(text, str) else text


def _is_earlier(path: Path) -> bool:
    header = read_head(path).split(b"\r\n")[0]
    return header.startswith(b"id,") and header.endswith(("," + ",".join(MAP_COLUMNS)).encode())
