"""Commands that search similar objects."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from indexer.collection.selections import check_selection, explain_empty_selection
from indexer.domain import Box, ImageLimits, PointFilter
from indexer.errors import InvalidOptionsError
from lookalike.commands.application import AsJson, CollectionName, DataDir, Limit, app, open_workspace
from lookalike.commands.selecting import takes_selection
from lookalike.console import print_found

if TYPE_CHECKING:
    from indexer.images.crops import ImageScales


def parse_box(text: str) -> Box:
    """Read ``left,top,right,bottom``.

    Raises:
        InvalidOptionsError: It is no box.
    """
    try:
        left, top, right, bottom = (int(part) for part in text.split(","))
    except ValueError:
        raise InvalidOptionsError(f"box '{text}' is not left,top,right,bottom in whole pixels") from None
    return Box(left, top, right, bottom)


@app.command()
@takes_selection
def similar(
    selection: PointFilter,
    point_id: Annotated[str | None, typer.Option("--id", help="Point to search around.")] = None,
    image: Annotated[Path | None, typer.Option(help="Image file to search by.")] = None,
    text: Annotated[str | None, typer.Option(help="Words to search by; the model needs a text tower.")] = None,
    box: Annotated[str | None, typer.Option(help="Part of the image: left,top,right,bottom in pixels.")] = None,
    limit: Limit = 20,
    collection: CollectionName = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List the objects most similar to a point, an image file or words."""
    if [point_id, image, text].count(None) != 2:
        raise InvalidOptionsError("say what to search by: one of --id ID, --image FILE and --text WORDS")
    if box is not None and image is None:
        raise InvalidOptionsError("--box goes with --image FILE")
    region = None if box is None else parse_box(box)
    with open_workspace(data_dir, "similar") as workspace:
        where = check_selection(workspace.collections, collection, selection)
        if image is not None:
            with _open_image(image, workspace.settings.images.limits) as opened:
                found = workspace.search.neighbors_of_image(collection, opened, box=region, limit=limit, where=where)
        elif text is not None:
            found = workspace.search.neighbors_of_text(collection, text, limit=limit, where=where)
        else:
            found = workspace.search.neighbors(collection, [point_id or ""], limit=limit, where=where)
        why_empty = "" if found else explain_empty_selection(workspace.collections, collection, selection)
    rows = [
        {"id": hit.id, "score": hit.score, **{key: hit.payload.get(key) for key in ("class_name", "image_name", "box")}}
        for hit in found
    ]
    print_found(rows, _describe_neighbor, as_json=as_json, why_empty=why_empty or "there is no other point")


def _describe_neighbor(row: dict[str, Any]) -> str:
    return f"{row['score']:.4f}  {row['class_name'] or '-':20}  {row['image_name']}  {row['box']}  {row['id']}"


@contextmanager
def _open_image(path: Path, limits: ImageLimits) -> Iterator[ImageScales]:
    from indexer.errors import ImageReadError
    from indexer.images.crops import ImageScales
    from indexer.sources.files import read_image_file

    data = read_image_file(str(path), max_bytes=limits.max_bytes)
    try:
        yield ImageScales(data, limits=limits)
    except ImageReadError as error:
        raise ImageReadError(f"{path}: {error}") from error
