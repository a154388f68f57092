"""The options that choose points, declared once for every command that takes a selection."""

from __future__ import annotations

import functools
import inspect
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from indexer.domain import PointFilter
from indexer.errors import InvalidOptionsError
from indexer.payload import PayloadField

_PARAMETER = "selection"


def read_selection(
    class_name: Annotated[list[str] | None, typer.Option("--class", help="Only this class; repeatable.")] = None,
    dataset: Annotated[list[str] | None, typer.Option(help="Only this dataset; repeatable.")] = None,
    annotator: Annotated[list[str] | None, typer.Option(help="Only labels by this annotator; repeatable.")] = None,
    edited_after: Annotated[
        datetime | None, typer.Option(help="Only labels edited at this time (UTC) or later.")
    ] = None,
    edited_before: Annotated[
        datetime | None, typer.Option(help="Only labels edited at this time (UTC) or earlier.")
    ] = None,
    ids: Annotated[
        Path | None, typer.Option(help="Only points listed in this file (- for stdin): ids, or what --json printed.")
    ] = None,
) -> PointFilter:
    """The selection that the options describe.

    Raises:
        InvalidOptionsError: The file of ids cannot be read.
    """
    lists = {PayloadField.CLASS_NAME: class_name, PayloadField.DATASET: dataset, PayloadField.ANNOTATED_BY: annotator}
    after, before = (moment and moment.replace(tzinfo=UTC) for moment in (edited_after, edited_before))
    return PointFilter(
        equals_any={field.value: tuple(names) for field, names in lists.items() if names},
        ranges={PayloadField.OBJECT_UPDATED_AT.value: (after, before)} if after or before else {},
        ids=None if ids is None else tuple(_read_ids(ids)),
    )


def takes_selection(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `read_selection`; it is called with their result as ``selection``.

    typer learns options from a signature, so the command gets one in which they stand in the parameter's place. They
    are read before the command opens the store, which in ``suspects --json | export --ids -`` the left side holds.
    """
    own = inspect.signature(command, eval_str=True).parameters
    options = inspect.signature(read_selection, eval_str=True).parameters
    place = list(own).index(_PARAMETER)

    @functools.wraps(command)
    def run(**arguments: Any) -> None:
        chosen = {name: arguments.pop(name) for name in options}
        command(**arguments, **{_PARAMETER: read_selection(**chosen)})

    before, after = list(own.values())[:place], list(own.values())[place + 1 :]
    run.__signature__ = inspect.Signature([*before, *options.values(), *after])  # type: ignore[attr-defined]
    return run


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


def _read_ids(path: Path) -> list[str]:
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
        return parse_ids(text)
    except (OSError, UnicodeDecodeError, InvalidOptionsError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidOptionsError(f"--ids {path}: {reason}") from error


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
