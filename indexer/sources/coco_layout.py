"""Where COCO data sets keep their JSON files.

The first place that holds COCO files is taken: ``annotations/``, then ``<dataset>/_annotations.coco.json``, the folder
itself, the folders in it. Which files are COCO is told by their ends (``find_kind``). A file called as only COCO calls
it is taken whatever it holds, so that a broken one is told of.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from indexer.errors import SourceUnavailableError
from indexer.sources.coco_kinds import REFUSED, CocoKind, find_kind
from indexer.sources.files import is_file_at, is_folder, is_folder_at, is_shown

ANNOTATION_FOLDERS: Final = frozenset(("annotations", "annotation", "labels"))
"""Folders, in lower case, whose files are about images in folders beside them."""
IMAGE_FOLDERS: Final = ("images", "data")
"""Folders that hold images and name no dataset."""

_ROBOFLOW_NAME: Final = "_annotations.coco.json"
_PLAIN_NAMES: Final = ("instances.json", "annotations.json", "labels.json", "result.json", _ROBOFLOW_NAME)
"""File names that name no dataset, the most particular first."""
_PREFIXES: Final = ("instances_", "person_keypoints_", "stuff_", "captions_", "image_info_")
"""Beginnings of COCO's own file names, before they name the dataset."""
_RANKS: Final = ("instances_", "", "person_keypoints_", "stuff_", "captions_", "image_info_")
"""Prefixes of the files that are read if there are several kinds about the same images, the most useful first."""
_OWN_NAMES: Final = ("instances_", "instances.json", "person_keypoints_", _ROBOFLOW_NAME)
"""Names, or beginnings of names, that only COCO's files have."""
_LINES_ENDING: Final = ".odgt"
_PACKED_ENDING: Final = ".json.gz"
_ENDINGS: Final = (".json", _LINES_ENDING, _PACKED_ENDING)
_DOWNLOADS: Final = "raw"
"""Where FiftyOne keeps the files of which it made those that lie beside the images."""
_MAX_FOREIGN: Final = 100
"""So many files are looked at; if none of them is COCO, no more are."""
_MAX_FOLDERS: Final = 64
"""So many folders are looked into for JSON files beside images; more are classes of an image folder."""


@dataclass(slots=True)
class CocoLayout:
    """The JSON files of a data set.

    Attributes:
        files: Those to read, by dataset, sorted by it.
        passed_over: Files that are not read beside them, with the reason.
        refused: Files of a known kind that is not read, with the reason.
    """

    files: dict[str, Path] = field(default_factory=dict)
    passed_over: dict[Path, str] = field(default_factory=dict)
    refused: dict[Path, str] = field(default_factory=dict)

    def describe(self, root: Path) -> str:
        """The files to read, or else those refused, in words."""
        names = [_below(root, file) for file in (self.files.values() or self.refused)]
        return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def find_layout(path: Path) -> CocoLayout:
    """The JSON files at a path; none to read if there is no COCO data set.

    Raises:
        SourceUnavailableError: A folder may not be read.
    """
    path = path.resolve()
    if not is_folder_at(path):
        return _layout_of_file(path)
    in_root, folders = _look_into(path)
    layout = CocoLayout()
    for candidates in (_in_annotations(folders), _of_roboflow(folders), in_root):
        found = _sort_out(path, candidates)
        layout.refused |= found.refused
        layout.passed_over |= found.passed_over
        if layout.files:
            layout.passed_over |= dict.fromkeys(found.files.values(), "lies elsewhere than the files that are read")
        else:
            layout.files = found.files
    if layout.files or layout.refused or len(folders) > _MAX_FOLDERS:
        return layout
    own = [folder for folder in folders if folder.name != _DOWNLOADS]
    found = _sort_out(path, [file for folder in own for file in _look_into(folder)[0]])
    return found if found.files else _sort_out(path, [file for folder in folders for file in _look_into(folder)[0]])


def _layout_of_file(path: Path) -> CocoLayout:
    kind = find_kind(path)
    if kind in REFUSED:
        return CocoLayout(refused={path: kind.value})
    is_ours = path.suffix.lower() == ".json" and (kind is not CocoKind.OTHER or _is_own(path))
    return CocoLayout({dataset_name(path): path} if is_ours else {})


def dataset_name(path: Path) -> str:
    """The dataset that a file's name tells, empty if it tells none."""
    if path.name in _PLAIN_NAMES:
        return ""
    stem = path.stem
    return next((stem[len(prefix) :] for prefix in _PREFIXES if stem.startswith(prefix)), "") or stem


def _look_into(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files of a folder that may be COCO's by their names, and its folders; both sorted.

    A million images beside them cost a listing, but are not sorted.

    Raises:
        SourceUnavailableError: The folder may not be read.
    """
    files, folders = [], []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if _may_be_coco(entry.name):
                    files.append(folder / entry.name)
                elif is_shown(entry) and is_folder(entry):
                    folders.append(folder / entry.name)
    except OSError as error:
        raise SourceUnavailableError(f"cannot list {folder}: {error.strerror}; check its permissions") from error
    return sorted(files), sorted(folders)


def _in_annotations(folders: Iterable[Path]) -> list[Path]:
    return [file for folder in folders if folder.name.lower() == "annotations" for file in _look_into(folder)[0]]


def _of_roboflow(folders: Iterable[Path]) -> list[Path]:
    return [folder / _ROBOFLOW_NAME for folder in folders if is_file_at(folder / _ROBOFLOW_NAME)]


def _may_be_coco(name: str) -> bool:
    if not name.lower().endswith(_ENDINGS) or name.startswith("."):
        return False
    if not name.endswith(_PACKED_ENDING):
        return True
    return name.removesuffix(".gz") in _PLAIN_NAMES or name.startswith(_PREFIXES)


def _sort_out(root: Path, candidates: Sequence[Path]) -> CocoLayout:
    """Decide which files of one place are read."""
    kinds = _find_kinds(candidates)
    layout = CocoLayout(refused={file: kind.value for file, kind in kinds.items() if _is_refused(file, kind)})
    coco = {file for file, kind in kinds.items() if kind is CocoKind.COCO or _is_own(file)} - layout.refused.keys()
    if not coco:
        return layout
    best = min(map(_rank, coco))
    # A file that cannot be read may be a part that was fine when it was indexed: its points are kept.
    readable = [file for file, kind in kinds.items() if file in coco or kind is CocoKind.UNREADABLE]
    chosen = [file for file in readable if _rank(file) == best]
    layout.files = _name_datasets(root, chosen)
    layout.passed_over = dict.fromkeys(sorted(coco.difference(chosen)), f"is passed over for {_below(root, chosen[0])}")
    others = (file for file, kind in kinds.items() if kind is CocoKind.OTHER and file not in coco)
    in_annotations = (file for file in others if file.parent.name.lower() == "annotations")
    layout.passed_over |= dict.fromkeys(in_annotations, CocoKind.OTHER.value)
    return layout


def _find_kinds(candidates: Sequence[Path]) -> dict[Path, CocoKind]:
    """The kinds of files; of many of which the first are all foreign, only those of the first.

    A folder with an annotation file for each image is not looked through whole.
    """
    kinds: dict[Path, CocoKind] = {}
    for file in sorted(candidates, key=lambda file: not _is_own(file)):
        kinds[file] = find_kind(file)
        if len(kinds) == _MAX_FOREIGN and CocoKind.COCO not in kinds.values():
            break
    return kinds


def _is_own(file: Path) -> bool:
    return file.name.startswith(_OWN_NAMES)


def _is_refused(file: Path, kind: CocoKind) -> bool:
    """Whether a file is of a kind that somebody who has it wants to be told of."""
    if kind is CocoKind.LINES:
        return file.suffix == _LINES_ENDING or file.parent.name.lower() in ANNOTATION_FOLDERS
    return kind in REFUSED and kind is not CocoKind.RESULTS


def _rank(file: Path) -> int:
    name = "instances_" if file.name == "instances.json" else file.name
    ranks = (rank for rank, prefix in enumerate(_RANKS) if prefix and name.startswith(prefix))
    return next(ranks, _RANKS.index(""))


def _name_datasets(root: Path, files: Iterable[Path]) -> dict[str, Path]:
    """The files by dataset: the name of a folder below the root, else what the file's name tells.

    Of two that would be called alike, the second is called by its path.
    """
    found: dict[str, Path] = {}
    for file in sorted(files, key=_order):
        for name in _names(root, file):
            if name not in found:
                found[name] = file
                break
    return dict(sorted(found.items()))


def _names(root: Path, file: Path) -> Iterator[str]:
    folder = file.parent
    is_plain_folder = folder == root or folder.name.lower() in {*ANNOTATION_FOLDERS, *IMAGE_FOLDERS}
    is_of_folder = folder != root if file.name == _ROBOFLOW_NAME else not is_plain_folder
    yield folder.name if is_of_folder else dataset_name(file)
    yield _below(root, file.with_suffix(""))
    yield _below(root, file)


def _order(file: Path) -> tuple[int, str]:
    name = file.name
    return _PLAIN_NAMES.index(name) if name in _PLAIN_NAMES else len(_PLAIN_NAMES), str(file)


def _below(root: Path, file: Path) -> str:
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name
