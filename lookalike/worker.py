"""Worker: takes index runs and maps from the queue of a server, and does each in a process of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from indexer.python_process import last_line, start_python
from lookalike.errors import LookalikeError, StoreUnavailableError
from lookalike.owner_store import OwnerApi
from lookalike.wire.runs import ClaimedRun, RunKind

_POLL_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 10.0
_LOOK_S: Final = 0.1
_GRACE_S: Final = 5.0
_PROGRAM: Final = "from lookalike.run_worker import main; main()"


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """Place of a worker.

    Attributes:
        url: Address of the server, without the api's prefix.
        key: Key with admin access; None for none.
        data_dir: Folder for models and what sources keep; the server's own if maps are made, too.
        writes_itself: Whether points go to the Qdrant server of the settings; else the api takes them.
        kinds: Runs that it does.
        alive_file: File that is touched as long as the worker lives; None for none.
        name: Name of the worker, for people.
    """

    url: str
    key: str | None
    data_dir: Path
    writes_itself: bool
    kinds: tuple[RunKind, ...] = ("index",)
    alive_file: Path | None = None
    name: str = f"{socket.gethostname()}/{os.getpid()}"


class Worker:
    """Takes runs until it is interrupted.

    Args:
        options: Where it works.
        say: Told what it does, in words.
    """

    def __init__(self, options: WorkerOptions, say: Callable[[str], None]) -> None:
        self._options, self._say = options, say
        self._api = OwnerApi.connect(options.url, options.key)

    def work(self) -> None:
        """Do one run after the other; a server that does not answer is asked again.

        Raises:
            LookalikeError: The server refuses, as it has no queue or does not know the key.
        """
        pause_s, is_away = _POLL_S, False
        while True:
            self._show_life()
            try:
                claimed = self._claim()
            except StoreUnavailableError as error:
                if not is_away:
                    self._say(f"{error}; asking again")
                is_away, pause_s = True, min(pause_s * 2, _LONGEST_PAUSE_S)
                time.sleep(pause_s)
                continue
            is_away, pause_s = False, _POLL_S
            if claimed is None:
                time.sleep(_POLL_S)
            else:
                self._do(claimed)

    def close(self) -> None:
        """Close the connection; closing twice is fine."""
        self._api.close()

    def _claim(self) -> ClaimedRun | None:
        document = {"worker": self._options.name, "kinds": list(self._options.kinds)}
        answer = self._api.ask("POST", "/runs/attached/next", document=document).json()
        return None if answer is None else ClaimedRun.model_validate(answer)

    def _do(self, claimed: ClaimedRun) -> None:
        run = claimed.run
        self._say(f"run {run.id}: {run.kind} {run.source or run.collection or ''}".rstrip())
        with tempfile.TemporaryFile() as said:
            process = self._start(claimed, said)
            try:
                while process.poll() is None:
                    self._show_life()
                    time.sleep(_LOOK_S)
            finally:
                _end(process)
                said.seek(0)
                self._tell_end(run.id, process.returncode, last_line(said.read()))

    def _start(self, claimed: ClaimedRun, said: IO[bytes]) -> subprocess.Popen[bytes]:
        job = {
            "server": {"url": self._options.url, "key": self._options.key},
            "writes_itself": self._options.writes_itself,
            "data_dir": str(self._options.data_dir),
            "request": claimed.request.model_dump(mode="json"),
            "run_id": claimed.run.id,
        }
        process = start_python(_PROGRAM, stdin=subprocess.PIPE, stderr=said)
        if process.stdin is not None:
            with process.stdin:
                process.stdin.write(json.dumps(job).encode())
        return process

    def _tell_end(self, run_id: str, code: int, last_words: str) -> None:
        """Tell the server of a process that ended; the server takes the first end that it hears, which is its own."""
        why = f" ({last_words})" if last_words else ""
        end = {
            "state": "failed",
            "error_code": "IndexerError",
            "error": f"the process of the run ended with code {code}{why}; what it stored is kept, start it again",
        }
        try:
            info = self._api.ask("POST", f"/runs/{run_id}/end", document=end).json()
        except LookalikeError as error:
            self._say(f"run {run_id}: the server could not be told of its end ({error})")
        else:
            self._say(f"run {run_id}: {info['state']}")

    def _show_life(self) -> None:
        if self._options.alive_file is not None:
            self._options.alive_file.touch()


def _end(process: subprocess.Popen[Any]) -> None:
    """End a process that is still at work, as this one is about to end."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def kinds_of(*, makes_maps: bool) -> tuple[RunKind, ...]:
    """Runs that a worker does."""
    return ("index", "project") if makes_maps else ("index",)
