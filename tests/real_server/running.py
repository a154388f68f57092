"""Puts the points of every data directory on the real server, in this process and those that it starts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from indexer.settings import IndexerSettings
from tests.real_server.gate import Gate
from tests.real_server.settings import GATE_NAME, part_of, use_gate

HOOK = Path(__file__).parent / "hook"


@contextmanager
def points_on(url: str, api_key: str | None) -> Iterator[None]:
    """Use a real server until the end of the block."""
    gate, copytree = Gate(url, api_key), shutil.copytree

    def copy_both(source: Any, target: Any, *more: Any, **options: Any) -> Any:
        copied = copytree(source, target, *more, **options)
        gate.copy(part_of(Path(source)), part_of(Path(target)))
        return copied

    path = os.pathsep.join(part for part in (str(HOOK), os.environ.get("PYTHONPATH")) if part)
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv(GATE_NAME, gate.url)
        changed.setenv("PYTHONPATH", path)
        changed.setattr(shutil, "copytree", copy_both)
        changed.setattr(IndexerSettings, "__init__", IndexerSettings.__init__)  # put back in the end
        changed.setattr(IndexerSettings, "model_copy", IndexerSettings.model_copy)
        use_gate(IndexerSettings)
        try:
            yield
        finally:
            gate.close()
