from __future__ import annotations

from pathlib import Path

import pytest

from indexer.embedders import EMBEDDERS, catalogue
from indexer.embedders.catalogue import PACKAGED, RECOMMENDED, RecommendedModel, is_available, recommended_models

TIMM = [model for model in RECOMMENDED if model.name.startswith("timm:")]


@pytest.mark.parametrize("model", TIMM, ids=[model.name for model in TIMM])
def test_recommended__timm_model__is_what_timm_builds(model: RecommendedModel) -> None:
    import timm
    import torch

    with torch.device("meta"):
        network = timm.create_model(model.name.removeprefix("timm:"), num_classes=0).eval()
        side = timm.data.resolve_model_data_config(network)["input_size"][-1]
        output = network(torch.zeros(1, 3, side, side, device="meta"))

    n_millions = sum(parameter.numel() for parameter in network.parameters()) / 1e6
    assert (output.shape[1], side) == (model.dimension, model.input_px)
    assert n_millions == pytest.approx(model.n_parameters, abs=0.06)
    assert network.pretrained_cfg["hf_hub_id"].partition(".")[0] == model.repository.partition(".")[0]
    assert network.pretrained_cfg["license"] == model.license


def test_recommended__names__open_and_are_unique() -> None:
    names = [model.name for model in RECOMMENDED]

    assert len(set(names)) == len(names)
    assert {name.partition(":")[0] for name in names} == set(EMBEDDERS)


def test_recommended_models__rows__are_json_ready() -> None:
    row = recommended_models()[0]

    assert row == {
        "name": "timm:tf_efficientnet_lite0",
        "dimension": 1280,
        "input_px": 224,
        "n_parameters": 3.4,
        "license": "apache-2.0",
        "purpose": PACKAGED.purpose,
        "has_text_tower": False,
        "size_mb": 14,
        "is_available": True,
    }


@pytest.mark.parametrize(("files", "expected"), [([], False), (["config.json"], False), (["model.safetensors"], True)])
def test_is_available__snapshot_in_the_cache__counts_if_it_holds_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: list[str], expected: bool
) -> None:
    for file in files:
        (tmp_path / file).touch()
    monkeypatch.setattr(catalogue, "find_cached_folder", lambda _: tmp_path)

    assert is_available(RECOMMENDED[1]) is expected


def test_is_available__not_in_the_cache() -> None:
    never_published = RecommendedModel("hf:nobody/nothing-of-the-kind", 1, 1, 1, "mit", "")

    assert not is_available(never_published)
