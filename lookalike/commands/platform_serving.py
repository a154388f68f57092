"""The command by which the Supervisely platform starts Lookalike as an app."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from typing import Annotated
from urllib.parse import urlsplit

import typer

from lookalike.client.server_file import ServerFile
from lookalike.commands.application import API_KEY_NAME, DataDir, open_workspace
from lookalike.commands.stoppable import Stoppable
from lookalike.commands.supervising import supervisely
from lookalike.console import print_line, print_note
from lookalike.version import read_version

PORT = 8000


@supervisely.command(name="app")
def serve_app(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = PORT,
    data_dir: DataDir = None,
) -> None:
    """Serve as an app of the platform, which says by the environment what to open."""
    from api.middleware.platform_session import Session
    from api.settings import ServerIdentity
    from indexer.sources.supervisely_server import SuperviselyServer
    from indexer.supervisely.app_session import find_prefix, read_wish
    from lookalike.listening import run_server
    from lookalike.platform_app import create_platform_app

    with closing(SuperviselyServer.connect()) as server:
        wish = read_wish(os.environ, server)
        prefix = find_prefix(server, wish.task_id)
        session = None if prefix is None else Session(prefix, urlsplit(server.address).netloc)
    if session is None:
        print_note("TASK_ID is not set, so that only a browser of this machine may index and write")
    with open_workspace(data_dir, "supervisely app") as workspace:
        identity = ServerIdentity.make(api_key=os.environ.get(API_KEY_NAME) or None)
        app = create_platform_app(workspace, session=session, source=wish.source, identity=identity)
        url = f"http://127.0.0.1:{port}"
        place = ServerFile(url, os.getpid(), read_version(), identity.server_id, identity.token)

        def announce() -> None:
            place.write(workspace.data_dir)
            print_line(f"Lookalike is open on port {port}{'' if prefix is None else ', behind the platform'}")

        stoppable = Stoppable(app.state.api, lambda: place.remove(workspace.data_dir))
        with stoppable, suppress(KeyboardInterrupt):
            run_server(app, "0.0.0.0", port, turns=stoppable.turns(announce))  # noqa: S104 - the platform asks
