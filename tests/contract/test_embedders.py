"""Every registered embedder keeps the promises of ``indexer.embedders.base``."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from indexer.embedders import EMBEDDERS
from indexer.embedders.base import Embedder
from indexer.embedders.opening import open_embedder
from indexer.errors import EmbeddingError, InvalidOptionsError, UnknownNameError

SHAPES = [(30, 30), (9, 40), (40, 9), (1, 1), (200, 300)]


def save_timm(folder: Path) -> tuple[str, Path | None]:
    import timm
    import torch

    torch.manual_seed(0)
    torch.save(timm.create_model("test_resnet").state_dict(), folder / "weights.pth")
    return "timm:test_resnet", folder / "weights.pth"


def save_huggingface(folder: Path) -> tuple[str, Path | None]:
    transformers = pytest.importorskip("transformers", reason="the huggingface extra is not installed")
    import torch

    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = transformers.ViTConfig(**sizes, image_size=32, patch_size=8)
    transformers.utils.logging.disable_progress_bar()
    transformers.ViTModel(config).save_pretrained(folder)
    transformers.ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
    return f"hf:{folder}", None


SAVERS: dict[str, Callable[[Path], tuple[str, Path | None]]] = {"timm": save_timm, "hf": save_huggingface}


@pytest.fixture(scope="module", params=list(EMBEDDERS))
def open_again(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Embedder]:
    """Opens one tiny model of the registry entry, each time anew, facts remembered."""
    folder = tmp_path_factory.mktemp(request.param)
    name, checkpoint = SAVERS[request.param](folder)
    cache_dir = tmp_path_factory.mktemp("cache")
    return lambda: open_embedder(name, checkpoint=checkpoint, device="cpu", batch_size=4, cache_dir=cache_dir)


@pytest.fixture(scope="module")
def embedder(open_again: Callable[[], Embedder]) -> Embedder:
    return open_again()


@pytest.fixture(scope="module")
def inputs(embedder: Embedder) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [embedder.prepare(rng.integers(0, 256, (*shape, 3), dtype=np.uint8)) for shape in SHAPES]


def test_prepare__any_shape__is_the_input_size(embedder: Embedder, inputs: list[np.ndarray]) -> None:
    for prepared in inputs:
        assert prepared.shape == (*embedder.spec.input_size_hw, 3)
        assert prepared.dtype == np.uint8
        assert prepared.flags.c_contiguous


def test_embed__batch__is_finite_float32_of_the_stated_dimension(embedder: Embedder, inputs: list[np.ndarray]) -> None:
    embeddings = embedder.embed(inputs)

    assert embeddings.shape == (len(inputs), embedder.spec.dimension)
    assert embeddings.dtype == np.float32
    assert np.isfinite(embeddings).all()


def test_embed__one_by_one__equals_the_batch(embedder: Embedder, inputs: list[np.ndarray]) -> None:
    alone = np.concatenate([embedder.embed([prepared]) for prepared in inputs])

    np.testing.assert_allclose(alone, embedder.embed(inputs), rtol=1e-2, atol=1e-3)


def test_embed__nothing__is_an_empty_array(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.spec.dimension)


def test_embed__from_four_threads__equals_one(embedder: Embedder, inputs: list[np.ndarray]) -> None:
    results: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: results.append(embedder.embed(inputs))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(results) == 4
    for result in results:
        np.testing.assert_array_equal(result, results[0])


def test_engine__after_embedding__says_how_it_runs(embedder: Embedder, inputs: list[np.ndarray]) -> None:
    embedder.embed(inputs[:1])

    assert "on cpu" in embedder.engine
    assert embedder.is_loaded
    assert embedder.batch_size == 4


def test_spec__opened_again__is_equal_and_loads_nothing(embedder: Embedder, open_again: Callable[[], Embedder]) -> None:
    spec = embedder.spec

    again = open_again()

    assert again.spec == spec
    again.prepare(np.zeros((3, 3, 3), np.uint8))
    assert not again.is_loaded
    assert again.engine == ""


def test_embed_texts__no_text_tower__is_refused(embedder: Embedder) -> None:
    assert not embedder.spec.has_text_tower
    with pytest.raises(EmbeddingError, match="no text tower"):
        embedder.embed_texts(["a word"])


def test_open_embedder__no_name__is_the_packaged_model() -> None:
    assert open_embedder().spec.name == "timm:tf_efficientnet_lite0" == open_embedder("tf_efficientnet_lite0").spec.name


def test_open_embedder__unknown_prefix__lists_the_known() -> None:
    with pytest.raises(UnknownNameError, match="unknown embedder 'onnx'; known: hf, timm"):
        open_embedder("onnx:resnet18")


def test_open_embedder__unknown_engine__lists_the_known() -> None:
    with pytest.raises(UnknownNameError, match="unknown engine 'fast'; known: auto, openvino"):
        open_embedder(engine="fast")


@pytest.mark.parametrize("options", [{"batch_size": 0}, {"engine": "openvino", "device": "cuda"}])
def test_open_embedder__impossible_options__are_refused(options: dict) -> None:
    with pytest.raises(InvalidOptionsError):
        open_embedder(**options)
