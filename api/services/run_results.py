"""Results of runs as lists of runs have them: counts and the first of everything, however much was done."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any, Final

from indexer.atomic_files import write_atomically
from lookalike.wire.runs import RunInfo

_SHOWN: Final = 20


def shorten(info: RunInfo) -> RunInfo:
    """The run with the first entries of each list of its result; the same object if nothing is left out."""
    if info.result is None or not is_long(info.result):
        return info
    cut = {name: value[:_SHOWN] if isinstance(value, list) else value for name, value in info.result.items()}
    return info.model_copy(update={"result": cut})


def is_long(result: dict[str, Any]) -> bool:
    """Whether a result has a list that lists of runs cut."""
    return any(isinstance(value, list) and len(value) > _SHOWN for value in result.values())


class LongResults:
    """Long results in files of their own, as the queue of runs is read and written all the time.

    Args:
        folder: Where the files lie; made with the first one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, info: RunInfo) -> RunInfo:
        """Keep a result that is long; gives the run as lists have it.

        Raises:
            OSError: The file cannot be written.
        """
        if info.result is not None and is_long(info.result):
            self._folder.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path_of(info.id), json.dumps(info.result).encode())
        return shorten(info)

    def complete(self, info: RunInfo) -> RunInfo:
        """The run with its whole result; as it is if nothing more is known."""
        try:
            result = json.loads(self._path_of(info.id).read_bytes())
        except (OSError, ValueError):
            return info
        return info.model_copy(update={"result": result})

    def forget(self, run_id: str) -> None:
        """Remove a result that nobody will ask for."""
        with contextlib.suppress(OSError):
            self._path_of(run_id).unlink()

    def _path_of(self, run_id: str) -> Path:
        return self._folder / f"{run_id}.json"
