"""Facts that must be known of a model before its network is loaded, and a small file that remembers them.

A run that finds nothing to do needs the embedder's fingerprint and dimension, and nothing else. Hashing the weights
file gives the first in milliseconds; the second, and the preprocessing, are remembered from the time when the
network was last loaded. Importing torch and timm alone would take several seconds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from indexer.atomic_files import write_atomically
from indexer.embedders.preprocessing import Preprocessing

_FORMAT = 1  # raised when the meaning of a remembered value changes


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """A model, described without its network.

    Attributes:
        dimension: Length D of an embedding.
        preprocessing: What its input looks like.
        reduction: How the network's output becomes one vector, e.g. ``pooled``; part of the fingerprint.
        has_text_tower: Whether texts can be embedded into the same space.
    """

    dimension: int
    preprocessing: Preprocessing
    reduction: str = "pooled"
    has_text_tower: bool = False

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Inverse of ``dataclasses.asdict`` after a trip through JSON."""
        preprocessing = Preprocessing.from_json(values["preprocessing"])
        return cls(values["dimension"], preprocessing, values["reduction"], values["has_text_tower"])


@dataclass(frozen=True, slots=True)
class KnownModel:
    """Facts together with the very weights they were taken from."""

    facts: ModelFacts
    files: tuple[Path, ...]
    weights_hash: str

    @property
    def fingerprint(self) -> str:
        """The name of these very weights and preprocessing, by which embeddings are comparable."""
        return compute_fingerprint(self.weights_hash, self.facts)


def hash_weights(files: Sequence[Path]) -> str:
    """SHA-256 over the bytes of the weights files in order, as hexadecimal text.

    The same tensors saved in another container have another hash: embeddings are then refused as not comparable,
    which is an inconvenience and never a mixture.
    """
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def compute_fingerprint(weights_hash: str, facts: ModelFacts) -> str:
    """Hash over weights, preprocessing and reduction: 32 hexadecimal digits.

    Precision and engine do not enter: their agreement with float32 is checked where the network is loaded.
    """
    text = "\n".join((weights_hash, facts.preprocessing.text, facts.reduction, str(facts.dimension)))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


class FactsCache:
    """Remembers facts and weights hashes by model, for as long as the files keep their size and time.

    Args:
        folder: Where ``models.json`` lives; None remembers nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / "models.json" if folder else None

    def find(self, key: str) -> KnownModel | None:
        """The remembered facts of ``key``, or None if nothing is known or a weights file has changed."""
        entry: Any = self._entries().get(key)
        known = _read(entry)
        return None if known is None or entry.get("stamps") != _stamps(known.files) else known

    def find_by_fingerprint(self, fingerprint: str) -> ModelFacts | None:
        """The facts of the model that has a fingerprint, wherever its weights are by now; None if it is not known."""
        known = filter(None, map(_read, self._entries().values()))
        return next((one.facts for one in known if one.fingerprint == fingerprint), None)

    def remember(self, key: str, known: KnownModel) -> None:
        """Keep ``known`` under ``key``; a folder that cannot be written only means loading again next time."""
        if self._file is None:
            return
        entries = self._entries()
        entries[key] = {
            "format": _FORMAT,
            "files": [str(file) for file in known.files],
            "stamps": _stamps(known.files),
            "weights_hash": known.weights_hash,
            "facts": asdict(known.facts),
        }
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._file, json.dumps(entries, indent=1).encode())
        except OSError:
            return

    def _entries(self) -> dict[str, Any]:
        """All remembered entries; none where the file is missing or unreadable, as it is only a cache."""
        if self._file is None:
            return {}
        try:
            entries = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return entries if isinstance(entries, dict) else {}


def _read(entry: Any) -> KnownModel | None:
    """The model that an entry remembers; None if it is nothing that was ever remembered."""
    try:
        if entry["format"] != _FORMAT:
            return None
        files = tuple(Path(file) for file in entry["files"])
        known = KnownModel(ModelFacts.from_json(entry["facts"]), files, entry["weights_hash"])
    except (LookupError, TypeError, ValueError, AttributeError):
        return None
    is_whole = type(known.facts.dimension) is int and isinstance(known.weights_hash, str)
    return known if is_whole and files else None


def _stamps(files: Sequence[Path]) -> list[list[int]]:
    """Size and modification time of each file; empty where one is gone, which matches nothing remembered."""
    try:
        return [[stat.st_size, stat.st_mtime_ns] for stat in (file.stat() for file in files)]
    except OSError:
        return []
