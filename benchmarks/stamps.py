"""Embeddings of Debian's ``tuxpaint-stamps-default``: 771 drawings; the class is the top folder."""

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


def list_files() -> list[Path]:
    """The files of all stamps."""
    files = sorted(FOLDER.rglob("*.png"))
    if not files:
        raise SystemExit(f"no stamps in '{FOLDER}'; install Debian's tuxpaint-stamps-default")
    return files


def read_embeddings(*, is_twice: bool = False) -> tuple[Embeddings, npt.NDArray[np.str_]]:
    """Embed the stamps of every class of at least eight, mirrored ones left out: float32 (771, 1280), and class names.

    Args:
        is_twice: Take each stamp twice, the second time smaller, on coloured paper and with a margin.
    """
    files = [file for file in list_files() if not file.stem.endswith("_mirror")]
    classes = [file.relative_to(FOLDER).parts[0] for file in files]
    sizes = Counter(classes)
    kept = [(file, name) for file, name in zip(files, classes, strict=True) if sizes[name] >= _SMALLEST_CLASS]
    pictures = [read_on_white(file) for file, _ in kept]
    names = [name for _, name in kept]
    if is_twice:
        pictures += [_draw_again(file, number) for number, (file, _) in enumerate(kept)]
        names += names
    embedder = open_embedder()
    return embedder.embed([embedder.prepare(picture) for picture in pictures]), np.array(names)


def _draw_again(file: Path, number: int) -> Pixels:
    rng = np.random.default_rng(number)
    drawing = Image.open(file).convert("RGBA")
    drawing.thumbnail((int(rng.integers(120, 280)),) * 2)
    margin = int(rng.integers(2, 12))
    paper = Image.new(
        "RGB", (drawing.width + 2 * margin, drawing.height + 2 * margin), tuple(rng.integers(200, 256, 3))
    )
    paper.paste(drawing, (margin, margin), drawing)
    return np.asarray(paper)


def read_on_white(file: Path) -> Pixels:
    """One stamp on white paper, uint8 RGB (H, W, 3)."""
    drawing = Image.open(file).convert("RGBA")
    paper = Image.new("RGBA", drawing.size, "white")
    paper.alpha_composite(drawing)
    return np.asarray(paper.convert("RGB"))
