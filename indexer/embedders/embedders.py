"""Embedders kept open, so that each network is loaded once."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from indexer.embedders.base import Embedder
from indexer.embedders.catalogue import has_text_tower
from indexer.settings import EmbedderSettings


class Embedders:
    """The embedders of one process; safe for several threads.

    Args:
        settings: Which embedder is meant unless another is named.
        cache_dir: Where weights from the internet are kept.

    Attributes:
        settings: As given.
        cache_dir: As given.
    """

    def __init__(self, settings: EmbedderSettings, cache_dir: Path) -> None:
        self.settings, self.cache_dir = settings, cache_dir
        self._opened: dict[tuple[str | None, Path | None, str], Embedder] = {}
        self._lock = Lock()

    def open(self, settings: EmbedderSettings | None = None) -> Embedder:
        """The embedder that the settings name, by default that of the process."""
        from indexer.embedders.opening import open_embedder  # most questions need no embedder, nor the decoders

        settings = settings or self.settings
        key = _key_of(settings)
        with self._lock:
            if key not in self._opened:
                self._opened[key] = open_embedder(
                    settings.model,
                    checkpoint=settings.checkpoint,
                    device=settings.device,
                    batch_size=settings.batch_size,
                    cache_dir=self.cache_dir,
                )
            return self._opened[key]

    def opened(self, settings: EmbedderSettings) -> Embedder | None:
        """The embedder that the settings name, if it is open already; never waits for one that is being opened."""
        return self._opened.get(_key_of(settings))

    def has_text_tower(self, name: str, fingerprint: str) -> bool | None:
        """Whether the model of a collection embeds texts too; None if only its network could tell.

        Args:
            name: As collections name it.
            fingerprint: That of its embeddings.
        """
        known = has_text_tower(name)
        if known is not None:
            return known
        from indexer.embedders.model_facts import FactsCache  # it brings the decoders

        facts = FactsCache(self.cache_dir).find_by_fingerprint(fingerprint)
        return None if facts is None else facts.has_text_tower


def _key_of(settings: EmbedderSettings) -> tuple[str | None, Path | None, str]:
    return settings.model, settings.checkpoint, settings.device
