"""Commands that take points out of a collection, and bring in what others computed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lookalike.commands.application import AsJson, CollectionName, Place, app, takes_place, wait_for
from lookalike.commands.parameters import parse_path
from lookalike.commands.selecting import Selection, takes_selection
from lookalike.console import print_json, print_line, print_note
from lookalike.counting import count_text
from lookalike.wire.names import EXPORT_FORMATS, join_names

if TYPE_CHECKING:
    from lookalike.wire.exports import Exported, Imported


@app.command()
@takes_place
@takes_selection
def export(
    folder: Annotated[
        Path,
        typer.Argument(parser=parse_path, metavar="FOLDER", help="Folder to write into; made if it does not exist."),
    ],
    selection: Selection,
    place: Place,
    export_format: Annotated[str, typer.Option("--format", help=f"{join_names(EXPORT_FORMATS)}.")] = "parquet",
    fetch: Annotated[
        bool, typer.Option("--fetch", help="With --server: save the file on this machine, not on the server's.")
    ] = False,
    collection: CollectionName = None,
    as_json: AsJson = False,
) -> None:
    """Write all points or a selection of them to files: payloads, embeddings and places on the newest map."""
    with place.connect_and_show("export") as (client, on_progress):
        written: Exported = wait_for(
            lambda: client.export(None if fetch else folder, collection, export_format=export_format, **selection),
            on_progress,
        )
        path = client.fetch_export(written, folder) if fetch else written.path
    if as_json:
        facts = {"path": str(path), "points": written.n_points, "format": written.format}
        print_json({**facts, "left_out": written.left_out})
    else:
        print_line(f"{path}: {count_text(written.n_points, 'point')}")
    for why, count in written.left_out.items():
        print_note(f"{count:,} left out: {why}")


@app.command(name="import")
@takes_place
def import_(
    folder: Annotated[
        Path,
        typer.Argument(
            parser=parse_path,
            metavar="FOLDER",
            help="Embeddings folder of Supervisely's app, or of 'lookalike export'.",
        ),
    ],
    place: Place,
    collection: CollectionName = None,
    as_json: AsJson = False,
) -> None:
    """Bring existing embeddings into a collection of their own, without embedding anything."""
    with place.connect_and_show("import") as (client, on_progress):
        done: Imported = wait_for(lambda: client.import_embeddings(folder, collection), on_progress)
    if as_json:
        print_json(done.model_dump(mode="json"))
    else:
        removed = f", {done.n_removed} removed that the folder no longer holds" if done.n_removed else ""
        print_line(f"collection {done.collection}: {count_text(done.n_points, 'point')} imported{removed}")
