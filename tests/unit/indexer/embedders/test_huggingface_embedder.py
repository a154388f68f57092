from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("transformers", reason="the huggingface extra is not installed")

from indexer.domain import Pixels
from indexer.embedders.huggingface_embedder import HuggingFaceEmbedder
from indexer.embedders.huggingface_network import read_preprocessing
from indexer.embedders.network_embedder import RunOptions
from indexer.embedders.preprocessing import Preprocessing
from indexer.errors import EmbeddingError, InvalidOptionsError, ModelLoadError

CPU = RunOptions(device="cpu", engine="torch-float32")
Save = Callable[..., Path]

TRANSFORMER = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "image_size": 32,
    "patch_size": 8,
}
TEXT = {k: TRANSFORMER[k] for k in ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads")}
SWIN = {"embed_dim": 8, "depths": [1, 1], "num_heads": [1, 2], "window_size": 4, "image_size": 32}
SEGFORMER = {"hidden_sizes": [8, 8, 8, 24], "depths": [1] * 4, "num_attention_heads": [1] * 4}
CONVOLUTIONAL = {"hidden_sizes": [8, 8, 8, 24], "depths": [1, 1, 1, 1]}
MODELS = [
    # model class, its configuration, dimension, reduction
    ("ViTModel", TRANSFORMER, 16, "pooler"),
    ("ViTForImageClassification", TRANSFORMER, 16, "class token"),  # saved without a pooler
    ("Dinov2Model", {k: v for k, v in TRANSFORMER.items() if k != "intermediate_size"}, 16, "pooler"),
    ("DINOv3ViTModel", TRANSFORMER, 16, "pooler"),
    ("DeiTModel", TRANSFORMER, 16, "pooler"),
    ("BeitModel", TRANSFORMER, 16, "pooler"),
    ("BeitForImageClassification", {**TRANSFORMER, "use_mean_pooling": False}, 16, "pooler"),
    (
        "SwinModel",
        {"embed_dim": 8, "depths": [1, 1], "num_heads": [1, 2], "window_size": 4, "image_size": 32},
        16,
        "pooler",
    ),
    ("ConvNextModel", CONVOLUTIONAL, 24, "pooler"),
    ("ConvNextV2Model", CONVOLUTIONAL, 24, "pooler"),
    ("DINOv3ConvNextModel", CONVOLUTIONAL, 24, "pooler"),
    ("ResNetModel", {**CONVOLUTIONAL, "embedding_size": 8}, 24, "pooler"),
    (
        "SegformerModel",
        {"hidden_sizes": [8, 8, 8, 24], "depths": [1] * 4, "num_attention_heads": [1] * 4},
        24,
        "mean of map",
    ),
    ("IJepaModel", TRANSFORMER, 16, "mean of tokens"),
]


def config_class(model_class: str) -> str:
    return model_class.removesuffix("Model").removesuffix("ForImageClassification") + "Config"


def embed(embedder: HuggingFaceEmbedder, crops: list[Pixels]) -> np.ndarray:
    return embedder.embed([embedder.prepare(crop) for crop in crops])


@pytest.fixture(scope="session")
def two_towers(save_huggingface: Save) -> Path:
    """A tiny CLIP with a tokenizer that knows the letters a to d."""
    from transformers import CLIPTokenizer

    text = TEXT | {"vocab_size": 10, "max_position_embeddings": 8, "bos_token_id": 8, "eos_token_id": 9}
    folder = save_huggingface("CLIPModel", "CLIPConfig", vision_config=TRANSFORMER, text_config=text, projection_dim=12)
    letters = ["a", "b", "c", "d", "a</w>", "b</w>", "c</w>", "d</w>", "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({letter: index for index, letter in enumerate(letters)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt")).save_pretrained(folder)
    return folder


@pytest.mark.parametrize(("model_class", "config", "dimension", "reduction"), MODELS, ids=[row[0] for row in MODELS])
def test_embed__image_model__gives_its_own_summary(
    save_huggingface: Save, crops: list[Pixels], model_class: str, config: dict, dimension: int, reduction: str
) -> None:
    embedder = HuggingFaceEmbedder(str(save_huggingface(model_class, config_class(model_class), **config)), options=CPU)

    embeddings = embed(embedder, crops)

    assert embeddings.shape == (5, dimension)
    assert embedder._network.facts.reduction == reduction
    assert len(np.unique(embeddings.round(5), axis=0)) == 5
    assert not embedder.spec.has_text_tower


def test_embed_texts__two_towers__share_the_images_space(two_towers: Path, crops: list[Pixels]) -> None:
    embedder = HuggingFaceEmbedder(str(two_towers), options=CPU)

    texts = embedder.embed_texts(["a b", "c"])

    assert texts.shape == (2, embed(embedder, crops).shape[1]) == (2, 12)
    assert embedder.spec.has_text_tower
    assert embedder.embed_texts([]).shape == (0, 12)


def test_embed_texts__one_text__does_not_depend_on_the_others(two_towers: Path) -> None:
    embedder = HuggingFaceEmbedder(str(two_towers), options=CPU)

    np.testing.assert_allclose(embedder.embed_texts(["a"])[0], embedder.embed_texts(["b c d", "a"])[1], atol=1e-6)


def test_embed_texts__no_text_tower__is_refused(save_huggingface: Save) -> None:
    embedder = HuggingFaceEmbedder(str(save_huggingface("ViTModel", "ViTConfig", **TRANSFORMER)), options=CPU)

    with pytest.raises(EmbeddingError, match="no text tower"):
        embedder.embed_texts(["a"])


def test_embed_texts__siglip__pads_as_it_was_trained(save_huggingface: Save, crops: list[Pixels]) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    text = TEXT | {
        "vocab_size": 4,
        "max_position_embeddings": 6,
        "bos_token_id": 0,
        "eos_token_id": 1,
        "pad_token_id": 1,
    }
    folder = save_huggingface("SiglipModel", "SiglipConfig", vision_config=TRANSFORMER, text_config=text)
    words = Tokenizer(models.WordLevel({"<unk>": 0, "<pad>": 1, "cat": 2, "dog": 3}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    names = ["input_ids"]
    PreTrainedTokenizerFast(
        tokenizer_object=words, unk_token="<unk>", pad_token="<pad>", model_input_names=names
    ).save_pretrained(folder)
    embedder = HuggingFaceEmbedder(str(folder), options=CPU)

    assert embedder.embed_texts(["cat", "dog"]).shape == (2, 16)
    assert embed(embedder, crops).shape == (5, 16)


def test_spec__remembered_facts__need_no_network(save_huggingface: Save, tmp_path: Path) -> None:
    folder = str(save_huggingface("ViTModel", "ViTConfig", **TRANSFORMER))
    options = RunOptions(device="cpu", cache_dir=tmp_path)
    first, second = (HuggingFaceEmbedder(folder, options=options) for _ in range(2))

    assert first.spec == second.spec
    assert not second.is_loaded


def test_spec__other_preprocessing__has_another_fingerprint(save_huggingface: Save, tmp_path: Path) -> None:
    folder = save_huggingface("ViTModel", "ViTConfig", **TRANSFORMER)
    options = RunOptions(device="cpu", cache_dir=tmp_path)
    before = HuggingFaceEmbedder(str(folder), options=options).spec
    file = folder / "preprocessor_config.json"
    file.write_text(file.read_text().replace("0.5", "0.25"))

    assert HuggingFaceEmbedder(str(folder), options=options).spec.fingerprint != before.fingerprint


def test_read_preprocessing__centre_crop__is_the_input_size(tmp_path: Path) -> None:
    values = {
        "image_processor_type": "CLIPImageProcessor",
        "size": {"shortest_edge": 256},
        "do_center_crop": True,
        "crop_size": {"height": 224, "width": 192},
        "resample": 3,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": [0.4, 0.5, 0.6],
        "image_std": [0.1, 0.2, 0.3],
    }
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(values))

    assert read_preprocessing(tmp_path) == Preprocessing((224, 192), (0.4, 0.5, 0.6), (0.1, 0.2, 0.3), "bicubic")


def test_read_preprocessing__no_normalisation__leaves_pixels_in_0_to_1(tmp_path: Path) -> None:
    values = {"image_processor_type": "ViTImageProcessor", "size": {"height": 8, "width": 8}, "do_normalize": False}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(values))

    assert read_preprocessing(tmp_path) == Preprocessing((8, 8), (0, 0, 0), (1, 1, 1), "bilinear")


def test_spec__no_image_processor__is_refused(save_huggingface: Save) -> None:
    folder = save_huggingface("ViTModel", "ViTConfig", **TRANSFORMER)
    (folder / "preprocessor_config.json").unlink()

    with pytest.raises(ModelLoadError, match="no readable image processor"):
        _ = HuggingFaceEmbedder(str(folder), options=CPU).spec


def test_spec__object_detector__is_refused(save_huggingface: Save) -> None:
    backbone = {"num_labels": 2, "d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "num_queries": 3}
    heads = {"encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 16, "decoder_ffn_dim": 16}
    from transformers import ResNetConfig

    config = ResNetConfig(**CONVOLUTIONAL, embedding_size=8, out_features=["stage4"])
    folder = save_huggingface(
        "DetrModel", "DetrConfig", **backbone, **heads, backbone_config=config, use_timm_backbone=False
    )

    with pytest.raises(ModelLoadError, match=r"gives no single vector an image: it decodes"):
        _ = HuggingFaceEmbedder(str(folder), options=CPU).spec


def test_spec__network_that_masks_at_random__is_refused(save_huggingface: Save) -> None:
    decoder = {"decoder_hidden_size": 16, "decoder_num_hidden_layers": 1, "decoder_num_attention_heads": 2}
    folder = save_huggingface("ViTMAEModel", "ViTMAEConfig", **TRANSFORMER, **decoder)

    with pytest.raises(ModelLoadError, match="answers differently to the same image"):
        _ = HuggingFaceEmbedder(str(folder), options=CPU).spec


def test_spec__text_only_model__is_refused(save_huggingface: Save) -> None:
    folder = save_huggingface("BertModel", "BertConfig", **TEXT, vocab_size=10)

    with pytest.raises(ModelLoadError, match="gives no single vector an image"):
        _ = HuggingFaceEmbedder(str(folder), options=CPU).spec


def test_spec__weights_missing__are_named(save_huggingface: Save) -> None:
    from safetensors.torch import load_file, save_file

    folder = save_huggingface("ViTModel", "ViTConfig", **TRANSFORMER)
    weights = load_file(folder / "model.safetensors")
    del weights["layernorm.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})

    with pytest.raises(ModelLoadError, match=r"do not fit ViTModel: 1 missing, layernorm\.weight"):
        _ = HuggingFaceEmbedder(str(folder), options=CPU).spec


def test_spec__folder_without_weights__is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match="holds no weights"):
        _ = HuggingFaceEmbedder(str(tmp_path), options=CPU).spec


def test_spec__folder_that_does_not_exist__is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match="no model folder"):
        _ = HuggingFaceEmbedder(str(tmp_path / "none"), options=CPU).spec


def test_checkpoint__is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidOptionsError, match="hf:FOLDER"):
        HuggingFaceEmbedder("nobody/nothing", checkpoint=tmp_path, options=CPU)
