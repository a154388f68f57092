"""At which similarity is a picture a copy of another? ``python -m benchmarks.duplicates``.

Debian's stamps get copies as they come about in datasets: byte for byte, encoded again, at half the size, cropped a
little, mirrored. A copy counts as found where its similarity to its original reaches the threshold. What must not be
found are pairs of different pictures: among the stamps, whose copies that ship with them are left out, and among
scikit-learn's handwritten digits, which look more alike than most objects do.

Printed for each threshold: the share of copies found, by kind; the pairs of different pictures found; and the precision
that follows where one picture in ten has one copy of some kind. Takes less than a minute on two free cores.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from benchmarks import stamps
from indexer.domain import Embeddings, Pixels
from indexer.embedders.base import Embedder
from indexer.embedders.opening import open_embedder
from indexer.insights.duplicates import DEFAULT_THRESHOLD
from indexer.neighbors.unit_rows import unit_rows

THRESHOLDS = (0.995, 0.99, 0.985, 0.98, 0.975, 0.97, 0.965, 0.96, 0.95, 0.94)
SHARE_WITH_A_COPY = 0.1
_DIGIT_PX = 48

Copy = Callable[[Image.Image], Image.Image]
Similarities = npt.NDArray[np.float32]


def encode_again(quality: int) -> Copy:
    """Save as JPEG, with the subsampled colours that most programs write."""

    def copy(picture: Image.Image) -> Image.Image:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality)
        return Image.open(file).convert("RGB")

    return copy


def crop(share: float) -> Copy:
    """Cut ``share`` of the width and of the height away, half on each side."""

    def copy(picture: Image.Image) -> Image.Image:
        width, height = picture.size
        across, down = max(1, round(width * share / 2)), max(1, round(height * share / 2))
        return picture.crop((across, down, width - across, height - down))

    return copy


def halve(picture: Image.Image) -> Image.Image:
    """Half the width and half the height."""
    return picture.resize((max(1, picture.width // 2), max(1, picture.height // 2)), Image.Resampling.LANCZOS)


KINDS: Mapping[str, Copy] = {
    "exact": Image.Image.copy,
    "JPEG 90": encode_again(90),
    "JPEG 75": encode_again(75),
    "JPEG 50": encode_again(50),
    "half size": halve,
    "2 % cropped": crop(0.02),
    "5 % cropped": crop(0.05),
    "mirrored": ImageOps.mirror,
}


@dataclass(frozen=True)
class DifferentPictures:
    """Pictures no two of which are copies.

    Attributes:
        name: What they are.
        n_pictures: How many.
        pairs: float32, the similarity of every two.
    """

    name: str
    n_pictures: int
    pairs: Similarities

    def precision(self, threshold: float, recall: float) -> float:
        """The share of copies among the pairs found, where ``SHARE_WITH_A_COPY`` of the pictures have one."""
        n_right = recall * SHARE_WITH_A_COPY * self.n_pictures
        return n_right / (n_right + np.count_nonzero(self.pairs >= threshold))


def read_stamps() -> list[Image.Image]:
    """The stamps, each once: neither mirrored nor shipped a second time."""
    files = [file for file in stamps.list_files() if not file.stem.endswith("_mirror")]
    drawings = [stamps.read_on_white(file) for file in files]
    different = {(drawing.shape, drawing.tobytes()): drawing for drawing in drawings}
    return [Image.fromarray(drawing) for drawing in different.values()]


def read_digits() -> list[Image.Image]:
    """scikit-learn's 1,797 handwritten digits, dark on white."""
    from sklearn.datasets import load_digits

    small = [Image.fromarray((255 - 15.9 * image).astype(np.uint8)) for image in load_digits().images]
    return [digit.resize((_DIGIT_PX, _DIGIT_PX), Image.Resampling.BICUBIC).convert("RGB") for digit in small]


def embed(embedder: Embedder, pictures: Sequence[Image.Image]) -> Embeddings:
    """Embed pictures; float32 (N, D) of unit length."""
    inputs: list[Pixels] = [embedder.prepare(np.asarray(picture)) for picture in pictures]
    return unit_rows(embedder.embed(inputs))


def compare_all(name: str, embeddings: Embeddings) -> DifferentPictures:
    """The similarity of every two of different pictures."""
    similarities = embeddings @ embeddings.T
    return DifferentPictures(name, len(embeddings), similarities[np.triu_indices(len(embeddings), k=1)])


def main() -> None:
    """Plant, embed, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=5, help="copy every nth stamp")
    every = parser.parse_args().every
    started = time.perf_counter()
    embedder = open_embedder()
    pictures = read_stamps()
    originals = embed(embedder, pictures)
    found = {
        kind: np.einsum("nd,nd->n", originals[::every], embed(embedder, [copy(one) for one in pictures[::every]]))
        for kind, copy in KINDS.items()
    }
    controls = [compare_all("stamps", originals), compare_all("digits", embed(embedder, read_digits()))]
    n_copied = len(originals[::every])
    print(
        f"{n_copied} of {len(originals)} stamps copied, {embedder.spec.name}, {time.perf_counter() - started:.0f} s\n"
    )
    print_table(found, controls)


def print_table(found: Mapping[str, Similarities], controls: Sequence[DifferentPictures]) -> None:
    """One line a threshold; the default's is marked."""
    columns = [*found, "all but exact", *(f"{one.name}: {fact}" for one in controls for fact in ("wrong", "precision"))]
    print(f"| threshold | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}")
    for threshold in THRESHOLDS:
        recalls = {kind: float(np.mean(similarities >= threshold)) for kind, similarities in found.items()}
        recall = float(np.mean([share for kind, share in recalls.items() if kind != "exact"]))
        cells = [f"{share:.2f}" for share in (*recalls.values(), recall)]
        for one in controls:
            cells += [str(np.count_nonzero(one.pairs >= threshold)), f"{one.precision(threshold, recall):.2f}"]
        mark = " (default)" if threshold == DEFAULT_THRESHOLD else ""
        print(f"| {threshold:g}{mark} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
