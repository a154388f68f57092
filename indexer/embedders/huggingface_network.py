"""The torch side of a Hugging Face model: how its output becomes one vector, for images and for texts.

Import this module only where a network is about to be loaded: it imports torch and transformers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from torch import Tensor, nn

from indexer.domain import Embeddings
from indexer.embedders.base import shorten
from indexer.embedders.engine import make_probe
from indexer.embedders.preprocessing import Preprocessing
from indexer.errors import ModelLoadError

_RESAMPLE = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic"}  # Pillow's numbers
_CLASS_TOKENS = ("cls_token", "class_embedding", "class_token")


class OneVectorNetwork(nn.Module):
    """A transformers model that answers with one vector an image.

    Args:
        model: Takes ``pixel_values``.
        reduction: How its output becomes one vector: ``image features`` (of a model with two towers), ``pooler``,
            ``class token``, ``mean of tokens`` or ``mean of map``. Part of the fingerprint.
    """

    def __init__(self, model: Any, reduction: str) -> None:
        super().__init__()
        self.model = model
        self.reduction = reduction

    def forward(self, pixels: Tensor) -> Tensor:
        """Embed normalised float RGB (B, 3, H, W) into (B, D)."""
        if self.reduction == "image features":
            return _as_tensor(self.model.get_image_features(pixel_values=pixels))
        output = self.model(pixel_values=pixels)
        if self.reduction == "pooler":
            pooled: Tensor = output.pooler_output
            return pooled.flatten(1)  # convolutional models keep a map of 1 x 1
        hidden: Tensor = output.last_hidden_state
        if self.reduction == "class token":
            return hidden[:, 0]
        return hidden.mean(dim=1) if self.reduction == "mean of tokens" else hidden.mean(dim=(2, 3))


def read_preprocessing(folder: Path) -> Preprocessing:
    """Translate a model's image processor.

    Raises:
        ModelLoadError: There is none, or it asks for what a letterbox cannot give.
    """
    try:
        with _quiet():
            processor = transformers.AutoImageProcessor.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError, ImportError) as error:
        problem = f"no readable image processor (preprocessor_config.json) in '{folder}'"
        raise ModelLoadError(f"{problem}: {shorten(error)}") from error
    values = processor.to_dict()
    if values.get("do_flip_channel_order"):
        raise ModelLoadError(f"'{folder.name}' wants its colours in BGR order, which is not supported; choose another")
    # Pixels are scaled by 1/255 here; another factor of the model's own moves into mean and deviation.
    factor = 255 * (values.get("rescale_factor") or 1 / 255) if values.get("do_rescale", True) else 255.0
    is_normalized = values.get("do_normalize", True) and values.get("image_mean") is not None
    mean, std = (values["image_mean"], values["image_std"]) if is_normalized else ((0.0,), (1.0,))
    return Preprocessing.from_values(
        _read_size_hw(values, folder),
        mean=[value / factor for value in mean],
        std=[value / factor for value in std],
        interpolation=_RESAMPLE.get(values.get("resample", 2), "bilinear"),
    )


def load_image_network(folder: Path, preprocessing: Preprocessing) -> tuple[OneVectorNetwork, int]:
    """Load a model from a folder and find out how it gives one vector an image.

    Returns:
        The network, and the length of its vectors.

    Raises:
        ModelLoadError: The folder does not fit, weights are missing in it, or the model has no such vector.
    """
    model, is_pooler_trained = _load_model(folder)
    pixels = torch.from_numpy(make_probe(preprocessing.input_size_hw, n_images=2)).permute(0, 3, 1, 2) / 255
    try:
        with torch.inference_mode():
            network = OneVectorNetwork(model, _choose_reduction(model, pixels, is_pooler_trained=is_pooler_trained))
            return network, _measure_dimension(network, pixels)
    except Exception as error:  # hundreds of architectures, each failing in its own way
        raise ModelLoadError(
            f"'{folder.name}' ({type(model).__name__}) gives no single vector an image: {shorten(error)}; "
            "choose an image encoder, see 'lookalike models'"
        ) from error


def load_text_tower(folder: Path, model: Any) -> Callable[[list[str]], Embeddings] | None:
    """The function that embeds texts beside the images of ``model``, or None where it has no text tower.

    Every text is padded to the model's full length, as SigLIP was trained, so that no text's embedding depends on
    the others in its batch.

    Raises:
        ModelLoadError: The model has a text tower but its tokenizer cannot be read.
    """
    if not (hasattr(model, "get_text_features") and hasattr(model, "get_image_features")):
        return None
    try:
        with _quiet():
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # tokenizers come in as many ways as models
        raise ModelLoadError(f"no readable tokenizer in '{folder}': {shorten(error)}") from error
    length = model.config.text_config.max_position_embeddings

    def embed_texts(texts: list[str]) -> Embeddings:
        tokens = tokenizer(texts, padding="max_length", truncation=True, max_length=length, return_tensors="pt")
        inputs = {name: tokens[name].to(model.device) for name in tokenizer.model_input_names}
        with torch.inference_mode():
            features = _as_tensor(model.get_text_features(**inputs))
        return features.float().cpu().numpy().astype(np.float32, copy=False)

    return embed_texts


def _load_model(folder: Path) -> tuple[Any, bool]:
    """The model in float32, and whether its pooler's weights were in the folder.

    transformers fills what is missing with random numbers. Classifiers are saved without the pooler of their base
    model, which is then left aside; anything else that is missing is an error.
    """
    try:
        with _quiet():
            model, report = transformers.AutoModel.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, output_loading_info=True
            )
    except Exception as error:  # any file meets any architecture
        raise ModelLoadError(f"cannot load the model in '{folder}': {shorten(error)}") from error
    missing = sorted(report["missing_keys"])
    lost = [key for key in missing if "pooler" not in key]
    if lost or report.get("mismatched_keys"):
        keys = ", ".join(lost[:3]) or shorten(report["mismatched_keys"])
        raise ModelLoadError(
            f"the weights in '{folder}' do not fit {type(model).__name__}: {len(lost)} missing, {keys}"
        )
    return model.float().eval(), not missing


def _choose_reduction(model: Any, pixels: Tensor, *, is_pooler_trained: bool) -> str:
    """The model's own summary of an image where it has one, then the class token, then the mean."""
    if hasattr(model, "get_image_features"):
        return "image features"
    if getattr(model.config, "is_encoder_decoder", False):
        raise ValueError("it decodes a sequence of objects or words")
    output = model(pixel_values=pixels)
    if is_pooler_trained and output.get("pooler_output") is not None:
        return "pooler"
    hidden = output.get("last_hidden_state")
    if hidden is None:
        raise ValueError(f"its output has only {', '.join(output)}")
    if hidden.ndim == 4:
        return "mean of map"
    has_class_token = any(name.rpartition(".")[2] in _CLASS_TOKENS for name, _ in model.named_parameters())
    return "class token" if has_class_token else "mean of tokens"


def _measure_dimension(network: OneVectorNetwork, pixels: Tensor) -> int:
    """The length of the vectors, after making sure that they are vectors and depend on nothing but the image."""
    first, second = network(pixels), network(pixels)
    if first.ndim != 2 or len(first) != len(pixels):
        raise ValueError(f"its output has shape {tuple(first.shape)}")
    if not torch.allclose(first, second, rtol=1e-3, atol=1e-5):
        raise ValueError("it answers differently to the same image, as models that mask at random do")
    return int(first.shape[1])


def _as_tensor(features: Any) -> Tensor:
    """Features as transformers 4 (a tensor) and 5 (an output with a pooler) return them."""
    tensor: Tensor = features if isinstance(features, Tensor) else features.pooler_output
    return tensor


def _read_size_hw(values: Mapping[str, Any], folder: Path) -> tuple[int, int]:
    """The size that reaches the network: after the centre crop, if there is one."""
    cropped = values.get("crop_size") if values.get("do_center_crop") else None
    size = cropped or values.get("size") or {}
    if isinstance(size, int):
        return size, size
    edge = size.get("shortest_edge") or size.get("longest_edge")
    height, width = size.get("height") or edge, size.get("width") or edge
    if not (height and width):
        raise ModelLoadError(f"the image processor in '{folder}' states no input size")
    return int(height), int(width)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep transformers from drawing bars and reports: a library does not print."""
    log = transformers.utils.logging
    verbosity, has_bar = log.get_verbosity(), log.is_progress_bar_enabled()
    log.set_verbosity_error()
    log.disable_progress_bar()
    try:
        yield
    finally:
        log.set_verbosity(verbosity)
        if has_bar:
            log.enable_progress_bar()
