"""A folder of images, one subfolder per class; or without subfolders, images without classes.

**Splits.** Classifiers are trained from ``train/<class>/`` and ``val/<class>/``. A folder directly in the root may have
a name in ``SPLIT_NAMES``, in any case. It is a dataset and no class if it holds class folders, or if another folder of
such a name stands beside it. So one folder ``train`` of images beside ``car`` and ``bus`` is a class. Adding any folder
but a second split changes the role of none.

Archives unpack into a folder of their own. If the root has but one folder and no images, the splits in that folder are
the datasets ``archive/train`` and ``archive/val``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from os import DirEntry
from pathlib import Path
from typing import ClassVar, Final, Self

from indexer.domain import DEFAULT_LIMITS, InstanceMode, SourceImage, SourceObject
from indexer.errors import SourceUnavailableError
from indexer.sources.base import Recognised, image_key, select_datasets
from indexer.sources.files import (
    IMAGE_EXTENSIONS,
    is_folder_at,
    is_image_name,
    list_images,
    list_subfolders,
    read_image_file,
    stamp_entry,
    walk_files,
    walk_images,
)
from indexer.sources.notes import NoteKind, SourceNotes

SPLIT_NAMES: Final = frozenset(("train", "training", "val", "valid", "validation", "test", "testing"))
"""Names of folders, in lower case, that divide a data set; a number may follow, as in ``val2017`` and ``test1``."""

_OTHER_IMAGES: Final = (
    frozenset(("heic", "heif", "jxl", "svg", "psd", "exr", "hdr", "dcm", "dng", "cr2", "cr3", "nef", "arw", "tga"))
    - IMAGE_EXTENSIONS
)
_DATA_EXTENSIONS: Final = frozenset(("csv", "tsv", "json", "jsonl", "ndjson", "xml", "yaml", "yml", "parquet", "txt"))
_MAX_NAMED: Final = 5
_MAX_WRAPPERS: Final = 4


class ImageFolderSource:
    """Images whose class is the path of their folder below the root or their split, ``animals/cats``.

    Images that lie directly in the root or in a split have no class.

    Args:
        root: The folder.
        key: Identity of the source.
    """

    expects: ClassVar[str] = "a folder with image files, one subfolder per class, and no annotation files"
    default_mode = InstanceMode.IMAGES
    recognised = Recognised("image_folder")
    limits = DEFAULT_LIMITS

    def __init__(self, root: Path, key: str) -> None:
        self.root, self.key, self.project = root, key, root.name
        self.notes = SourceNotes()
        self._splits = _find_splits(root)

    @classmethod
    def recognises(cls, path: Path) -> str | None:
        """A folder with an image anywhere below it."""
        if not is_folder_at(path) or next(walk_images(path), None) is None:
            return None
        splits = _find_splits(path)
        folders = [entry.name for entry in list_subfolders(path) if entry.name not in splits]
        found = [f"the splits {', '.join(splits)}"] if splits else []
        found += [f"the folders {_name_some(folders)}"] if folders else []
        return f"images{' in ' if found else ''}{' and '.join(found)}, and no annotation file of a known kind"

    @classmethod
    def open(cls, path: Path, *, source_key: str | None = None) -> Self:
        """Open a folder; one without images is an empty source.

        Raises:
            SourceUnavailableError: ``path`` is no folder, or may not be read.
        """
        if not is_folder_at(path):
            raise SourceUnavailableError(f"{path} is not a folder; give the folder that holds the images")
        root = path.resolve()
        return cls(root, source_key or str(root))

    def dataset_names(self) -> Sequence[str]:
        """The splits, sorted, after ``""`` for images outside them; ``[""]`` if there are no splits."""
        return [*([""] if not self._splits or _has_images_without(self.root, self._splits) else []), *self._splits]

    def list_images(self, datasets: Sequence[str] | None = None) -> Iterator[SourceImage]:
        """Yield images folder by folder, sorted by name.

        Raises:
            UnknownNameError: A dataset does not exist.
        """
        wanted = set(select_datasets(datasets, self.dataset_names()))
        empty = wanted.intersection(self._splits)
        for folder, entry in walk_files(self.root, on_unreachable=self._note_unreachable):
            dataset, class_name = self.place_of(folder)
            if dataset not in wanted:
                continue
            if not is_image_name(entry.name):
                self._note_passed_over(entry)
                continue
            empty.discard(dataset)
            yield SourceImage(
                key=image_key(folder, entry.name),
                name=entry.name,
                dataset=dataset,
                locator=entry.path,
                pixels_stamp=stamp_entry(entry),
                annotation_stamp=folder,
                class_name=class_name,
            )

        for split in sorted(empty):
            self.notes.add_missing_part(split, f"{self.root / split} holds no images; is its disk mounted?")

    def count_images(self, datasets: Sequence[str] | None = None) -> int | None:
        """Count the images; lists folders, but no file's facts."""
        wanted = set(select_datasets(datasets, self.dataset_names()))
        return sum(1 for folder, _ in walk_images(self.root) if self.place_of(folder)[0] in wanted)

    def describe(self, image: SourceImage) -> SourceImage:
        """The image as it is: listing has told everything."""
        return image

    def read_objects(self, image: SourceImage) -> Sequence[SourceObject]:  # noqa: ARG002 - the protocol's argument
        """Nothing: whole images are labelled."""
        return ()

    def read_bytes(self, image: SourceImage) -> bytes:
        """Read the image file.

        Raises:
            ImageReadError: The file is missing or cannot be read.
        """
        return read_image_file(image.locator, max_bytes=self.limits.max_bytes)

    def place_of(self, folder: str) -> tuple[str, str | None]:
        """Dataset and class of the images in a folder, given by its ``/``-separated path below the root."""
        for split in self._splits:
            if folder == split or folder.startswith(f"{split}/"):
                return split, folder[len(split) + 1 :] or None
        return "", folder or None

    def folder_of(self, dataset: str, class_name: str) -> Path:
        """The folder of a class of a dataset, the inverse of ``place_of``."""
        return self.root / dataset / class_name

    def _note_unreachable(self, folder: str) -> None:
        self.notes.add_missing_part("", f"{folder} cannot be looked into, as its path is too long; move it up")

    def _note_passed_over(self, entry: DirEntry[str]) -> None:
        extension = entry.name.rpartition(".")[2].lower()
        if extension in _OTHER_IMAGES:
            self.notes.add(NoteKind.IGNORED_FILE, f"{entry.path}: images of this kind are not read; convert it")
        elif extension in _DATA_EXTENSIONS:
            self.notes.add(NoteKind.IGNORED_FILE, f"{entry.path}: an image folder has no annotations")


def has_split_name(name: str) -> bool:
    """Whether a folder is named like a split: ``train``, ``Val``, ``test1``, ``train2017``."""
    return name.lower().rstrip("0123456789") in SPLIT_NAMES


def _find_splits(root: Path) -> tuple[str, ...]:
    """Paths below the root of the folders that are datasets, sorted: in the root, or in the only folder of it."""
    folder, below = root, ""
    for _ in range(_MAX_WRAPPERS):
        folders = list_subfolders(folder)
        named = [entry for entry in folders if has_split_name(entry.name)]
        found = [entry.name for entry in named if len(named) > 1 or _has_class_folders(entry.path)]
        if found or len(folders) != 1 or list_images(folder):
            return tuple(image_key(below, name) for name in found)
        folder, below = Path(folders[0].path), image_key(below, folders[0].name)
    return ()


def _has_class_folders(folder: str) -> bool:
    return any(next(walk_images(entry.path), None) is not None for entry in list_subfolders(folder))


def _has_images_without(root: Path, splits: Sequence[str]) -> bool:
    """Whether there are images outside the splits, which lie in one folder."""
    names = [split.rpartition("/")[2] for split in splits]
    beside = walk_files(root / splits[0].rpartition("/")[0], without=names)
    return any(is_image_name(entry.name) for _, entry in beside)


def _name_some(names: Sequence[str]) -> str:
    listed = ", ".join(names[:_MAX_NAMED])
    return listed if len(names) <= _MAX_NAMED else f"{listed} and {len(names) - _MAX_NAMED} more"
