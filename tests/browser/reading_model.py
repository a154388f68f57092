"""Tiny models of transformers, made here: a CLIP that learns to read three colours, and one that only sees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np

COLORS: Final = {"red": (220, 40, 40), "green": (40, 190, 60), "blue": (40, 60, 220)}
"""Words that the model reads, and what they look like."""
IMAGE_PX: Final = 32
_TOWER: Final = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
_VISION: Final = {**_TOWER, "image_size": IMAGE_PX, "patch_size": 8}
_LETTERS: Final = sorted({*"".join(COLORS)})
_START, _END = "<|startoftext|>", "<|endoftext|>"
_N_STEPS, _LEARNING_RATE = 60, 1e-2


def noisy(random: np.random.Generator, color: str) -> np.ndarray:
    """A picture of noise around a colour, uint8 (32, 32, 3)."""
    pixels = np.array(COLORS[color]) + random.normal(0, 25, (IMAGE_PX, IMAGE_PX, 3))
    return pixels.clip(0, 255).astype(np.uint8)


def save_reading_model(folder: Path) -> Path:
    """Train a CLIP of two small towers on the colours, and save it as real ones are saved; gives the folder."""
    import torch
    import transformers

    torch.manual_seed(0)
    transformers.utils.logging.disable_progress_bar()
    tokenizer, processor = _save_tokenizer(folder), _save_processor(folder)
    start, end = tokenizer.convert_tokens_to_ids([_START, _END])
    text = {**_TOWER, "vocab_size": len(tokenizer), "max_position_embeddings": 8}
    ends = {"bos_token_id": start, "eos_token_id": end, "pad_token_id": end}
    config = transformers.CLIPConfig(vision_config=_VISION, text_config=text | ends, projection_dim=8)
    model = transformers.CLIPModel(config)
    _teach(model, tokenizer, processor)
    model.save_pretrained(folder)
    return folder


def save_seeing_model(folder: Path) -> Path:
    """Save a small model of pictures alone, with random weights; gives the folder."""
    import torch
    import transformers

    torch.manual_seed(0)
    _save_processor(folder)
    transformers.ViTModel(transformers.ViTConfig(**_VISION)).save_pretrained(folder)
    return folder


def _save_tokenizer(folder: Path) -> Any:
    """CLIP's tokenizer, which knows the letters of the colours and reads them one by one."""
    import transformers

    tokens = [*_LETTERS, *(f"{letter}</w>" for letter in _LETTERS), _START, _END]
    (folder / "vocab.json").write_text(json.dumps({token: number for number, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = transformers.CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
    tokenizer.save_pretrained(folder)
    return tokenizer


def _save_processor(folder: Path) -> Any:
    import transformers

    processor = transformers.ViTImageProcessor(size={"height": IMAGE_PX, "width": IMAGE_PX})
    processor.save_pretrained(folder)
    return processor


def _teach(model: Any, tokenizer: Any, processor: Any) -> None:
    """Bring pictures of a colour and its name together, with CLIP's own loss."""
    import torch

    random = np.random.default_rng(1)
    words = tokenizer([*COLORS], padding="max_length", max_length=8, return_tensors="pt")
    steps = torch.optim.Adam(model.parameters(), lr=_LEARNING_RATE)
    for _ in range(_N_STEPS):
        pictures = processor([noisy(random, color) for color in COLORS], return_tensors="pt")
        loss = model(**words, **pictures, return_loss=True).loss
        steps.zero_grad()
        loss.backward()
        steps.step()
    model.eval()
