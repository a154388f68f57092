"""A YOLO data set that no file describes: recognised by its folders, list files or label files.

Known layouts are ``images/`` with ``labels/``, ``train/images`` with ``train/labels``, and ``obj.names`` with
``train.txt``. So are label files beside the images, as labelImg and darknet keep them. Class names come from
``classes.txt``, ``obj.names`` or ``_darknet.labels``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from indexer.errors import SourceError
from indexer.sources.files import (
    is_file_at,
    is_folder,
    is_folder_at,
    is_image_name,
    list_folder,
    list_images,
    list_subfolders,
    peek,
    walk_images,
)
from indexer.sources.named_files import NamedFiles
from indexer.sources.notes import NoteKind, SourceNotes
from indexer.sources.yolo_label_files import holds_labels
from indexer.sources.yolo_labels import looks_like_labels
from indexer.sources.yolo_layout import SPLITS, ClassNames, Found, YoloLayout, YoloPart, read_class_file

CLASS_FILES: Final = ("classes.txt", "obj.names", "_darknet.labels")
_MAX_FOLDERS: Final = 50
_MAX_PEEKS: Final = 10


def find_folders(path: Path) -> Found | None:
    """The data set in a folder, None if nothing tells that it is one."""
    if not is_folder_at(path):
        return None
    finders = (_find_images_and_labels, _find_split_folders, _find_lists, _find_beside, _find_unlabelled)
    return next((found for finder in finders if (found := finder(path))), None)


def _find_images_and_labels(path: Path) -> Found | None:
    images, labels = path / "images", path / "labels"
    if not (is_folder_at(images) and is_folder_at(labels) and holds_labels(str(labels), if_empty=True)):
        return None
    return Found("images/ and labels/", partial(_read_images_and_labels, path))


def _read_images_and_labels(path: Path, _files: NamedFiles, notes: SourceNotes) -> YoloLayout:
    images, labels = path / "images", path / "labels"
    names = {entry.name for entry in list_subfolders(images)}
    names |= {entry.name for entry in list_subfolders(labels) if holds_labels(entry.path)}
    if not names or list_images(images):
        splits = {"": [_part(images)]}
    else:
        splits = {name: [_part(images / name)] for name in sorted(names)}
    return YoloLayout(str(path), splits, _read_names([path, labels, images], notes))


def _part(folder: Path) -> YoloPart:
    is_there = is_folder_at(folder)
    return YoloPart(str(folder), problem=None if is_there else f"{folder} is not there, but its labels are")


def _find_split_folders(path: Path) -> Found | None:
    folders = {}
    for entry in list_subfolders(path):
        has_images, labels = is_folder_at(Path(entry.path, "images")), Path(entry.path, "labels")
        has_labels = is_folder_at(labels) and holds_labels(str(labels), if_empty=has_images)
        if (has_labels and has_images) or (entry.name in SPLITS and (has_labels or has_images)):
            folders[entry.name] = has_labels and has_images
    complete = next((name for name, is_complete in folders.items() if is_complete), None)
    if complete is None:
        return None
    return Found(f"{complete}/images and {complete}/labels", partial(_read_split_folders, path, tuple(folders)))


def _read_split_folders(path: Path, names: Sequence[str], _files: NamedFiles, notes: SourceNotes) -> YoloLayout:
    splits = {name: [_part(path / name / "images")] for name in names}
    below = [path / name / folder for name in names for folder in ("", "labels")]
    return YoloLayout(str(path), splits, _read_names([path, *below], notes))


def _find_lists(path: Path) -> Found | None:
    """Darknet's list files without ``obj.data``."""
    class_file = _find_class_file(path, names=("obj.names",))
    lists = [f"{split}.txt" for split in SPLITS if is_file_at(path / f"{split}.txt")]
    if class_file is None or not lists:
        return None
    return Found(f"{class_file.name} and {', '.join(lists)}", partial(_read_lists, path, tuple(lists)))


def _read_lists(path: Path, lists: Sequence[str], _files: NamedFiles, notes: SourceNotes) -> YoloLayout:
    splits = {name.removesuffix(".txt"): [YoloPart(str(path / name), is_list=True)] for name in lists}
    return YoloLayout(str(path), splits, _read_names([path], notes))


def _find_beside(path: Path) -> Found | None:
    for folder in _some_folders(path):
        label = _find_label_beside(folder)
        if label is not None:
            reason = f"label files beside the images, such as {label.relative_to(path)}"
            return Found(reason, partial(_read_beside, path, folder))
    return None


def _some_folders(path: Path) -> Iterator[Path]:
    """The first folders of a tree, level by level; enough to tell its format."""
    waiting = [path]
    for _ in range(_MAX_FOLDERS):
        if not waiting:
            return
        folder = waiting.pop(0)
        yield folder
        if len(waiting) < _MAX_FOLDERS:
            waiting.extend(Path(entry.path) for entry in _list_quietly(folder))


def _list_quietly(folder: Path) -> list[os.DirEntry[str]]:
    try:
        return list_subfolders(folder)
    except SourceError:
        return []


def _find_label_beside(folder: Path) -> Path | None:
    """A text file that has the name of an image beside it and holds labels, or nothing if class names lie there."""
    try:
        names = [entry.name for entry in list_folder(folder) if not is_folder(entry)]
    except SourceError:
        return None
    texts = {name.removesuffix(".txt") for name in names if name.endswith(".txt")}
    stems = [name.rpartition(".")[0] for name in names if texts and is_image_name(name)]
    labels = [folder / f"{stem}.txt" for stem in stems if stem in texts][:_MAX_PEEKS]
    verdicts = [(label, looks_like_labels(peek(label))) for label in labels]
    found = next((label for label, is_label in verdicts if is_label), None)
    if found is None and _find_class_file(folder) and any(is_label is None for _, is_label in verdicts):
        return labels[0]
    return found


def _read_beside(path: Path, labelled: Path, _files: NamedFiles, notes: SourceNotes) -> YoloLayout:
    folders = list_subfolders(path)
    splits = {entry.name: [YoloPart(entry.path)] for entry in folders if entry.name in SPLITS}
    others = [entry.path for entry in folders if entry.name not in splits]
    if not splits or list_images(path) or any(next(walk_images(other), None) for other in others):
        splits = {"": [YoloPart(str(path))]}
    below = [path / split for split in splits if split]
    return YoloLayout(str(path), splits, _read_names([path, *below, labelled], notes), is_beside=True)


def _find_unlabelled(path: Path) -> Found | None:
    """``images/train`` or ``train/images`` and nothing else: the labels are not there, and ``images`` is no class."""
    names = [entry.name for entry in list_subfolders(path)]
    splits = [entry.name for entry in list_subfolders(path / "images")] if names == ["images"] else names
    if not splits or not set(splits) <= set(SPLITS):
        return None
    if names == ["images"]:
        images, read = [path / "images" / split for split in splits], partial(_read_images_and_labels, path)
    elif all([entry.name for entry in list_subfolders(path / split)] == ["images"] for split in splits):
        images, read = [path / split / "images" for split in splits], partial(_read_split_folders, path, tuple(splits))
    else:
        return None
    if not all(list_images(folder) for folder in images):
        return None
    return Found(f"{images[0].relative_to(path)}, without labels", read)


def _find_class_file(folder: Path, names: Sequence[str] = CLASS_FILES) -> Path | None:
    """A file of class names in a folder; not a label file of an image that is called ``classes``."""
    candidates = (folder / name for name in names)
    return next((one for one in candidates if is_file_at(one) and not looks_like_labels(peek(one))), None)


def find_class_names(folder: Path, notes: SourceNotes) -> ClassNames:
    """The class names that lie in a data set's folder or in its folders of labels."""
    return _read_names([folder, folder / "labels", folder / "data"], notes)


def _read_names(folders: Sequence[Path], notes: SourceNotes) -> ClassNames:
    """The class names in the first of these folders that has any; others that differ are noted."""
    files = dict.fromkeys(file for folder in folders if (file := _find_class_file(folder)))
    found: dict[int, str] = {}
    used: Path | None = None
    for file in files:
        names = read_class_file(file)
        if used is None and names:
            found, used = names, file
        elif used is not None and names != found:
            notes.add(NoteKind.IGNORED_FILE, f"{file}: its class names differ from those of {used}, which are used")
    return ClassNames(found)
