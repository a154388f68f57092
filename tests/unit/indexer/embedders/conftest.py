"""Tiny models with random weights, saved the way real ones are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from indexer.domain import Pixels


@pytest.fixture
def crops() -> list[Pixels]:
    """Five crops of different shapes: smooth ramps, so that neighbors of a pixel resemble it."""
    ramps = [np.linspace(0, 40 * (i + 1), 30 * (20 + i)).reshape(30, 20 + i, 1) for i in range(5)]
    return [np.concatenate([ramp, ramp[::-1], ramp[:, ::-1]], axis=2).astype(np.uint8) for ramp in ramps]


@pytest.fixture(scope="session")
def timm_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of timm's smallest network, ``test_resnet``, as safetensors."""
    import timm
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    file = tmp_path_factory.mktemp("timm") / "test_resnet.safetensors"
    save_file(timm.create_model("test_resnet").state_dict(), file)
    return file


@pytest.fixture(scope="session")
def save_huggingface(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A function that saves a model, and an image processor for 32 x 32 pixels, to a folder of its own."""

    def save(model_class: str, config_class: str, **config: object) -> Path:
        import torch
        import transformers

        torch.manual_seed(0)
        folder = tmp_path_factory.mktemp(model_class)
        transformers.utils.logging.disable_progress_bar()
        model = getattr(transformers, model_class)(getattr(transformers, config_class)(**config))
        model.save_pretrained(folder)
        transformers.ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
        return folder

    return save
