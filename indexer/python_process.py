"""Processes of our own for work that would hold Python's global lock, or whose memory is to be free afterwards."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Final

_DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG
_ROOT: Final = str(Path(__file__).parents[1])


def start_python(
    code: str,
    *arguments: str,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.DEVNULL,
    stderr: int | IO[bytes] = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start a Python process that imports the modules that this one has, whatever folder it is in.

    Args:
        code: The program.
        arguments: Its ``sys.argv[1:]``.
        stdin: As for ``subprocess.Popen``.
        stdout: As for ``subprocess.Popen``.
        stderr: As for ``subprocess.Popen``.
    """
    path = os.pathsep.join(part for part in (_ROOT, os.environ.get("PYTHONPATH")) if part)
    return subprocess.Popen(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-P", "-c", code, *arguments],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env=os.environ | {"PYTHONPATH": path},
        start_new_session=True,  # Ctrl+C is for the process that started it, which ends it
    )


def serve_parent() -> None:
    """Step back behind the process that started this one, and end with the thread that did."""
    if hasattr(os, "nice"):
        os.nice(10)  # people who look at the page come first
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def last_line(said: bytes) -> str:
    """The last line that a process wrote, which says why it failed."""
    lines = said.decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
