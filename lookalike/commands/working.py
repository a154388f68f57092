"""Commands of services beside a server: the worker that does its runs, and a look whether it can be used."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from lookalike.commands.application import API_KEY_NAME, AsJson, DataDir, app, settings_for
from lookalike.commands.parameters import parse_path
from lookalike.console import print_json, print_line, print_note
from lookalike.counting import count_text
from lookalike.environment import SERVER_NAME, check_names
from lookalike.errors import InvalidOptionsError

_Server = Annotated[
    str | None, typer.Option("--server", metavar="URL", help="Server that is asked [default: $LOOKALIKE_SERVER]")
]


@app.command()
def worker(
    server: _Server = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            parser=parse_path,
            metavar="PATH",
            help="File of keys, of which one with admin access is used [$LOOKALIKE_API_KEY]",
        ),
    ] = None,
    maps: Annotated[
        bool, typer.Option("--maps", help="Make maps, too; the data directory must be the server's own.")
    ] = False,
    alive_file: Annotated[
        Path | None,
        typer.Option(
            "--alive-file",
            parser=parse_path,
            metavar="PATH",
            help="File that is touched twice a second, for health checks.",
        ),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Do the index runs of a server that was started with --queue, until stopped."""
    from lookalike.worker import Worker, WorkerOptions, kinds_of

    settings = settings_for(data_dir)
    options = WorkerOptions(
        url=_read_url(server),
        key=_read_key(token_file),
        data_dir=settings.data_dir,
        writes_itself=settings.store.url is not None,
        kinds=kinds_of(makes_maps=maps),
        alive_file=alive_file,
    )
    doer = Worker(options, print_note)
    try:
        print_line(f"worker {options.name} takes runs of {options.url} (stop it with Ctrl+C)")
        doer.work()
    finally:
        doer.close()


@app.command()
def ready(server: _Server = None, as_json: AsJson = False) -> None:
    """Ask a server whether it can answer questions; fails if it cannot."""
    from lookalike.connecting import connect

    check_names(os.environ)
    with connect(_read_url(server)) as client:
        found = client.get_readiness()
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        print_line(f"ready, with {count_text(found.n_collections, 'collection')}")


def _read_url(server: str | None) -> str:
    from lookalike.connecting import check_url

    url = server or os.environ.get(SERVER_NAME)
    if not url:
        raise InvalidOptionsError("say which server is meant: --server http://HOST:8050")
    return check_url(url)


def _read_key(token_file: Path | None) -> str | None:
    """A key with admin access.

    Raises:
        InvalidOptionsError: The file has none.
    """
    from api.access import Access, read_key_file

    if token_file is None:
        return os.environ.get(API_KEY_NAME) or None
    key = next((key for key in read_key_file(token_file) if key.access is Access.ADMIN), None)
    if key is None:
        raise InvalidOptionsError(f"token file {token_file} has no key with admin access; workers need one")
    return key.secret
