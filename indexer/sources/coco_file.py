"""One COCO JSON file, grouped by image. What is odd in it costs the image or the annotation that it is about."""

from __future__ import annotations

import marshal
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from indexer.errors import AnnotationFormatError
from indexer.sources.base import image_key
from indexer.sources.coco_ids import ById, show_value
from indexer.sources.files import UNREACHABLE, read_json, stamp_file
from indexer.sources.notes import NoteKind, SourceNotes

_SECTIONS: Final = ("images", "annotations", "categories")
_MAX_NAME: Final = 4096
"""Characters of a file name; no system takes longer paths."""
_MAX_SIDE_PX: Final = 1 << 24


@dataclass(slots=True, eq=False)
class CocoImage:
    """One image of a JSON file with its annotations.

    Attributes:
        facts: Its entry, or the first of several for one file name.
        name: Its file name with ``/`` between folders.
        annotations: Its annotations, in the file's order.
        problem: Why it cannot be used.
    """

    facts: Mapping[str, Any]
    name: str
    annotations: list[Mapping[str, Any]] = field(default_factory=list)
    problem: str | None = None

    @property
    def size_hw(self) -> tuple[int, int] | None:
        """Height and width that the file states; None if it states no sound ones."""
        height, width = _side(self.facts.get("height")), _side(self.facts.get("width"))
        return None if height is None or width is None else (height, width)

    @property
    def url(self) -> str | None:
        """Where the image is to be had, if the file says so."""
        urls = (self.facts.get(name) for name in ("coco_url", "flickr_url", "file_name"))
        return next((url for url in urls if isinstance(url, str) and url.startswith(("http://", "https://"))), None)


@dataclass(frozen=True, slots=True)
class CocoFile:
    """One JSON file.

    Attributes:
        path: The file.
        label: Its name in messages, with that of its folder if the folder names the dataset.
        categories: Class names by category id.
        images: Image key -> image.
        annotations: All annotations as they stand in the file.
        has_objects: Whether the file tells what is in its images. It does not if it has no annotations or only
            captions, or if all of them are of images that it does not list.
    """

    path: Path
    label: str
    categories: ById[str]
    images: Mapping[str, CocoImage]
    annotations: list[Any]
    has_objects: bool

    def class_name(self, annotation: Mapping[str, Any]) -> str | None:
        """Class of an annotation, None if its category is not known."""
        return self.categories.find(annotation.get("category_id"))

    def stamp(self, image: CocoImage) -> str:
        """Changes with the annotations of an image, and with the names of their categories."""
        if not self.has_objects:
            return UNREACHABLE
        find = self.categories.find
        names = [find(annotation.get("category_id")) for annotation in image.annotations]
        facts = (image.facts.get("height"), image.facts.get("width"), image.annotations, names)
        try:
            # Version 2 is the last that writes equal values as equal bytes; four times as fast as JSON.
            content = marshal.dumps(facts, 2)
        except ValueError:  # nested too deep for it
            content = stamp_file(self.path).encode()
        return blake2b(content, digest_size=8).hexdigest()


def read_coco_file(path: Path, dataset: str, others: Collection[str], notes: SourceNotes) -> CocoFile:
    """Read a JSON file.

    Args:
        path: The file.
        dataset: Its dataset.
        others: The other datasets of the source.
        notes: Told of what cannot be used.

    Raises:
        AnnotationFormatError: It cannot be read, or has not the sections of a COCO file.
    """
    content = read_json(path)
    if not isinstance(content, dict) or not content.keys() & {"annotations", "categories"}:
        raise _no_coco(path, "it has neither 'annotations' nor 'categories'")
    entries, annotations, categories = (_section(path, content, name) for name in _SECTIONS)
    if "images" not in content or ("categories" not in content and any(map(_has_category, annotations))):
        raise _no_coco(path, f"it has no '{'categories' if 'images' in content else 'images'}'")
    by_id: ById[CocoImage] = ById()
    label = f"{dataset}/{path.name}" if path.parent.name == dataset else path.name
    images = _gather_images(label, entries, by_id, needs_ids=bool(annotations))
    keys = _make_keys(images.keys(), dataset, others)
    n_used = 0
    if reason := _find_no_objects(content):
        notes.add(NoteKind.NO_OBJECTS, f"{label}: {reason}")
    else:
        n_used = _deal_out(label, annotations, by_id, notes)
    return CocoFile(
        path,
        label,
        read_categories(categories),
        {image_key(dataset, keys[name]): image for name, image in images.items()},
        annotations,
        has_objects=n_used > 0 or (not reason and not annotations),
    )


def _no_coco(path: Path, reason: str) -> AnnotationFormatError:
    return AnnotationFormatError(
        f"{path} is no COCO file: {reason}; expected lists 'images', 'annotations' and 'categories'"
    )


def _section(path: Path, content: Mapping[str, Any], name: str) -> list[Any]:
    section = content.get(name, [])
    if not isinstance(section, list):
        raise _no_coco(path, f"its '{name}' is {show_value(section)}, not a list")
    return section


def _has_category(annotation: Any) -> bool:
    return isinstance(annotation, dict) and "category_id" in annotation


def _find_no_objects(content: Mapping[str, Any]) -> str | None:
    """Why a file tells of no objects, None if it does."""
    if "annotations" not in content:
        return "it has no 'annotations'"
    if "categories" in content or not content["annotations"]:
        return None
    return f"its {len(content['annotations'])} annotations have no classes; they may be captions"


def _gather_images(
    label: str, entries: Iterable[Any], by_id: ById[CocoImage], *, needs_ids: bool
) -> dict[str, CocoImage]:
    """The images by file name in one spelling; entries with the same file name are one image.

    An entry without a usable name gets one that no file can have.
    """
    images: dict[str, CocoImage] = {}
    for position, entry in enumerate(entries):
        facts = entry if isinstance(entry, dict) else {}
        raw, problem = _find_name(facts)
        if problem is None:
            image = images.setdefault(_normalize(raw), CocoImage(facts, raw))
        else:
            raw = f"images[{position}]"
            image = images[f"//{raw}"] = CocoImage(facts, raw, problem=f"{raw} in {label} {problem}")
        if not by_id.add(facts.get("id"), image) and needs_ids and image.problem is None:
            image.problem = f"its id in {label} is {show_value(facts.get('id'))}; its annotations cannot be found"
    return images


def _find_name(facts: Mapping[str, Any]) -> tuple[str, str | None]:
    """The file name of an image and why it cannot be used; LVIS gives it within ``coco_url``."""
    name = facts.get("file_name")
    if name is None and isinstance(facts.get("coco_url"), str):
        name = "/".join(facts["coco_url"].split("?")[0].split("/")[3:][-2:])
    if not isinstance(name, str) or not name.strip("./\\ "):
        return "", f"has the file_name {show_value(name)}; give it one"
    if len(name) > _MAX_NAME:
        return "", f"has a file_name of {len(name)} characters, which no file has"
    return name, None


def _normalize(name: str) -> str:
    """A name with ``/`` between folders, without ``.``, ``..`` and empty parts as far as they can be resolved."""
    plain = name.replace("\\", "/")
    if "/" not in plain:
        return plain
    parts: list[str] = []
    for part in plain.split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return ("/" if plain.startswith("/") else "") + "/".join(parts)


def _make_keys(names: Collection[str], dataset: str, others: Collection[str]) -> dict[str, str]:
    """Name -> path within the dataset, a different one for each name.

    A path is the name without the folders that exporters put before it. Where that is another image's name or path
    too, both keep theirs whole: ``images/1.png`` and ``1.png`` are two images. A path that leads into another dataset,
    whose images it must not share keys with, begins with ``./``.
    """
    short = {name: _without_export_folders(name, dataset) for name in names}
    n_images = Counter(short.values())
    nested = tuple(f"{other}/" for other in others if other.startswith(f"{dataset}/" if dataset else ""))
    keys = {}
    for name, path in short.items():
        is_free = n_images[path] == 1 and (path == name or path not in short)
        chosen = path if is_free else name
        keys[name] = f"./{chosen}" if nested and image_key(dataset, chosen).startswith(nested) else chosen
    return keys


def _without_export_folders(name: str, dataset: str) -> str:
    if name.startswith("//"):
        return name
    path = name.lstrip("/").removeprefix("images/")
    return path.removeprefix(f"{dataset}/") if dataset else path


def _deal_out(label: str, annotations: Iterable[Any], by_id: ById[CocoImage], notes: SourceNotes) -> int:
    """Give each image its annotations.

    Returns:
        How many annotations are of an image that the file lists.
    """
    n_used, find = 0, by_id.find
    for position, annotation in enumerate(annotations):
        if not isinstance(annotation, dict):
            which = f"{label}: annotations[{position}]"
            notes.add(NoteKind.BROKEN_ANNOTATION, f"{which} is {show_value(annotation)}, not an object")
            continue
        image_id = annotation.get("image_id")
        image = find(image_id)
        if image is not None:
            image.annotations.append(annotation)
            n_used += 1
        elif rivals := by_id.rivals(image_id):
            _mark_rivals(label, rivals, image_id)
            n_used += 1
        else:
            which = f"{label}: annotation {show_value(annotation.get('id'))}"
            notes.add(NoteKind.UNKNOWN_IMAGE, f"{which} is of image {show_value(image_id)}")
    return n_used


def _mark_rivals(label: str, rivals: Iterable[CocoImage], image_id: Any) -> None:
    """Say of images that share an id that nobody can tell whose annotations are whose."""
    for image in rivals:
        if image.problem is None:
            image.problem = f"{label} gives its id {show_value(image_id)} to another image too; number them anew"


def read_categories(categories: Iterable[Any]) -> ById[str]:
    """Class names by category id; a category without a name or an id is left out."""
    by_id: ById[str] = ById()
    for category in categories:
        name = category.get("name") if isinstance(category, dict) else None
        if isinstance(name, int | float) and not isinstance(name, bool):
            name = str(name)
        if isinstance(name, str) and name:
            by_id.add(category.get("id"), name)
    return by_id


def _side(pixels: Any) -> int | None:
    """A side of an image in pixels, None if it is none."""
    if type(pixels) not in (int, float) or not 0 < pixels <= _MAX_SIDE_PX or int(pixels) != pixels:
        return None
    return int(pixels)
