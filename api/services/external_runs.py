"""The processes behind runs: how one is started, how it is known to live, and how it is ended."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Any, Final

from indexer.python_process import last_line, start_python
from lookalike.processes import is_alive
from lookalike.wire.runs import RunKind

SILENT_S: Final = 60.0
"""A process that is silent for so long is given up, even if it seems to live."""
_GRACE_S: Final = 0.5
_LAST_S: Final = 10.0
_WORKER: Final = "from lookalike.run_worker import main; main()"


Describe = Callable[[dict[str, Any]], dict[str, Any]]
"""Makes the result of a run of what its process tells in the end."""


def describe_as_told(result: dict[str, Any]) -> dict[str, Any]:
    """The result as the process tells it."""
    return result


@dataclass(slots=True)
class ExternalRun:
    """A run in a process of its own.

    Attributes:
        pid: The process.
        process: Its handle, if this process started it.
        said: What it wrote to stderr.
        is_cancelled: Whether it is to stop.
        heard_at: When it last told something, on the monotonic clock.
        describe: Makes the result of the run.
    """

    pid: int
    process: subprocess.Popen[bytes] | None = None
    said: IO[bytes] | None = None
    is_cancelled: bool = False
    heard_at: float = field(default_factory=time.monotonic)
    describe: Describe = describe_as_told

    @property
    def is_silent(self) -> bool:
        """Whether nothing was heard of it for too long."""
        return time.monotonic() - self.heard_at > SILENT_S

    @property
    def is_dead(self) -> bool:
        """Whether the process has ended."""
        return self.process.poll() is not None if self.process is not None else not is_alive(self.pid)

    def end(self) -> None:
        """End a process that we started, within a second; one that is not ours reads ``is_cancelled``."""
        self.is_cancelled = True
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def release(self) -> None:
        """Wait for the end of a process that we started and that has told of its end, and close what it wrote to."""
        if self.process is not None:
            try:
                self.process.wait(_LAST_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.said is not None:
            self.said.close()

    def last_words(self) -> str:
        """The last line that the process wrote, if we started it."""
        if self.said is None:
            return ""
        self.said.seek(0)
        return last_line(self.said.read())


StartProcess = Callable[[str], ExternalRun]
"""Starts a process, given the id of its run."""


@dataclass(frozen=True, slots=True)
class ProcessPlan:
    """A run that a process of its own will do.

    Attributes:
        kind: What kind of run.
        start: Starts the process.
        collection: What it is about, if that is known.
        source: What it indexes.
        describe: Makes the result of the run.
        is_beside: Whether other runs do not wait for it, and it waits for none.
    """

    kind: RunKind
    start: StartProcess
    collection: str | None = None
    source: str | None = None
    describe: Describe = describe_as_told
    is_beside: bool = False


def start_worker(job: dict[str, Any]) -> ExternalRun:
    """Start the process of a run.

    Args:
        job: What ``lookalike.run_worker`` reads from its stdin.
    """
    said = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the run is remembered
    process = start_python(_WORKER, stdin=subprocess.PIPE, stderr=said)
    if process.stdin is not None:
        with process.stdin:
            process.stdin.write(json.dumps(job).encode())
    return ExternalRun(process.pid, process, said)
