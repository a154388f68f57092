"""Where a YOLO data set keeps its images and class names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from indexer.errors import AnnotationFormatError
from indexer.sources.base import image_key
from indexer.sources.files import list_folder, list_images, list_subfolders, read_text, walk_images

_SPLITS: Final = ("train", "val", "test")
_YAML_NAMES: Final = ("data.yaml", "data.yml", "dataset.yaml", "dataset.yml")
_YAML_SUFFIXES: Final = (".yaml", ".yml")
_CLASS_FILES: Final = ("classes.txt", "obj.names", "labels/classes.txt")


@dataclass(frozen=True, slots=True)
class YoloLayout:
    """A data set's structure.

    Attributes:
        splits: Dataset name -> folders and list files of its images.
        class_names: Class index -> name; empty where the data set names none.
        n_pose_values: Values that keypoints add to a line, 0 where there are none.
    """

    splits: Mapping[str, Sequence[Path]]
    class_names: Mapping[int, str]
    n_pose_values: int = 0

    def list_images(self, split: str) -> Iterator[tuple[str, str]]:
        """Yield path within the dataset and absolute path of every image of a split, in a stable order.

        Raises:
            AnnotationFormatError: A list file cannot be read.
        """
        sources = self.splits[split]
        for source in sources:
            if source.is_file():
                yield from ((_within(path, split), path) for path in _read_list(source))
                continue
            for below, entry in walk_images(source):
                path = image_key(below, entry.name) if len(sources) == 1 else _within(entry.path, split)
                yield path, entry.path


def find_layout(path: Path, *, peek: bool = False) -> YoloLayout | None:
    """The layout of the data set at a path, None if there is none.

    Args:
        path: A YAML file or a folder.
        peek: Only tell whether there is one; the YAML file is not read.

    Raises:
        AnnotationFormatError: The YAML file is broken.
    """
    yaml_path = _find_yaml(path)
    if yaml_path is not None:
        return YoloLayout({}, {}) if peek else _read_yaml(yaml_path)
    images = path / "images"
    if not images.is_dir() or not (path / "labels").is_dir():
        return None
    splits = {entry.name: [Path(entry.path)] for entry in list_subfolders(images)}
    if not splits or list_images(images):
        splits = {"": [images]}
    return YoloLayout(splits, _read_class_file(path))


def _find_yaml(path: Path) -> Path | None:
    if path.is_file():
        return path if path.suffix.lower() in _YAML_SUFFIXES else None
    named = next((path / name for name in _YAML_NAMES if (path / name).is_file()), None)
    if named is not None:
        return named
    others = [Path(entry.path) for entry in list_folder(path) if entry.name.lower().endswith(_YAML_SUFFIXES)]
    return next((other for other in others if _names_classes(other)), None)


def _names_classes(path: Path) -> bool:
    lines = path.read_bytes().splitlines()
    return any(line.startswith(b"names:") for line in lines) and any(
        line.startswith((b"train:", b"val:")) for line in lines
    )


def _read_yaml(path: Path) -> YoloLayout:
    try:
        content = yaml.safe_load(read_text(path))
    except yaml.YAMLError as error:
        raise AnnotationFormatError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error
    try:
        root = path.parent / (content.get("path") or "")
        splits = {split: _find_sources(root, path.parent, content[split]) for split in _SPLITS if content.get(split)}
        points = content.get("kpt_shape") or (0, 0)
        layout = YoloLayout(splits, _class_names(content.get("names") or ()), int(points[0]) * int(points[1]))
    except (AttributeError, TypeError, ValueError, IndexError) as error:
        message = f"{path} describes no YOLO data set ({error})"
        raise AnnotationFormatError(f"{message}; expected 'train', 'val' and 'names'") from error
    return layout


def _class_names(names: Any) -> dict[int, str]:
    pairs = names.items() if isinstance(names, Mapping) else enumerate(names)
    return {int(index): str(name) for index, name in pairs}


def _find_sources(root: Path, yaml_folder: Path, value: str | Sequence[str]) -> list[Path]:
    return [_find_source(root, yaml_folder, one) for one in ([value] if isinstance(value, str) else value)]


def _find_source(root: Path, yaml_folder: Path, value: str) -> Path:
    """A split's folder or list file. ``path`` may be stale after a move, and Roboflow writes ``../train/images``."""
    tries = [root / value, yaml_folder / value, yaml_folder / value.removeprefix("../")]
    return next((one for one in tries if one.exists()), tries[0]).resolve()


def _read_list(path: Path) -> list[str]:
    """Absolute paths of the images that a list file names, relative ones from its own folder."""
    lines = (line.strip() for line in read_text(path).splitlines())
    return [str(path.parent / line) for line in lines if line]


def _within(path: str, split: str) -> str:
    """An image's path within its dataset, where no one folder holds the whole split."""
    after = path.rpartition("/images/")[2].lstrip("/")
    return after.removeprefix(f"{split}/")


def _read_class_file(folder: Path) -> dict[int, str]:
    path = next((folder / name for name in _CLASS_FILES if (folder / name).is_file()), None)
    if path is None:
        return {}
    names = [line.strip() for line in read_text(path).splitlines()]
    return {index: name for index, name in enumerate(names) if name}
