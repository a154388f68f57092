"""Records of tags and jobs that were written to a server, by which they are taken back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from indexer.atomic_files import write_atomically
from indexer.errors import SourceError, UnknownNameError
from lookalike.visible_text import show_reason


class WorkRuns:
    """The records of a data directory, one file each.

    Args:
        data_dir: The data directory.
    """

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "supervisely"

    def begin(self, kind: str, who: str, plan: Mapping[str, Any]) -> str:
        """Write down what is going to be done; gives the name to take it back by.

        Raises:
            SourceError: The disk does not take it; nothing was written to the server.
        """
        now = datetime.now(UTC)
        run = f"{now:%Y%m%d-%H%M%S}-{uuid4().hex[:4]}"
        record = {"run": run, "kind": kind, "who": who, "at": now.isoformat(), **plan}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_atomically(self._folder / f"{run}.json", json.dumps(record, indent=1).encode())
        except OSError as error:
            raise SourceError(f"cannot write into {self._folder}: {error.strerror}; nothing was changed") from error
        return run

    def read(self, run: str) -> dict[str, Any]:
        """The record of a run.

        Raises:
            UnknownNameError: There is none of that name.
            SourceError: It cannot be read.
        """
        known = sorted(path.stem for path in self._folder.glob("*.json"))
        if run not in known:
            raise UnknownNameError("run", run, known)
        try:
            record: dict[str, Any] = json.loads((self._folder / f"{run}.json").read_bytes())
        except (OSError, ValueError) as error:
            raise SourceError(f"{self._folder / run}.json cannot be read ({show_reason(error)})") from error
        return record
