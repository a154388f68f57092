"""State in which runs of ``reviews apply`` left files and objects, so that their own changes count as nobody else's.

A run's manifest is on disk before the first file changes. It holds each file's digest before and after, and the stamps
that images had before. So a killed run is known as well as a finished one, and an undone one as well as one that
stands.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from indexer.errors import SourceError
from indexer.reviews.ledger import Ledger
from indexer.reviews.server_runs import ServerRun
from indexer.reviews.writers.file_changes import MANIFEST, digest_file
from indexer.reviews.writers.server_changes import FigureState
from lookalike.visible_text import show_reason

IMAGES: Final = "images"
"""Member of a manifest that lists the images whose labels are written: key, file, and stamp before."""


class OwnWrites:
    """Changes that the runs of one log made.

    Args:
        runs: The folder with the folders of runs.
        ledger: The log.
    """

    def __init__(self, runs: Path, ledger: Ledger) -> None:
        self._runs, self._ledger = runs, ledger
        self._digests: dict[Path, str | None] = {}

    def explain(self, source_key: str, image_key: str, stamp: str | None) -> bool:
        """Whether nothing but these runs changed the annotation of an image since it had a stamp."""
        known = self._images.get((source_key, image_key, stamp or ""), ())
        return any(self._digest(path) in self._states_of(path, before) for path, before in known)

    def find_moved(self, source_key: str, image_key: str) -> Path | None:
        """Where an image is that these runs moved; None if it is nowhere, or another file by now."""
        waiting = [*self._places.get((source_key, image_key), ())]
        seen = set(waiting)
        while waiting:
            for target, content in self._moves.get(waiting.pop(), ()):
                if self._digest(target) == content:
                    return target
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return None

    def figure_states(self, project: str) -> Mapping[int, FigureState]:
        """The objects of a project on a server, by id, as the last of these runs or of their undoing left them."""
        states: dict[int, FigureState] = {}
        for folder, _ in self._manifests:
            for figure_id, state in ServerRun(folder, self._ledger).states.get(project, {}).items():
                if figure_id not in states or state.noted_at >= states[figure_id].noted_at:
                    states[figure_id] = state
        return states

    def _digest(self, path: Path) -> str | None:
        if path not in self._digests:
            self._digests[path] = digest_file(path)
        return self._digests[path]

    def _states_of(self, path: Path, state: str) -> set[str]:
        """The digests that these runs and their undoing give a file that has one of them."""
        seen, waiting = {state}, [state]
        while waiting:
            new = self._edits.get((path, waiting.pop()), set()) - seen
            seen |= new
            waiting += new
        return seen

    @cached_property
    def _manifests(self) -> list[tuple[Path, dict[str, Any]]]:
        """Folder and manifest of each run.

        Raises:
            SourceError: A manifest is broken.
        """
        found = []
        for path in sorted(self._runs.glob(f"*/{MANIFEST}")):
            try:
                found.append((path.parent, json.loads(path.read_bytes())))
            except (OSError, ValueError) as error:
                raise SourceError(f"{path} cannot be read ({show_reason(error)})") from error
        return found

    def _changes(self) -> Iterable[Mapping[str, Any]]:
        return (change for _, manifest in self._manifests for change in manifest.get("changes", ()))

    def _image_states(self) -> Iterable[Mapping[str, str]]:
        return (image for _, manifest in self._manifests for image in manifest.get(IMAGES, ()))

    @cached_property
    def _edits(self) -> dict[tuple[Path, str], set[str]]:
        """(File, digest) -> the digests that a run or its undoing gives it then."""
        edits: dict[tuple[Path, str], set[str]] = {}
        for change in self._changes():
            if "before" in change:
                path, before, after = Path(change["path"]), change["before"], change["after"]
                edits.setdefault((path, before), set()).add(after)
                edits.setdefault((path, after), set()).add(before)
        return edits

    @cached_property
    def _moves(self) -> dict[Path, list[tuple[Path, str]]]:
        """Place of a file -> the places to which runs moved it, with the file's digest."""
        moves: dict[Path, list[tuple[Path, str]]] = {}
        for change in self._changes():
            if "target" in change:
                moves.setdefault(Path(change["path"]), []).append((Path(change["target"]), change["content"]))
        return moves

    @cached_property
    def _places(self) -> dict[tuple[str, str], set[Path]]:
        """(Source, image) -> its file, of images that these runs changed."""
        places: dict[tuple[str, str], set[Path]] = {}
        for one in self._image_states():
            places.setdefault((one["source_key"], one["image_key"]), set()).add(Path(one["path"]))
        return places

    @cached_property
    def _images(self) -> dict[tuple[str, str, str], list[tuple[Path, str]]]:
        """(Source, image, stamp) -> the files with its labels, and their digests when it had that stamp."""
        images: dict[tuple[str, str, str], list[tuple[Path, str]]] = {}
        for _, manifest in self._manifests:
            before = {change["path"]: change["before"] for change in manifest["changes"] if "before" in change}
            for one in manifest.get(IMAGES, ()):
                if one["path"] not in before:
                    continue  # it moved
                known = images.setdefault((one["source_key"], one["image_key"], one["stamp"]), [])
                known.append((Path(one["path"]), before[one["path"]]))
        return images
