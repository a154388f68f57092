"""The contract of sources: images listed cheaply, objects and pixels read on demand.

Two rules make the same data set the same points in every format:

* **Image key**: the image's path within its dataset, after the dataset's own path: ``train/street/1.jpg``. Folders
  that only a format asks for (``img``, ``images``, ``JPEGImages``) are no part of it.
* **Object key**: the id that the annotating server gave the object, where the format has one (Supervisely);
  otherwise its box, ``geometry.box_key``. COCO's annotation ids are not used: every export numbers them anew.

A box is identity enough, as an embedding is a function of pixels and box; and a class or tag edit keeps it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final, Protocol, Self, runtime_checkable

from indexer.domain import ImageLimits, InstanceMode, SourceImage, SourceObject
from indexer.errors import UnknownNameError
from indexer.sources.notes import SourceNotes

CHOSEN: Final = "asked for"
"""Why a format was taken that was not found out."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A format with the reason for it.

    Attributes:
        format: A name in ``SOURCES``.
        reason: By what it was recognised, in words.
    """

    format: str
    reason: str = CHOSEN


class ImageSource(Protocol):
    """Labelled images in one form, whatever their format.

    Listing must not open image files, so that a run over an unchanged source costs one ``stat`` a file.
    Reading is called from several threads at once.

    Attributes:
        expects: What ``recognises`` looks for, in words, for the message when no format fits.
        key: Identity of the source, the first part of every point id. For a folder its resolved path unless
            the user names one.
        project: Name shown to people.
        default_mode: ``images`` where whole images are labelled, else ``objects``.
        recognised: Its format, and by what that was recognised; set by ``open_source``.
        limits: The largest image that is read; a run sets what it was asked for.
        notes: What it declares and does not have, and what it passed over; filled while it is opened, listed and read.

    **Absence never deletes.** If something that the source declares is not there (a folder, a split, a list file), it
    is noted and its dataset marked incomplete. A run then removes nothing of that dataset. An image that is declared
    and not there is listed all the same, with the stamp ``MISSING``. Only a readable listing without the image removes
    it.
    """

    expects: ClassVar[str]
    key: str
    project: str
    default_mode: InstanceMode
    recognised: Recognised
    limits: ImageLimits
    notes: SourceNotes

    @classmethod
    def recognises(cls, path: Path) -> str | None:
        """By what ``path`` is recognised as this format, in words such as "data.yaml with names and train".

        Cheap, and None rather than an error in doubt.

        Raises:
            SourceUnavailableError: It is this format or a relative of it, and ``open`` would say this, too.
        """
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
        """Count the images that ``list_images`` yields; None if that cannot be told cheaply."""
        ...

    def describe(self, image: SourceImage) -> SourceImage:
        """The image, completed by what only its own annotation file tells (size, tags); called for changed images.

        Raises:
            AnnotationFormatError: The annotation of this image is broken; a run counts it and goes on.
        """
        ...

    def read_objects(self, image: SourceImage) -> Sequence[SourceObject]:
        """Read the annotations of one image; empty where it has none.

        An annotation that cannot be used becomes an object with a ``skip_reason``: it costs no other annotation.
        Keys may repeat where two objects have the same box; ``make_instances`` tells them apart.

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


@runtime_checkable
class ColoredSource(Protocol):
    """The further contract of a source whose classes have colours.

    Attributes:
        class_colors: Class name -> ``#rrggbb``, for the classes that have one.
    """

    @property
    def class_colors(self) -> Mapping[str, str]:
        """Class name -> ``#rrggbb``, for the classes that have one."""
        ...


@runtime_checkable
class ServerSource(Protocol):
    """The further contract of a source on a server: requests are dear, so that it is told what comes.

    Attributes:
        scope: Data sets that it covers, as ``list_images`` takes them; None if it covers the whole source.
    """

    @property
    def scope(self) -> tuple[str, ...] | None:
        """Data sets that it covers; None if it covers the whole source."""
        ...

    def keep_state_in(self, folder: Path) -> None:
        """Keep in a folder what helps the next run to ask less; losing it costs requests only."""
        ...

    def expect(self, images: Sequence[SourceImage], new_files: Collection[str], mode: InstanceMode) -> None:
        """Told which images are read next, with the keys of those whose pixels are new."""
        ...

    def close(self) -> None:
        """Give up what is under way; the source can be used again."""
        ...


def select_datasets(wanted: Iterable[str] | None, known: Sequence[str]) -> list[str]:
    """The known datasets that are wanted or nested in a wanted one, in the order of ``known``.

    Raises:
        UnknownNameError: A wanted dataset is not known.
    """
    if wanted is None:
        return list(known)
    roots = list(wanted)
    for name in roots:
        if name not in known:
            raise UnknownNameError("dataset", name, known)
    return [name for name in known if any(name == root or name.startswith(f"{root}/") for root in roots)]


def image_key(dataset: str, path: str) -> str:
    """Key of an image: its ``/``-separated path within its dataset, after the dataset's own path."""
    return f"{dataset}/{path}" if dataset else path
