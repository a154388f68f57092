"""Any image model of transformers that gives one vector an image, with its text tower where it has one."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from indexer.embedders.hub_downloads import download_folder, find_cached_folder
from indexer.embedders.model_facts import KnownModel, ModelFacts
from indexer.embedders.network_embedder import LoadedNetwork, NetworkEmbedder, RunOptions
from indexer.errors import InvalidOptionsError, ModelLoadError

_SMALL_FILES = ("*.json", "*.txt", "*.model")  # configuration and tokenizers
_WEIGHTS = ("model*.safetensors", "pytorch_model*.bin")  # in transformers' own order of preference
_WITHOUT_HUB = "copy it from another machine and give its folder as hf:FOLDER"


class HuggingFaceEmbedder(NetworkEmbedder):
    """A model by its hub name, or by the folder it was saved to with ``save_pretrained``.

    Args:
        model: For example ``facebook/dinov2-small``, or a folder.
        checkpoint: Not for these models: their weights are part of the folder.
        options: Device, batch size, cache and engine.

    Raises:
        ConfigurationError: There is no such device.
        InvalidOptionsError: A checkpoint was given.
    """

    def __init__(self, model: str, *, checkpoint: Path | None = None, options: RunOptions) -> None:
        if checkpoint is not None:
            raise InvalidOptionsError(
                f"a checkpoint does not go with 'hf:{model}'; give the model's folder as hf:FOLDER"
            )
        folder = Path(model)
        self._model = str(folder.resolve()) if folder.is_dir() else model
        super().__init__(f"hf:{self._model}", cache_key=f"hf:{self._model}", options=options)

    def _find_known(self) -> KnownModel | None:
        return self._cache.find(self._cache_key)

    def _load_network(self) -> LoadedNetwork:
        if find_spec("transformers") is None:
            raise ModelLoadError(f"'hf:{self._model}' needs transformers; install it with: pip install transformers")
        from indexer.embedders.huggingface_network import load_image_network, load_text_tower, read_preprocessing

        # Where facts are remembered, the very folder they belong to: a newer revision must not slip under its hash.
        folder = self._known.files[0].parent if self._known else locate_folder(self._model)
        files = list_model_files(folder)
        preprocessing = read_preprocessing(folder)
        network, dimension = load_image_network(folder, preprocessing)
        texts = load_text_tower(folder, network.model)
        facts = ModelFacts(dimension, preprocessing, network.reduction, has_text_tower=texts is not None)
        return LoadedNetwork(network, facts, files, texts)


def locate_folder(model: str) -> Path:
    """The folder of a model: given as such, in the hub's local cache, or downloaded to there.

    Raises:
        ModelLoadError: There is no such folder or model, or the hub cannot be reached.
    """
    if Path(model).is_dir():
        return Path(model)
    if Path(model).is_absolute() or model.startswith("."):
        raise ModelLoadError(f"no model folder '{model}'")
    cached = find_cached_folder(model)
    if cached and _find_weights(cached):
        return cached
    for weights in _WEIGHTS:
        folder = download_folder(model, (*_SMALL_FILES, weights), model=f"hf:{model}", instead=_WITHOUT_HUB)
        if _find_weights(folder):
            return folder
    raise ModelLoadError(f"'{model}' holds no weights ({' or '.join(_WEIGHTS)}); choose another model")


def list_model_files(folder: Path) -> tuple[Path, ...]:
    """The files that determine an embedding: weights and the two configurations.

    Raises:
        ModelLoadError: The folder holds no weights.
    """
    weights = _find_weights(folder)
    if not weights:
        raise ModelLoadError(f"'{folder}' holds no weights ({' or '.join(_WEIGHTS)})")
    configurations = [folder / name for name in ("config.json", "preprocessor_config.json", "processor_config.json")]
    return (*weights, *(file for file in configurations if file.is_file()))


def _find_weights(folder: Path) -> list[Path]:
    """The weights files that transformers would read, in order; empty if there are none."""
    found = (sorted(folder.glob(pattern)) for pattern in _WEIGHTS)
    return next((files for files in found if files), [])
