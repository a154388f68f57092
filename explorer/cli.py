"""``lookalike``: the indexer's commands, and those that show what it made.

The top floor may see everything below it, so this module composes api and explorer in one process. Everything heavy
is imported inside the commands.
"""

from __future__ import annotations

import threading
import time
import webbrowser
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli import app, run_app
from indexer.commands.application import AsJson, DataDir, open_workspace
from indexer.console import print_json, print_line, show_progress

if TYPE_CHECKING:
    from indexer.workspace import Workspace

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
            print_json({"project": str(folder), "flipped": str(flipped), **asdict(report)})
        elif no_serve:
            print_line(f"sample project {folder}, wrong labels listed in {flipped}")
            print_line(f"indexed into collection {report.collection}; see it with 'lookalike serve'")
        if not no_serve:
            _serve(workspace, "127.0.0.1", port, open_browser=True)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Port = 8050,
    data_dir: DataDir = None,
) -> None:
    """Serve the explorer and the api until stopped."""
    with open_workspace(data_dir, f"serve --port {port}") as workspace:
        _serve(workspace, host, port, open_browser=False)


def _serve(workspace: Workspace, host: str, port: int, *, open_browser: bool) -> None:
    import uvicorn

    from explorer.server import create_server, free_port_or_raise

    free_port_or_raise(host, port)
    url = f"http://{host}:{port}"
    config = uvicorn.Config(create_server(workspace), host=host, port=port, log_level="warning")
    server = uvicorn.Server(config)
    threading.Thread(target=_announce, args=(server, url, open_browser), daemon=True).start()
    server.run()


def _announce(server: object, url: str, open_browser: bool) -> None:  # noqa: FBT001 - a thread's target
    """Say where the explorer is as soon as it answers."""
    while not getattr(server, "started", False):
        time.sleep(0.05)
    print_line(f"Lookalike is open at {url} (stop it with Ctrl+C)")
    if open_browser:
        webbrowser.open(url)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    run_app(app, arguments)
