"""A Dash page with one button of Mantine and nothing else, served as the explorer is: no page of the kind can beat it.

python -m benchmarks.bare_page PORT
"""

from __future__ import annotations

import sys

import dash_mantine_components as dmc
from dash import Dash
from fastapi import FastAPI

from api.middleware.compression import Compression
from lookalike.listening import Turns, run_server
from lookalike.server import SCRIPT_FOLDERS

BUTTON = "Ready"


def create_server() -> FastAPI:
    """The page on a server of its own, with scripts packed as those of the explorer."""
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    server.add_middleware(Compression, folders=SCRIPT_FOLDERS)
    app = Dash(__name__, server=server, title="Bare", update_title=None, serve_locally=True)
    app.layout = dmc.MantineProvider([dmc.Title("A bare page"), dmc.Button(BUTTON)])
    return server


if __name__ == "__main__":
    run_server(create_server(), host="127.0.0.1", port=int(sys.argv[1]), turns=Turns(lambda: None))
