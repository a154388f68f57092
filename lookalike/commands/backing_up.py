"""Commands that take a collection to a file and back, or to another store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lookalike.commands.application import AsJson, CollectionName, Place, app, takes_place, wait_for
from lookalike.commands.parameters import parse_path
from lookalike.console import print_json, print_line
from lookalike.counting import count_text

if TYPE_CHECKING:
    from lookalike.wire.backups import BackedUp, Moved, Restored


@app.command()
@takes_place
def backup(
    file: Annotated[
        Path, typer.Argument(parser=parse_path, metavar="FILE", help="File to write; an earlier backup is replaced.")
    ],
    place: Place,
    collection: CollectionName = None,
    as_json: AsJson = False,
) -> None:
    """Write a collection with its maps and all that people made of it to one file."""
    with place.connect_and_show("backup") as (client, on_progress):
        made: BackedUp = wait_for(lambda: client.back_up(file, collection), on_progress)
    if as_json:
        print_json(made.model_dump(mode="json"))
    else:
        print_line(
            f"{made.path}: {count_text(made.n_points, 'point')}, {count_text(made.n_events, 'review event')}, "
            f"{count_text(made.n_maps, 'map')}, {count_text(made.n_tags, 'tag')}, "
            f"{count_text(made.n_selections, 'selection')}"
        )


@app.command()
@takes_place
def restore(
    file: Annotated[
        Path, typer.Argument(parser=parse_path, metavar="FILE", help="File that 'lookalike backup' wrote.")
    ],
    place: Place,
    collection: Annotated[
        str | None, typer.Option("--collection", help="Name of the collection; the one that was backed up by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a collection of a backup; the whole file is checked before anything is written."""
    with place.connect_and_show("restore") as (client, on_progress):
        done: Restored = wait_for(lambda: client.restore(file, collection), on_progress)
    if as_json:
        print_json(done.model_dump(mode="json"))
    else:
        print_line(
            f"collection {done.collection}: {count_text(done.n_points, 'point')}, "
            f"{count_text(done.n_events, 'new review event')}, {count_text(done.n_maps, 'map')}, "
            f"{count_text(done.n_tags, 'new tag')}, {count_text(done.n_selections, 'new selection')}"
        )


@app.command()
@takes_place
def move(
    place: Place,
    to: Annotated[str, typer.Option("--to", metavar="URL", help="Address of a Qdrant server, or a data directory.")],
    collection: CollectionName = None,
    as_json: AsJson = False,
) -> None:
    """Copy a collection to another store and compare both; the one here stays, and a stopped copy goes on."""
    with place.connect_and_show("move") as (client, on_progress):
        done: Moved = wait_for(lambda: client.move(to, collection), on_progress)
    if as_json:
        print_json(done.model_dump(mode="json"))
    else:
        print_line(
            f"collection {done.collection} is in {done.place}: {count_text(done.n_points, 'point')} "
            f"({done.n_copied:,} copied now), {count_text(done.n_queries, 'search', 'searches')} answered alike"
        )
