"""Runs in processes of their own, with an embedder that costs nothing, and a server in this process."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import cv2
import httpx
import numpy as np
import uvicorn

from api.services import external_runs
from api.settings import ServerIdentity
from indexer.settings import IndexerSettings
from indexer.workspace import Workspace
from lookalike.client.server_file import API_PREFIX, ServerFile
from lookalike.server import create_server
from lookalike.version import read_version

N_IMAGES = 40
PROGRAM = """
import signal, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it
from indexer.embedders.embedders import Embedders
from tests.doubles import CountingEmbedder

class Embedder(CountingEmbedder):
    def embed(self, inputs):
        time.sleep({pause_s})
        return super().embed(inputs)

Embedders.open = lambda self, settings=None: Embedder()
{more}
"""
BLOCKED_READ = """
from indexer.sources.image_folder import ImageFolderSource
ImageFolderSource.read_bytes = lambda self, image: (time.sleep(30), b"")[1]
"""


class Server:
    """A server in this process, as a person has it open."""

    def __init__(self, data_dir):
        self.workspace = Workspace.open(IndexerSettings(data_dir=data_dir))
        identity = ServerIdentity.make()
        self.app = create_server(self.workspace, identity=identity)
        config = uvicorn.Config(self.app, host="127.0.0.1", port=0, log_level="warning")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        place = (f"http://127.0.0.1:{port}", os.getpid(), read_version(), identity.server_id, identity.token)
        self.file = ServerFile(*place)
        self.file.write(data_dir)
        headers = {"Authorization": f"Bearer {identity.token}"}
        self.http = httpx.Client(base_url=self.file.url + API_PREFIX, headers=headers, timeout=30, trust_env=False)

    def runs(self):
        return self.http.get("/runs").json()

    def wait_until(self, is_so, *, timeout_s=60):
        """Wait until the newest run is like that, and give it."""
        give_up_at = time.monotonic() + timeout_s
        while not ((runs := self.runs()) and is_so(runs[0])):
            assert time.monotonic() < give_up_at, runs
            time.sleep(0.05)
        return runs[0]

    def close(self):
        self.http.close()
        self.app.state.api.state.services.runs.close()
        self._server.should_exit = True
        self._thread.join()
        self.workspace.close()


def make_pictures(folder):
    """Forty squares of two classes."""
    for number in range(N_IMAGES):
        of_class = folder / ("red" if number % 2 else "blue")
        of_class.mkdir(parents=True, exist_ok=True)
        pixels = np.full((20, 20, 3), (number, 5, 200) if number % 2 else (200, 5, number), np.uint8)
        cv2.imwrite(str(of_class / f"{number:03}.png"), pixels)
    return folder


def start(*arguments, pause_s=0.0, more=""):
    """Start the command line in a process of its own, with an embedder that costs nothing but its pauses."""
    program = PROGRAM.format(pause_s=pause_s, more=more) + (
        f"from lookalike.commands.main import main\nmain({[str(one) for one in arguments]!r})"
    )
    command = [sys.executable, "-u", "-c", program]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )


def index(*arguments, **options):
    working = start("index", *arguments, **options)
    out, err = working.communicate(timeout=120)
    return working.returncode, out, err


def let_the_page_start(monkeypatch, pause_s=0.0, more=""):
    """Give the processes that the server starts the same cheap embedder."""
    program = PROGRAM.format(pause_s=pause_s, more=more) + "from lookalike.run_worker import main\nmain()"
    monkeypatch.setattr(external_runs, "_WORKER", program)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))


def is_embedding(run):
    return run["state"] == "running" and run["done"] >= 2


def is_over(run):
    return run["state"] != "running"
