"""The file of a backup: a ZIP of points, vectors and what people made, and a manifest with a checksum of each file.

``manifest.json`` comes last. Points are ``points/N.jsonl``, their vectors ``points/N.f32`` (float32, little-endian, row
by row the points that have one), reviews ``reviews.jsonl``, tags, selections and names ``curation.json``, maps
``maps/ID.npz``.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np

from indexer.backups.curation import Curated
from indexer.domain import CollectionSpec, Point, Progress
from indexer.errors import SourceUnavailableError
from indexer.payload import PAYLOAD_VERSION
from indexer.stores.collection_files import parse_spec
from lookalike.visible_text import show_reason

FORMAT: Final = "lookalike backup"
FORMAT_VERSION: Final = 1
_MANIFEST: Final = "manifest.json"
_REVIEWS: Final = "reviews.jsonl"
_CURATION: Final = "curation.json"
_MEMBER: Final = re.compile(r"points/\d{1,9}\.(jsonl|f32)|reviews\.jsonl|curation\.json|maps/[0-9TZ]+-[a-z0-9-]+\.npz")
_FLOAT: Final = np.dtype("<f4")
_CHUNK: Final = 2**20
_POINTS_PER_PART: Final = 2048
_LONGEST_MANIFEST: Final = 2**28  # bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """The facts about a backup.

    Attributes:
        collection: Name of the collection.
        spec: What makes its embeddings comparable.
        n_points: Points, also those without a vector.
        n_embedded: Points with a vector.
        n_events: Events of the review log.
        created_at: When it was made, as ISO text.
        members: File in the backup -> SHA-256 of its content.
        n_tags: How often people gave a tag.
        n_selections: Selections that people named.
    """

    collection: str
    spec: CollectionSpec
    n_points: int
    n_embedded: int
    n_events: int
    created_at: str
    members: Mapping[str, str]
    n_tags: int = 0
    n_selections: int = 0

    @property
    def maps(self) -> list[str]:
        """Files of the maps in the backup."""
        return sorted(name for name in self.members if name.startswith("maps/"))

    @property
    def parts(self) -> list[str]:
        """Files of the points in the backup, in their order."""
        return sorted(name for name in self.members if name.endswith(".jsonl") and name != _REVIEWS)


class BackupWriter:
    """Writes a backup to a file that is nobody's yet.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", allowZip64=True)
        self._members: dict[str, str] = {}
        self._n_points = self._n_embedded = self._n_events = 0
        self._curated = Curated()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._zip.close()

    @property
    def n_points(self) -> int:
        """Points written so far."""
        return self._n_points

    def add_points(self, points: Iterable[Point]) -> None:
        """Write some points."""
        waiting = list(points)
        for start in range(0, len(waiting), _POINTS_PER_PART):
            part = waiting[start : start + _POINTS_PER_PART]
            number = f"{self._n_points:09}"
            lines = [
                json.dumps({"id": one.id, "payload": one.payload, "has_embedding": one.embedding is not None})
                for one in part
            ]
            vectors = [one.embedding for one in part if one.embedding is not None]
            self._add(f"points/{number}.jsonl", "".join(f"{line}\n" for line in lines).encode())
            content = np.stack(vectors).astype(_FLOAT).tobytes() if vectors else b""
            self._add(f"points/{number}.f32", content, is_packed=False)
            self._n_points += len(part)
            self._n_embedded += len(vectors)

    def add_reviews(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Write the events of the review log."""
        lines = [json.dumps(event) for event in events]
        self._n_events = len(lines)
        self._add(_REVIEWS, "".join(f"{line}\n" for line in lines).encode())

    def add_curation(self, work: Curated) -> None:
        """Write tags, named selections and the collection's name."""
        self._curated = work
        self._add(_CURATION, json.dumps(asdict(work)).encode())

    def add_map(self, file_name: str, content: bytes) -> None:
        """Write the file of a map."""
        self._add(f"maps/{file_name}", content, is_packed=False)

    def finish(self, collection: str, spec: CollectionSpec, *, created_at: str) -> Manifest:
        """Write the manifest, without which a file is no backup."""
        counts = {"n_points": self._n_points, "n_embedded": self._n_embedded, "n_events": self._n_events}
        work = {"n_tags": self._curated.n_tags, "n_selections": len(self._curated.selections)}
        made = Manifest(collection, spec, **counts, created_at=created_at, members=self._members, **work)
        document = {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            **asdict(made),
            "spec": asdict(spec) | {"version": PAYLOAD_VERSION},
        }
        self._zip.writestr(_MANIFEST, json.dumps(document, indent=1))
        return made

    def _add(self, name: str, content: bytes, *, is_packed: bool = True) -> None:
        self._members[name] = hashlib.sha256(content).hexdigest()
        method = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
        self._zip.writestr(name, content, compress_type=method)


class BackupReader:
    """A backup whose every byte was checked.

    Args:
        path: The file.
        on_progress: Told how far the check is.

    Attributes:
        manifest: What is in it.

    Raises:
        SourceUnavailableError: There is no such file, it is no backup, or it is damaged.
        CollectionMismatchError: Its payloads are of another version.
    """

    def __init__(self, path: Path, on_progress: Progress) -> None:
        self._path = path
        try:
            if path.exists() and not (path.is_file() or path.is_dir()):  # some never end
                raise SourceUnavailableError(f"{path} is not a file; name the file that 'lookalike backup' wrote")
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError as error:
            raise SourceUnavailableError(f"there is no backup {path}; check the path") from error
        except IsADirectoryError as error:
            raise SourceUnavailableError(f"{path} is a folder; name the file that 'lookalike backup' wrote") from error
        except OSError as error:
            raise SourceUnavailableError(f"backup {path} cannot be read: {show_reason(error)}") from error
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise SourceUnavailableError(
                f"{path} is no backup of Lookalike, or only a part of one ({error})"
            ) from error
        try:
            self.manifest = self._read_manifest()
            self._check(on_progress)
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._zip.close()

    def points(self) -> Iterator[list[Point]]:
        """Yield the points, some at a time."""
        for name in self.manifest.parts:
            yield self._read_part(name)

    def events(self) -> list[dict[str, Any]]:
        """The events of the review log."""
        text = self._zip.read(_REVIEWS).decode() if _REVIEWS in self.manifest.members else ""
        return [json.loads(line) for line in text.splitlines()]

    def curated(self) -> Curated:
        """Tags, named selections and the collection's name."""
        if _CURATION not in self.manifest.members:
            return Curated()
        try:
            return Curated.parse(json.loads(self._zip.read(_CURATION)))
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise self._damage(f"'{_CURATION}' cannot be read ({error})") from error

    def read_map(self, name: str) -> bytes:
        """The file of a map."""
        return self._zip.read(name)

    def _read_manifest(self) -> Manifest:
        try:
            return _parse_manifest(self._zip)
        except (KeyError, ValueError, TypeError, AttributeError, RecursionError, OSError, zipfile.BadZipFile) as error:
            raise SourceUnavailableError(f"{self._path} is no backup of Lookalike ({show_reason(error)})") from error

    def _check(self, on_progress: Progress) -> None:
        """Read every file and compare its checksum; then count."""
        found, wanted = set(self._zip.namelist()) - {_MANIFEST}, self.manifest.members
        odd = next((name for name in sorted(found ^ set(wanted)) or wanted if not self._is_expected(name, found)), None)
        if odd is not None:
            raise self._damage(f"'{odd}' is missing or does not belong there")
        for number, (name, checksum) in enumerate(sorted(wanted.items())):
            on_progress("checking the backup", number, len(wanted))
            if self._hash(name) != checksum:
                raise self._damage(f"the checksum of '{name}' is another")
        self.curated()
        n_points = n_embedded = 0
        for part in self.points():
            n_points += len(part)
            n_embedded += sum(point.embedding is not None for point in part)
        if (n_points, n_embedded) != (self.manifest.n_points, self.manifest.n_embedded):
            raise self._damage(f"it has {n_points} points and not {self.manifest.n_points}")

    def _is_expected(self, name: str, found: set[str]) -> bool:
        return name in found and name in self.manifest.members and _MEMBER.fullmatch(name) is not None

    def _hash(self, name: str) -> str:
        checksum = hashlib.sha256()
        try:
            with self._zip.open(name) as file:
                while chunk := file.read(_CHUNK):
                    checksum.update(chunk)
        except (OSError, zipfile.BadZipFile, EOFError, ValueError) as error:
            raise self._damage(f"'{name}' cannot be read ({show_reason(error)})") from error
        return checksum.hexdigest()

    def _read_part(self, name: str) -> list[Point]:
        dimension = self.manifest.spec.dimension
        try:
            records = [json.loads(line) for line in self._zip.read(name).decode().splitlines()]
            vectors = np.frombuffer(self._zip.read(name.replace(".jsonl", ".f32")), _FLOAT).reshape(-1, dimension)
            rows = iter(vectors.astype(np.float32))
            return [Point(one["id"], one["payload"], next(rows) if one["has_embedding"] else None) for one in records]
        except (KeyError, ValueError, TypeError, StopIteration) as error:
            raise self._damage(f"'{name}' cannot be read ({show_reason(error)})") from error

    def _damage(self, reason: str) -> SourceUnavailableError:
        return SourceUnavailableError(
            f"backup {self._path} is damaged: {reason}; nothing was restored, take another one"
        )


def _parse_manifest(archive: zipfile.ZipFile) -> Manifest:
    """Read what a backup says of itself.

    Raises:
        KeyError, ValueError, TypeError, AttributeError, RecursionError: It is no manifest of ours.
        CollectionMismatchError: Its payloads are of another version.
    """
    if archive.getinfo(_MANIFEST).file_size > _LONGEST_MANIFEST:
        raise ValueError("its manifest is too long")
    document = json.loads(archive.read(_MANIFEST))
    if (document.pop("format"), document.pop("version")) != (FORMAT, FORMAT_VERSION):
        raise ValueError(f"its format is not '{FORMAT}' of version {FORMAT_VERSION}")
    spec = parse_spec(document["collection"], document.pop("spec"))
    return Manifest(**document, spec=spec)
