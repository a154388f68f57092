"""Where the images of a COCO file are: in the folders where exporters put them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from indexer.sources.coco_layout import ANNOTATION_FOLDERS, IMAGE_FOLDERS
from indexer.sources.files import MISSING, is_folder_at, stamp_file
from indexer.sources.named_files import NamedFile, NamedFiles

_MAX_SAMPLE: Final = 64


class ImageFinder:
    """Finds the images of one JSON file.

    The names in a file are relative to one folder as a rule: the one in which the most of some names are found. It is
    tried first, so that ``1.png`` and ``images/1.png`` are two files if both are there.

    Args:
        files: Finds files and refuses those outside.
        json_path: The JSON file.
        dataset: Its dataset.
        names: The names of its images.
    """

    def __init__(self, files: NamedFiles, json_path: Path, dataset: str, names: Sequence[str]) -> None:
        self._files = files
        folders = [folder for folder in _candidates(json_path, dataset) if is_folder_at(folder)] or [json_path.parent]
        paths = [str(folder) for folder in folders if files.is_inside(str(folder))] or [str(json_path.parent)]
        sample = [name.replace("\\", "/") for name in names[:: len(names) // _MAX_SAMPLE + 1]]
        n_found = {path: sum(_is_in(path, name) for name in sample) for path in paths}
        self._folders = sorted(paths, key=lambda path: -n_found[path])

    def find(self, name: str) -> NamedFile:
        """Where an image is, the first place looked at if it is nowhere.

        Raises:
            SourceUnavailableError: It cannot be told whether it is there.
        """
        return self._files.find(name, self._folders)


def _candidates(json_path: Path, dataset: str) -> list[Path]:
    """The folders where images may be, the likeliest first."""
    folder = json_path.parent
    bases = [folder.parent, folder] if folder.name.lower() in ANNOTATION_FOLDERS else [folder, folder.parent]
    split = dataset.rpartition("/")[2]
    names = ["", *IMAGE_FOLDERS]
    if split:
        names += [split, *(f"{name}/{split}" for name in IMAGE_FOLDERS)]
    return [base / name for base in bases for name in names]


def _is_in(folder: str, name: str) -> bool:
    return "\0" not in name and stamp_file(f"{folder}/{name}") != MISSING
