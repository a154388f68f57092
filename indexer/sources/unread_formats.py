"""Annotations of formats that are not read: found beside images, so that these are not taken for an image folder.

Cheap and bounded: folders are listed, and the heads of a few files looked at.
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from os import DirEntry
from pathlib import Path
from typing import Final

from indexer.sources.files import (
    identify_folder,
    is_file_at,
    is_folder,
    is_image_name,
    list_folder,
    list_images,
    peek,
    walk_files,
)
from indexer.sources.supervisely_files import ANNOTATIONS_FOLDER, IMAGES_FOLDER, META_NAME, NESTED_FOLDER

_EXPORT: Final = "which is not read; export it as COCO"
_MAX_FOLDERS: Final = 1000
_MAX_PEEKS_PER_FOLDER: Final = 8
_MAX_PEEKS: Final = 1000
_PEEK_BYTES: Final = 1 << 16
_LINES_BYTES: Final = 4096
_MAX_PROJECT_DEPTH: Final = 8
_IMAGE_FOLDERS: Final = frozenset(("images", "image", "imgs", "img", "jpegimages"))
_BESIDE: Final = (
    (ANNOTATIONS_FOLDER, ".json"),
    ("labels", ".txt"),
    ("annotations", ".xml"),
    ("Annotations", ".xml"),
    ("xmls", ".xml"),
)
"""Folders beside that of the images, with what the name of an annotation ends in."""
_SPLITS: Final = ("train", "val", "valid", "test", "default")
_MASK_FOLDERS: Final = frozenset(("masks", "mask", "annotations", "annotation", "labels", "segmentation"))


_MASKS_BESIDE: Final = (
    *((f"{split}{end}", split) for split in _SPLITS for end in ("annot", "_annot", "_masks", "_mask", "_labels")),
    ("ground_truth", "test"),
    ("labels", "data"),
)
"""Folders of masks, with the folder beside them of whose images they are."""
_MASK_ENDS: Final = ("", "_mask", "_L")
"""Endings that follow the name of an image in that of its mask."""


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
    if is_file_at(path):
        found = _name_format(path, path.name)
        return None if found is None else f"{path} looks like {found}"
    return _find_beside(path) or _look_through(path)


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
    by_extension: dict[str, list[DirEntry[str]]] = {}
    for entry in entries:
        extension = _extension(entry.name)
        if extension in _EXTENSIONS and not is_folder(entry):
            by_extension.setdefault(extension, []).append(entry)
    if not by_extension:
        return
    stems = {entry.name.rpartition(".")[0] for entry in entries if is_image_name(entry.name)}
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
    """Find the format that the names of a folder's subfolders tell."""
    names = {entry.name.lower(): Path(entry.path) for entry in subfolders}
    if IMAGES_FOLDER in names and ANNOTATIONS_FOLDER in names:
        return _describe_dataset(folder)
    for masks, images_name in _MASKS_BESIDE:
        if masks in names and images_name in names and _holds_masks(names[masks], names[images_name]):
            return _describe_masks(names[masks], names[images_name])
    images = next((path for name, path in names.items() if name in _IMAGE_FOLDERS and _first_image(path)), None)
    if images is None:
        return None
    for name, path in names.items():
        if name in _MASK_FOLDERS and not list_folder(path):
            return f"{path} is empty although there are images in {images}; if its disk is not mounted, mount it"
        if name in _MASK_FOLDERS and _holds_masks(path, images):
            return _describe_masks(path, images)
    return None


def _holds_masks(masks: Path, images: Path) -> bool:
    """Whether the first image in ``masks`` is called as an image in ``images`` that lies at the same place."""
    below, _, stem = (_first_image(masks) or "").rpartition("/")
    stems = {entry.name.rpartition(".")[0] for entry in list_images(images / below)} if stem else ()
    return any(stem.endswith(end) and stem.removesuffix(end) in stems for end in _MASK_ENDS)


def _describe_masks(masks: Path, images: Path) -> str:
    return f"{masks} holds masks of the images in {images}, {_EXPORT}; or give {images}"


def _first_image(folder: Path) -> str | None:
    """The first image of a folder, without its extension."""
    found = next(((below, one) for below, one in islice(walk_files(folder), 100) if is_image_name(one.name)), None)
    return None if found is None else f"{found[0]}/{found[1].name.rpartition('.')[0]}".lstrip("/")


def _find_beside(folder: Path) -> str | None:
    """Say what to give if a folder of images was given whose annotations lie in the folder beside it."""
    resolved = folder.resolve()
    if resolved.name.lower() not in _IMAGE_FOLDERS:
        return None
    images = ((below, one) for below, one in islice(walk_files(resolved), 100) if is_image_name(one.name))
    for below, entry in islice(images, 10):
        for name, suffix in _BESIDE:
            stem = entry.name if suffix == ".json" else entry.name.rpartition(".")[0]
            path = resolved.parent / name / below / f"{stem}{suffix}"
            if is_file_at(path):
                is_project = name == ANNOTATIONS_FOLDER
                found = f"{path} looks like the annotation of {entry.path}; give the folder {resolved.parent}"
                return _describe_dataset(resolved.parent) if is_project else found
    return None


def _describe_dataset(dataset: Path) -> str:
    above = dataset.resolve().parent
    for _ in range(_MAX_PROJECT_DEPTH):
        if above.name == NESTED_FOLDER and not is_file_at(above / META_NAME):
            above = above.parent.parent
    project = above if is_file_at(above / META_NAME) else None
    looks = f"{dataset} looks like a dataset of a Supervisely project"
    if project is not None:
        return f"{looks}; give the project's folder {project}, which has {META_NAME}"
    return f"{looks}, whose {META_NAME} is not there; restore it, or export the project again"


def _has(*patterns: str) -> Callable[[str], bool]:
    """Whether a head matches all patterns."""
    compiled = [re.compile(pattern) for pattern in patterns]
    return lambda head: all(pattern.search(head) is not None for pattern in compiled)


def _has_columns(*names: str) -> Callable[[str], bool]:
    """Whether the first line names some columns, whatever their case and what separates them."""
    wanted = set(names)

    def fits(head: str) -> bool:
        line = head.lstrip("\ufeff# ").partition("\n")[0]
        return wanted <= {re.sub(r"[^a-z]", "", column.lower()) for column in re.split(r"[,;\t]", line)}

    return fits


def _has_lines(is_told: Callable[[str], bool]) -> Callable[[str], bool]:
    """Whether the first lines that are not blank, up to five, are all told."""

    def fits(head: str) -> bool:
        lines = [line.strip() for line in head[:_LINES_BYTES].splitlines()]
        if len(head) > _LINES_BYTES:
            lines.pop()  # it may be cut
        told = [line for line in lines if line][:5]
        return bool(told) and all(map(is_told, told))

    return fits


def _is_voc(head: str) -> bool:
    return re.search(r"<annotation[\s>/]", head) is not None


def _is_coco(head: str) -> bool:
    has_images = re.search(r'"images"\s*:\s*\[', head) is not None and re.search(r'"(annotations|categories)"', head)
    return head.lstrip().startswith("{") and bool(has_images or ('"image_id"' in head and '"category_id"' in head))


def _is_yolo(line: str) -> bool:
    index, *values = line.split()
    shares = [_parse(value) for value in values]
    return index.isdecimal() and len(shares) >= 4 and all(0 <= share <= 1 for share in shares[:4])


def _is_kitti(line: str) -> bool:
    name, *values = line.split()
    return name.replace("_", "").isalpha() and len(values) in (14, 15) and not any(map(math.isnan, map(_parse, values)))


def _is_dota(line: str) -> bool:
    values = line.split()
    is_box = len(values) in (9, 10) and not any(map(math.isnan, map(_parse, values[:8])))
    return line.startswith(("imagesource:", "gsd:")) or (is_box and math.isnan(_parse(values[8])))


def _is_named_box(line: str) -> bool:
    """Whether a line is a class and four corners in pixels, as the toolkit of Open Images writes it."""
    name, *values = line.rsplit(maxsplit=4)
    is_class = re.fullmatch(r"(?:[^\W\d_]|[ ()&'/-])+", name) is not None
    return is_class and len(values) == 4 and _is_number(" ".join(values))


def _is_keras(line: str) -> bool:
    """Whether a line is an image with boxes, ``a.jpg 4,4,16,14,0 ...``."""
    name, *boxes = re.split(r"\s+(?=-?\d+(?:,-?\d+){4}(?:\s|$))", line)
    return bool(boxes) and is_image_name(name.rpartition("/")[2])


def _is_mot(line: str) -> bool:
    """Whether a line is a box of a track: frame, track, left, top, width, height and more."""
    values = line.split(",")
    return 7 <= len(values) <= 10 and values[0].isdecimal() and _is_number(" ".join(values))


def _is_wider(head: str) -> bool:
    name, count, box = [*head[:_LINES_BYTES].splitlines(), "", "", ""][:3]
    return is_image_name(name.strip()) and count.strip().isdecimal() and len(box.split()) >= 4 and _is_number(box)


def _is_number(line: str) -> bool:
    return not any(map(math.isnan, map(_parse, line.split())))


def _parse(text: str) -> float:
    """The number that a text is, NaN if it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


_JSON: Final = ("json",)
_VOTT: Final = ("json", "vott")
_LINES: Final = ("json", "jsonl", "ndjson", "manifest")
_FORMATS: Final = (
    _Format("CVAT's XML", ("xml",), _has(r"<annotations[\s>]", r"<(version|meta|image|track)[\s>]")),
    _Format("Pascal VOC", ("xml",), _is_voc, "which is not read in this place; give the folder above"),
    _Format("Datumaro's JSON", _JSON, _has(r'"categories"\s*:\s*\{', r'"items"|"label"')),
    _Format("LabelMe's JSON", _JSON, _has(r'"shapes"\s*:\s*\[', r'"(imagePath|shape_type|flags|version|points)"')),
    _Format("LabelMe's JSON", _JSON, _has(r'^\s*\{\s*"imageData"\s*:\s*("|null)')),
    _Format("FiftyOne's JSON", _JSON, _has(r'^\s*\{\s*"classes"\s*:\s*(\[|null)', r'"labels"\s*:\s*\{')),
    _Format("FiftyOne's JSON", _JSON, _has(r'"samples"\s*:\s*\[', r'"filepath"\s*:', r'"_cls"\s*:')),
    _Format("Hugging Face's metadata", _LINES, _has(r'"file_name"\s*:', r'"objects"\s*:\s*\{', r'"bbox"\s*:')),
    _Format("VGG Image Annotator's JSON", _JSON, _has(r'"_via_|"shape_attributes"|"region_attributes"')),
    _Format("VGG Image Annotator's CSV", ("csv",), _has_columns("regionshapeattributes")),
    _Format("Label Studio's JSON", _JSON, _has(r"^\s*\[", r'"(rectangle|polygon|brush|keypoint)labels"|"from_name"')),
    _Format("CreateML's JSON", _JSON, _has(r"^\s*\[", r'"annotations?"\s*:\s*\[', r'"coordinates"\s*:\s*\{')),
    _Format("Labelbox's export", _LINES, _has(r'"data_row"|"Labeled Data"|"External ID"')),
    _Format("VoTT's JSON", _VOTT, _has(r'"visitedAssets"|"lastVisitedAssetId"|"asset"\s*:\s*\{', r'"(tags|regions)"')),
    _Format("V7 Darwin's JSON", _JSON, _has(r'"annotations"\s*:\s*\[', r'"bounding_box"\s*:')),
    _Format("BDD100K's JSON", _JSON, _has(r'"(box2d|poly2d)"\s*:')),
    _Format("Cityscapes' JSON", _JSON, _has(r'"imgHeight"\s*:', r'"objects"\s*:')),
    _Format("COCO's results", _JSON, _has(r"^\s*\[", r'"image_id"\s*:', r'"category_id"\s*:', r'"score"\s*:')),
    _Format("COCO", _JSON, _is_coco, "which was not found in a place where it is read; give the file itself"),
    _Format("Ground Truth's manifest", _LINES, _has(r'"source-ref"\s*:')),
    _Format("Open Images' CSV", ("csv",), _has_columns("imageid", "labelname")),
    _Format("a table of boxes", ("csv", "tsv", "txt"), _has_columns("xmin", "ymin", "xmax", "ymax")),
    _Format("a table of boxes", ("csv", "tsv"), _has_columns("bbox")),
    _Format("a table of masks", ("csv", "tsv"), _has_columns("encodedpixels")),
    _Format("Roboflow's list of masks", ("csv",), _has_columns("pixelvalue", "class")),
    _Format("Label Studio's CSV", ("csv",), _has(r'""(rectangle|polygon|brush|keypoint)labels""')),
    _Format(
        "a YOLO label",
        ("txt",),
        _has_lines(_is_yolo),
        "and no data.yaml here names splits and classes; give the folder that has one, or write one",
    ),
    _Format("KITTI's label", ("txt",), _has_lines(_is_kitti)),
    _Format("DOTA's label", ("txt",), _has_lines(_is_dota)),
    _Format("the label of Open Images' toolkit", ("txt",), _has_lines(_is_named_box)),
    _Format("a Keras list", ("txt",), _has_lines(_is_keras)),
    _Format("MOT's list", ("txt",), _has_lines(_is_mot)),
    _Format("WIDER FACE's list", ("txt",), _is_wider),
    _Format("a TFRecord", ("tfrecord", "tfrecords", "record"), lambda _: True),
)
_EXTENSIONS: Final = frozenset(extension for one in _FORMATS for extension in one.extensions)
