"""The product as a user starts it: commands in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from benchmarks.ports import free_port

ROOT = Path(__file__).parents[2]
START_TIMEOUT_S = 120

MAP_IS_PAINTED = "() => Boolean(window.lookalike?.mapPanel?.loadedId) && lookalike.map.renderer.isComplete"
"""A condition on the page, to be waited for: the page has its map, which is painted before there is a page."""
MATCHING = """() => {
  const { map } = lookalike;
  return Array.from({ length: map.nPoints }, (_, row) => row).filter((row) => map.isVisible(row)).length;
}"""
"""Points that the map does not grey."""


@contextmanager
def serve(data_dir: Path, environment: dict[str, str] | None = None) -> Iterator[str]:
    """Serve a data directory in a process of its own, with more in its environment."""
    server = Server(data_dir, environment)
    try:
        server.start()
        yield server.url
    finally:
        server.stop()


class Server:
    """A server of a data directory, which may be killed and started again at the same address."""

    def __init__(self, data_dir: Path, environment: dict[str, str] | None = None) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._command = lookalike_command("serve", "--port", port, "--data-dir", data_dir)
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, cwd=ROOT, env=self._environment)
        _wait_for(self.url, self._process)

    def kill(self) -> None:
        """End it as a crash would: it is asked nothing."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(timeout=30)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=30)

    def ask(self, path: str, body: dict[str, object] | None = None) -> Any:
        """A question about the sample's collection, or a request with a body."""
        address = f"{self.url}/api/v1/collections/tf_efficientnet_lite0/{path}"
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(address, data, headers)) as answer:
            return json.load(answer)


def lookalike_command(*arguments: object) -> list[str]:
    """The command line of the product, run from ``ROOT``."""
    return [sys.executable, "-c", "from lookalike.commands.main import main; main()", *map(str, arguments)]


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    give_up_at = monotonic() + START_TIMEOUT_S
    while monotonic() < give_up_at:
        assert process.poll() is None, "the server ended at once; its error is above"
        try:
            urllib.request.urlopen(f"{url}/api/v1/health").close()
        except urllib.error.URLError:
            sleep(0.1)
        else:
            return
    pytest.fail(f"{url} did not answer within {START_TIMEOUT_S} s")
