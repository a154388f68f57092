"""Annotations of formats that are not read: found beside images, so that these are not taken for an image folder.

Cheap and bounded: folders are listed, and the heads of a few files looked at.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from os import DirEntry
from pathlib import Path
from typing import Final

from indexer.sources.files import identify_folder, is_folder, is_image_name, list_folder, peek, walk_files
from indexer.sources.supervisely_files import ANNOTATIONS_FOLDER, IMAGES_FOLDER, META_NAME

_EXPORT: Final = "which is not read; export it as COCO"
_MAX_FOLDERS: Final = 1000
_MAX_PEEKS_PER_FOLDER: Final = 8
_MAX_PEEKS: Final = 1000
_PEEK_BYTES: Final = 1 << 16
_MAX_PROJECT_DEPTH: Final = 8
_IMAGE_FOLDERS: Final = frozenset(("images", "image", "imgs", "img", "jpegimages"))
_MASK_FOLDERS: Final = frozenset(("masks", "mask", "annotations", "annotation", "labels", "segmentation"))


@dataclass(frozen=True, slots=True)
class _Format:
    """A format that is not read.

    Attributes:
        name: What people call it.
        extensions: Of its files, in lower case.
        fits: Whether the head of a file looks like it.
        advice: What is to be done, after "which".
    """

    name: str
    extensions: Sequence[str]
    fits: Callable[[str], bool]
    advice: str = _EXPORT


def find_unread(path: Path) -> str | None:
    """One line that says which annotations of an unread format lie at a path; None if there are none.

    Args:
        path: A file, or a folder that is looked through.
    """
    if path.is_file():
        found = _name_format(path, path.name)
        return None if found is None else f"{path} looks like {found}"
    return _find_dataset_of_project(path, path.parent) or _look_through(path)


def _look_through(root: Path) -> str | None:
    waiting, known, n_peeks = deque([root]), set(identify_folder(root)), 0
    for _ in range(_MAX_FOLDERS):
        if not waiting:
            break
        folder = waiting.popleft()
        entries = list_folder(folder)
        subfolders = [entry for entry in entries if is_folder(entry)]
        if (found := _find_in_folders(folder, subfolders)) is not None:
            return found
        for entry in islice(_pick_telling(entries), _MAX_PEEKS_PER_FOLDER if n_peeks < _MAX_PEEKS else 0):
            n_peeks += 1
            if (name := _name_format(entry.path, entry.name)) is not None:
                return f"{entry.path} looks like {name}"
        for entry in subfolders:
            identity = identify_folder(entry.path)
            if identity and not identity <= known:
                known |= identity
                waiting.append(Path(entry.path))
    return None


def _pick_telling(entries: Sequence[DirEntry[str]]) -> Iterator[DirEntry[str]]:
    """Files that may be annotations: a few of each extension, those with the name of an image first."""
    stems = {entry.name.rpartition(".")[0] for entry in entries if is_image_name(entry.name)}
    by_extension: dict[str, list[DirEntry[str]]] = {}
    for entry in entries:
        extension = _extension(entry.name)
        if extension in _EXTENSIONS and not is_folder(entry):
            by_extension.setdefault(extension, []).append(entry)
    columns = [
        sorted(found, key=lambda entry: entry.name.rpartition(".")[0] not in stems) for found in by_extension.values()
    ]
    for place in range(_MAX_PEEKS_PER_FOLDER):
        yield from (column[place] for column in columns if place < len(column))


def _extension(name: str) -> str:
    """A file's extension in lower case; that of a shard ``x.tfrecord-00000-of-00010`` without its number."""
    return re.sub(r"-\d{5}-of-\d{5}$", "", name.rpartition(".")[2].lower())


def _name_format(path: str | Path, name: str) -> str | None:
    """Name and advice of the unread format of a file."""
    extension = _extension(name)
    candidates = [one for one in _FORMATS if extension in one.extensions]
    head = peek(path, _PEEK_BYTES) if candidates else ""
    return next((f"{one.name}, {one.advice}" for one in candidates if one.fits(head)), None)


def _find_in_folders(folder: Path, subfolders: Sequence[DirEntry[str]]) -> str | None:
    """What the names of a folder's subfolders tell."""
    names = {entry.name.lower(): Path(entry.path) for entry in subfolders}
    if IMAGES_FOLDER in names and ANNOTATIONS_FOLDER in names:
        return _describe_dataset(folder)
    images = next((path for name, path in names.items() if name in _IMAGE_FOLDERS and _first_image(path)), None)
    if images is None:
        return None
    for name, path in names.items():
        if name in _MASK_FOLDERS and not list_folder(path):
            return f"{path} is empty although there are images in {images}; if its disk is not mounted, mount it"
        if name in _MASK_FOLDERS and _first_image(path) == _first_image(images):
            return f"{path} holds masks of the images in {images}, {_EXPORT}; or give {images}"
    return None


def _first_image(folder: Path) -> str | None:
    """The first image of a folder, without its extension."""
    found = next(((below, one) for below, one in islice(walk_files(folder), 100) if is_image_name(one.name)), None)
    return None if found is None else f"{found[0]}/{found[1].name.rpartition('.')[0]}"


def _find_dataset_of_project(folder: Path, parent: Path) -> str | None:
    """What is said if the images of a Supervisely dataset were given without their annotations."""
    is_dataset = folder.name == IMAGES_FOLDER and (parent / ANNOTATIONS_FOLDER).is_dir()
    return _describe_dataset(parent) if is_dataset else None


def _describe_dataset(dataset: Path) -> str:
    resolved = dataset.resolve()
    above = list(resolved.parents)[:_MAX_PROJECT_DEPTH]
    project = next((one for one in above if '"classes"' in peek(one / META_NAME, _PEEK_BYTES)), None)
    looks = f"{dataset} looks like a dataset of a Supervisely project"
    if project is not None:
        return f"{looks}; give the project's folder {project}, which has {META_NAME}"
    return f"{looks}, whose {META_NAME} is not there; restore it, or export the project again"


def _has(*patterns: str) -> Callable[[str], bool]:
    """Whether a head matches all patterns."""
    compiled = [re.compile(pattern) for pattern in patterns]
    return lambda head: all(pattern.search(head) is not None for pattern in compiled)


def _has_lines(pattern: str, *, n_before: int = 0) -> Callable[[str], bool]:
    """Whether the first lines that are not blank, up to five, match a pattern, after some that need not."""
    compiled = re.compile(pattern)

    def fits(head: str) -> bool:
        lines = [line.strip() for line in head[:4096].splitlines()]
        if len(head) > 4096:
            lines = lines[:-1]  # it may be cut
        told = [line for line in lines if line][n_before : n_before + 5]
        return bool(told) and all(compiled.fullmatch(line) for line in told)

    return fits


def _is_voc(head: str) -> bool:
    return re.search(r"<annotation[\s>/]", head) is not None


_NUMBER: Final = r"-?\d+(\.\d*)?([eE][-+]?\d+)?"
_SHARE: Final = r"(0?\.\d+|[01](\.\d*)?|\d(\.\d+)?[eE]-\d+)"
_JSON: Final = ("json",)
_LINES: Final = ("json", "jsonl", "ndjson", "manifest")
_FORMATS: Final = (
    _Format("CVAT's XML", ("xml",), _has(r"<annotations[\s>]", r"<(version|meta|image|track)[\s>]")),
    _Format(
        "Pascal VOC", ("xml",), _is_voc, "which is not read in this place; give the folder with Annotations/ and images"
    ),
    _Format("Datumaro's JSON", _JSON, _has(r'"categories"\s*:\s*\{', r'"items"|"label"')),
    _Format("LabelMe's JSON", _JSON, _has(r'"shapes"\s*:\s*\[', r'"(imagePath|shape_type|flags|version|points)"')),
    _Format("VGG Image Annotator's JSON", _JSON, _has(r'"_via_|"shape_attributes"|"region_attributes"')),
    _Format("VGG Image Annotator's CSV", ("csv",), _has(r"^[^\n]*region_shape_attributes")),
    _Format("Label Studio's JSON", _JSON, _has(r"^\s*\[", r'"(rectangle|polygon|brush|keypoint)labels"|"from_name"')),
    _Format("CreateML's JSON", _JSON, _has(r'^\s*\[\s*\{\s*"', r'"annotations?"\s*:\s*\[', r'"coordinates"\s*:\s*\{')),
    _Format("Labelbox's export", _LINES, _has(r'"data_row"|"Labeled Data"|"External ID"')),
    _Format(
        "VoTT's JSON", ("json", "vott"), _has(r'"(assets?|visitedAssets)"\s*:', r'"(tags|regions|lastVisited\w*)"')
    ),
    _Format("V7 Darwin's JSON", _JSON, _has(r'"annotations"\s*:\s*\[', r'"bounding_box"\s*:')),
    _Format("BDD100K's JSON", _JSON, _has(r'"(box2d|poly2d)"\s*:')),
    _Format("Cityscapes' JSON", _JSON, _has(r'"imgHeight"\s*:', r'"objects"\s*:')),
    _Format("COCO's results", _JSON, _has(r"^\s*\[", r'"image_id"\s*:', r'"category_id"\s*:', r'"score"\s*:')),
    _Format(
        "COCO",
        _JSON,
        _has(r'^\s*\{(?s:.)*("images"\s*:\s*\[(?s:.)*"(annotations|categories)"|"image_id"(?s:.)*"category_id")'),
        "which was not found in a place where it is read; give the file itself",
    ),
    _Format("Ground Truth's manifest", _LINES, _has(r'"source-ref"\s*:')),
    _Format("Open Images' CSV", ("csv",), _has(r"^[^\n]*\bImageID\b", r"^[^\n]*\b(LabelName|XMin)\b")),
    _Format("a table of boxes", ("csv", "tsv", "txt"), _has(r"(?i)^[^\n]*\bx_?min\b[^\n]*\by_?max\b")),
    _Format("a YOLO label", ("txt",), _has_lines(rf"\d+(\s+{_SHARE}){{4,}}"), "which has no data.yaml; write one"),
    _Format("KITTI's label", ("txt",), _has_lines(rf"[A-Za-z_]+(\s+{_NUMBER}){{14,15}}")),
    _Format("DOTA's label", ("txt",), _has_lines(rf"(imagesource:.*|gsd:.*|({_NUMBER}\s+){{8}}\S+(\s+[0-2])?)")),
    _Format("WIDER FACE's list", ("txt",), _has(rf"^\S+\.jpg\s*\n\d+\s*\n({_NUMBER}\s+){{4}}")),
    _Format("MOT's table", ("txt",), _has_lines(rf"{_NUMBER}(\s*,\s*{_NUMBER}){{6,9}}")),
    _Format("a TFRecord", ("tfrecord", "tfrecords", "record"), lambda _: True),
)
_EXTENSIONS: Final = frozenset(extension for one in _FORMATS for extension in one.extensions)
