"""A folder of images, one subfolder a class; or without subfolders, images without classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Self

from indexer.domain import InstanceMode, SourceImage, SourceObject
from indexer.errors import SourceUnavailableError
from indexer.sources.base import Recognised, image_key, select_datasets
from indexer.sources.files import read_image_file, stamp_entry, walk_images
from indexer.sources.notes import SourceNotes


class ImageFolderSource:
    """Images whose class is the path of their folder below the root, ``animals/cats``; none for those in the root.

    Args:
        root: The folder.
        key: Identity of the source.
    """

    expects: ClassVar[str] = "a folder with image files, one subfolder a class"
    default_mode = InstanceMode.IMAGES
    recognised = Recognised("image_folder")

    def __init__(self, root: Path, key: str) -> None:
        self.root, self.key, self.project = root, key, root.name
        self.notes = SourceNotes()

    @classmethod
    def recognises(cls, path: Path) -> str | None:
        """A folder with an image anywhere below it."""
        has_images = path.is_dir() and next(walk_images(path), None) is not None
        return "a folder of images" if has_images else None

    @classmethod
    def open(cls, path: Path, *, source_key: str | None = None) -> Self:
        """Open a folder; one without images is an empty source.

        Raises:
            SourceUnavailableError: ``path`` is no folder.
        """
        if not path.is_dir():
            raise SourceUnavailableError(f"{path} is not a folder; give the folder that holds the images")
        root = path.resolve()
        return cls(root, source_key or str(root))

    def dataset_names(self) -> Sequence[str]:
        """One nameless dataset: subfolders are classes."""
        return [""]

    def list_images(self, datasets: Sequence[str] | None = None) -> Iterator[SourceImage]:
        """Yield images folder by folder, sorted by name.

        Raises:
            UnknownNameError: A dataset is asked for by name.
        """
        select_datasets(datasets, self.dataset_names())
        for folder, entry in walk_images(self.root):
            yield SourceImage(
                key=image_key(folder, entry.name),
                name=entry.name,
                dataset="",
                locator=entry.path,
                pixels_stamp=stamp_entry(entry),
                annotation_stamp=folder,
                class_name=folder or None,
            )

    def count_images(self, datasets: Sequence[str] | None = None) -> int | None:
        """How many images there are; lists folders, but no file's facts."""
        select_datasets(datasets, self.dataset_names())
        return sum(1 for _ in walk_images(self.root))

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
        return read_image_file(image.locator)
