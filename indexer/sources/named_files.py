"""Files that an annotation file names: found inside the source's folder, and nowhere else.

An annotation file may come from anybody. A name that leads outside the folder, by ``..``, as an absolute path or
through a link, is refused unless the user allows it. Names that tools spell differently get a second try, which is
noted.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote

from indexer.sources.files import MISSING, stamp, stamp_file, walk_images
from indexer.sources.notes import NoteKind, SourceNotes

_ABSOLUTE: Final = re.compile(r"/|[A-Za-z]:/|[A-Za-z][A-Za-z0-9+.-]{1,20}://")
"""Beginnings of names that count from no folder of the source: absolute paths and addresses."""
_MAX_NAME: Final = 4096
OUTSIDE_HELP: Final = "--allow-outside reads it all the same"


class NamedFile(NamedTuple):
    """Where a named file is.

    Attributes:
        path: Its absolute path, or the first place where it was looked for.
        stamp: Its stamp, ``MISSING`` if it is nowhere.
        problem: Why it may not be read, None if it may.
    """

    path: str
    stamp: str
    problem: str | None = None


class NamedFiles:
    """Finds the files that annotation files name.

    Args:
        root: The folder that names may not leave.
        notes: Told of second tries.
        allow_outside: Whether names may leave it all the same.
    """

    def __init__(self, root: Path, notes: SourceNotes, *, allow_outside: bool = False) -> None:
        self._root, self._notes, self._allow_outside = os.path.realpath(root), notes, allow_outside
        self._real_folders: dict[str, str] = {}
        self._by_file_name: dict[str, list[str]] | None = None
        self._taken_by_end: dict[str, str] = {}

    def is_inside(self, path: str) -> bool:
        """Whether a path, its links followed, lies in the source's folder or may lie outside it."""
        return self._allow_outside or self._lies_in_root(path)

    def find(self, name: str, folders: Sequence[str]) -> NamedFile:
        r"""Find a file by the name that an annotation file gives it.

        Args:
            name: Relative or absolute, with ``/`` or ``\``.
            folders: Absolute folders from which a relative name is tried, in this order.
        """
        plain = name.replace("\\", "/")
        if "\0" in plain or len(plain) > _MAX_NAME:  # links of such a name would be followed folder by folder
            return NamedFile(name, MISSING, "its name cannot be that of a file")
        first: NamedFile | None = None
        for spelling in _spellings(name, plain):
            for path in _places(spelling, folders):
                found = self._look_at(path)
                if found.stamp != MISSING:
                    if spelling != plain:
                        self._notes.add(NoteKind.OTHER_SPELLING, f"{name!r} is {found.path}")
                    return found
                first = first or found
        assert first is not None  # the name itself is always tried
        if not _ABSOLUTE.match(plain):
            return first
        return self._find_by_end(name, plain) or first

    def _look_at(self, path: str) -> NamedFile:
        found = self._look_at_plain_file(path)
        if found is not None:
            return found
        if not self.is_inside(path):
            return NamedFile(path, MISSING, f"its name leads outside {self._root}; {OUTSIDE_HELP}")
        return NamedFile(path, stamp_file(path))

    def _look_at_plain_file(self, path: str) -> NamedFile | None:
        """Look at a file that is no link, or at none, which most names are, in one call; None for anything else.

        Links of a path that says that it is inside are only followed if a file is there.
        """
        try:
            facts = os.lstat(path)
        except FileNotFoundError:
            says_inside = path.startswith(f"{self._root}/") and ".." not in path
            return NamedFile(path, MISSING) if says_inside else None
        except (OSError, ValueError):
            return None
        is_inside = self._allow_outside or self._is_within(self._real_folder(path.rpartition("/")[0]))
        return NamedFile(path, stamp(facts)) if is_inside and stat.S_ISREG(facts.st_mode) else None

    def _real_folder(self, folder: str) -> str:
        """A folder with its links followed; most files of a source share few folders."""
        if folder not in self._real_folders:
            self._real_folders[folder] = os.path.realpath(folder)
        return self._real_folders[folder]

    def _is_within(self, real: str) -> bool:
        return real == self._root or real.startswith(self._root.rstrip("/") + "/")

    def _lies_in_root(self, path: str) -> bool:
        if "\0" in path:
            return True  # there is no such file, which is what will be said
        folder, name = os.path.split(path)
        real = f"{self._real_folder(folder)}/{name}"
        if name in (".", "..") or os.path.islink(real):  # noqa: PTH114 - as in stamp_file
            real = os.path.realpath(real)
        return self._is_within(real)

    def _find_by_end(self, name: str, plain: str) -> NamedFile | None:
        """The file that another machine's path means: the one whose path ends alike, else the only one of its name."""
        parts = [part for part in plain.split("/") if part not in ("", ".", "..")]
        for start in range(1, len(parts)):
            path = f"{self._root}/{'/'.join(parts[start:])}"
            # Links of a path of thousands of folders are followed one by one: only if it is there at all.
            found = self._look_at(path) if os.path.lexists(path) else None
            if found is not None and found.stamp != MISSING:
                return self._note_end(name, found)
        if self._by_file_name is None:
            self._by_file_name = {}
            for _, entry in walk_images(self._root):
                self._by_file_name.setdefault(entry.name, []).append(entry.path)
        same = self._by_file_name.get(parts[-1], []) if parts else []
        return self._note_end(name, self._look_at(same[0])) if len(same) == 1 else None

    def _note_end(self, name: str, found: NamedFile) -> NamedFile:
        other = self._taken_by_end.setdefault(found.path, name)
        if other != name:
            return NamedFile(found.path, MISSING, f"{name!r} and {other!r} cannot both be it; bring both files here")
        self._notes.add(NoteKind.BY_FILE_NAME, f"{name!r} is {found.path}")
        return found


def _spellings(name: str, plain: str) -> Iterator[str]:
    """The name with ``/`` between folders, then as other tools and file systems spell it."""
    yield plain  # which nearly always is it
    seen = {plain}
    decoded = unquote(plain)
    composed = [unicodedata.normalize(form, one) for one in (plain, decoded) for form in ("NFC", "NFD")]
    for spelling in (name, decoded, *composed):
        if spelling not in seen:
            seen.add(spelling)
            yield spelling


def _places(name: str, folders: Sequence[str]) -> Iterator[str]:
    if name.startswith("/") or not folders:
        yield name
        return
    for folder in folders:
        yield os.path.normpath(f"{folder}/{name}") if "./" in name or "//" in name else f"{folder}/{name}"
