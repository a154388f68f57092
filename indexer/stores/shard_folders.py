"""Which folder holds a collection's shard: a rebuilt shard takes the place of the one before it in one step."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Final

from indexer.atomic_files import write_atomically

FIRST_SHARD: Final = "shard"
_POINTER: Final = "current_shard.json"
_REBUILT: Final = re.compile(r"shard-(\d{1,9})")


class ShardFolders:
    """The shard folders of one collection; all but the current one are left-overs of a rebuild.

    Args:
        folder: The collection's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def current(self) -> Path:
        """The folder that holds the points."""
        try:
            name = json.loads((self._folder / _POINTER).read_text(encoding="utf-8"))["folder"]
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return self._folder / FIRST_SHARD
        is_ours = isinstance(name, str) and _REBUILT.fullmatch(name) is not None
        return self._folder / (name if is_ours else FIRST_SHARD)

    def next(self) -> Path:
        """A folder that does not exist yet, for the shard that will follow."""
        found = (_REBUILT.fullmatch(path.name) for path in self._folder.glob("shard-*"))
        return self._folder / f"shard-{1 + max((int(one[1]) for one in found if one), default=0)}"

    def make_current(self, shard: Path) -> None:
        """Have the collection open ``shard`` from now on; this is one step, also if the process is killed.

        Raises:
            OSError: The note cannot be written; the collection stays with the shard before.
        """
        write_atomically(self._folder / _POINTER, json.dumps({"folder": shard.name}).encode())

    def remove_others(self) -> None:
        """Remove the shards that are not the current one."""
        current = self.current
        if not current.exists():
            return  # nothing is known to be better than what is there
        for path in self._folder.glob("shard*"):
            if path != current and (path.name == FIRST_SHARD or _REBUILT.fullmatch(path.name)):
                shutil.rmtree(path, ignore_errors=True)
