"""The command line application, and what its commands share: options, and how they reach a data directory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from lookalike.commands.ending import end_process, say_that_it_stops
from lookalike.commands.parameters import parse_path, takes
from lookalike.console import Progress, print_note, show_progress
from lookalike.environment import API_KEY_NAME, SERVER_NAME, check_names
from lookalike.stop_guard import StopGuard
from lookalike.stopping import signals_held

if TYPE_CHECKING:
    from indexer.settings import IndexerSettings
    from indexer.workspace import Workspace
    from lookalike.client.blocking.client import Client
    from lookalike.client.blocking.run import Run

__all__ = ["API_KEY_NAME", "AsJson", "CollectionName", "DataDir", "Limit", "Place", "Server", "app", "takes_place"]

R = TypeVar("R")

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        parser=parse_path,
        metavar="PATH",
        help="Folder of collections [default: $LOOKALIKE_DATA_DIR or .lookalike]",
    ),
]
Server = Annotated[
    str | None,
    typer.Option("--server", metavar="URL", help="Ask this server instead; paths are its own [$LOOKALIKE_SERVER]"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as one JSON document.")]
CollectionName = Annotated[
    str | None, typer.Option("--collection", help="Collection; needed only if there are several.")
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="How many at most.")]

_STOP_TIMEOUT_S: Final = 60.0
_PATIENCE_S: Final = 0.8
"""So long after Ctrl+C, a command is silent that takes away what is half written; then it says that it stops."""
_PLAIN_STOP: Final = "cancelled on request"

app = typer.Typer(
    name="lookalike",
    help="Find similar objects, suspect labels and clusters in labelled images.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@dataclass(frozen=True, slots=True)
class Place:
    """Place that a command asks.

    Attributes:
        data_dir: A data directory; that of the environment if None.
        server: Address of a server instead; None for the one that runs on the data directory, or for none.
    """

    data_dir: Path | None = None
    server: str | None = None

    @contextmanager
    def connect(self, command: str) -> Iterator[Client]:
        """Connect for one command, and show the progress of long answers.

        Raises:
            InvalidOptionsError: The environment has an unknown name, or the address is none.
            StoreLockedError: Another process that is no server owns the data directory.
        """
        with self.connect_and_show(command, is_killable=True) as (client, _):
            yield client

    @contextmanager
    def connect_and_show(self, command: str, *, is_killable: bool = False) -> Iterator[tuple[Client, Progress]]:
        """Connect as ``connect`` does, and give what shows the progress of a run.

        Args:
            command: Its name.
            is_killable: Whether Ctrl+C may end the process in the middle of a step, as it writes no file of the user's.
        """
        check_names(os.environ)
        from lookalike.connecting import check_url, connect

        where = check_url(self.server) if self.server is not None else self.data_dir
        owner = f"lookalike {command}"
        with (
            StopGuard(end_process) if is_killable else StopGuard(say_that_it_stops, _PATIENCE_S),
            show_progress() as on_progress,
            connect(where, on_progress=on_progress, owner=owner) as client,
        ):
            yield client, on_progress


def read_place(data_dir: DataDir = None, server: Server = None) -> Place:
    """The place that the options name; a data directory that is named goes before a server of the environment."""
    if server is None and data_dir is None:
        server = os.environ.get(SERVER_NAME) or None
    return Place(data_dir, server)


takes_place = takes("place", read_place)
"""Gives a command the options of `read_place`; it is called with their result as ``place``."""


def wait_for(start: Callable[[], Run[R]], on_progress: Progress) -> R:
    """Start a run and wait for it; to stop the command is to stop the run, and to hear what it left.

    A stop that comes while the run is being started waits for the answer, so that the run can be told to stop.

    Args:
        start: Starts it.
        on_progress: Shows how far it is.
    """
    run: Run[R] | None = None
    try:
        with signals_held():
            run = start()
        return run.wait(on_progress=on_progress)
    except KeyboardInterrupt:
        if run is not None:
            run.cancel()
            _tell_what_is_left(run)
        raise


def _tell_what_is_left(run: Run[Any]) -> None:
    """Say what a run says that is being stopped, if that is more than that it was stopped."""
    from lookalike.errors import CancelledError, LookalikeError

    try:
        run.wait(on_progress=lambda *_: None, timeout_s=_STOP_TIMEOUT_S)
        print_note(f"run {run.id} was over before it could be stopped")
    except CancelledError as error:
        if not str(error).startswith(_PLAIN_STOP):
            print_note(str(error))
    except (LookalikeError, TimeoutError) as error:
        print_note(str(error))


def settings_for(data_dir: Path | None) -> IndexerSettings:
    """The settings of the environment, with the data directory that the command line names."""
    from indexer.settings import read_settings

    settings = read_settings()
    return settings if data_dir is None else settings.model_copy(update={"data_dir": data_dir})


def open_workspace(data_dir: Path | None, command: str) -> Workspace:
    """Open the workspace for a command that owns it: one that indexes or serves."""
    from indexer.workspace import Workspace
    from lookalike.connecting import require_own_folders

    require_own_folders()
    return Workspace.open(settings_for(data_dir), owner=f"lookalike {command}")
