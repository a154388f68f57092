"""Names that users may say, and the classes behind them, imported only when used.

Adding a source, embedder, store, projector or export is one new file plus one line in its package's registry. An
installed package adds its own by an entry point of the registry's group; ``docs/extending.md`` shows each. Entries are
strings, so that listing the names imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from indexer.errors import ConfigurationError, UnknownNameError


class Registry(Mapping[str, str]):
    """Public name -> ``"module:attribute"``, in the order in which names are shown.

    Args:
        kind: What the entries are, used in error messages, for example ``"projector"``.
        entries: The names and their ``"module:attribute"`` targets.
        group: Entry points of this group come after ``entries``; a name of ours cannot be taken. None for no others.
    """

    def __init__(self, kind: str, entries: Mapping[str, str], *, group: str | None = None) -> None:
        self.kind = kind
        self._own, self._group = dict(entries), group

    @cached_property
    def _entries(self) -> dict[str, str]:
        """All names with their targets."""
        points = () if self._group is None else entry_points(group=self._group)
        return self._own | {point.name: point.value for point in points if point.name not in self._own}

    def __getitem__(self, name: str) -> str:
        if name in self._own:  # without a look at what is installed, which takes a while
            return self._own[name]
        try:
            return self._entries[name]
        except KeyError:
            raise UnknownNameError(self.kind, name, self._entries) from None

    def __contains__(self, name: object) -> bool:
        return name in self._own or name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def load(self, name: str) -> Any:
        """Import and return what stands behind ``name``.

        Raises:
            UnknownNameError: ``name`` is not registered.
            ConfigurationError: It stands in another package, and there is nothing to import.
        """
        target = self[name]
        module, _, attribute = target.partition(":")
        try:
            return getattr(import_module(module), attribute)
        except (ImportError, AttributeError) as error:
            if name in self._own:
                raise
            text = " ".join(str(error).split())
            raise ConfigurationError(
                f"the {self.kind} '{name}' is not at {target} ({text}); repair or remove the package that brings it"
            ) from error
