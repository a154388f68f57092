"""The images of a YOLO data set, split by split: from folders, and from list files that name them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from indexer.errors import AnnotationFormatError
from indexer.sources.files import MISSING, read_text, split_lines, walk_images
from indexer.sources.named_files import NamedFile, NamedFiles
from indexer.sources.notes import NoteKind, SourceNotes
from indexer.sources.yolo_keys import FolderNames, above
from indexer.sources.yolo_layout import YoloLayout, YoloPart

_ABSOLUTE: Final = re.compile(r"/|[A-Za-z]:/")
_MAX_NAME: Final = 4096
_DARKNET_FOLDER: Final = "data"  # darknet trains in the folder above ``data``; CVAT writes its names so
_PLAIN_NAME: Final = re.compile(r"(?!/|[A-Za-z]:/|data/)[ -$&-\[\]-~]+")
"""A relative name in ASCII without ``%`` and ``\\``: nothing else may spell the same."""


class Listed(NamedTuple):
    """One image of a split.

    Attributes:
        path: Its path within the split, the end of its key.
        locator: Its absolute path.
        folder: The folder that it lies in.
        name: Its file name.
        stamp: Its stamp, None if nobody has looked yet.
        problem: Why it may not be read, None if it may.
    """

    path: str
    locator: str
    folder: str
    name: str
    stamp: str | None = None
    problem: str | None = None


class _Named(NamedTuple):
    """One image that a list file names.

    Attributes:
        name: The name that it has there.
        stamp: Its stamp.
        problem: Why it may not be read, None if it may.
    """

    name: str
    stamp: str
    problem: str | None


class YoloListing:
    """Lists the images of a data set.

    Args:
        layout: Where they are.
        files: Finds images that list files name.
        notes: Told of what is declared and not there.
    """

    def __init__(self, layout: YoloLayout, files: NamedFiles, notes: SourceNotes) -> None:
        self._layout, self._files, self._notes = layout, files, notes
        self._counted: dict[str, list[Listed]] = {}
        self._with_images: set[str] = set()

    def count(self, split: str) -> int:
        """Count the images of a split; keeps those of list files until they are listed."""
        tree = self._only_tree(split)
        if tree is not None:
            return sum(1 for _ in walk_images(tree))
        if split not in self._counted:
            self._counted[split] = list(self._list_parts(split))
        return len(self._counted[split])

    def list(self, split: str) -> Iterator[Listed]:
        """Yield every image of a split once, in a stable order; notes parts that are not there."""
        for part in self._layout.splits[split]:
            if part.problem:
                self._notes.add_missing_part(split, part.problem)
        tree = self._only_tree(split)
        if tree is None:
            counted = self._counted.pop(split, None)
            yield from self._list_parts(split) if counted is None else counted
        else:
            yield from self._walk(tree, FolderNames(split, self._layout.root, [tree]))

    def find_empty(self, split: str) -> Sequence[str]:
        """The folders and list files of a split, listed before, that are there and have no images."""
        paths = [part.path for part in self._layout.splits[split] if not part.problem]
        return [path for path in paths if not any(one in self._with_images for one in (path, *above(path)))]

    def trees(self, split: str) -> Sequence[str]:
        """The folders of a split that are there."""
        return [part.path for part in self._layout.splits[split] if not (part.is_list or part.problem)]

    def _only_tree(self, split: str) -> str | None:
        """The folder of a split that is one folder."""
        parts = self._layout.splits[split]
        return self.trees(split)[0] if len(parts) == 1 and self.trees(split) else None

    def _walk(self, tree: str, names: FolderNames) -> Iterator[Listed]:
        folder, last = tree, None
        for below, entry in walk_images(tree):
            if last is None:
                self._with_images.add(tree)
                last = ""
            if below != last:
                folder, last = f"{tree}/{below}", below
            name = entry.name
            yield Listed(names.key(folder, name), entry.path, folder, name)

    def _list_parts(self, split: str) -> Iterator[Listed]:
        parts = self._layout.splits[split]
        named: dict[str, _Named] = {}
        for part in parts:
            if part.is_list and not part.problem:
                self._read_list(split, part, named)
        trees = [part.path for part in parts if not part.is_list]
        names = FolderNames(split, self._layout.root, trees, {os.path.dirname(path) for path in named})  # noqa: PTH120
        is_there = set(self.trees(split))
        walked: set[str] = set()
        for tree in dict.fromkeys(trees):
            if tree in names.trees and tree in is_there:
                for image in self._walk(tree, names):
                    if named:
                        walked.add(image.locator)
                    yield image
        for path, one in named.items():
            if path not in walked:
                folder, name = os.path.split(path)
                yield Listed(names.key(folder, name), path, folder, name, one.stamp, one.problem)

    def _read_list(self, split: str, part: YoloPart, named: dict[str, _Named]) -> None:
        """Find the images that a list file names; a list that cannot be read leaves the split incomplete."""
        try:
            lines = split_lines(read_text(part.path))
        except AnnotationFormatError as error:
            self._notes.add(NoteKind.BROKEN_FILE, str(error))
            self._notes.mark_incomplete(split)
            self._with_images.add(part.path)  # it may name some
            return
        folders = list(dict.fromkeys((os.path.dirname(part.path), self._layout.root)))  # noqa: PTH120
        for number, line in enumerate(lines, 1):
            name = line.strip()
            if not name:
                continue
            self._with_images.add(part.path)
            found = self._find(name, folders)
            where = f"{part.path}, line {number}"
            # A name that can be none, of any length, is not kept.
            path = _normalise(found.path) if found.path.startswith("/") else f"{part.path}/line {number}"
            if not _is_certain(name, found, n_folders=len(folders)):
                self._notes.mark_incomplete(split)
            if found.problem is not None and path in named:
                path = f"{part.path}/line {number}"
            self._add(named, path, name, where, found)

    def _add(self, named: dict[str, _Named], path: str, name: str, where: str, found: NamedFile) -> None:
        problem = None
        if found.problem is not None:
            problem = f"{found.problem} ({where})"
        elif found.stamp == MISSING:
            problem = f"there is no such file; correct {where}, or restore the image"
        if path not in named:
            named[path] = _Named(name, found.stamp, problem)
        elif os.path.normpath(named[path].name) != os.path.normpath(name):
            self._notes.add(NoteKind.OTHER_SPELLING, f"{where}: {name!r} is {path}, which is listed already")

    def _find(self, name: str, folders: Sequence[str]) -> NamedFile:
        """Find a listed image; a relative name also by its end, as it may count from where somebody trained."""
        found = self._files.find(name, folders)
        if found.stamp == MISSING:
            found = next(self._find_ends(name.replace("\\", "/"), folders), found)
        return found

    def _find_ends(self, plain: str, folders: Sequence[str]) -> Iterator[NamedFile]:
        """Find what the ends of a relative name lead to, the longest first; nothing if its first folder is there."""
        parts = [part for part in plain.split("/") if part not in ("", ".")]
        if _ABSOLUTE.match(plain) or ".." in parts or len(plain) > _MAX_NAME or "\0" in plain:
            return
        if not parts or any(os.path.exists(f"{folder}/{parts[0]}") for folder in folders):  # noqa: PTH110
            return
        for start in range(1, len(parts)):
            is_darknet = start == 1 and parts[0] == _DARKNET_FOLDER
            if is_darknet or len(parts) - start > 1:
                found = self._files.find("/".join(parts[start:]), folders)
                if found.stamp != MISSING:
                    if not is_darknet:
                        self._notes.add(NoteKind.BY_FILE_NAME, f"{plain!r} is {found.path}")
                    yield found


def _is_certain(name: str, found: NamedFile, *, n_folders: int) -> bool:
    """Whether an image has the key that it has in every other run.

    One that is not there may be known under the path of another spelling or folder. One found by its file name alone
    may stand for an image that is not there now.
    """
    if found.stamp != MISSING and found.path.endswith(name):
        return True
    if found.stamp == MISSING:
        return n_folders == 1 and _PLAIN_NAME.fullmatch(name) is not None
    above = name.replace("\\", "/").split("/")[-2:-1]
    return above in ([], [""], ["."], [".."]) or above == found.path.split("/")[-2:-1]


def _normalise(path: str) -> str:
    return os.path.normpath(path) if "./" in path or "//" in path or path.endswith(("/", "/.", "/..")) else path
