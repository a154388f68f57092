"""Structure of a YOLO data set: its splits with their folders and list files, and the names of its classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

from indexer.sources.files import read_text, split_lines
from indexer.sources.named_files import NamedFiles
from indexer.sources.notes import SourceNotes

SPLITS: Final = ("train", "val", "valid", "validation", "minival", "test")
"""Names of splits, in a description and as folders."""


class YoloPart(NamedTuple):
    """One folder or list file of a split.

    Attributes:
        path: Absolute and normalised.
        is_list: Whether it is a file that lists images, one per line.
        problem: Why it cannot be read, None if it can.
    """

    path: str
    is_list: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class ClassNames:
    """The names of classes.

    Attributes:
        by_index: Class index -> name; empty if the data set names none.
        n_classes: How many classes there are, if only that is known.
    """

    by_index: Mapping[int, str] = field(default_factory=dict)
    n_classes: int | None = None

    def find(self, index: int) -> str | None:
        """The name of a class, the index itself in a data set without names; None for an unknown class."""
        if self.by_index:
            return self.by_index.get(index)
        return str(index) if self.n_classes is None or index < self.n_classes else None

    def __len__(self) -> int:
        return len(self.by_index) or self.n_classes or 0


@dataclass(frozen=True, slots=True)
class YoloLayout:
    """A data set's structure.

    Attributes:
        root: The folder from which image keys count, if a split is more than one folder.
        splits: Dataset name -> folders and list files of its images.
        names: Names of the classes.
        n_pose_values: Values that keypoints add to a line, 0 if there are none.
        is_beside: Whether label files always lie beside their images.
    """

    root: str
    splits: Mapping[str, Sequence[YoloPart]]
    names: ClassNames
    n_pose_values: int = 0
    is_beside: bool = False

    @property
    def stamp(self) -> str:
        """Changes whenever the same label file may mean something else."""
        facts = repr(sorted(self.names.by_index.items()))
        if self.names.n_classes or self.n_pose_values:
            facts += f" {self.names.n_classes} {self.n_pose_values}"
        return blake2b(facts.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


class Found(NamedTuple):
    """A data set that was recognised.

    Attributes:
        reason: By what, in words.
        read: Reads its structure; may raise AnnotationFormatError.
    """

    reason: str
    read: Callable[[NamedFiles, SourceNotes], YoloLayout]


def read_class_file(path: str | Path) -> dict[int, str]:
    """Class names from a text file, one per line; a blank line between others is a class named by its index.

    Raises:
        AnnotationFormatError: The file cannot be read, or is not text.
    """
    lines = [line.strip() for line in split_lines(read_text(path).rstrip())]
    return {index: name or str(index) for index, name in enumerate(lines)}
