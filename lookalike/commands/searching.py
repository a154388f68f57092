"""Commands that search similar objects."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lookalike.commands.application import AsJson, CollectionName, Limit, Place, app, takes_place
from lookalike.commands.parameters import parse_path
from lookalike.commands.selecting import Selection, takes_selection
from lookalike.console import print_found
from lookalike.errors import InvalidOptionsError

if TYPE_CHECKING:
    from lookalike.wire.neighbors import NeighborModel


def parse_box(text: str) -> tuple[int, int, int, int]:
    """Read ``left,top,right,bottom``.

    Raises:
        InvalidOptionsError: It is no box.
    """
    try:
        left, top, right, bottom = (int(part) for part in text.split(","))
    except ValueError:
        raise InvalidOptionsError(f"box '{text}' is not left,top,right,bottom in whole pixels") from None
    return left, top, right, bottom


@app.command()
@takes_place
@takes_selection
def similar(
    selection: Selection,
    place: Place,
    point_id: Annotated[str | None, typer.Option("--id", help="Point to search around.")] = None,
    image: Annotated[
        Path | None, typer.Option(parser=parse_path, metavar="PATH", help="Image file to search by.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="Words to search by; the model needs a text tower.")] = None,
    box: Annotated[
        str | None,
        typer.Option(help="Part of the image, or of the image of the point: left,top,right,bottom in pixels."),
    ] = None,
    limit: Limit = 20,
    collection: CollectionName = None,
    as_json: AsJson = False,
) -> None:
    """List the objects most similar to a point, an image file or words."""
    if [point_id, image, text].count(None) != 2:
        raise InvalidOptionsError("say what to search by: one of --id ID, --image FILE and --text WORDS")
    if box is not None and text is not None:
        raise InvalidOptionsError("--box goes with --image FILE or --id ID, whose image it is a part of")
    region = None if box is None else parse_box(box)
    with place.connect("similar") as client:
        if image is not None:
            found = client.find_neighbors_of_image(image, collection, box=region, limit=limit, **selection)
        elif text is not None:
            found = client.find_neighbors_of_text(text, collection, limit=limit, **selection)
        elif region is not None:
            found = client.find_neighbors_of_box(point_id or "", region, collection, limit=limit, **selection)
        else:
            found = client.find_neighbors(point_id or "", collection, limit=limit, **selection)
    rows = [_to_row(hit) for hit in found]
    print_found(rows, _describe_neighbor, as_json=as_json, why_empty=found.why_empty or "")


def _to_row(hit: NeighborModel) -> dict[str, Any]:
    point = hit.point
    shown = {"class_name": point.class_name, "image_name": point.image_name, "box": point.box}
    return {"id": point.id, "score": hit.score, **shown}


def _describe_neighbor(row: dict[str, Any]) -> str:
    return f"{row['score']:.4f}  {row['class_name'] or '-':20}  {row['image_name']}  {row['box']}  {row['id']}"
