"""The command line application, and what its commands share: options, settings and the workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from indexer.settings import IndexerSettings
    from indexer.workspace import Workspace

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Folder of collections [default: $LOOKALIKE_DATA_DIR or .lookalike]"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as one JSON document.")]
CollectionName = Annotated[
    str | None, typer.Option("--collection", help="Collection; needed only if there are several.")
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="How many at most.")]

API_KEY_NAME: Final = "LOOKALIKE_API_KEY"
"""Environment variable with the key of a server, for the server and its clients."""

app = typer.Typer(
    name="lookalike",
    help="Find similar objects, suspect labels and clusters in labelled images.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def settings_for(data_dir: Path | None) -> IndexerSettings:
    """The settings of the environment, with the data directory that the command line names."""
    from indexer.settings import read_settings

    settings = read_settings()
    return settings if data_dir is None else settings.model_copy(update={"data_dir": data_dir})


def open_workspace(data_dir: Path | None, command: str) -> Workspace:
    """Open the workspace for one command."""
    from indexer.workspace import Workspace

    return Workspace.open(settings_for(data_dir), owner=f"lookalike {command}")
