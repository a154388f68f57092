"""Facts about collections that are in no point: their display name, and where and when they were indexed."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from indexer.atomic_files import write_atomically
from indexer.errors import InvalidOptionsError, StoreUnavailableError

MAX_NAME_CHARS: Final = 200
_NAME_FILE: Final = "display_name.json"
_SOURCES_FILE: Final = "sources.json"
_COLOR: Final = re.compile("#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class CollectionFacts:
    """Facts about one collection.

    Attributes:
        display_name: What people call it, as somebody named it; None if nobody did.
        projects: Source key -> name of the project or folder, in the order in which they were indexed first.
        indexed_at: Source key -> end of its last whole run, aware UTC.
        class_colors: Class name -> ``#rrggbb``, as the first source says that has a colour for it.
    """

    display_name: str | None = None
    projects: Mapping[str, str] = field(default_factory=dict)
    indexed_at: Mapping[str, datetime] = field(default_factory=dict)
    class_colors: Mapping[str, str] = field(default_factory=dict)

    def name_or(self, collection: str) -> str:
        """The name that somebody gave the collection, else that of its project, else its own."""
        if self.display_name:
            return self.display_name
        names = list(dict.fromkeys(name for name in self.projects.values() if name))
        if not names:
            return collection
        return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"

    @property
    def last_indexed_at(self) -> datetime | None:
        """End of the last whole run; None if there was none."""
        return max(self.indexed_at.values(), default=None)


class Facts:
    """The facts of a data directory, a folder for each collection. Name and sources are files of their own.

    A person may give a name while a process of its own indexes, so that neither writes over the other.

    Args:
        data_dir: The data directory.
    """

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "facts"

    def of(self, collection: str) -> CollectionFacts:
        """The facts of a collection; a file that is broken counts as absent, since it only names things."""
        folder = self._folder / collection
        name = _read(folder / _NAME_FILE).get("display_name")
        sources = {key: value for key, value in _read(folder / _SOURCES_FILE).items() if isinstance(value, dict)}
        return CollectionFacts(
            display_name=name if isinstance(name, str) else None,
            projects={key: str(value.get("project", "")) for key, value in sources.items()},
            indexed_at={key: at for key, value in sources.items() if (at := _read_time(value.get("indexed_at")))},
            class_colors=_merge_colors([value.get("class_colors") for value in sources.values()]),
        )

    def rename(self, collection: str, display_name: str) -> None:
        """Call a collection something else; an empty name gives it that of its project again.

        Raises:
            InvalidOptionsError: The name is too long or cannot be shown in one line.
            StoreUnavailableError: It cannot be written.
        """
        name = display_name.strip()
        if len(name) > MAX_NAME_CHARS or not name.isprintable():
            raise InvalidOptionsError(
                f"'{name[:40]!r}' is no name to show; use at most {MAX_NAME_CHARS} letters in one line"
            )
        self._write(collection, _NAME_FILE, {"display_name": name or None})

    def note_source(
        self,
        collection: str,
        source_key: str,
        project: str,
        *,
        is_whole: bool,
        class_colors: Mapping[str, str] | None = None,
    ) -> None:
        """Note that a source is indexed into a collection.

        Args:
            collection: Name of the collection.
            source_key: Identity of the source.
            project: Name of the project or folder.
            is_whole: Whether all of it was, so that its time counts; a run begins with False.
            class_colors: Class name -> ``#rrggbb``, where the source has colours.

        Raises:
            StoreUnavailableError: It cannot be written.
        """
        sources = _read(self._folder / collection / _SOURCES_FILE)
        known = sources.get(source_key)
        entry = {**(known if isinstance(known, dict) else {}), "project": project}
        if class_colors:
            entry["class_colors"] = dict(class_colors)
        if is_whole:
            entry["indexed_at"] = datetime.now(UTC).isoformat()
        self._write(collection, _SOURCES_FILE, {**sources, source_key: entry})

    def read(self, collection: str) -> tuple[str | None, dict[str, dict[str, Any]]]:
        """The name that somebody gave a collection, and source key -> project and time, as they are kept."""
        sources = _read(self._folder / collection / _SOURCES_FILE)
        kept = {key: value for key, value in sources.items() if isinstance(value, dict)}
        return self.of(collection).display_name, kept

    def take(self, collection: str, display_name: str | None, sources: Mapping[str, Mapping[str, Any]]) -> None:
        """Add facts of another data directory; what this one knows of the collection stays.

        Raises:
            InvalidOptionsError: The name cannot be shown.
            StoreUnavailableError: They cannot be written.
        """
        known_name, known = self.read(collection)
        if display_name and known_name is None:
            self.rename(collection, display_name)
        if sources.keys() - known.keys():
            self._write(collection, _SOURCES_FILE, {**sources, **known})

    def forget(self, collection: str) -> None:
        """Forget a collection that was deleted."""
        shutil.rmtree(self._folder / collection, ignore_errors=True)

    def _write(self, collection: str, file: str, content: Mapping[str, Any]) -> None:
        path = self._folder / collection / file
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, json.dumps(content, indent=1).encode())
        except OSError as error:
            raise StoreUnavailableError(f"{path} cannot be written: {error.strerror or error}") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _merge_colors(sources: Iterable[object]) -> dict[str, str]:
    colors: dict[str, str] = {}
    for source in sources:
        known = source.items() if isinstance(source, dict) else ()
        colors = {name: color for name, color in known if _is_color(color)} | colors
    return colors


def _is_color(text: object) -> bool:
    return isinstance(text, str) and _COLOR.fullmatch(text) is not None


def _read_time(text: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return time if time.tzinfo is not None else None
