"""The devices of this machine, which torch knows. Another process asks it: torch would stay in the server's memory."""

from __future__ import annotations

import subprocess
import threading
from typing import Final

from indexer.python_process import start_python

_ASK: Final = (
    "from indexer.python_process import serve_parent; serve_parent(); "
    "from indexer.embedders.devices import list_devices; print(*list_devices())"
)
_POLL_S: Final = 0.1


class Devices:
    """Names of devices, asked for once.

    Args:
        is_stopping: Set when the server ends, which does not wait for torch.
    """

    def __init__(self, is_stopping: threading.Event) -> None:
        self._is_stopping, self._lock = is_stopping, threading.Lock()
        self._names: list[str] | None = None

    def names(self) -> list[str] | None:
        """The devices as an order names them, fastest first; None if torch does not tell. Seconds the first time."""
        with self._lock:
            if self._names is None:
                self._names = self._ask()
            return self._names

    def _ask(self) -> list[str] | None:
        with start_python(_ASK, stdout=subprocess.PIPE) as process:
            while process.poll() is None:
                if self._is_stopping.wait(_POLL_S):
                    process.kill()
            said = process.stdout.read().decode() if process.stdout is not None else ""
        return (said.split() or None) if process.returncode == 0 else None
