"""The command that deletes a collection, after a question that says what would go."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lookalike.commands.application import AsJson, Place, app, takes_place
from lookalike.console import EXIT_FAILURE, print_json, print_line, print_note
from lookalike.counting import count_text
from lookalike.errors import (
    CollectionMismatchError,
    InvalidOptionsError,
    StoreUnavailableError,
)
from lookalike.visible_text import show_controls

if TYPE_CHECKING:
    from lookalike.client.blocking.client import Client

_STAYS = "Images, labels, verdicts and tags stay."


@app.command()
@takes_place
def delete(
    name: Annotated[str, typer.Argument(help="Name of the collection, as 'lookalike status' shows it.")],
    place: Place,
    yes: Annotated[bool, typer.Option("--yes", help="Delete it without a question.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a collection with its points, maps and named selections.

    Images and label files stay as they are. So do verdicts and tags of people: points get them back when the same
    images are indexed again. A backup of the collection is another file, and stays.
    """
    from lookalike.wire.base import ONLY_COLLECTION

    if name in ("", ONLY_COLLECTION):
        raise InvalidOptionsError(f"'{name}' is no name of a collection; 'lookalike status' shows the names")
    if not yes and not sys.stdin.isatty():
        raise InvalidOptionsError(f"nobody can be asked whether to delete '{name}'; add --yes")
    with place.connect("delete") as client:
        counts = _count(client, name)
    if not yes and not _ask(name, counts):  # while no progress is shown, which would paint over the question
        print_note("nothing was deleted")
        raise SystemExit(EXIT_FAILURE)
    with place.connect_and_show("delete") as (client, _):
        client.delete_collection(name)
    if as_json:
        print_json({"collection": name, **counts})
    else:
        print_line(f"collection {name} is deleted: {_describe(counts)}")


def _count(client: Client, name: str) -> dict[str, Any]:
    """Count what would go; a damaged collection has counts of None.

    Raises:
        CollectionNotFoundError: There is none of that name.
    """
    try:
        info = client.get_collection(name)
        maps, selections = client.list_projections(name), client.list_selections(name)
    except (StoreUnavailableError, CollectionMismatchError) as error:
        print_note(str(error))
        return dict.fromkeys(("n_points", "n_images", "n_maps", "n_selections"))
    return {
        "n_points": info.n_points,
        "n_images": info.n_images,
        "n_maps": len(maps),
        "n_selections": len(selections),
    }


def _ask(name: str, counts: dict[str, Any]) -> bool:
    return typer.confirm(show_controls(f"Delete collection {name} ({_describe(counts)})? {_STAYS}"), err=True)


def _describe(counts: dict[str, Any]) -> str:
    if counts["n_points"] is None:
        return "it cannot be read"
    points, images = count_text(counts["n_points"], "point"), count_text(counts["n_images"], "image")
    maps, selections = count_text(counts["n_maps"], "map"), count_text(counts["n_selections"], "selection")
    return f"{points} of {images}, {maps}, {selections}"
