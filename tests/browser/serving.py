"""The product as a user starts it: commands in processes of their own."""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

ROOT = Path(__file__).parents[2]
START_TIMEOUT_S = 120

MAP_IS_PAINTED = "() => window.lookalike?.map.nPoints > 0 && lookalike.map.renderer.isComplete"
"""A condition on the page, to be waited for."""


@contextmanager
def serve(data_dir: Path) -> Iterator[str]:
    """Serve a data directory in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(lookalike_command("serve", "--port", port, "--data-dir", data_dir), cwd=ROOT)
    try:
        _wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


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
