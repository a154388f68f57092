"""Commands that show what was indexed: the sample project and the explorer."""

from __future__ import annotations

import os
import socket
import threading
import webbrowser
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from lookalike.client.server_file import ServerFile, find_server
from lookalike.commands.application import API_KEY_NAME, AsJson, DataDir, app, open_workspace, settings_for
from lookalike.commands.doors import Doors, read_doors
from lookalike.commands.ending import end_server
from lookalike.commands.parameters import parse_host, takes
from lookalike.commands.stoppable import Stoppable
from lookalike.console import print_json, print_line, print_note, show_progress
from lookalike.environment import SERVER_NAME, check_names
from lookalike.errors import InvalidOptionsError, StoreLockedError
from lookalike.version import read_version
from lookalike.visible_text import show_reason
from lookalike.wire.names import LogFormat, join_names

if TYPE_CHECKING:
    from fastapi import FastAPI

    from api.settings import ServerIdentity
    from indexer.workspace import Workspace
    from lookalike.guards import Surroundings
    from lookalike.listening import Turns

Host = Annotated[str, typer.Option(parser=parse_host, metavar="ADDRESS", help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]
_LogFormat = Annotated[
    str, typer.Option(metavar="FORMAT", help="Of the log on stderr: text (only what went wrong) or json.")
]


@app.command()
def demo(
    port: Port = 8050,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Only prepare the sample; do not open it.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Index a sample project of handwritten digits with some wrong labels, and open it."""
    from api.settings import ServerIdentity
    from indexer.sources.opening import open_source
    from indexer.sources.sample_digits import write_sample_project

    _require_no_server(data_dir)
    with open_workspace(data_dir, "demo") as workspace:
        with show_progress() as on_progress:
            folder = write_sample_project(workspace.data_dir / "sample", on_progress=on_progress)
            report = workspace.index(open_source(folder), on_progress=on_progress)
            if not workspace.maps.headers(report.collection):
                workspace.maps.make(report.collection, on_progress=on_progress)
        flipped = folder.parent / "flipped.json"
        if as_json:
            print_json({"project": str(folder), "flipped": str(flipped), **report.to_json()})
        elif no_serve:
            print_line(f"sample project {folder}, wrong labels listed in {flipped}")
            print_line(f"indexed into collection {report.collection}; see it with 'lookalike serve'")
        if not no_serve:
            _require_free_port("127.0.0.1", port)
            identity = ServerIdentity.make(api_key=os.environ.get(API_KEY_NAME) or None)
            _serve(workspace, _Place("127.0.0.1", port), identity=identity, open_browser=True)


@app.command()
@takes("doors", read_doors)
def serve(
    doors: Doors,
    host: Host = "127.0.0.1",
    port: Port = 8050,
    api_only: Annotated[
        bool, typer.Option("--api-only", help="Leave the page to 'lookalike explore' on another machine.")
    ] = False,
    queue: Annotated[
        bool, typer.Option("--queue", help="Let index runs and maps wait for 'lookalike worker'.")
    ] = False,
    log_format: _LogFormat = "text",
    data_dir: DataDir = None,
) -> None:
    """Serve the explorer and the api until stopped."""
    place = _Place(host, port, _read_log_format(log_format))
    identity, key = doors.make_identity(host, port, os.environ.get(API_KEY_NAME) or None)
    around = doors.to_surroundings(identity, has_page=not api_only, has_workers=queue)
    if settings_for(data_dir).store.url is None:
        _require_no_server(data_dir)
    with open_workspace(data_dir, f"serve --port {port}") as workspace:
        _require_free_port(host, port)
        for note in doors.notes(host, port, key):
            print_note(note)
        _serve(workspace, place, identity=identity, surroundings=around)


@app.command()
@takes("doors", read_doors)
def explore(
    doors: Doors,
    server: Annotated[
        str | None, typer.Option(metavar="URL", help="Server whose api is asked [default: $LOOKALIKE_SERVER]")
    ] = None,
    host: Host = "127.0.0.1",
    port: Port = 8050,
    log_format: _LogFormat = "text",
) -> None:
    """Serve the explorer alone until stopped; its api is that of another server, and its keys are, too."""
    from lookalike.connecting import check_url
    from lookalike.explorer_server import create_explorer_server
    from lookalike.listening import Turns

    check_names(os.environ)
    url = server or os.environ.get(SERVER_NAME)
    if not url:
        raise InvalidOptionsError("say whose collections are shown: --server http://HOST:8050")
    place = _Place(host, port, _read_log_format(log_format))
    identity, key = doors.make_identity(host, port, os.environ.get(API_KEY_NAME) or None)
    if key is not None:
        raise InvalidOptionsError(
            f"others reach {host}, so visitors need keys that {url} knows; name them with --token-file"
        )
    _require_free_port(host, port)
    for note in doors.notes(host, port, None):
        print_note(note)
    page = create_explorer_server(
        check_url(url), host=host, identity=identity, surroundings=doors.to_surroundings(identity)
    )
    _run(page, place, Turns(lambda: _tell_address(place), on_late=end_server))


def _read_log_format(text: str) -> LogFormat:
    if text not in get_args(LogFormat):
        raise InvalidOptionsError(f"there is no log format '{text}'; use {join_names(get_args(LogFormat))}")
    return cast("LogFormat", text)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a server listens, and how it writes what happens."""

    host: str
    port: int
    log_format: LogFormat = "text"


def _serve(
    workspace: Workspace,
    listening: _Place,
    *,
    identity: ServerIdentity,
    surroundings: Surroundings | None = None,
    open_browser: bool = False,
) -> None:
    from lookalike.server import create_server

    host, port = listening.host, listening.port
    app = create_server(workspace, host=host, identity=identity, surroundings=surroundings)
    place = ServerFile(
        url=_address(_reachable(host), port),
        pid=os.getpid(),
        version=read_version(),
        server_id=identity.server_id,
        token=identity.token,
    )

    def announce() -> None:
        try:
            place.write(workspace.data_dir)
        except OSError as error:
            print_note(f"commands and programs cannot find this server: {show_reason(error)}")
        _tell_address(listening)
        if open_browser:
            threading.Thread(target=webbrowser.open, args=(place.url,), daemon=True).start()

    with Stoppable(app.state.api, lambda: place.remove(workspace.data_dir)) as stoppable:
        _run(app, listening, stoppable.turns(announce))


def _run(server: FastAPI, place: _Place, turns: Turns) -> None:
    from lookalike.listening import run_server

    with suppress(KeyboardInterrupt):  # uvicorn closes first, then hands Ctrl+C on; it is how one closes this
        run_server(server, place.host, place.port, turns=turns, log_format=place.log_format)


def _tell_address(place: _Place) -> None:
    print_line(f"Lookalike is open at {_address(place.host, place.port)} (stop it with Ctrl+C)")


def _require_free_port(host: str, port: int) -> None:
    """Refuse a port that something listens on, before anything is started.

    Raises:
        InvalidOptionsError: The port is taken, or the address is not this machine's.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise InvalidOptionsError(
                f"cannot listen on {host}:{port} ({error.strerror}); choose another with --port"
            ) from error


def _require_no_server(data_dir: Path | None) -> None:
    """Refuse to serve a data directory twice.

    Raises:
        StoreLockedError: A server runs on it; the message says where.
    """
    folder = settings_for(data_dir).data_dir
    found = find_server(folder)
    if found is not None:
        raise StoreLockedError(f"data directory {folder} is open at {found.url} already (process {found.pid})")


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _reachable(host: str) -> str:
    """A name by which programs of this machine reach a server that listens on ``host``."""
    from api.middleware.allowed_hosts import is_everywhere

    if not is_everywhere(host):
        return host
    return "::1" if ":" in host else "127.0.0.1"
