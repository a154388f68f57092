from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from indexer.domain import Pixels
from indexer.embedders import network_embedder
from indexer.embedders.engine import measure_agreement
from indexer.embedders.network_embedder import RunOptions
from indexer.embedders.opening import open_embedder
from indexer.embedders.timm_embedder import DEFAULT_FACTS, TimmEmbedder, find_packaged_weights, read_facts
from indexer.errors import ConfigurationError, ModelLoadError

CPU = RunOptions(device="cpu", engine="torch-float32")


def embed(embedder: TimmEmbedder, crops: list[Pixels]) -> np.ndarray:
    return embedder.embed([embedder.prepare(crop) for crop in crops])


def test_default_facts__are_what_timm_says() -> None:
    embedder = TimmEmbedder("tf_efficientnet_lite0", options=CPU)

    assert embedder._load_network().facts == DEFAULT_FACTS


def test_find_packaged_weights__holds_the_296_tensors_of_the_network_in_order() -> None:
    import timm
    import torch

    packaged = torch.load(find_packaged_weights(), weights_only=True)
    expected = timm.create_model("tf_efficientnet_lite0").state_dict()

    assert len(packaged) == 296
    assert [tensor.shape for tensor in packaged.values()] == [tensor.shape for tensor in expected.values()]


def test_spec__default_model__imports_neither_torch_nor_timm() -> None:
    code = (
        "import sys; from indexer.embedders.opening import open_embedder; e = open_embedder(); e.spec\n"
        "import numpy; e.prepare(numpy.zeros((5, 5, 3), numpy.uint8))\n"
        "assert not e.is_loaded and not {'torch', 'timm'} & set(sys.modules)"
    )

    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[4])


def test_embed__default_model__tells_a_disc_from_stripes() -> None:
    rows, columns = np.indices((64, 64))
    discs = [np.where(np.hypot(rows - 32, columns - 32) < radius, 255, 0) for radius in (18, 22)]
    stripes = [np.where(columns // width % 2, 255, 0) for width in (6, 8)]
    crops = [np.repeat(plane[:, :, None], 3, axis=2).astype(np.uint8) for plane in (*discs, *stripes)]

    embeddings = embed(TimmEmbedder("tf_efficientnet_lite0", options=CPU), crops)

    unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    similarity = unit @ unit.T
    assert similarity[0, 1] > similarity[0, 2:].max()
    assert similarity[2, 3] > similarity[2, :2].max()


@pytest.mark.parametrize(
    "engine",
    [
        "torch",
        pytest.param(
            "openvino", marks=pytest.mark.skipif(find_spec("openvino") is None, reason="OpenVINO is not installed")
        ),
    ],
)
def test_embed__default_model_on_digits__agrees_with_float32(engine: str) -> None:
    from sklearn.datasets import load_digits

    crops = [np.repeat((255 - 15.9 * digit).astype(np.uint8)[:, :, None], 3, axis=2) for digit in load_digits().images]
    embedder = TimmEmbedder("tf_efficientnet_lite0", options=RunOptions(device="cpu", engine=engine))

    embeddings = embed(embedder, crops[:24])

    assert embedder.engine.startswith(engine)
    assert measure_agreement(embeddings, embed(TimmEmbedder("tf_efficientnet_lite0", options=CPU), crops[:24])) >= 0.999


def test_embed__checkpoint__is_finite_and_of_the_stated_dimension(timm_checkpoint: Path, crops: list[Pixels]) -> None:
    embedder = TimmEmbedder("test_resnet", checkpoint=timm_checkpoint, options=CPU)

    embeddings = embed(embedder, crops)

    assert embeddings.shape == (5, embedder.spec.dimension)
    assert embeddings.dtype == np.float32
    assert embedder.engine.startswith("torch float32 on cpu")


@pytest.mark.parametrize(("n_cores", "batch_size"), [(1, 16), (2, 16), (16, 128), (96, 256)])
def test_batch_size__by_default__keeps_every_core_busy(
    monkeypatch: pytest.MonkeyPatch, n_cores: int, batch_size: int
) -> None:
    monkeypatch.setattr(network_embedder, "count_cores", lambda: n_cores)

    assert TimmEmbedder("tf_efficientnet_lite0", options=CPU).batch_size == batch_size
    assert TimmEmbedder("tf_efficientnet_lite0", options=RunOptions("cpu", batch_size=3)).batch_size == 3


@pytest.mark.parametrize("batch_size", [1, 2, 5])
def test_embed__batch_size__never_changes_embeddings(
    timm_checkpoint: Path, crops: list[Pixels], batch_size: int
) -> None:
    options = RunOptions(device="cpu", engine="torch-float32", batch_size=batch_size)
    reference = embed(TimmEmbedder("test_resnet", checkpoint=timm_checkpoint, options=CPU), crops)

    embeddings = embed(TimmEmbedder("test_resnet", checkpoint=timm_checkpoint, options=options), crops)

    np.testing.assert_allclose(embeddings, reference, rtol=1e-4, atol=1e-5)


def test_embed__no_inputs__is_an_empty_array(timm_checkpoint: Path) -> None:
    embedder = TimmEmbedder("test_resnet", checkpoint=timm_checkpoint, options=CPU)

    assert embedder.embed([]).shape == (0, embedder.spec.dimension)


def test_spec__remembered_facts__need_no_network(timm_checkpoint: Path, tmp_path: Path) -> None:
    options = RunOptions(device="cpu", cache_dir=tmp_path)
    first = TimmEmbedder("test_resnet", checkpoint=timm_checkpoint, options=options)
    second = TimmEmbedder("test_resnet", checkpoint=timm_checkpoint, options=options)

    assert first.spec == second.spec
    assert first.is_loaded
    assert not second.is_loaded


def test_spec__one_weight_changed__has_another_fingerprint(timm_checkpoint: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(timm_checkpoint)
    weights["fc.bias"][0] += 1
    save_file(weights, tmp_path / "other.safetensors")

    specs = [
        TimmEmbedder("test_resnet", checkpoint=file, options=CPU).spec
        for file in (timm_checkpoint, tmp_path / "other.safetensors")
    ]

    assert specs[0].fingerprint != specs[1].fingerprint


def test_checkpoint__own_number_of_classes__fits(tmp_path: Path) -> None:
    import timm
    import torch

    torch.save({"state_dict": timm.create_model("test_resnet", num_classes=7).state_dict()}, tmp_path / "tuned.pth")

    assert TimmEmbedder("test_resnet", checkpoint=tmp_path / "tuned.pth", options=CPU).spec.dimension > 0


def test_checkpoint__saved_without_classifier__fits(tmp_path: Path) -> None:
    import timm
    import torch

    torch.save(timm.create_model("test_resnet", num_classes=0).state_dict(), tmp_path / "backbone.pth")

    assert TimmEmbedder("test_resnet", checkpoint=tmp_path / "backbone.pth", options=CPU).spec.dimension > 0


def test_checkpoint__of_another_network__names_the_keys(timm_checkpoint: Path) -> None:
    embedder = TimmEmbedder("test_vit", checkpoint=timm_checkpoint, options=CPU)

    with pytest.raises(ModelLoadError, match=r"does not fit 'test_vit'.*(Missing|Unexpected) key"):
        _ = embedder.spec


def test_checkpoint__with_code_in_its_pickle__is_refused(tmp_path: Path) -> None:
    file = tmp_path / "evil.pth"
    file.write_bytes(pickle.dumps({"weights": Path("code that a pickle may run")}))

    with pytest.raises(ModelLoadError, match="evil"):
        _ = TimmEmbedder("test_resnet", checkpoint=file, options=CPU).spec


def test_checkpoint__that_does_not_exist__is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match="no checkpoint file"):
        TimmEmbedder("test_resnet", checkpoint=tmp_path / "none.pth", options=CPU)


@pytest.mark.parametrize(
    ("answer", "message"),
    [(lambda _: [1, 2], "does not give one vector"), (lambda images: images.view(7), "cannot embed an image")],
)
def test_read_facts__network_without_one_vector__is_refused(answer: Callable, message: str) -> None:
    import timm

    network = timm.create_model("test_resnet", num_classes=0)
    network.forward = answer

    with pytest.raises(ModelLoadError, match=message):
        read_facts(network, "test_resnet")


def test_spec__unknown_name__suggests_close_ones() -> None:
    with pytest.raises(ModelLoadError, match=r"no model 'resnet5O'; did you mean .*resnet50"):
        _ = TimmEmbedder("resnet5O", options=CPU).spec


def test_spec__unknown_tag__lists_the_known() -> None:
    with pytest.raises(ModelLoadError, match=r"no weights tagged 'none' for 'resnet18'; known: .*resnet18\.a1_in1k"):
        _ = TimmEmbedder("resnet18.none", options=CPU).spec


def test_spec__weights_in_the_hub_cache__are_used(
    monkeypatch: pytest.MonkeyPatch, timm_checkpoint: Path, tmp_path: Path
) -> None:
    import huggingface_hub

    (tmp_path / "model.safetensors").write_bytes(timm_checkpoint.read_bytes())
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, **__: str(tmp_path))

    hub = TimmEmbedder("test_resnet", options=CPU).spec

    assert hub.fingerprint == TimmEmbedder("test_resnet", checkpoint=timm_checkpoint, options=CPU).spec.fingerprint


def test_open_embedder__device_that_does_not_exist__is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"no device 'cuda:99'; this machine has: .*cpu"):
        open_embedder(device="cuda:99")
