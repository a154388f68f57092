"""Where the label files of a YOLO data set are; each folder of them is listed once.

The last folder ``images`` of an image's path becomes ``labels``. If there are no labels, but label files lie beside the
images, those are taken. Without a folder ``images`` they lie beside the images.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from indexer.sources.files import MISSING, UNREACHABLE, is_folder, is_image_name, list_folder, peek, stamp_file
from indexer.sources.notes import NoteKind, SourceNotes
from indexer.sources.yolo_labels import looks_like_labels

_SUFFIX: Final = ".txt"
_NO_LABELS: Final = re.compile(
    r"(classes|obj|names|readme.*|licen[cs]e.*|(auto|split|_)*(train|val|valid|test))\.txt", re.IGNORECASE
)
"""Text files that lie among label files."""
_FIRST_LETTERS: Final = frozenset("acdlnorstv_ACLNORSTV")
_NEUTRAL: Final = (".cache", ".yaml", ".md", ".names", ".labels", _SUFFIX)
_MAX_FOLDERS: Final = 50
_MAX_PEEKS: Final = 10


def is_label_file(folder: str, name: str) -> bool:
    """Whether a file may be a label file: by its name, and by its content if it is called like a list of classes."""
    if not name.endswith(_SUFFIX):
        return False
    return (
        name[0] not in _FIRST_LETTERS
        or not _NO_LABELS.fullmatch(name)
        or looks_like_labels(peek(f"{folder}/{name}")) is True
    )


def holds_labels(folder: str, *, if_empty: bool = False) -> bool:
    """Whether a label file lies in a folder or below it; looks at some folders only.

    Args:
        folder: The folder.
        if_empty: The answer for a folder without files.
    """
    waiting, others = [folder], False
    for _ in range(_MAX_FOLDERS):
        if not waiting:
            break
        found, has_others, below = _look_into(waiting.pop())
        if found:
            return True
        others = others or has_others
        waiting.extend(below)
    return if_empty and not others


def _look_into(folder: str) -> tuple[bool, bool, list[str]]:
    """Whether there is a label file, whether there are files of another kind, and the folders in it."""
    below, has_others = [], False
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if is_folder(entry):
                    below.append(entry.path)
                elif is_label_file(folder, entry.name):
                    return True, has_others, below
                elif not entry.name.endswith(_NEUTRAL):
                    has_others = True
    except OSError:
        return False, False, []
    return False, has_others, below


class LabelPaths:
    """Finds the label file of an image; safe for several threads.

    Args:
        root: The folder of the data set; only below it does a folder ``images`` count.
        is_beside: Whether label files always lie beside their images.
    """

    def __init__(self, root: str, *, is_beside: bool) -> None:
        self._root, self._is_beside = root.rstrip("/"), is_beside
        self._folders: dict[str, str] = {}

    def of_image(self, locator: str) -> str:
        """The label file of an image, whether it is there or not."""
        folder, _, name = locator.rpartition("/")
        return f"{self.of_folder(folder)}/{name.rpartition('.')[0]}{_SUFFIX}"

    def of_folder(self, folder: str) -> str:
        """The folder of the labels of the images in a folder."""
        if folder not in self._folders:
            self._folders[folder] = self._find(folder)
        return self._folders[folder]

    def _find(self, folder: str) -> str:
        mapped = self.map_folder(folder)
        if mapped != folder and not _holds_label_directly(mapped) and has_labels_beside(folder):
            return folder
        return mapped

    def map_folder(self, folder: str) -> str:
        """The folder where the format wants the labels of a folder."""
        if self._is_beside:
            return folder
        is_below = folder == self._root or folder.startswith(f"{self._root}/")
        root = self._root if is_below else ""
        before, found, after = f"{folder[len(root) :]}/".rpartition("/images/")
        return f"{root}{before}/labels/{after}".rstrip("/") if found else folder


def _holds_label_directly(folder: str) -> bool:
    return _look_into(folder)[0]


def has_labels_beside(folder: str) -> bool:
    """Whether text files beside images have their names and hold labels."""
    names = [entry.name for entry in list_folder(folder)]
    texts = {name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)}
    if not texts:
        return False
    stems = [stem for name in names if is_image_name(name) and (stem := name.rpartition(".")[0]) in texts]
    return any(looks_like_labels(peek(f"{folder}/{stem}{_SUFFIX}")) for stem in stems[:_MAX_PEEKS])


@dataclass(slots=True)
class _LabelFolder:
    """One folder of label files.

    Attributes:
        path: Where it is.
        is_matched: Name of each label file without its extension -> whether an image of that name was listed.
        below: The folders in it.
        image_folders: Where its images are.
        n_without: Images that have no label file in it.
    """

    path: str
    is_matched: dict[str, bool]
    below: list[str]
    image_folders: set[str] = field(default_factory=set)
    n_without: int = 0


def _is_without_images(labels: _LabelFolder) -> bool:
    """Whether a folder holds labels, and none of the folders of their images holds an image."""
    names = (entry.name for folder in labels.image_folders for entry in list_folder(folder))
    heads = (peek(f"{labels.path}/{stem}{_SUFFIX}") for stem in islice(labels.is_matched, _MAX_PEEKS))
    return not any(map(is_image_name, names)) and any(looks_like_labels(head) for head in heads)


def _list_names(folder: str) -> list[str]:
    """The names in a folder but hidden ones, as ``list_folder`` finds them, at half the price."""
    try:
        return [name for name in os.listdir(folder) if not name.startswith(".")]  # noqa: PTH208
    except (OSError, ValueError):
        return [entry.name for entry in list_folder(folder)]  # empty, or an error for people


class LabelFiles:
    """The label files of one listing, with what is noted about them.

    Args:
        paths: Where they are.
        notes: Told of images without labels and of labels without an image.
    """

    def __init__(self, paths: LabelPaths, notes: SourceNotes) -> None:
        self._paths, self._notes = paths, notes
        self._folders: dict[str, _LabelFolder] = {}
        self._of_images: dict[str, _LabelFolder] = {}

    def stamp(self, folder: str, name: str) -> str:
        """Stamp of an image's label file, ``MISSING`` if only this one is not there, ``UNREACHABLE`` if none is."""
        labels = self._of_images.get(folder) or self._open(folder)
        stem = name.rpartition(".")[0]
        if stem in labels.is_matched:
            labels.is_matched[stem] = True
            return stamp_file(f"{labels.path}/{stem}{_SUFFIX}")
        labels.n_without += 1
        if not labels.is_matched:
            return UNREACHABLE
        self._notes.add(NoteKind.NO_LABEL_FILE, f"{folder}/{name}")
        return MISSING

    def look_below(self, tree: str) -> bool:
        """Also look at labels below a folder whose images were listed; whether there are any labels."""
        waiting, has_labels = [(self._paths.of_folder(tree), tree)], False
        seen = set()
        while waiting:
            path, image_folder = waiting.pop()
            real = os.path.realpath(path)
            if real in seen:
                continue
            seen.add(real)
            labels = self._list(path)
            labels.image_folders.add(image_folder)
            has_labels = has_labels or bool(labels.is_matched)
            waiting.extend((f"{path}/{name}", f"{image_folder}/{name}") for name in labels.below)
        return has_labels

    def find_lost(self, tree: str) -> list[str]:
        """Folders below one that was looked at whose labels are there and whose images are all gone."""
        inside = f"{tree}/"
        lost = (
            labels for labels in self._folders.values() if labels.is_matched and not any(labels.is_matched.values())
        )
        below = (labels for labels in lost if any(folder.startswith(inside) for folder in labels.image_folders))
        return sorted(min(labels.image_folders) for labels in below if _is_without_images(labels))

    def finish(self) -> None:
        """Note labels without an image, and folders without labels."""
        for labels in self._folders.values():
            if labels.n_without and not labels.is_matched:
                state = "holds no label file" if os.path.isdir(labels.path) else "is not there"  # noqa: PTH112
                example = f"{labels.path} {state}; {_describe_lost(labels.n_without)} there"
                self._notes.add(NoteKind.NO_LABEL_FOLDER, example)
            for stem in self._find_unknown(labels):
                self._notes.add(NoteKind.UNKNOWN_IMAGE, f"{labels.path}/{stem}{_SUFFIX}")

    def _open(self, folder: str) -> _LabelFolder:
        labels = self._of_images[folder] = self._list(self._paths.of_folder(folder))
        labels.image_folders.add(folder)
        return labels

    def _list(self, path: str) -> _LabelFolder:
        if path not in self._folders:
            names = _list_names(path)
            is_matched = {name[: -len(_SUFFIX)]: False for name in names if is_label_file(path, name)}
            others = (name for name in names if not name.endswith(_SUFFIX) and not is_image_name(name))
            below = sorted(name for name in others if os.path.isdir(f"{path}/{name}"))  # noqa: PTH112
            self._folders[path] = _LabelFolder(path, is_matched, below)
        return self._folders[path]

    def _find_unknown(self, labels: _LabelFolder) -> list[str]:
        """Label files whose image is not on disk; one that is only not listed is known."""
        unmatched = sorted(stem for stem, is_matched in labels.is_matched.items() if not is_matched)
        if not unmatched:
            return []
        names = [entry.name for folder in labels.image_folders for entry in list_folder(folder)]
        on_disk = {name.rpartition(".")[0] for name in names if is_image_name(name)}
        is_beside = labels.path in labels.image_folders
        return [
            stem
            for stem in unmatched
            if stem not in on_disk and (not is_beside or looks_like_labels(peek(f"{labels.path}/{stem}{_SUFFIX}")))
        ]


def _describe_lost(n_images: int) -> str:
    return "1 image has its labels" if n_images == 1 else f"{n_images:,} images have their labels"
