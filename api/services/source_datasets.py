"""The datasets of a source. Another process opens it: annotation files may be large, and reading them takes long."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from typing import Final

from indexer.errors import CancelledError, IndexerError, SourceUnavailableError
from indexer.python_process import last_line, start_python
from indexer.sources.opening import open_source
from lookalike.client.problems import error_of_problem
from lookalike.wire.base import Problem

_ASK: Final = (
    "from indexer.python_process import serve_parent; serve_parent(); "
    "from api.services.source_datasets import tell_datasets; tell_datasets()"
)
_POLL_S: Final = 0.1
LONGEST_S: Final = 60.0
"""A source that takes longer is not waited for."""


def list_datasets(
    source: str, source_format: str | None, is_stopping: threading.Event, longest_s: float = LONGEST_S
) -> list[str]:
    """Full paths of the datasets, sorted; ``""`` stands for images outside the others.

    A folder whose name is not UTF-8 is left out, as no request can name it and no run indexes it.

    Args:
        source: A path of this machine.
        source_format: A name in ``SOURCES``; found out from the path if None.
        is_stopping: Set when the server ends, which does not wait for the answer.
        longest_s: Longest wait, in seconds.

    Raises:
        IndexerError: The source cannot be opened, as ``open_source`` says.
        SourceUnavailableError: It takes too long, or the process that reads it failed.
        CancelledError: The server ends.
    """
    stop_at = time.monotonic() + longest_s
    with start_python(
        _ASK, json.dumps([source, source_format]), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        while True:
            try:
                said, complaint = process.communicate(timeout=_POLL_S)
                break
            except subprocess.TimeoutExpired:
                if is_stopping.is_set():
                    process.kill()
                    raise CancelledError("stopped, as the server ends; ask again when it runs") from None
                if time.monotonic() > stop_at:
                    process.kill()
                    wait = f"opening {source} takes longer than {longest_s:g} s; give the names of its datasets"
                    raise SourceUnavailableError(wait) from None
    if process.returncode != 0:
        why = last_line(complaint) or f"its process ended with status {process.returncode}"
        raise SourceUnavailableError(f"the datasets of {source} cannot be listed: {why}")
    return _read(said)


def tell_datasets() -> None:
    """Write the datasets of the source in ``sys.argv``, or the error that it meets, to the process that asks."""
    source, source_format = json.loads(sys.argv[1])
    try:
        names = open_source(source, format=source_format).dataset_names()
        told: dict[str, object] = {"datasets": [name for name in names if _is_text(name)]}
    except IndexerError as error:
        told = {"code": type(error).__name__, "detail": str(error)}
    sys.stdout.write(json.dumps(told))


def _is_text(name: str) -> bool:
    return name.encode("utf-8", "ignore").decode() == name


def _read(said: bytes) -> list[str]:
    told = json.loads(said)
    if "datasets" in told:
        return list(told["datasets"])
    raise error_of_problem(Problem(title="", status=422, detail=told["detail"], code=told["code"]))
