"""``lookalike``: the indexer's commands, and those that show what it made.

The top floor may see everything below it, so this module composes api and explorer in one process. Everything heavy
is imported inside the commands.
"""

from __future__ import annotations

import getpass
import socket
import threading
import time
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli import app, run_app
from indexer.commands.application import AsJson, DataDir, open_workspace
from indexer.console import print_json, print_line, print_note, show_progress
from indexer.errors import InvalidOptionsError

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from indexer.workspace import Workspace

AllowHosts = Annotated[
    list[str] | None,
    typer.Option("--allow-host", metavar="NAME", help="Further name by which requests may ask; repeatable."),
]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]


@app.command()
def demo(
    port: Port = 8050,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Only prepare the sample; do not open it.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Index a sample project of handwritten digits with some wrong labels, and open it."""
    from indexer.sources.opening import open_source
    from indexer.sources.sample_digits import write_sample_project

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
            _serve(workspace, "127.0.0.1", port, open_browser=True)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Port = 8050,
    allow_host: AllowHosts = None,
    data_dir: DataDir = None,
) -> None:
    """Serve the explorer and the api until stopped."""
    from api.allowed_hosts import is_loopback

    with open_workspace(data_dir, f"serve --port {port}") as workspace:
        if not is_loopback(host):
            print_note(
                f"anybody who reaches port {port} of {host} can read and change everything; no password is asked"
            )
        _serve(workspace, host, port, open_browser=False, allow_hosts=allow_host or ())


def create_server(workspace: Workspace, *, host: str = "127.0.0.1", allow_hosts: Sequence[str] = ()) -> FastAPI:
    """Api and explorer as one server: the api under ``/api/v1``, the page at ``/``.

    Args:
        workspace: What it serves.
        host: The address that it will listen on; requests for other hosts are refused.
        allow_hosts: Further names by which it may be asked.
    """
    from fastapi import FastAPI

    from api.allowed_hosts import AllowedHosts
    from api.app import create_app as create_api
    from api.body_limit import BodyLimit
    from api.same_origin import SameOrigin
    from api.settings import ApiSettings
    from explorer.api_client import API_PREFIX
    from explorer.app import client_of
    from explorer.app import create_app as create_explorer
    from explorer.settings import ExplorerSettings

    api_settings = ApiSettings()
    api = create_api(api_settings, workspace)
    settings = ExplorerSettings(reviewer=_user_name())
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    server.add_middleware(BodyLimit, max_bytes=api_settings.max_body_bytes)
    server.add_middleware(SameOrigin)  # the page's callbacks record verdicts too
    server.add_middleware(AllowedHosts, listening=host, names=allow_hosts)
    server.mount(API_PREFIX, api)
    server.state.api = api
    create_explorer(server, client_of(api, settings), settings)
    return server


def _serve(workspace: Workspace, host: str, port: int, *, open_browser: bool, allow_hosts: Sequence[str] = ()) -> None:
    import uvicorn

    from api.app import stop_runs

    _require_free_port(host, port)
    app = create_server(workspace, host=host, allow_hosts=allow_hosts)
    server = uvicorn.Server(uvicorn.Config(app, host=host, port=port, log_level="warning"))
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    threading.Thread(target=_announce, args=(server, url, open_browser), daemon=True).start()
    try:
        with suppress(KeyboardInterrupt):  # uvicorn closes first, then hands Ctrl+C on; it is how one closes this
            server.run()
    finally:
        stop_runs(app.state.api)


def _user_name() -> str:
    """The user of this computer, as a first guess at who gives verdicts."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user need not have a name
        return "me"


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


def _announce(server: uvicorn.Server, url: str, open_browser: bool) -> None:  # noqa: FBT001 - a thread's target
    """Say where the explorer is as soon as it answers."""
    while not server.started:
        time.sleep(0.05)
    print_line(f"Lookalike is open at {url} (stop it with Ctrl+C)")
    if open_browser:
        webbrowser.open(url)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    run_app(app, arguments)
