"""From the name a user says to an embedder; loads nothing heavy."""

from __future__ import annotations

from pathlib import Path

from indexer.embedders import EMBEDDERS
from indexer.embedders.base import Embedder
from indexer.embedders.network_embedder import ENGINES, RunOptions
from indexer.errors import InvalidOptionsError, UnknownNameError

DEFAULT_NAME = "timm:tf_efficientnet_lite0"


def open_embedder(
    model: str | None = None,
    *,
    checkpoint: Path | None = None,
    device: str = "auto",
    batch_size: int | None = None,
    cache_dir: Path | None = None,
    engine: str = "auto",
) -> Embedder:
    """Open an embedder by name; the network is loaded when the first image must be embedded.

    Args:
        model: ``NAME`` or ``timm:NAME`` for a timm backbone, ``hf:NAME`` for a Hugging Face model (a hub name or a
            folder); None for the default.
        checkpoint: Weights file to load instead of the published weights.
        device: ``auto``, ``cpu``, ``mps``, ``cuda`` or ``cuda:N``.
        batch_size: Inputs per forward pass; None for what suits the device. Never changes an embedding.
        cache_dir: Folder where facts about models are remembered, so that the next run need not load them to know them.
        engine: ``auto``, ``torch``, ``torch-float32`` or ``openvino``; see ``ENGINES``.

    Raises:
        UnknownNameError: The prefix before ``:`` is no embedder.
        ConfigurationError: There is no such device.
        InvalidOptionsError: The batch size is not positive, the model has no name, or the engine cannot run on the
            device.
        ModelLoadError: The checkpoint does not exist.
    """
    if batch_size is not None and batch_size < 1:
        raise InvalidOptionsError(f"batch size {batch_size}: must be at least 1")
    if engine not in ENGINES:
        raise UnknownNameError("engine", engine, ENGINES)
    if engine == "openvino" and device not in ("auto", "cpu"):
        raise InvalidOptionsError(f"engine openvino runs on the CPU only, not on '{device}'; leave one of them out")
    prefix, separator, name = (model or DEFAULT_NAME).partition(":")
    kind, name = (prefix, name) if separator else ("timm", prefix)
    if not name.strip():  # of Hugging Face, it would be the folder that the command was started in
        raise InvalidOptionsError(f"model '{model}' has no name; write it as NAME, timm:NAME or hf:NAME")
    options = RunOptions(device, batch_size, cache_dir, engine)
    embedder: Embedder = EMBEDDERS.load(kind)(name, checkpoint=checkpoint, options=options)
    return embedder
