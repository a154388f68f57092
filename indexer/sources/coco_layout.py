"""Where COCO data sets keep their JSON files and their images."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from indexer.sources.files import MISSING, list_folder, list_subfolders, stamp_file

_PREFIX: Final = "instances_"
_ROBOFLOW_NAME: Final = "_annotations.coco.json"
_PLAIN_NAMES: Final = ("instances.json", "annotations.json", "labels.json", "result.json", _ROBOFLOW_NAME)
"""File names that name no dataset."""
_SECTIONS: Final = (b'"images"', b'"annotations"', b'"categories"', b'"licenses"', b'"info"')
_PEEK_BYTES: Final = 4096


class ImageFinder:
    """Finds the images of one JSON file in the folders where exporters put them; remembers where it was lucky."""

    def __init__(self, json_path: Path, dataset: str) -> None:
        names = ("", "images", "data", *((dataset, f"images/{dataset}", f"data/{dataset}") if dataset else ()))
        bases = (json_path.parent, json_path.parent.parent)
        self._folders = [str(base / name) for base in bases for name in names]

    def find(self, path: str) -> tuple[str, str]:
        """Absolute path and stamp of an image; the first place looked at and ``MISSING`` if it is nowhere."""
        if path.startswith("/"):
            return path, stamp_file(path)
        for position, folder in enumerate(self._folders):
            found = stamp_file(f"{folder}/{path}")
            if found != MISSING:
                self._folders.insert(0, self._folders.pop(position))
                return f"{folder}/{path}", found
        return f"{self._folders[0]}/{path}", MISSING


def find_files(path: Path) -> dict[str, Path]:
    """COCO files by dataset name; empty if there are none."""
    if path.is_file():
        return {_dataset_name(path): path.resolve()} if path.suffix.lower() == ".json" else {}
    path = path.resolve()
    listed = [Path(entry.path) for entry in list_folder(path / "annotations") if entry.name.endswith(".json")]
    listed = [file for file in listed if file.name.startswith(_PREFIX)] or listed
    if found := {_dataset_name(file): file for file in listed if _is_coco(file)}:
        return found
    roboflow = {entry.name: Path(entry.path) / _ROBOFLOW_NAME for entry in list_subfolders(path)}
    if found := {dataset: file for dataset, file in roboflow.items() if _is_coco(file)}:
        return found
    plain = next((path / name for name in _PLAIN_NAMES if _is_coco(path / name)), None)
    return {} if plain is None else {"": plain}


def _is_coco(path: Path) -> bool:
    """Whether a file begins like a COCO file."""
    try:
        with path.open("rb") as file:
            head = file.read(_PEEK_BYTES)
    except OSError:
        return False
    return any(section in head for section in _SECTIONS)


def _dataset_name(path: Path) -> str:
    return "" if path.name in _PLAIN_NAMES else path.stem.removeprefix(_PREFIX)
