"""Changes of files that can be taken back: backed up and written down first, made one by one, undone in reverse.

A run's folder holds ``manifest.json`` and the files as they were. It is complete before the first change is made. A
change is undone only if its file still is what the run left. So a killed run can be undone like a finished one.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from indexer.atomic_files import write_atomically
from indexer.domain import Progress, ignore_progress
from indexer.errors import SourceError
from indexer.sources.files import MAX_ANNOTATION_BYTES, read_file
from lookalike.visible_text import show_reason

MANIFEST: Final = "manifest.json"
RESTORING: Final = "restoring files"
_CHANGED: Final = "it changed while labels were written"
_MAX_BACKUP_BYTES: Final = 200


@dataclass(frozen=True, slots=True)
class FileEdit:
    """A file that gets other content.

    Attributes:
        path: The file.
        before: The bytes it was planned from.
        after: The bytes it gets.
    """

    path: Path
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class FileMove:
    """A file that gets another place, which nothing may hold yet.

    Attributes:
        path: The file.
        target: Where it goes.
        content: ``digest`` of its bytes.
    """

    path: Path
    target: Path
    content: str


FileChange = FileEdit | FileMove


def digest(data: bytes) -> str:
    """blake2b-128, as payloads hold it."""
    return blake2b(data, digest_size=16).hexdigest()


def digest_file(path: Path) -> str | None:
    """``digest`` of a file, None if it cannot be read."""
    try:
        return digest(read_file(path, max_bytes=MAX_ANNOTATION_BYTES))
    except OSError:
        return None


def back_up(changes: Sequence[FileChange], folder: Path, facts: Mapping[str, Any]) -> None:
    """Make a run's folder: the files as they are and the manifest.

    Args:
        changes: The changes that are to be made.
        folder: The folder; made under another name first, so that it is whole or not there.
        facts: What the manifest says besides; JSON types only.

    Raises:
        SourceError: The folder cannot be written.
    """
    try:
        _back_up(changes, folder, facts)
    except OSError as error:
        raise SourceError(f"cannot back up into {folder}: {error.strerror}; nothing was changed") from error


def make_changes(
    changes: Sequence[FileChange], folder: Path, on_made: Callable[[FileChange], object] | None = None
) -> None:
    """Make changes in order, which ``back_up`` wrote into ``folder``.

    Args:
        changes: The changes.
        folder: The folder of the run.
        on_made: Told of each change once it is made; what it raises stops the work.

    Raises:
        SourceError: A file changed since the plan was made, or cannot be written; earlier changes are made by then.
    """
    for change in changes:
        try:
            _make(change)
        except OSError as error:
            undo = f"'lookalike reviews undo --applied {folder.name}' takes back what was written before"
            raise SourceError(f"cannot change {change.path}: {error.strerror}; {undo}") from error
        if on_made is not None:
            on_made(change)


def is_made(change: FileChange) -> bool:
    """Whether a change is made, by what is on the disk."""
    if isinstance(change, FileMove):
        return not os.path.lexists(change.path) and digest_file(change.target) == change.content
    return digest_file(change.path) == digest(change.after)


def keep_in_manifest(folder: Path, members: Mapping[str, Sequence[Any]], *, n_changes: int | None = None) -> None:
    """Cut a run's manifest down to what was done, so that no more is taken back.

    Args:
        folder: The folder of the run.
        members: Member -> what is left of it; JSON types only.
        n_changes: How many of the first changes were made; None for all.

    Raises:
        SourceError: The manifest cannot be read or written.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        manifest["changes"] = manifest["changes"][:n_changes]
        write_atomically(folder / MANIFEST, json.dumps(manifest | dict(members), indent=1).encode())
    except (OSError, ValueError, KeyError) as error:
        raise SourceError(f"cannot note in {folder / MANIFEST} what was written: {show_reason(error)}") from error


def _make(change: FileChange) -> None:
    if isinstance(change, FileMove):
        if digest_file(change.path) != change.content:
            raise OSError(errno.ESTALE, _CHANGED)
        _move(change.path, change.target)
        return
    if read_file(change.path, max_bytes=MAX_ANNOTATION_BYTES) != change.before:
        raise OSError(errno.ESTALE, _CHANGED)
    write_atomically(change.path, change.after)


def _move(path: Path, target: Path) -> None:
    made = _first_missing(target.parent)
    target.parent.mkdir(parents=True, exist_ok=True)
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, f"there is already a file {target}")
    try:
        path.rename(target)
    except OSError:
        _remove_empty(target.parent, made)
        raise


def _remove_empty(folder: Path, topmost: Path | None) -> None:
    """Remove a folder and those above it up to ``topmost``, as far as nothing is in them; none if that is None."""
    while topmost is not None and folder.is_relative_to(topmost) and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _back_up(changes: Sequence[FileChange], folder: Path, facts: Mapping[str, Any]) -> None:
    partial = folder.with_name(f"{folder.name}.partial")
    partial.mkdir(parents=True)
    entries: list[dict[str, str]] = []
    for change in changes:
        if isinstance(change, FileMove):
            made = _first_missing(change.target.parent)
            moved = {"path": str(change.path), "target": str(change.target), "content": change.content}
            entries.append(moved | ({} if made is None else {"made_folder": str(made)}))
            continue
        backup = f"{len(entries)}-{_shorten(change.path.name)}"
        (partial / backup).write_bytes(change.before)
        shutil.copystat(change.path, partial / backup)
        before, after = digest(change.before), digest(change.after)
        entries.append({"path": str(change.path), "backup": backup, "before": before, "after": after})
    write_atomically(partial / MANIFEST, json.dumps({**facts, "changes": entries}, indent=1).encode())
    partial.rename(folder)


def _shorten(name: str) -> str:
    """The beginning of a file name that leaves room for what stands before it."""
    return os.fsencode(name)[:_MAX_BACKUP_BYTES].decode("utf-8", "ignore")


def _first_missing(folder: Path) -> Path | None:
    """The topmost folder that has to be made so that ``folder`` exists."""
    missing = None
    while not folder.exists():
        missing, folder = folder, folder.parent
    return missing


@dataclass(frozen=True, slots=True)
class Restored:
    """The changes that undoing a run made.

    Attributes:
        paths: Files and objects on servers that are again what they were.
        kept: Those that are not, with the reason.
        images: Address of an image on a server -> the image as people name it.
    """

    paths: list[Path | str]
    kept: dict[Path | str, str]
    images: dict[str, str] = field(default_factory=dict)


def undo_changes(folder: Path, on_progress: Progress = ignore_progress) -> Restored:
    """Take the changes of a run back, last first; a file that others changed since is kept and named.

    Args:
        folder: The folder of the run.
        on_progress: Told before each file; what it raises stops the work.

    Raises:
        SourceError: The manifest is missing or broken.
    """
    try:
        entries = json.loads((folder / MANIFEST).read_bytes())["changes"]
    except (OSError, ValueError, KeyError) as error:
        raise SourceError(
            f"{folder / MANIFEST} cannot be read ({show_reason(error)}); restore files from that folder"
        ) from error
    restored = Restored([], {})
    for number, entry in enumerate(reversed(entries)):
        on_progress(RESTORING, number, len(entries))
        path = Path(entry["path"])
        try:
            reason = _undo_move(entry) if "target" in entry else _undo_edit(entry, folder)
        except OSError as error:
            reason = f"cannot be written: {error.strerror}"
        if reason is None:
            restored.paths.append(path)
        elif reason:
            restored.kept[path] = reason
    return restored


def _undo_edit(entry: Mapping[str, str], folder: Path) -> str | None:
    """Give a file its old bytes and times; gives why not, empty where nothing is to do."""
    path, found = Path(entry["path"]), digest_file(Path(entry["path"]))
    if found == entry["before"]:
        return ""
    if found != entry["after"]:
        return f"changed since; undo later runs first, or copy {folder / entry['backup']} back yourself"
    write_atomically(path, (folder / entry["backup"]).read_bytes())
    shutil.copystat(folder / entry["backup"], path)
    return None


def _undo_move(entry: Mapping[str, str]) -> str | None:
    """Put a file back; gives why not, empty where nothing is to do."""
    path, target = Path(entry["path"]), Path(entry["target"])
    if not target.exists() and digest_file(path) == entry["content"]:
        return ""
    if path.exists():
        return "there is another file of that name by now; move one of the two away"
    if digest_file(target) != entry["content"]:
        return f"{target} changed since or is gone; move it back yourself"
    _move(target, path)
    made = entry.get("made_folder")
    _remove_empty(target.parent, None if made is None else Path(made))
    return None
