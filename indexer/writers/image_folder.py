"""Classes written into an image folder: the file moves into the folder of its class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from indexer.payload import PayloadField
from indexer.points import make_point_id
from indexer.sources.image_folder import ImageFolderSource
from indexer.writers.base import Relabel, WritePlan
from indexer.writers.file_changes import FileMove, digest_file


class ImageFolderWriter:
    """Moves images between the class folders of a folder.

    Args:
        source: The open folder.

    Attributes:
        source: The open folder.
    """

    def __init__(self, source: ImageFolderSource) -> None:
        self.source = source

    @classmethod
    def open(cls, path: Path, *, source_key: str) -> Self:
        """Open a folder.

        Raises:
            SourceUnavailableError: ``path`` is no folder.
        """
        return cls(ImageFolderSource.open(path, source_key=source_key))

    def plan(self, relabels: Sequence[Relabel]) -> WritePlan:
        """Decide about every relabel; an image that lies in the wanted folder, pixel for pixel, was moved already."""
        plan, taken = WritePlan(), set[Path]()
        for relabel in relabels:
            subject = relabel.review.subject
            path = self.source.root / subject[PayloadField.IMAGE_KEY]
            target = self.source.root / relabel.class_name / path.name
            content = subject.get(PayloadField.PIXELS_HASH, "")
            class_now = None if relabel.image is None else relabel.image.class_name or ""
            if class_now is None and digest_file(target) == content:
                class_now = relabel.class_name
            if not plan.decides_to_write(relabel, class_now=class_now, path=target):
                continue
            if reason := _find_obstacle(relabel.class_name, path, target, taken):
                plan.refuse(relabel, reason)
                continue
            taken.add(target)
            plan.changes.append(FileMove(path, target, content))
            image_key = target.relative_to(self.source.root).as_posix()
            plan.write(relabel, target, moved_to=make_point_id(self.source.key, image_key, None))
        return plan


def _find_obstacle(class_name: str, path: Path, target: Path, taken: set[Path]) -> str | None:
    """Why a file cannot move into the folder of a class; None if it can."""
    if any(part.startswith(".") or not part for part in class_name.split("/")):
        return f"'{class_name}' cannot be a folder below the root; accept another class"
    if path.is_symlink():
        return f"{path} is a link, which may break when moved; move it yourself"
    if target in taken or target.exists():
        return f"there is already a file {target}; rename one of the two"
    return None
