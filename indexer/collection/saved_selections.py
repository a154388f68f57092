"""Selections that people named, to come back to them: ids of points of one collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from indexer.collection.named_ids import NamedIds, check_name
from indexer.errors import InvalidOptionsError, UnknownNameError

_MOST_POINTS = 100_000


class SavedSelections:
    """The named selections of a data directory, a file for each collection.

    Args:
        data_dir: The data directory.
    """

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "selections"

    def counts(self, collection: str) -> dict[str, int]:
        """Name of a selection -> how many points it had when it was saved."""
        return {name: len(ids) for name, ids in self._file(collection).read().items()}

    def ids(self, collection: str, name: str) -> list[str]:
        """The points of a selection; some may have been deleted since.

        Raises:
            UnknownNameError: There is no such selection.
        """
        lists = self._file(collection).read()
        if name not in lists:
            raise UnknownNameError("selection", name, lists)
        return lists[name]

    def save(self, collection: str, name: str, ids: Sequence[str]) -> str:
        """Keep a selection under a name, in place of an earlier one of that name; gives the name.

        Raises:
            InvalidOptionsError: The name is empty or too long, or there are no points or too many.
        """
        text, wanted = check_name(name, "selection"), list(dict.fromkeys(ids))
        if not 0 < len(wanted) <= _MOST_POINTS:
            raise InvalidOptionsError(f"a selection has 1 to {_MOST_POINTS:,} points, not {len(wanted):,}")
        with self._file(collection).changing() as lists:
            lists[text] = wanted
        return text

    def read(self, collection: str) -> dict[str, list[str]]:
        """Name of a selection -> its points, in the order in which they were saved."""
        return self._file(collection).read()

    def take(self, collection: str, lists: Mapping[str, Sequence[str]]) -> int:
        """Add selections of another data directory; a name that is taken here stays as it is.

        Returns:
            How many were added.

        Raises:
            InvalidOptionsError: There would be too many.
        """
        if not lists:
            return 0
        with self._file(collection).changing() as known:
            new = {name: list(ids) for name, ids in lists.items() if name not in known}
            known.update(new)
        return len(new)

    def delete(self, collection: str, name: str) -> None:
        """Forget a selection; its points stay.

        Raises:
            UnknownNameError: There is no such selection.
        """
        with self._file(collection).changing() as lists:
            if name not in lists:
                raise UnknownNameError("selection", name, lists)
            del lists[name]

    def forget(self, collection: str) -> None:
        """Forget all selections of a collection that was deleted."""
        self._file(collection).path.unlink(missing_ok=True)

    def _file(self, collection: str) -> NamedIds:
        return NamedIds(self._folder / f"{collection}.json")
