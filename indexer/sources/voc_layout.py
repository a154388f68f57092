"""Where a Pascal VOC data set keeps its XML files and its images, and which belong together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby, islice
from os import DirEntry
from pathlib import Path
from typing import Final
from unicodedata import normalize
from xml.sax.saxutils import unescape

from indexer.sources.base import image_key
from indexer.sources.files import (
    MISSING,
    UNREACHABLE,
    is_image_name,
    list_folder,
    list_images,
    list_subfolders,
    peek,
    stamp_entry,
    walk_files,
    walk_images,
)
from indexer.sources.image_folder import has_split_name
from indexer.sources.notes import NoteKind, SourceNotes

ANNOTATIONS_FOLDER: Final = "Annotations"
IMAGES_FOLDER: Final = "JPEGImages"
_ANNOTATION_FOLDERS: Final = ("annotations", "annotation", "xmls", "xml", "labels", "label")
_IMAGE_FOLDERS: Final = ("jpegimages", "images", "image", "imgs", "img")
_OTHER_FOLDERS: Final = frozenset(("imagesets", "segmentationclass", "segmentationobject"))
_MAX_DEPTH: Final = 2  # VOCdevkit/VOC2007/Annotations
_MAX_PEEKS: Final = 20
_ROOT: Final = re.compile(r"<annotation[\s>/]")
_FILE_NAME: Final = re.compile(r"<filename>([^<]*)</filename>")


@dataclass(frozen=True, slots=True)
class VocImage:
    """An image file with its annotation file.

    Attributes:
        path: Its ``/``-separated path within the image folder.
        entry: The image file.
        annotation: Its XML file, None if it has none.
        annotation_stamp: The stamp of that, else ``MISSING`` or ``UNREACHABLE``.
    """

    path: str
    entry: DirEntry[str]
    annotation: str | None
    annotation_stamp: str


@dataclass(frozen=True, slots=True)
class VocFolder:
    """One data set.

    Attributes:
        root: Its folder.
        images: The folder of its images, None if that is not there; ``root`` if they lie in no folder of their own.
        annotations: The folder of its XML files, None if that is not there.
    """

    root: Path
    images: Path | None
    annotations: Path | None

    def annotation_path(self, path: str) -> str:
        """The usual XML file of an image, given by its path within the image folder."""
        return f"{self.annotations or self.root / ANNOTATIONS_FOLDER}/{_stem(path)}.xml"

    def walk_images(self) -> Iterator[tuple[str, DirEntry[str]]]:
        """Yield every image with the path of its folder within the image folder."""
        if self.images is None:
            return
        without: list[str] = []
        if self.images == self.root:
            without = [entry.name for entry in list_subfolders(self.root) if entry.name.lower() in _OTHER_FOLDERS]
        for below, entry in walk_files(self.images, without=without):
            if is_image_name(entry.name):
                yield below, entry

    def list_images(self, dataset: str, notes: SourceNotes) -> Iterator[VocImage]:
        """Yield the images, those without an XML file of the same path last; note what is missing.

        Args:
            dataset: Its name.
            notes: Told what is missing.
        """
        matcher = _Matcher(_find_xml_files(self.annotations))
        waiting: list[tuple[str, DirEntry[str]]] = []
        for below, entries in groupby(self.walk_images(), key=lambda found: found[0]):
            for image in matcher.match_folder(below, [entry for _, entry in entries]):
                if image.annotation is None:
                    waiting.append((below, image.entry))
                else:
                    yield image
        yield from matcher.match_others(waiting, notes)
        self._note_missing(dataset, notes, matcher)

    def _note_missing(self, dataset: str, notes: SourceNotes, matcher: _Matcher) -> None:
        if not matcher.n_images:
            where = self.images or (self.root if self.annotations == self.root else self.root / IMAGES_FOLDER)
            notes.add_missing_part(dataset, f"{where} holds no images; is its disk mounted?")
        elif not matcher.files:
            where = self.annotations or (self.root if self.images == self.root else self.root / ANNOTATIONS_FOLDER)
            notes.add(NoteKind.NO_LABEL_FOLDER, f"{where} holds no XML files; is its disk mounted?")
            notes.mark_incomplete(dataset)
        for below in matcher.find_lost_folders():
            notes.add_missing_part(
                dataset, f"{image_key(str(self.images), below)} holds no images; is its disk mounted?"
            )
        for path in matcher.unused:
            notes.add(NoteKind.UNKNOWN_IMAGE, f"{path}: there is no image of its name")


@dataclass(slots=True)
class _Matcher:
    """Finds the XML file of each image.

    Attributes:
        files: XML file by its path without extension, within the annotation folder.
        unused: Paths of XML files that belong to no image, once all images are matched.
        n_images: Images so far.
    """

    files: Mapping[str, DirEntry[str]]
    unused: list[str] = field(default_factory=list)
    n_images: int = 0
    _used: set[str] = field(default_factory=set)
    _image_folders: set[str] = field(default_factory=set)
    _labelled_folders: set[str] = field(default_factory=set)

    def match_folder(self, below: str, entries: list[DirEntry[str]]) -> Iterator[VocImage]:
        """Match the images of one folder with the XML files of the same path."""
        self.n_images += len(entries)
        self._image_folders.add(below)
        stems = Counter(_stem(entry.name) for entry in entries)
        for entry in entries:
            stem = _stem(entry.name)
            key = image_key(below, stem)
            found = self.files.get(key)
            if found is not None and stems[stem] > 1 and not _is_meant(entry.name, found, entries):
                found = None
            if found is not None:
                self._used.add(key)
                self._labelled_folders.add(below)
            yield _make_image(below, entry, found)

    def match_others(self, images: list[tuple[str, DirEntry[str]]], notes: SourceNotes) -> Iterator[VocImage]:
        """Match images by what else their XML file may be called, if just one unused file fits; note the others."""
        left = {key: entry for key, entry in self.files.items() if key not in self._used}
        found: dict[int, str] = {}
        if images and left:
            by_name = _index_by_name(left)
            for spell in (_same_name, _same_stem):
                self._claim(images, by_name, spell, found)
        for position, key in found.items():
            below, entry = images[position]
            self._labelled_folders.add(below)
            notes.add(NoteKind.OTHER_SPELLING, f"{left[key].path} is about {entry.path}")
        for position, (below, entry) in enumerate(images):
            annotation = left[found[position]] if position in found else None
            if annotation is None and self.files:
                notes.add(NoteKind.NO_LABEL_FILE, entry.path)
            yield _make_image(below, entry, annotation, is_reachable=below in self._labelled_folders)
        self.unused = [entry.path for key, entry in self.files.items() if key not in self._used]

    def find_lost_folders(self) -> list[str]:
        """Folders without images whose XML files belong to no image; none if there are no images at all."""
        if not self.n_images:
            return []
        without = {_folder_of(key): entry.path for key, entry in self.files.items() if key not in self._used}
        known = self._image_folders | {_folder_of(key) for key in self._used}
        return sorted(below for below, path in without.items() if below not in known and is_voc_xml(path))

    def _claim(
        self,
        images: list[tuple[str, DirEntry[str]]],
        by_name: Mapping[str, str | None],
        spell: Callable[[str], str],
        found: dict[int, str],
    ) -> None:
        """Give each unused XML file to the one image that it fits, by place in ``images``; to none if to several."""
        claims: dict[str, list[int]] = {}
        for position, (_, entry) in enumerate(images):
            key = None if position in found else by_name.get(spell(entry.name))
            if key is not None and key not in self._used:
                claims.setdefault(key, []).append(position)
        for key, positions in claims.items():
            if len(positions) == 1:
                found[positions[0]] = key
                self._used.add(key)


def find_datasets(root: Path, *, depth: int = _MAX_DEPTH) -> dict[str, VocFolder]:
    """Data sets by the path of their folder below ``root``, sorted; ``""`` for the root itself.

    A split beside them that has lost its images or its XML files is one, too: their disk may not be mounted.
    """
    if (here := _look_at(root)) is not None:
        return {"": here}
    folders = list_subfolders(root) if depth else []
    below = {entry.name: find_datasets(Path(entry.path), depth=depth - 1) for entry in folders}
    if any(below.values()):
        lost = ((entry.name, _look_for_rest(Path(entry.path))) for entry in folders if not below[entry.name])
        below |= {name: {"": rest} for name, rest in lost if rest is not None}
    found = {image_key(name, path).rstrip("/"): one for name, inner in below.items() for path, one in inner.items()}
    return dict(sorted(found.items()))


def find_passed_over(root: Path, datasets: Iterable[str]) -> list[str]:
    """The root and the folders in it whose images belong to no dataset."""
    tops = {name.partition("/")[0] for name in datasets}
    if "" in tops:
        return []
    found = [str(root)] if list_images(root) else []
    others = (entry.path for entry in list_subfolders(root) if entry.name not in tops)
    return found + [path for path in others if next(walk_images(path), None) is not None]


def is_voc_xml(path: str | Path) -> bool:
    """Whether an XML file begins like an annotation of Pascal VOC."""
    return _ROOT.search(peek(path)) is not None


def _look_at(folder: Path) -> VocFolder | None:
    """The data set in a folder, None if there is none."""
    entries = list_folder(folder)
    subfolders = {entry.name: Path(entry.path) for entry in list_subfolders(folder)}
    images = _pick(subfolders, IMAGES_FOLDER, _IMAGE_FOLDERS)
    annotations = _find_annotations(subfolders) or _find_unmistakable(subfolders, images)
    if annotations is not None:
        return VocFolder(folder, images or _find_other_images(folder, annotations), annotations)
    has_images = any(is_image_name(entry.name) for entry in entries)
    if (has_images or images is not None) and _holds_voc_xml(entries):
        return VocFolder(folder, folder if has_images else images, folder)
    if images is None or images.name.lower() != IMAGES_FOLDER.lower() or _holds_voc_xml(list_folder(images)):
        return None
    return VocFolder(folder, images, None)


def _look_for_rest(folder: Path) -> VocFolder | None:
    """The rest of the data set in a folder beside others: XML files alone, or the images of a split."""
    if _holds_voc_xml(list_folder(folder)):
        return VocFolder(folder, None, folder)
    if not has_split_name(folder.name) or next(walk_images(folder), None) is None:
        return None
    images = _pick({entry.name: Path(entry.path) for entry in list_subfolders(folder)}, IMAGES_FOLDER, _IMAGE_FOLDERS)
    return VocFolder(folder, images or folder, None)


def _holds_voc_xml(entries: Iterable[DirEntry[str]]) -> bool:
    files = (entry.path for entry in entries if entry.name.lower().endswith(".xml"))
    return any(map(is_voc_xml, islice(files, _MAX_PEEKS)))


def _pick(subfolders: Mapping[str, Path], exact: str, names: tuple[str, ...]) -> Path | None:
    """The folder with the first of the names, in any case; the usual spelling first."""
    if exact in subfolders:
        return subfolders[exact]
    return next((path for wanted in names for name, path in subfolders.items() if name.lower() == wanted), None)


def _find_annotations(subfolders: Mapping[str, Path]) -> Path | None:
    """The folder that holds XML files of Pascal VOC."""
    named = [path for wanted in _ANNOTATION_FOLDERS for name, path in subfolders.items() if name.lower() == wanted]
    for folder in named:
        if _holds_voc_xml(entry for _, entry in walk_files(folder)):
            if any(entry.name.lower().endswith(".xml") for entry in list_folder(folder)):
                return folder
            inner = _find_annotations({entry.name: Path(entry.path) for entry in list_subfolders(folder)})
            return inner or folder  # annotations/xmls
    return None


def _find_unmistakable(subfolders: Mapping[str, Path], images: Path | None) -> Path | None:
    """The folder that is named as in Pascal VOC, though it is empty or its files are broken."""
    named = _pick(subfolders, ANNOTATIONS_FOLDER, _ANNOTATION_FOLDERS[:1])
    if named is None or images is None:
        return None
    if images.name.lower() == IMAGES_FOLDER.lower():
        return named
    is_exact = named.name == ANNOTATIONS_FOLDER
    return named if is_exact and all(entry.name.lower().endswith(".xml") for entry in list_folder(named)) else None


def _find_other_images(folder: Path, annotations: Path) -> Path | None:
    """The data set's own folder, if its images lie anywhere in it; None if there are none."""
    has_images = next(VocFolder(folder, folder, annotations).walk_images(), None) is not None
    return folder if has_images else None


def _find_xml_files(folder: Path | None) -> dict[str, DirEntry[str]]:
    """XML files by their path without extension below a folder."""
    files: dict[str, DirEntry[str]] = {}
    for below, entry in () if folder is None else walk_files(folder):
        if entry.name.lower().endswith(".xml"):
            files.setdefault(image_key(below, _stem(entry.name)), entry)
    return files


def _folder_of(key: str) -> str:
    return key.rpartition("/")[0]


def _stem(name: str) -> str:
    return name.rpartition(".")[0]


def _same_name(name: str) -> str:
    """A file name, equal for all spellings of it that file systems take for the same."""
    return normalize("NFC", name).casefold()


def _same_stem(name: str) -> str:
    """The same of a file name without its extension."""
    return _same_name(_stem(name))


def _index_by_name(files: Mapping[str, DirEntry[str]]) -> dict[str, str | None]:
    """Key of the XML file by file name or stem of the image that it may be about; None if several may be."""
    found: dict[str, str | None] = {}
    for key, entry in files.items():
        for name in {_same_stem(entry.name), _same_name(_stated_name(entry.path))} - {""}:
            found[name] = None if name in found else key
    return found


def _stated_name(path: str) -> str:
    """The image's name as the XML file states it, without folders; empty if it does not."""
    stated = _FILE_NAME.search(peek(path))
    return "" if stated is None else unescape(stated[1]).strip().replace("\\", "/").rpartition("/")[2]


def _is_meant(name: str, annotation: DirEntry[str], entries: Iterable[DirEntry[str]]) -> bool:
    """Whether an image may be the one of an XML file, where several images have its stem: it, or none, is named."""
    stated = _stated_name(annotation.path)
    return stated == name or all(entry.name != stated for entry in entries)


def _make_image(
    below: str, entry: DirEntry[str], found: DirEntry[str] | None, *, is_reachable: bool = True
) -> VocImage:
    path = image_key(below, entry.name)
    if found is None:
        return VocImage(path, entry, None, MISSING if is_reachable else UNREACHABLE)
    return VocImage(path, entry, found.path, stamp_entry(found))
