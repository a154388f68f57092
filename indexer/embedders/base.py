"""The contract of embedders: a description that costs nothing, and a network loaded on first use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from indexer.domain import Embeddings, Pixels


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    """An embedder as the store remembers it.

    Attributes:
        name: Registry name and model, for example ``timm:tf_efficientnet_lite0``.
        fingerprint: Hash over the weights' bytes and the preprocessing; equal only if embeddings are comparable.
            Device, engine and precision do not enter: they are held to float32's answer (mean cosine >= 0.999).
        dimension: Length D of an embedding.
        input_size_hw: Height and width the network takes.
        has_text_tower: Whether ``embed_texts`` works.
    """

    name: str
    fingerprint: str
    dimension: int
    input_size_hw: tuple[int, int]
    has_text_tower: bool = False


class Embedder(Protocol):
    """Makes embeddings of crops.

    Constructing an embedder and reading ``spec`` must not load the network if the weights file alone tells the
    fingerprint. A run without work then costs nothing.
    """

    @property
    def spec(self) -> EmbedderSpec:
        """The embedder's description.

        Raises:
            ModelLoadError: The model or its weights do not exist or do not fit.
        """
        ...

    @property
    def is_loaded(self) -> bool:
        """Whether the network is in memory."""
        ...

    @property
    def batch_size(self) -> int:
        """Number of inputs that fill a forward pass on the device in use; ``embed`` splits what is longer."""
        ...

    @property
    def engine(self) -> str:
        """Way in which the network runs, and how far its precision agrees with float32; empty until it is loaded."""
        ...

    def prepare(self, crop: Pixels) -> Pixels:
        """Bring a crop to the network's input size, aspect kept; called from several threads.

        Args:
            crop: uint8 RGB (H, W, 3), at least one pixel.

        Returns:
            uint8 RGB (*input_size_hw, 3), contiguous.
        """
        ...

    def embed(self, inputs: Sequence[Pixels]) -> Embeddings:
        """Embed prepared crops; loads the network on first use. The batch size never changes the result.

        Args:
            inputs: B arrays from ``prepare``, each uint8 RGB (*input_size_hw, 3).

        Returns:
            float32 (B, D), finite, not normalised.

        Raises:
            ModelLoadError: The network cannot be loaded.
            EmbeddingError: The network failed or gave a value that is not finite.
        """
        ...

    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        """Embed texts into the same space, float32 (B, D).

        Raises:
            EmbeddingError: The model has no text tower.
        """
        ...


def shorten(error: object) -> str:
    """A library's message as part of one line: torch lists every key that does not fit, the first few tell enough."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 300 else f"{text[:300]} ..."
