"""Base of all embedders: facts first, the network only when an image must be embedded."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from indexer.domain import Embeddings, Pixels
from indexer.embedders.base import EmbedderSpec, shorten
from indexer.embedders.devices import choose_device, count_cores, has_openvino, let_threads_sleep
from indexer.embedders.engine import IMAGES_PER_CORE, Engine
from indexer.embedders.model_facts import FactsCache, KnownModel, ModelFacts, compute_fingerprint, hash_weights
from indexer.errors import EmbeddingError, IndexerError, ModelLoadError

_logger = logging.getLogger(__name__)

_ADVICE = "try a smaller --batch-size, or --device cpu"

ENGINES = ("auto", "torch", "torch-float32", "openvino")
"""``auto`` is OpenVINO on a CPU where it is installed, else torch. All but ``torch-float32``, the reference, compute
in 16 bits where the hardware has them and the result agrees with float32."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Where and how a network runs; nothing of it changes what an embedding means.

    Attributes:
        device: ``auto``, ``cpu``, ``mps``, ``cuda`` or ``cuda:N``.
        batch_size: Inputs per forward pass; None for what suits the device.
        cache_dir: Folder for remembered facts; None remembers nothing.
        engine: One of ``ENGINES``.
    """

    device: str = "auto"
    batch_size: int | None = None
    cache_dir: Path | None = None
    engine: str = "auto"


@dataclass(frozen=True, slots=True)
class LoadedNetwork:
    """A network as its library loaded it.

    Attributes:
        module: torch module: float32 (B, 3, H, W) to (B, D).
        facts: What there is to know of it.
        files: The weights files it was loaded from.
        texts: Embeds texts, where the model has a text tower: ``texts(list of str)`` to float32 (B, D).
    """

    module: Any
    facts: ModelFacts
    files: tuple[Path, ...]
    texts: Any = None


class NetworkEmbedder(ABC):
    """An embedder made of a torch network; see ``Embedder`` for the contract.

    Subclasses say which model it is (``name``), what is known of it without loading (``_find_known``), and how
    it is loaded (``_load_network``).

    Args:
        name: Public name, for example ``timm:resnet18``.
        cache_key: Under which its facts are remembered.
        options: Device, batch size, cache and engine.

    Raises:
        ConfigurationError: There is no such device.
    """

    def __init__(self, name: str, *, cache_key: str, options: RunOptions) -> None:
        self._name = name
        self._cache_key = cache_key
        self._options = options
        self._device = options.device if options.device == "auto" else choose_device(options.device)
        self._cache = FactsCache(options.cache_dir)
        self._known: KnownModel | None = None
        self._network: LoadedNetwork | None = None
        self._engine: Engine | None = None
        self._lock = threading.RLock()

    @abstractmethod
    def _find_known(self) -> KnownModel | None:
        """Facts that are known without loading the network, or None."""

    @abstractmethod
    def _load_network(self) -> LoadedNetwork:
        """Build the network and load its weights, on the CPU."""

    @property
    def spec(self) -> EmbedderSpec:
        """The embedder's description; loads the network only where nothing is known of it yet.

        Raises:
            ModelLoadError: The model or its weights do not exist or do not fit.
        """
        known = self._require_known()
        return EmbedderSpec(
            name=self._name,
            fingerprint=compute_fingerprint(known.weights_hash, known.facts),
            dimension=known.facts.dimension,
            input_size_hw=known.facts.preprocessing.input_size_hw,
            has_text_tower=known.facts.has_text_tower,
        )

    @property
    def is_loaded(self) -> bool:
        """Whether the network is in memory."""
        return self._network is not None

    @property
    def batch_size(self) -> int:
        """Number of inputs that fill a forward pass.

        On a CPU, as many as keep every core busy; more only cost memory.
        """
        if self._options.batch_size:
            return self._options.batch_size
        self._device = choose_device(self._device)
        return min(256, max(16, IMAGES_PER_CORE * count_cores())) if self._device == "cpu" else 256

    @property
    def engine(self) -> str:
        """Way in which the network runs, such as ``torch bfloat16 on cpu`` with its cosine; empty until it runs."""
        return self._engine.description if self._engine else ""

    def prepare(self, crop: Pixels) -> Pixels:
        """Letterbox a crop to the network's input size; see ``Preprocessing.prepare``."""
        return self._require_known().facts.preprocessing.prepare(crop)

    def embed(self, inputs: Sequence[Pixels]) -> Embeddings:
        """Embed prepared crops, ``batch_size`` at a time.

        Args:
            inputs: B arrays, each uint8 RGB (*input_size_hw, 3).

        Returns:
            float32 (B, D), finite, not normalised.

        Raises:
            ModelLoadError: The network cannot be loaded.
            EmbeddingError: The network failed or gave a value that is not finite.
        """
        with self._lock:
            dimension = self._require_known().facts.dimension
            size = self.batch_size
            batches = [self._embed_batch(inputs[start : start + size]) for start in range(0, len(inputs), size)]
        embeddings = np.concatenate(batches) if batches else np.empty((0, dimension), np.float32)
        assert embeddings.shape == (len(inputs), dimension), embeddings.shape
        return embeddings

    def load(self) -> LoadedNetwork:
        """Load the network, once; ``embed`` does so by itself.

        Raises:
            ModelLoadError: The network cannot be loaded.
        """
        if self._network is None:
            with self._lock:
                let_threads_sleep()
                self._network = self._network or self._load_network()
        return self._network

    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        """Embed texts into the space of the images, float32 (B, D).

        Raises:
            EmbeddingError: The model has no text tower.
        """
        with self._lock:
            network = self.load()
            if network.texts is None:
                raise EmbeddingError(
                    f"'{self._name}' has no text tower; choose a model that 'lookalike models' lists with one"
                )
            none = np.empty((0, network.facts.dimension), np.float32)
            embeddings: Embeddings = network.texts(list(texts)) if texts else none
        assert embeddings.shape == (len(texts), network.facts.dimension), embeddings.shape
        return embeddings

    def _embed_batch(self, inputs: Sequence[Pixels]) -> Embeddings:
        """Run one batch and insist on finite numbers."""
        engine = self._require_engine()
        try:
            embeddings = engine.run(np.stack(inputs))
        except IndexerError:
            raise
        except (RuntimeError, MemoryError) as error:  # torch and OpenVINO raise RuntimeError for everything
            raise EmbeddingError(
                f"'{self._name}' failed on a batch of {len(inputs)}: {shorten(error)}; {_ADVICE}"
            ) from error
        n_broken = int((~np.isfinite(embeddings)).any(axis=1).sum())
        if n_broken:
            raise EmbeddingError(
                f"'{self._name}' gave {n_broken} of {len(inputs)} embeddings that are not finite "
                f"({engine.description}); check the weights, or try --device cpu"
            )
        return embeddings

    def _require_known(self) -> KnownModel:
        if self._known is None:
            with self._lock:
                self._known = self._known or self._find_known() or self._learn()
        return self._known

    def _learn(self) -> KnownModel:
        """Load the network to know it, and remember that for the next time."""
        network = self.load()
        known = KnownModel(network.facts, network.files, hash_weights(network.files))
        self._cache.remember(self._cache_key, known)
        return known

    def _require_engine(self) -> Engine:
        if self._engine is None:
            network = self.load()
            self._device = choose_device(self._device)
            self._engine = start_engine(network, device=self._device, engine=self._options.engine)
        return self._engine


def start_engine(network: LoadedNetwork, *, device: str, engine: str) -> Engine:
    """Bring a loaded network onto its device.

    Args:
        network: As loaded, on the CPU.
        device: ``cpu``, ``mps`` or ``cuda:N``.
        engine: One of ``ENGINES``.
    """
    from indexer.embedders.torch_engine import TorchEngine

    if engine == "openvino" or (engine == "auto" and device == "cpu" and has_openvino()):
        try:
            return _start_openvino(network)
        except ModelLoadError as error:
            if engine == "openvino":
                raise
            _logger.warning("%s; running it in torch", error)
    return TorchEngine(network.module, network.facts.preprocessing, device=device, is_exact=engine == "torch-float32")


def _start_openvino(network: LoadedNetwork) -> Engine:
    try:
        from indexer.embedders.openvino_engine import OpenVinoEngine
    except (ImportError, OSError) as error:  # not installed, or built for another machine
        raise ModelLoadError(f"OpenVINO cannot be loaded: {shorten(error)}") from error
    return OpenVinoEngine(network.module, network.facts.preprocessing)
