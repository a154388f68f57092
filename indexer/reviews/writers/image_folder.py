"""Classes written into an image folder: the file moves into the folder of its class, within its dataset."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from indexer.payload import PayloadField
from indexer.points import make_point_id
from indexer.reviews.writers.base import Relabel, WritePlan
from indexer.reviews.writers.file_changes import FileMove, digest_file
from indexer.sources.files import list_folder, list_subfolders
from indexer.sources.image_folder import ImageFolderSource, has_split_name

_MAX_NAME_BYTES: Final = 255
"""Of one file or folder, on the usual file systems."""
_MAX_PATH_BYTES: Final = 4095


class ImageFolderWriter:
    """Moves images between the class folders of a folder or of one of its datasets.

    Args:
        source: The open folder.

    Attributes:
        source: The open folder.
    """

    def __init__(self, source: ImageFolderSource) -> None:
        self.source = source
        self._datasets = {name for name in source.dataset_names() if name}
        self._listed: dict[Path, set[str]] = {}
        self._splits = {folder.name for folder in list_subfolders(source.root) if has_split_name(folder.name)}

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
            image = relabel.image  # under another key, if an earlier run moved it
            path = self.source.root / (subject[PayloadField.IMAGE_KEY] if image is None else image.key)
            dataset = subject.get(PayloadField.DATASET, "") if image is None else image.dataset
            target = self.source.root / dataset / relabel.class_name / path.name
            content = subject.get(PayloadField.PIXELS_HASH, "")
            class_now = None if image is None else image.class_name or ""
            reason = self._find_bad_name(dataset, relabel.class_name)
            if class_now is None and not reason and digest_file(target) == content:
                class_now = relabel.class_name
            if not plan.decides_to_write(relabel, class_now=class_now, path=target):
                continue
            if reason := reason or self._find_obstacle(path, target, taken):
                plan.refuse(relabel, reason)
                continue
            taken.add(target)
            plan.changes.append(FileMove(path, target, content))
            image_key = target.relative_to(self.source.root).as_posix()
            plan.write(relabel, target, moved_to=make_point_id(self.source.key, image_key, None))
        return plan

    def _find_bad_name(self, dataset: str, class_name: str) -> str | None:
        """Why a class cannot be a folder of a dataset, None if it can."""
        parts = class_name.split("/")
        if "\0" in class_name or any(part.startswith(".") or not part for part in parts):
            return f"'{class_name}' cannot be a folder below the root; accept another class"
        if any(len(os.fsencode(part)) > _MAX_NAME_BYTES for part in parts):
            return f"'{class_name[:40]}...' is too long for the name of a folder; accept another class"
        if not dataset and any("/" in name for name in self._datasets):
            return f"a folder '{parts[0]}' here may make classes of the splits; move the image yourself"
        if not dataset and self._makes_dataset(parts):
            return f"a folder '{parts[0]}' here is a dataset and no class; accept another class"
        return None

    def _makes_dataset(self, parts: Sequence[str]) -> bool:
        """Whether a folder directly in the root would be no class."""
        is_split = has_split_name(parts[0]) and (len(parts) > 1 or bool(self._splits - {parts[0]}))
        return is_split or parts[0] in self._datasets

    def _find_obstacle(self, path: Path, target: Path, taken: set[Path]) -> str | None:
        """Why a file cannot move to its target; None if it can."""
        if path.resolve() != path:
            return f"{path} is a link or lies behind one, which may break when it is moved; move it yourself"
        folder = target.parent
        if len(os.fsencode(target)) > _MAX_PATH_BYTES:
            return f"the path of {path.name} would be too long there; accept another class"
        while folder != self.source.root:
            if os.path.lexists(folder) and (folder.is_symlink() or not folder.is_dir()):
                return f"{folder} is a {'link' if folder.is_symlink() else 'file'}, not a folder; move {path} yourself"
            if folder.exists() and folder.name not in self._names_in(folder.parent):
                return f"this disk takes {folder} for a folder of another spelling; accept the class that it has"
            folder = folder.parent
        if target in taken or os.path.lexists(target):
            return f"there is already a file {target}; rename one of the two"
        return None

    def _names_in(self, folder: Path) -> set[str]:
        """Names that a folder lists, which on a disk that knows no case are not those that it finds."""
        if folder not in self._listed:
            self._listed[folder] = {entry.name for entry in list_folder(folder)}
        return self._listed[folder]
