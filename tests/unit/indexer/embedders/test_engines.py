from __future__ import annotations

import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from indexer.embedders import network_embedder, torch_engine
from indexer.embedders.devices import describe_engines
from indexer.embedders.engine import LEAST_AGREEMENT, make_probe, measure_agreement
from indexer.embedders.model_facts import ModelFacts
from indexer.embedders.network_embedder import LoadedNetwork, start_engine
from indexer.embedders.preprocessing import Preprocessing
from indexer.embedders.torch_engine import TorchEngine, find_start
from indexer.errors import ModelLoadError

needs_openvino = pytest.mark.skipif(find_spec("openvino") is None, reason="OpenVINO is not installed")
SMALL = Preprocessing((32, 32), (0.5, 0.4, 0.3), (0.5, 0.25, 0.2), "bilinear")
BATCH = make_probe((32, 32), n_images=5)


class Pooled(nn.Module):
    """Two strided convolutions and a mean, small enough to be read."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.halve = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.widen = nn.Conv2d(4, 9, 1)
        self.quarter = nn.Conv2d(9, 8, 3, stride=2, padding=1)
        self.eighth = nn.Conv2d(8, 16, 3, stride=2, padding=1)

    def forward(self, pixels: Tensor) -> Tensor:
        maps = self.widen(torch.relu(self.halve(pixels)))
        return self.eighth(torch.relu(self.quarter(maps))).mean(dim=(2, 3))


class Cancelling(Pooled):
    """Its answer is a small difference of large numbers, which 16 bits cannot hold."""

    def forward(self, pixels: Tensor) -> Tensor:
        embeddings = super().forward(pixels)
        large = embeddings.mean(dim=0, keepdim=True).to(embeddings.dtype) + 1000
        return (embeddings + large) - large


class Memory(Pooled):
    """Fails as on a GPU whose memory holds so many images at once."""

    def __init__(self, n_images: int) -> None:
        super().__init__()
        self.n_images, self.seen = n_images, list[int]()

    def forward(self, pixels: Tensor) -> Tensor:
        self.seen.append(len(pixels))
        if len(pixels) > self.n_images:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return super().forward(pixels)


def run_plainly(network: nn.Module, batch: np.ndarray) -> np.ndarray:
    pixels = torch.from_numpy(batch).permute(0, 3, 1, 2) / 255
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (SMALL.mean, SMALL.std))
    with torch.inference_mode():
        return network((pixels - mean) / std).numpy()


def test_make_probe__twice__is_the_same_and_of_full_range() -> None:
    probe = make_probe((16, 24))

    assert probe.shape == (8, 16, 24, 3)
    assert np.array_equal(probe, make_probe((16, 24)))
    assert set(np.unique(probe[-1])) == {40, 235}


def test_measure_agreement__turned_by_60_degrees_in_one_of_two_rows() -> None:
    reference = np.array([[2, 0], [1, 0]], np.float32)
    turned = np.array([[1, 0], [0.5, np.sqrt(0.75)]], np.float32)

    assert measure_agreement(turned, reference) == pytest.approx((1 + 0.5) / 2)


def test_measure_agreement__not_finite__is_none() -> None:
    assert measure_agreement(np.array([[np.nan, 1]], np.float32), np.ones((1, 2), np.float32)) == 0


@pytest.mark.parametrize(("end", "names"), [(1, []), (2, ["halve"]), (4, ["halve", "widen", "quarter"])])
def test_find_start__ends_with_the_smallest_map_that_is_large_enough(end: int, names: list[str]) -> None:
    network = Pooled()
    pixel_network = torch_engine.PixelNetwork(network, SMALL)

    start = find_start(pixel_network, torch.from_numpy(BATCH[:1]), end=end)

    assert start == [network.get_submodule(name) for name in names]


def test_torch_engine__exact__equals_the_plain_way() -> None:
    engine = TorchEngine(Pooled(), SMALL, device="cpu", is_exact=True)

    np.testing.assert_allclose(engine.run(BATCH), run_plainly(Pooled(), BATCH), rtol=1e-4, atol=1e-5)
    assert engine.description == "torch float32 on cpu"


def test_torch_engine__memory_for_fewer_images__embeds_them_all_and_remembers(caplog: pytest.LogCaptureFixture) -> None:
    network = Memory(2)
    engine = TorchEngine(network, SMALL, device="cpu", is_exact=True)
    batch = np.concatenate([BATCH] * 6)

    with caplog.at_level(logging.WARNING):
        np.testing.assert_allclose(engine.run(batch), run_plainly(Pooled(), batch), rtol=1e-4, atol=1e-5)
    assert max(network.seen) > 2
    assert "CUDA out of memory; from now on" in caplog.text

    network.seen.clear()
    engine.run(batch)
    assert max(network.seen) <= 2


def test_torch_engine__memory_for_no_image__says_so() -> None:
    engine = TorchEngine(Memory(0), SMALL, device="cpu", is_exact=True)

    with pytest.raises(torch.cuda.OutOfMemoryError, match="out of memory"):
        engine.run(BATCH)


def test_torch_engine__on_cpu__leaves_torch_s_threads_to_others() -> None:
    before = torch.get_num_threads()
    engine = TorchEngine(Pooled(), SMALL, device="cpu", is_exact=True)
    engine.run(BATCH)

    with ThreadPoolExecutor(1) as other:
        assert other.submit(torch.get_num_threads).result() == before
    assert engine._pool is not None
    assert engine._pool.submit(torch.get_num_threads).result() == 1


def test_torch_engine__native_bfloat16__is_used_where_it_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_engine, "has_native_bfloat16", lambda: True)

    engine = TorchEngine(Pooled(), SMALL, device="cpu")

    assert engine.description.startswith("torch bfloat16 on cpu (cosine with float32 ")
    assert measure_agreement(engine.run(BATCH), run_plainly(Pooled(), BATCH)) >= LEAST_AGREEMENT


def test_torch_engine__bfloat16_disagrees__is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(torch_engine, "has_native_bfloat16", lambda: True)

    with caplog.at_level(logging.WARNING):
        engine = TorchEngine(Cancelling(), SMALL, device="cpu")

    assert engine.description.startswith("torch float32 on cpu (bfloat16 refused: cosine with float32")
    assert engine.description in caplog.text
    np.testing.assert_allclose(engine.run(BATCH), run_plainly(Cancelling(), BATCH), rtol=1e-2, atol=1e-3)


@needs_openvino
def test_openvino_engine__agrees_with_torch_for_every_batch_size() -> None:
    from indexer.embedders.openvino_engine import OpenVinoEngine

    engine = OpenVinoEngine(Pooled(), SMALL)

    embeddings = engine.run(BATCH)
    assert engine.description.startswith("openvino ")
    assert measure_agreement(embeddings, run_plainly(Pooled(), BATCH)) >= LEAST_AGREEMENT
    np.testing.assert_array_equal(np.concatenate([engine.run(BATCH[i : i + 1]) for i in range(5)]), embeddings)


@needs_openvino
@pytest.mark.parametrize(("end", "cut_shape"), [(2, (5, 4, 16, 16)), (4, (5, 8, 8, 8))])
def test_split_after_start__one_part_after_the_other__is_the_whole(end: int, cut_shape: tuple[int, ...]) -> None:
    from indexer.embedders import openvino_engine

    model = openvino_engine._convert(torch_engine.PixelNetwork(Pooled(), SMALL).eval(), BATCH[:1])
    parts = openvino_engine.split_after_start(model.clone(), end=end)

    assert parts is not None
    start, rest = (openvino_engine._compile(part, "f32") for part in parts)
    assert start(BATCH).shape == cut_shape
    np.testing.assert_allclose(rest(start(BATCH)), run_plainly(Pooled(), BATCH), rtol=1e-4, atol=1e-5)


@needs_openvino
def test_openvino_engine__network_that_cannot_be_traced__is_refused() -> None:
    from indexer.embedders.openvino_engine import OpenVinoEngine

    class Listing(Pooled):
        def forward(self, pixels: Tensor) -> Tensor:
            return torch.tensor(super().forward(pixels).tolist())

    with pytest.raises(ModelLoadError, match="OpenVINO cannot run Listing"):
        OpenVinoEngine(Listing(), SMALL)


def test_start_engine__without_openvino__is_torch(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    network = LoadedNetwork(Pooled(), ModelFacts(16, SMALL), ())

    assert describe_engines() == "torch (OpenVINO is not installed; on a CPU it is nearly twice as fast)"
    engine = start_engine(network, device="cpu", engine="auto")
    assert engine.description.startswith("torch ")
    assert measure_agreement(engine.run(BATCH), run_plainly(Pooled(), BATCH)) >= LEAST_AGREEMENT


def test_start_engine__openvino_that_cannot_be_loaded(monkeypatch, caplog) -> None:
    monkeypatch.setitem(sys.modules, "indexer.embedders.openvino_engine", None)
    monkeypatch.setattr(network_embedder, "has_openvino", lambda: True)
    network = LoadedNetwork(Pooled(), ModelFacts(16, SMALL), ())

    with pytest.raises(ModelLoadError, match="OpenVINO cannot be loaded: "):
        start_engine(network, device="cpu", engine="openvino")
    assert start_engine(network, device="cpu", engine="auto").description.startswith("torch ")
    assert "OpenVINO cannot be loaded" in caplog.text
    assert "running it in torch" in caplog.text


@needs_openvino
def test_openvino_engine__sends_nothing_and_writes_nothing_at_home(tmp_path) -> None:
    check = "import indexer.embedders.openvino_engine, sys; print([n for n in sys.modules if 'telemetry' in n])"
    environment = {**os.environ, "HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path), "CI": ""}
    done = subprocess.run([sys.executable, "-c", check], env=environment, capture_output=True, text=True, check=True)

    loaded = done.stdout.strip()
    assert "openvino_telemetry" not in loaded.replace("openvino.tools.ovc.telemetry", "")
    assert list(tmp_path.iterdir()) == []
