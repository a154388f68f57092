"""Names that users may say, and the classes behind them, imported only when used.

Adding a source, embedder, store, projector or export is one new file plus one line in its package's
registry. Entries are strings, so that listing the names imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from indexer.errors import UnknownNameError


class Registry(Mapping[str, str]):
    """Public name -> ``"module:attribute"``, in the order in which names are shown.

    Args:
        kind: What the entries are, used in error messages, for example ``"projector"``.
        entries: The names and their ``"module:attribute"`` targets.
    """

    def __init__(self, kind: str, entries: Mapping[str, str]) -> None:
        self.kind = kind
        self._entries = dict(entries)

    def __getitem__(self, name: str) -> str:
        try:
            return self._entries[name]
        except KeyError:
            raise UnknownNameError(self.kind, name, self._entries) from None

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def load(self, name: str) -> Any:
        """Import and return what stands behind ``name``.

        Raises:
            UnknownNameError: ``name`` is not registered.
        """
        module, _, attribute = self[name].partition(":")
        return getattr(import_module(module), attribute)
