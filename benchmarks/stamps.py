"""Embeddings of Debian's ``tuxpaint-stamps-default``: 662 drawings; the class is the folder, two levels deep."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from indexer.domain import Embeddings, Pixels
from indexer.embedders.opening import open_embedder

FOLDER = Path("/usr/share/tuxpaint/stamps")
_SMALLEST_CLASS = 8

CONFUSABLE = {
    "animals/birds": "animals/mammals",
    "animals/fish": "animals/insects",
    "animals/insects": "animals/fish",
    "animals/mammals": "animals/birds",
    "clothes": "sports",
    "food/fruit": "food/vegetables",
    "food/vegetables": "food/fruit",
    "hobbies/music": "symbols/music",
    "household": "household/tools",
    "household/dishes": "household",
    "household/tools": "household",
    "plants/flowers": "food/vegetables",
    "seasonal/christmas": "seasonal/halloween",
    "seasonal/easter": "seasonal/christmas",
    "seasonal/halloween": "seasonal/easter",
    "seasonal/hanukkah": "seasonal/christmas",
    "space/planets": "symbols/money",
    "sports": "clothes",
    "symbols/alphabets": "symbols/math",
    "symbols/chess": "symbols/money",
    "symbols/math": "symbols/alphabets",
    "symbols/money": "symbols/math",
    "symbols/music": "hobbies/music",
    "town/cartoon": "town/houses",
    "town/houses": "town/monuments",
    "town/monuments": "town/houses",
    "town/roadsigns": "symbols/math",
    "vehicles/locomotive": "town/monuments",
}
"""For each class the one that people might write by mistake, fixed by hand."""


def list_files() -> list[Path]:
    """The files of all stamps."""
    files = sorted(FOLDER.rglob("*.png"))
    if not files:
        raise SystemExit(f"no stamps in '{FOLDER}'; install Debian's tuxpaint-stamps-default")
    return files


def read_embeddings() -> tuple[Embeddings, npt.NDArray[np.str_]]:
    """Embed the stamps of every class of at least eight: float32 (662, 1280), and their class names."""
    files = list_files()
    classes = ["/".join(file.relative_to(FOLDER).parts[:-1][:2]) for file in files]
    sizes = Counter(classes)
    kept = [(file, name) for file, name in zip(files, classes, strict=True) if sizes[name] >= _SMALLEST_CLASS]
    embedder = open_embedder()
    inputs = [embedder.prepare(read_on_white(file)) for file, _ in kept]
    return embedder.embed(inputs), np.array([name for _, name in kept])


def read_on_white(file: Path) -> Pixels:
    """One stamp on white paper, uint8 RGB (H, W, 3)."""
    drawing = Image.open(file).convert("RGBA")
    paper = Image.new("RGBA", drawing.size, "white")
    paper.alpha_composite(drawing)
    return np.asarray(paper.convert("RGB"))
