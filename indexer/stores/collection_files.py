"""Files that the embedded store keeps beside its shards: collection specs, revisions and the directory's lock."""

from __future__ import annotations

import contextlib
import json
import os
import re
import uuid
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from indexer.atomic_files import write_atomically
from indexer.domain import CollectionSpec
from indexer.errors import CollectionMismatchError, InvalidOptionsError, StoreLockedError, StoreUnavailableError
from indexer.payload import PAYLOAD_VERSION

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


def _write_json(path: Path, content: Any) -> None:
    """Replace ``path`` by ``content`` as JSON."""
    write_atomically(path, json.dumps(content, indent=1, sort_keys=True).encode())


def is_collection_name(name: str) -> bool:
    """Whether ``name`` can name a collection."""
    return _NAME.fullmatch(name) is not None


def check_collection_name(name: str) -> str:
    """Return ``name`` if it can name a collection (and a folder).

    Raises:
        InvalidOptionsError: It cannot.
    """
    if not is_collection_name(name):
        raise InvalidOptionsError(
            f"collection name '{name}' is unfit; use 1 to 100 letters, digits, dots, dashes or underscores"
        )
    return name


def check_same_spec(name: str, stored: CollectionSpec, wanted: CollectionSpec) -> None:
    """Compare what a caller will write with what a collection holds.

    Raises:
        CollectionMismatchError: They differ; the message names the first field that does.
    """
    for field in fields(CollectionSpec):
        have, want = getattr(stored, field.name), getattr(wanted, field.name)
        if have != want:
            raise CollectionMismatchError(
                f"collection '{name}' was made with {field.name} '{have}', not '{want}'; "
                "index into another collection (--collection NAME) or delete this one"
            )


def read_spec(path: Path) -> CollectionSpec:
    """Read the spec of a collection.

    Raises:
        StoreUnavailableError: The file is missing or broken.
    """
    try:
        return parse_spec(path.parent.name, json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        reason = "it is missing" if isinstance(error, FileNotFoundError) else str(error)
        raise StoreUnavailableError(
            f"collection '{path.parent.name}': its file {path} cannot be read ({reason}); put it back from a backup, "
            f"or delete the folder {path.parent} and index again"
        ) from error


def parse_spec(name: str, content: Mapping[str, Any]) -> CollectionSpec:
    """Read a spec from JSON.

    Args:
        name: Name of the collection.
        content: The spec, with the version of the payloads beside it.

    Raises:
        TypeError: The content is no spec, or tells no version.
        CollectionMismatchError: Another version of Lookalike wrote the payloads, in another way.
    """
    content = dict(content)
    version = content.pop("version", None)
    if type(version) is not int:
        raise TypeError("it tells no version of its payloads")
    if version != PAYLOAD_VERSION:
        remedy = "install a newer Lookalike" if version > PAYLOAD_VERSION else "use the Lookalike that wrote them"
        raise CollectionMismatchError(
            f"collection '{name}' has payloads of version {version}, and this Lookalike knows version "
            f"{PAYLOAD_VERSION}; {remedy}, or index into another collection (--collection NAME)"
        )
    spec = CollectionSpec(**content)
    texts = (spec.embedder, spec.fingerprint, spec.crops)
    if not all(isinstance(text, str) for text in texts) or type(spec.dimension) is not int or spec.dimension < 1:
        raise TypeError(f"{spec} has a value of the wrong kind")
    return spec


def write_spec(path: Path, spec: CollectionSpec) -> None:
    """Write the spec of a collection."""
    _write_json(path, asdict(spec) | {"version": PAYLOAD_VERSION})


def _read_revision(path: Path) -> tuple[str, int] | None:
    """Token and count of a revision file that was closed; None for any other, also one that is broken."""
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        token, count, is_open = state["token"], state["count"], state["is_open"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    is_whole = isinstance(token, str) and type(count) is int and is_open is False
    return (token, count) if is_whole else None


class RevisionFile:
    """The revision of one collection, kept so that caches on disk survive a restart but never a crash.

    The first write of a process marks the file as open under a fresh token; ``close`` records the count reached.
    A file found open was left by a killed process: its count is unknown, so a new token makes old caches void. So does
    one that is missing or broken.

    Args:
        path: Where the revision is kept.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_writing = False
        known = _read_revision(path)
        if known is None:
            known = uuid.uuid4().hex[:12], 0
            if path.is_dir():  # nothing of ours; a file cannot take its place
                path.rename(path.with_name(f"{path.name}.{known[0]}.broken"))
            _write_json(path, {"token": known[0], "count": known[1], "is_open": False})
        self._token, self._count = known

    def __str__(self) -> str:
        return f"{self._token}-{self._count}"

    @property
    def count(self) -> int:
        """Number of times it was advanced under its token."""
        return self._count

    def count_of(self, revision: str) -> int | None:
        """The count that a revision of before had; None if it had another token."""
        token, _, count = revision.rpartition("-")
        return int(count) if token == self._token else None

    def advance(self) -> None:
        """Note one more write, before it happens and after."""
        if not self._is_writing:
            self._is_writing = True
            self._token, self._count = uuid.uuid4().hex[:12], 0
            self._save()
        self._count += 1

    def close(self) -> None:
        """Record the revision reached."""
        if self._is_writing:
            self._is_writing = False
            self._save()

    def _save(self) -> None:
        state = {"token": self._token, "count": self._count, "is_open": self._is_writing}
        _write_json(self._path, state)


class DataDirectoryLock:
    """Makes one process the owner of a data directory; the operating system frees the lock when it dies.

    Args:
        data_dir: The directory, which must exist.
        owner: What to tell others who holds it, for example ``lookalike serve``.

    Raises:
        StoreLockedError: Another process owns the directory; the message says which.
    """

    def __init__(self, data_dir: Path, owner: str) -> None:
        self._owner_file = data_dir / "owner.json"
        self._lock = FileLock(data_dir / "lock")
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise StoreLockedError(f"data directory {data_dir} is in use by {self._describe_owner()}") from error
        try:
            _write_json(self._owner_file, {"pid": os.getpid(), "owner": owner})
        except OSError:
            self._lock.release()
            raise

    def _describe_owner(self) -> str:
        try:
            owner = json.loads(self._owner_file.read_text(encoding="utf-8"))
            who = f"'{owner['owner']}' (process {owner['pid']})"
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            who = "another process"
        return f"{who}; stop it first or use another --data-dir"

    def release(self) -> None:
        """Give the directory up."""
        if self._lock.is_locked:
            with contextlib.suppress(OSError):  # it only tells others who holds the lock
                self._owner_file.unlink(missing_ok=True)
            self._lock.release()
