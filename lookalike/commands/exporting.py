"""Commands that take points out of a collection, and bring in what others computed."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from indexer.domain import PointFilter
from lookalike.commands.application import AsJson, CollectionName, DataDir, app, open_workspace
from lookalike.commands.selecting import takes_selection
from lookalike.console import print_json, print_line, print_note, show_progress
from lookalike.wire.names import EXPORT_FORMATS, join_names


@app.command()
@takes_selection
def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write into; made if it does not exist.")],
    selection: PointFilter,
    export_format: Annotated[str, typer.Option("--format", help=f"{join_names(EXPORT_FORMATS)}.")] = "parquet",
    collection: CollectionName = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Write all points or a selection of them to files: payloads, embeddings and places on the newest map."""
    from indexer.exports.export_collection import export_collection

    with show_progress() as on_progress, open_workspace(data_dir, "export") as workspace:
        written = export_collection(
            workspace.export_parts,
            collection,
            folder,
            export_format=export_format,
            selection=selection,
            on_progress=on_progress,
        )
    if as_json:
        facts = {"path": str(written.path), "points": written.n_points, "format": export_format}
        print_json({**facts, "left_out": dict(written.left_out)})
    else:
        print_line(f"{written.path}: {written.n_points} points")
    for why, count in written.left_out.items():
        print_note(f"{count:,} left out: {why}")


@app.command(name="import")
def import_(
    folder: Annotated[Path, typer.Argument(help="Embeddings folder of Supervisely's app, or of 'lookalike export'.")],
    collection: CollectionName = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Bring existing embeddings into a collection of their own, without embedding anything."""
    from indexer.imports.import_embeddings import import_embeddings

    with show_progress() as on_progress, open_workspace(data_dir, "import") as workspace:
        done = import_embeddings(
            workspace.collections, workspace.reviews, folder, collection_name=collection, on_progress=on_progress
        )
    if as_json:
        print_json(asdict(done))
    else:
        removed = f", {done.n_removed} removed that the folder no longer holds" if done.n_removed else ""
        print_line(f"collection {done.collection}: {done.n_points} points imported{removed}")
