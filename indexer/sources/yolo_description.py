"""A YOLO data set that a file describes: ``data.yaml``, or darknet's ``obj.data``.

Both name folders and list files. A name counts from the description's ``path`` or from its own folder. A name from
another machine, or from the folder in which somebody trained, is found by its end. None may lead outside the folder of
the description unless the user allows it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from indexer.errors import AnnotationFormatError, SourceUnavailableError
from indexer.sources.files import (
    is_file_at,
    is_folder_at,
    list_folder,
    list_subfolders,
    peek,
    read_text,
    read_yaml,
    split_lines,
)
from indexer.sources.named_files import OUTSIDE_HELP, NamedFiles
from indexer.sources.notes import NoteKind, SourceNotes
from indexer.sources.yolo_folders import find_class_names, find_folders
from indexer.sources.yolo_layout import SPLITS, ClassNames, Found, YoloLayout, YoloPart, read_class_file

YAML_SUFFIXES: Final = (".yaml", ".yml")
_YAML_NAMES: Final = ("data.yaml", "data.yml", "dataset.yaml", "dataset.yml")
_DARKNET_SUFFIX: Final = ".data"
_DARKNET_FOLDER: Final = "data"  # darknet trains in the folder above it; CVAT writes its names so
_SPLIT_LINE: Final = re.compile(rf"^\s*[\"']?({'|'.join(SPLITS)})[\"']?\s*:", re.MULTILINE)
_DARKNET_LINE: Final = re.compile(rf"^\s*({'|'.join(SPLITS)})\s*=", re.MULTILINE)
_NOTHING: Final = ("", "null", "~", "none")
_OTHER_KEYS: Final = frozenset(("path", "names", "nc", "download", "kpt_shape", "flip_idx"))
_MAX_PATH: Final = 4096
_MAX_COUNT: Final = 1_000_000
_MAX_FOLDERS: Final = 64
"""So many folders are looked into for descriptions of other data sets."""


def find_description(path: Path) -> Found | None:
    """The description at a path or in a folder, None if there is none; raises nothing for one that is broken."""
    is_named = is_file_at(path)
    if is_named:
        candidates = [path]
    else:
        endings = (*YAML_SUFFIXES, _DARKNET_SUFFIX)  # a path for each of a million images would take ten seconds
        listed = {one.name: Path(one.path) for one in list_folder(path) if one.name.lower().endswith(endings)}
        first = [listed[name] for name in (*_YAML_NAMES, "obj.data") if name in listed]
        candidates = first + [one for one in listed.values() if one not in first]
    found = [(one, reason) for one in candidates if (reason := _recognise(one, is_named=is_named))]
    if not found:
        return None if is_named else _find_names_only(path, candidates) or _find_nested(path)
    described, reason = found[0]
    return Found(reason, partial(read_description, described, others=tuple(other for other, _ in found[1:])))


def _find_names_only(folder: Path, candidates: Sequence[Path]) -> Found | None:
    """The data set that a folder's own folders tell, with the names of classes of a YAML file that names no splits."""
    named = next((one for one in candidates if one.name in _YAML_NAMES and _names_classes(one)), None)
    found = None if named is None else find_folders(folder)
    if named is None or found is None:
        return None
    return Found(f"{found.reason}, with the names of {named.name}", partial(_read_names_only, named, found))


def _names_classes(path: Path) -> bool:
    try:
        content = read_yaml(path)
    except AnnotationFormatError:
        return False
    return isinstance(content, Mapping) and bool(content.get("names"))


def _read_names_only(path: Path, found: Found, files: NamedFiles, notes: SourceNotes) -> YoloLayout:
    described = _Description(path, read_yaml(path), files, notes)
    names, n_pose_values = described.read_names(), described.count_pose_values()
    return replace(found.read(files, notes), names=names, n_pose_values=n_pose_values)


def _find_nested(folder: Path) -> Found | None:
    """Find descriptions of data sets in a folder's own folders, to refuse it: each may name its classes otherwise."""
    if any(is_folder_at(folder / name) for name in ("images", "labels")):
        return None
    folders = (Path(entry.path) for entry in list_subfolders(folder)[:_MAX_FOLDERS])
    places = (one / name for one in folders for name in (*_YAML_NAMES, "obj.data"))
    described = (one for one in places if is_file_at(one) and _recognise(one, is_named=False))
    nested = [one for one in described if find_folders(one.parent) is not None]
    return Found(f"{nested[0].relative_to(folder)}", partial(_refuse_nested, nested)) if nested else None


def _refuse_nested(nested: Sequence[Path], _files: NamedFiles, _notes: SourceNotes) -> YoloLayout:
    folders = list(dict.fromkeys(str(one.parent) for one in nested))
    listed = ", ".join(folders[:3]) + (", ..." if folders[3:] else "")
    which = f"the folder {listed}" if len(folders) == 1 else f"one of the folders {listed}"
    raise SourceUnavailableError(f"{nested[0]} describes a YOLO data set; give {which}")


def read_description(path: Path, files: NamedFiles, notes: SourceNotes, *, others: Sequence[Path] = ()) -> YoloLayout:
    """The structure that a file describes.

    Args:
        path: A YAML file, or a file of darknet's ``key = value`` lines.
        files: Says which names lead outside.
        notes: Told of second tries and of what is passed over.
        others: Descriptions beside it that are not read.

    Raises:
        AnnotationFormatError: It is broken, describes no data set, or names class names that are not there.
    """
    for other in others:
        notes.add(NoteKind.IGNORED_FILE, f"{other}: {path.name} is read; to read this one, give its path")
    content = _read_darknet(path) if path.suffix.lower() == _DARKNET_SUFFIX else read_yaml(path)
    if not isinstance(content, Mapping) or not _declared_splits(content):
        raise AnnotationFormatError(f"{path} describes no YOLO data set; expected 'train', 'val' and 'names'")
    return _Description(path, content, files, notes).read()


def _recognise(path: Path, *, is_named: bool) -> str | None:
    """By what a file is recognised as a description; None if it describes something else."""
    is_darknet = path.suffix.lower() == _DARKNET_SUFFIX
    if is_darknet:
        splits = [match[1] for match in _DARKNET_LINE.finditer(peek(path))]
        return f"{path.name} with {', '.join(splits)}" if splits else None
    if path.suffix.lower() not in YAML_SUFFIXES:
        return None
    try:
        content = read_yaml(path)
    except AnnotationFormatError:
        # Its folders could be read without it, but then every class would be called by its number.
        names_classes = path.name in _YAML_NAMES and find_folders(path.parent) is not None
        return f"{path.name}, which is broken" if names_classes or _SPLIT_LINE.search(peek(path)) else None
    splits = list(_declared_splits(content)) if isinstance(content, Mapping) else []
    classes = [key for key in ("names", "nc") if splits and key in content][:1]
    if not splits or not (classes or is_named or path.name in _YAML_NAMES):
        return None
    return f"{path.name} with {' and '.join([*classes, ', '.join(splits)])}"


def _declared_splits(content: Mapping[Any, Any]) -> dict[str, list[str]]:
    """Split -> names of its folders and list files; without splits whose value is something else."""
    declared = {}
    for split in SPLITS:
        value = content.get(split)
        values = [value] if isinstance(value, str) else value
        if isinstance(values, list) and all(isinstance(one, str) for one in values):
            names = [one.strip() for one in values if one.strip().lower() not in _NOTHING]
            if names:
                declared[split] = names
    return declared


def _read_darknet(path: Path) -> dict[str, str]:
    pairs = (line.partition("=") for line in split_lines(read_text(path)))
    content = {key.strip(): value.strip() for key, found, value in pairs if found and not key.lstrip().startswith("#")}
    if "classes" in content:
        content["nc"] = content["classes"]
    return content


class _Description:
    """The content of a description, with what is needed to follow its names."""

    def __init__(self, path: Path, content: Mapping[str, Any], files: NamedFiles, notes: SourceNotes) -> None:
        self._path, self._content, self._files, self._notes = path, content, files, notes
        self._folder = str(path.parent)
        self._root, self._bases = self._find_root()

    def read(self) -> YoloLayout:
        splits = {
            split: list(dict.fromkeys(self._find_part(split, value) for value in values))
            for split, values in _declared_splits(self._content).items()
        }
        for split in SPLITS:
            if split not in splits and not _is_nothing(self._content.get(split)):
                raise self._error(f"{split} is {_show(self._content[split])}; expected a folder or a list file")
        self._note_other_splits()
        return YoloLayout(self._root, splits, self.read_names(), self.count_pose_values())

    def _error(self, message: str) -> AnnotationFormatError:
        return AnnotationFormatError(f"{self._path}: {message}")

    def _find_root(self) -> tuple[str, list[str]]:
        """The folder that names count from; and all that they are tried from, the one that ``path`` says first."""
        value = self._content.get("path")
        if _is_nothing(value):
            return self._folder, [self._folder]
        if not isinstance(value, str):
            raise self._error(f"path is {_show(value)}; expected a folder")
        if _is_no_path(value):
            return self._folder, [self._folder]
        places = [place for place, _ in _places(value, [self._folder])]
        inside = (one for one in places if self._files.is_inside(one) and os.path.isdir(one))  # noqa: PTH112
        root = next(inside, self._folder)
        return root, list(dict.fromkeys((places[0], root, self._folder)))

    def _find_part(self, split: str, value: str) -> YoloPart:
        """A split's folder or list file; its path is the first place looked at if it is nowhere."""
        where = f"{self._path.name}, {split}: "
        if _is_no_path(value):
            return YoloPart(self._folder, problem=f"{where}{_show(value)} is no path")
        outside, refusal = None, None
        places = list(_places(value, self._bases))
        for place, is_by_end in places:
            if not self._files.is_inside(place):
                outside = outside or (place if os.path.exists(place) else None)  # noqa: PTH110
                continue
            try:
                is_there = is_folder_at(place) or is_file_at(place)
            except SourceUnavailableError as error:
                is_there, refusal = False, refusal or str(error)
            if is_there:
                if is_by_end or (outside and ".." not in value):
                    self._notes.add(NoteKind.BY_FILE_NAME, f"{where}{value!r} is {place}")
                return YoloPart(place, is_list=not os.path.isdir(place))  # noqa: PTH112
        path = outside or places[0][0]
        is_list = path.endswith(".txt")
        if outside:
            return YoloPart(path, is_list, f"{where}{path} leads outside {self._folder}; {OUTSIDE_HELP}")
        return YoloPart(path, is_list, f"{where}{refusal or f'{path} is not there'}")

    def _note_other_splits(self) -> None:
        """Note keys that look like splits: their names are folders or list files of the data set."""
        for key, value in self._content.items():
            if key in SPLITS or key in _OTHER_KEYS or not isinstance(value, str) or _is_no_path(value):
                continue
            place = os.path.normpath(f"{self._root}/{value}")
            is_list = place.endswith(".txt") and os.path.isfile(place)  # noqa: PTH113
            is_folder = place != self._root and os.path.isdir(place)  # noqa: PTH112
            if self._files.is_inside(place) and (is_list or is_folder):
                listed = ", ".join(SPLITS)
                self._notes.add(NoteKind.IGNORED_FILE, f"{place}: {self._path.name} calls it {key}, not {listed}")

    def read_names(self) -> ClassNames:
        names: Any = self._content.get("names")
        if _is_nothing(names) or names == []:
            return find_class_names(self._path.parent, self._notes) or ClassNames(n_classes=self._read_count("nc"))
        if isinstance(names, str):
            return ClassNames(self._read_names_file(names))
        pairs = names.items() if isinstance(names, Mapping) else enumerate(names)
        by_index = {}
        for index, name in pairs:
            if not isinstance(name, str) or not re.fullmatch(r"-?\d{1,9}", str(index).strip()):
                raise self._error(f"names has {_show(index)}: {_show(name)}; expected an index and a name")
            by_index[int(index)] = name or str(int(index))
        return ClassNames(by_index)

    def _read_names_file(self, value: str) -> dict[int, str]:
        part = self._find_part("names", value)
        names = {} if part.problem or not part.is_list else read_class_file(part.path)
        if not names:
            message = part.problem or f"{part.path} names no class"
            raise self._error(f"{message}; restore the file, or write the names as a list")
        return names

    def _read_count(self, key: str) -> int | None:
        value = self._content.get(key)
        if _is_nothing(value):
            return None
        if not isinstance(value, str) or not re.fullmatch(r"\d{1,7}", value) or int(value) > _MAX_COUNT:
            raise self._error(f"{key} is {_show(value)}; expected a number of classes")
        return int(value) or None

    def count_pose_values(self) -> int:
        shape: Any = self._content.get("kpt_shape")
        if _is_nothing(shape) or shape == []:
            return 0
        is_pair = isinstance(shape, list) and len(shape) == 2 and all(re.fullmatch(r"\d{1,4}", str(n)) for n in shape)
        if not is_pair:
            raise self._error(f"kpt_shape is {_show(shape)}; expected [number of points, 2 or 3]")
        return int(shape[0]) * int(shape[1])


def _places(value: str, bases: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Where a declared path may be, with whether only its end is taken; absolute, the likeliest first.

    Roboflow writes ``../train/images`` for ``train/images``. A path of another machine, or of the folder in which
    somebody trained, keeps at least two of its folders. An absolute one may keep its last.
    """
    plain = value.replace("\\", "/")
    is_absolute = bool(re.match(r"/|[A-Za-z]:/", plain))
    if is_absolute:
        yield os.path.normpath(plain), False
    else:
        yield from ((os.path.normpath(f"{base}/{plain}"), False) for base in bases)
    parts = [part for part in plain.split("/") if part not in ("", ".", "..")]
    for start in range(len(parts)):
        is_prefix = start == 1 and parts[0] == _DARKNET_FOLDER
        is_short = len(parts) - start < 2 and start and not (is_absolute or is_prefix)
        is_other_split = parts[start:] == ["images"] and start and parts[start - 1] in SPLITS
        if not is_short and not is_other_split:
            end = "/".join(parts[start:])
            is_by_end = is_absolute or (start > 0 and not is_prefix)
            yield from ((os.path.normpath(f"{base}/{end}"), is_by_end) for base in bases)


def _is_no_path(value: str) -> bool:
    return "\0" in value or len(value) > _MAX_PATH


def _is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip().lower() in _NOTHING)


def _show(value: Any) -> str:
    text = repr(value) if isinstance(value, str | int) else type(value).__name__
    return text if len(text) <= 60 else f"{text[:57]}..."
