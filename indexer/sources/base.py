"""What every source offers: images listed cheaply, objects and pixels read on demand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol, Self

from indexer.domain import InstanceMode, SourceImage, SourceObject


class ImageSource(Protocol):
    """Labelled images in one form, whatever their format.

    Listing must not open image files, so that a run over an unchanged source costs one ``stat`` a file.
    Reading is called from several threads at once.

    Attributes:
        key: Identity of the source, the first part of every point id. For a folder its resolved path unless
            the user names one.
        project: Name shown to people.
        default_mode: ``images`` where whole images are labelled, else ``objects``.
    """

    key: str
    project: str
    default_mode: InstanceMode

    @classmethod
    def recognises(cls, path: Path) -> bool:
        """Whether ``path`` looks like this format; cheap, and False rather than an error in doubt."""
        ...

    @classmethod
    def open(cls, path: Path, *, source_key: str | None = None) -> Self:
        """Open the source at ``path``.

        Raises:
            SourceUnavailableError: Nothing usable is there.
            AnnotationFormatError: A file that describes the whole source is broken.
        """
        ...

    def dataset_names(self) -> Sequence[str]:
        """Full paths of all datasets, sorted; ``[""]`` for a source that has none."""
        ...

    def list_images(self, datasets: Sequence[str] | None = None) -> Iterator[SourceImage]:
        """Yield the source images of ``datasets`` and those nested in them (all if None), in a stable order.

        Raises:
            UnknownNameError: A dataset does not exist.
        """
        ...

    def count_images(self, datasets: Sequence[str] | None = None) -> int | None:
        """How many images ``list_images`` yields, or None where that cannot be told cheaply."""
        ...

    def read_objects(self, image: SourceImage) -> Sequence[SourceObject]:
        """Read the annotations of one image; empty where it has none.

        Raises:
            AnnotationFormatError: The annotation of this image is broken; a run counts it and goes on.
        """
        ...

    def read_bytes(self, image: SourceImage) -> bytes:
        """Read the image file as it is.

        Raises:
            ImageReadError: The file is missing or cannot be read; a run counts it and goes on.
        """
        ...
