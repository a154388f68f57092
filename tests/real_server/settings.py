"""Settings of data directories whose points are on the real server; used in every process of the suite."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

GATE_NAME = "QDRANT_GATE"
"""Environment variable with the address of the gate."""


def part_of(data_dir: Path) -> str:
    """The part of the server that a data directory has."""
    return "part" + hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:12]


def use_gate(settings: Any) -> None:
    """Let settings name the gate wherever a test names no store.

    Args:
        settings: The class ``IndexerSettings``.
    """
    gate = os.environ[GATE_NAME]
    make, copy = settings.__init__, settings.model_copy

    def put_in_place(made: Any) -> Any:
        if made.store.url is None or made.store.url.startswith(gate):
            made.store = made.store.model_copy(update={"url": f"{gate}/{part_of(made.data_dir)}"})
        return made

    def init(self: Any, **values: Any) -> None:
        make(self, **values)
        if "store" not in values:
            put_in_place(self)

    def model_copy(self: Any, *, update: Any = None, deep: bool = False) -> Any:
        made = copy(self, update=update, deep=deep)
        return made if "store" in (update or {}) else put_in_place(made)

    settings.__init__, settings.model_copy = init, model_copy
