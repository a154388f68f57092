"""The options that choose points, declared once for every command that takes a selection."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from lookalike.commands.parameters import parse_path, takes
from lookalike.errors import InvalidOptionsError
from lookalike.visible_text import show_reason

if TYPE_CHECKING:
    from lookalike.client.selecting import Where

    Selection: TypeAlias = Where
else:
    Selection = dict  # a command that only prints its help need not import the client


def read_selection(
    class_name: Annotated[list[str] | None, typer.Option("--class", help="Only this class; repeatable.")] = None,
    dataset: Annotated[list[str] | None, typer.Option(help="Only this dataset; repeatable.")] = None,
    annotator: Annotated[list[str] | None, typer.Option(help="Only labels by this annotator; repeatable.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Only points with this tag; repeatable.")] = None,
    review: Annotated[
        list[str] | None, typer.Option(help="Only unjudged, accepted, dismissed or skipped points; repeatable.")
    ] = None,
    score_from: Annotated[
        float | None, typer.Option(help="Only points with this suspect score or more, 0 to 1.")
    ] = None,
    score_to: Annotated[float | None, typer.Option(help="Only points with this suspect score or less, 0 to 1.")] = None,
    edited_after: Annotated[
        datetime | None, typer.Option(help="Only labels edited at this time (UTC) or later.")
    ] = None,
    edited_before: Annotated[
        datetime | None, typer.Option(help="Only labels edited at this time (UTC) or earlier.")
    ] = None,
    ids: Annotated[
        Path | None,
        typer.Option(
            parser=parse_path,
            metavar="PATH",
            help="Only points listed in this file (- for stdin): ids, or what --json printed.",
        ),
    ] = None,
) -> Selection:
    """The selection that the options describe.

    Raises:
        InvalidOptionsError: The file of ids cannot be read.
    """
    after, before = (moment and moment.replace(tzinfo=UTC) for moment in (edited_after, edited_before))
    return {
        "class_name": class_name or None,
        "dataset": dataset or None,
        "annotated_by": annotator or None,
        "tags": tag or None,
        "review": review or None,
        "score_from": score_from,
        "score_to": score_to,
        "updated_after": after,
        "updated_before": before,
        "ids": None if ids is None else read_ids(ids),
    }


takes_selection = takes("selection", read_selection)
"""Gives a command the options of `read_selection`; it is called with their result as ``selection``."""


def parse_ids(text: str) -> list[str]:
    """Read point ids, one a line, or from the JSON that commands print; each once, in order.

    In JSON a review stands for the point it is about, and a group of duplicates for its points.

    Raises:
        InvalidOptionsError: The text holds no ids, or JSON of another form.
    """
    if not text.strip():
        raise InvalidOptionsError("there are no ids; give one a line, or what a command printed with --json")
    listed = _ids_of_json(text) if text.lstrip().startswith(("[", "{")) else text.split()
    return list(dict.fromkeys(listed))


def read_ids(path: Path) -> list[str]:
    """Read the ids of a file, or of stdin for ``-``; see ``parse_ids``.

    Raises:
        InvalidOptionsError: The file cannot be read or holds no ids.
    """
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
        return parse_ids(text)
    except IsADirectoryError as error:
        raise InvalidOptionsError(f"--ids {path}: it is a folder; name a file of ids") from error
    except UnicodeDecodeError as error:
        raise InvalidOptionsError(f"--ids {path}: it is no text in UTF-8; name a file of ids") from error
    except (OSError, InvalidOptionsError) as error:
        raise InvalidOptionsError(f"--ids {path}: {show_reason(error)}") from error


def _ids_of_json(text: str) -> list[str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:  # no JSON, a number of thousands of digits, nested without end
        reason = str(error).partition("\n")[0]
        raise InvalidOptionsError(f"this is neither ids, one a line, nor JSON ({reason})") from error
    if not isinstance(found, list):
        raise InvalidOptionsError("the JSON is no list; suspects, outliers, duplicates, pick and similar print one")
    return [_id_of(point) for item in found for point in _points_of(item)]


def _points_of(item: Any) -> Sequence[Any]:
    """The points of a group of copies, of a group of suspects, or the item itself."""
    if not isinstance(item, dict):
        return [item]
    points = item.get("points", item.get("group") or None)
    return points if isinstance(points, list) else [item]


def _id_of(item: Any) -> str:
    point_id = item.get("point_id", item.get("id")) if isinstance(item, dict) else item
    if not isinstance(point_id, str):
        raise InvalidOptionsError(f'the JSON lists {json.dumps(item)[:60]}, which has no "id" of a point')
    return point_id
