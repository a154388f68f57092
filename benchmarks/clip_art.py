"""Embeddings of Debian's ``openclipart-png``: drawings by many hands; the class is the top folder.

It decided nothing about the suspects. Many drawings occur in variants, and some in two folders, as people's files do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.stamps import read_on_white
from indexer.domain import Embeddings
from indexer.embedders.opening import open_embedder

FOLDER: Final = Path("/usr/share/openclipart/png")
SMALLEST_CLASS: Final = 40
MOST_PER_CLASS: Final = 150  # evenly spread over the folder's files
MOST_BYTES: Final = 300_000  # some files hold hundreds of megapixels
MIXED: Final = ("special", "unsorted")  # folders that are no class
_BATCH_ROWS: Final = 100


def read_embeddings() -> tuple[Embeddings, npt.NDArray[np.str_]]:
    """Embed the drawings of every class of at least 40: float32 (n, 1280), and class names."""
    folders = [folder for folder in sorted(FOLDER.glob("*/")) if folder.name not in MIXED]
    if not folders:
        raise SystemExit(f"no drawings in '{FOLDER}'; install Debian's openclipart-png")
    files, names = [], []
    for folder in folders:
        found = [file for file in sorted(folder.rglob("*.png")) if file.stat().st_size <= MOST_BYTES]
        if len(found) >= SMALLEST_CLASS:
            chosen = np.unique(np.linspace(0, len(found) - 1, min(len(found), MOST_PER_CLASS)).astype(int))
            files += [found[position] for position in chosen]
            names += [folder.name] * len(chosen)
    embedder = open_embedder()
    batches = []
    for start in range(0, len(files), _BATCH_ROWS):
        pictures = [embedder.prepare(read_on_white(file)) for file in files[start : start + _BATCH_ROWS]]
        batches.append(embedder.embed(pictures))
    return np.concatenate(batches), np.array(names)
