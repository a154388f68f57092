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
N_FREE = 8
"""Batches that are embedded before a gate."""
PROGRAM = """
import signal, sys, threading, time
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it
from indexer.embedders.embedders import Embedders
from tests.doubles import CountingEmbedder

class Embedder(CountingEmbedder):
    def embed(self, inputs):
        while not self.may_go_on():
            time.sleep(0.02)
        return super().embed(inputs)

    def may_go_on(self):
        gate = Path({gate!r})
        n_batches = int(gate.read_text() or 0) if gate.is_file() else 0
        return {gate!r} == "" or len(self.batch_sizes) < max({N_FREE}, n_batches)

Embedders.open = lambda self, settings=None: Embedder()
{more}
"""
BLOCKED_READ = """
from indexer.sources.image_folder import ImageFolderSource
def read_without_end(self, image):
    print("reading", file=sys.stderr, flush=True)
    time.sleep(3600)
ImageFolderSource.read_bytes = read_without_end
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
        self.http = httpx.Client(base_url=self.file.url + API_PREFIX, headers=headers, timeout=120, trust_env=False)

    def runs(self):
        return self.http.get("/runs").json()

    def wait_until(self, is_so, *, timeout_s=120):
        """Wait until the newest run is like that, and give it."""
        return self._wait(lambda runs: [run for run in runs[:1] if is_so(run)], timeout_s)[0]

    def wait_for_any(self, is_so, *, timeout_s=120):
        """Wait until there is a run like that, whatever followed it, and give it."""
        return self._wait(lambda runs: [run for run in runs if is_so(run)], timeout_s)[0]

    def _wait(self, find, timeout_s):
        give_up_at = time.monotonic() + timeout_s
        while not (found := find(runs := self.runs())):
            assert time.monotonic() < give_up_at, runs
            time.sleep(0.05)
        return found

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


def start(*arguments, gate=None, more=""):
    """Start the command line in a process of its own, with an embedder that costs nothing.

    Args:
        arguments: The command.
        gate: A file; after ``N_FREE`` batches, the embedder waits until ``open_gate``. None for no such wait.
        more: More of the program.
    """
    program = make_program(gate, more) + (
        f"sys.argv[1:] = {[str(one) for one in arguments]!r}\nfrom lookalike.__main__ import main\nmain()"
    )
    command = [sys.executable, "-u", "-c", program]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )


def index(*arguments, **options):
    working = start("index", *arguments, **options)
    out, err = working.communicate(timeout=120)
    return working.returncode, out, err


def open_gate(gate, n_batches=1000):
    """Let an embedder embed so many batches in all."""
    gate.write_text(str(n_batches))


def make_program(gate, more):
    return PROGRAM.format(gate=str(gate or ""), N_FREE=N_FREE, more=more)


def let_the_page_start(monkeypatch, gate=None, more=""):
    """Give the processes that the server starts the same cheap embedder."""
    program = make_program(gate, more) + "from lookalike.run_worker import main\nmain()"
    monkeypatch.setattr(external_runs, "_WORKER", program)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))


def is_embedding(run):
    return run["state"] == "running" and run["done"] >= 2


def is_over(run):
    return run["state"] != "running"
