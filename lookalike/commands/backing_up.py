"""Commands that take a collection to a file and back, or to another store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lookalike.commands.application import AsJson, CollectionName, Place, app, takes_place
from lookalike.console import print_json, print_line


@app.command()
@takes_place
def backup(
    file: Annotated[Path, typer.Argument(help="File to write; an earlier backup is replaced.")],
    place: Place,
    collection: CollectionName = None,
    as_json: AsJson = False,
) -> None:
    """Write a collection with its reviews and maps to one file."""
    with place.connect("backup") as client:
        made = client.back_up(file, collection)
    if as_json:
        print_json(made.model_dump(mode="json"))
    else:
        print_line(f"{made.path}: {made.n_points} points, {made.n_events} review events, {made.n_maps} maps")


@app.command()
@takes_place
def restore(
    file: Annotated[Path, typer.Argument(help="File that 'lookalike backup' wrote.")],
    place: Place,
    collection: Annotated[
        str | None, typer.Option("--collection", help="Name of the collection; the one that was backed up by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a collection of a backup; the whole file is checked before anything is written."""
    with place.connect("restore") as client:
        done = client.restore(file, collection)
    if as_json:
        print_json(done.model_dump(mode="json"))
    else:
        print_line(
            f"collection {done.collection}: {done.n_points} points, {done.n_events} new review events, "
            f"{done.n_maps} maps"
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
    with place.connect("move") as client:
        done = client.move(to, collection)
    if as_json:
        print_json(done.model_dump(mode="json"))
    else:
        print_line(
            f"collection {done.collection} is in {done.place}: {done.n_points} points ({done.n_copied} copied now), "
            f"{done.n_queries} searches answered alike"
        )
