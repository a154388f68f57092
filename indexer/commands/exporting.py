"""Commands that take points out of a collection."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from indexer.commands.application import AsJson, CollectionName, DataDir, app, open_workspace
from indexer.console import print_json, print_line, show_progress


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write into; made if it does not exist.")],
    export_format: Annotated[str, typer.Option("--format", help="Export format.")] = "parquet",
    collection: CollectionName = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Write points, payloads, embeddings and map coordinates to files."""
    with show_progress() as on_progress, open_workspace(data_dir, "export") as workspace:
        written = workspace.export(collection, folder, export_format=export_format, on_progress=on_progress)
    if as_json:
        print_json({"path": str(written.path), "points": written.n_points, "format": export_format})
    else:
        print_line(f"{written.path}: {written.n_points} points")
