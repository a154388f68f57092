"""The points nearest to others: to points of a collection, to an image, to words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from indexer.collection.collections import Collections
from indexer.collection.variety import PLAIN, Variety, find_varied
from indexer.domain import Box, CollectionSpec, CropOptions, Neighbor, PointFilter
from indexer.embedders.base import Embedder
from indexer.embedders.embedders import Embedders
from indexer.errors import CollectionMismatchError, EmbedderError, InvalidOptionsError, PointNotFoundError
from indexer.payload import PayloadField
from indexer.settings import EmbedderSettings
from indexer.stores.base import Collection

if TYPE_CHECKING:
    from indexer.images.crops import ImageScales


_SHORTEST = 1e-6


class Search:
    """Similar points of a workspace's collections; the neighbors are those of one read.

    Args:
        collections: Where the points are.
        embedders: What embeds an image or words that are no points.
    """

    def __init__(self, collections: Collections, embedders: Embedders) -> None:
        self._collections, self._embedders = collections, embedders

    def neighbors(
        self,
        name: str | None,
        ids: Sequence[str],
        *,
        unlike: Sequence[str] = (),
        limit: int,
        where: PointFilter | None = None,
        variety: Variety = PLAIN,
    ) -> list[Neighbor]:
        """The points nearest to the direction of some examples, none of which is among the answers.

        Args:
            name: Name of the collection, None for the only one.
            ids: Examples, at least one.
            unlike: Counter-examples; see ``mean_direction``.
            limit: How many neighbors.
            where: Conditions on them.
            variety: Which answers make way for others.

        Raises:
            PointNotFoundError: One of the examples does not exist or has no embedding.
            InvalidOptionsError: Examples and counter-examples are alike.
        """
        collection = self._collections.open(name)
        found = collection.retrieve([*ids, *unlike], with_embeddings=True)
        embeddings = {point.id: point.embedding for point in found if point.embedding is not None}
        for point_id in (*ids, *unlike):
            if point_id not in embeddings:
                raise PointNotFoundError(f"collection '{collection.name}' has no embedded point '{point_id}'")
        others = np.stack([embeddings[one] for one in unlike]) if unlike else None
        direction = mean_direction(np.stack([embeddings[one] for one in ids]), others)
        where = where or PointFilter()
        none_of = dict(where.none_of)
        if variety.excludes_same_image:
            none_of[PayloadField.IMAGE_KEY] = tuple({p.payload[PayloadField.IMAGE_KEY] for p in found if p.id in ids})
        without = (*where.without_ids, *ids, *unlike)
        narrowed = replace(where, none_of=none_of, without_ids=without, has_embedding=True)
        return find_varied(collection, direction, limit=limit, where=narrowed, variety=variety)

    def neighbors_of_image(
        self,
        name: str | None,
        image: ImageScales,
        *,
        box: Box | None = None,
        limit: int,
        where: PointFilter | None = None,
    ) -> list[Neighbor]:
        """The points nearest to an image, or to a box of it, that need not be in the collection.

        This and a search by words are the only questions that load the network.

        Args:
            name: Name of the collection, None for the only one.
            image: The image file.
            box: Half-open box to search by; the whole image if None.
            limit: How many neighbors.
            where: Conditions on them.

        Raises:
            ImageReadError: The image is damaged; the message names no file.
            InvalidOptionsError: The box holds no pixel of the image.
            CollectionMismatchError: The collection's embedder is not the one that the settings name.
        """
        collection = self._collections.open(name)
        embedding = self.embed_image(collection, image, box=box)
        return collection.query(embedding, limit=limit, where=where)

    def neighbors_of_text(
        self, name: str | None, text: str, *, limit: int, where: PointFilter | None = None
    ) -> list[Neighbor]:
        """The points nearest to a text, in a collection whose model has a text tower.

        Raises:
            InvalidOptionsError: The model has none, or the text is empty.
        """
        collection = self._collections.open(name)
        embedder = self._embedder_of(collection)
        if not text.strip():
            raise InvalidOptionsError("the text to search by is empty; say what to look for")
        if not embedder.spec.has_text_tower:
            raise InvalidOptionsError(
                f"{collection.spec.embedder} has no text tower; index with a model that has, see 'lookalike models'"
            )
        return collection.query(embedder.embed_texts([text])[0], limit=limit, where=where)

    def embed_image(self, collection: Collection, image: ImageScales, *, box: Box | None) -> npt.NDArray[np.float32]:
        """Embed an image, or a box of it, as the points of ``collection`` were; float32 (D,)."""
        from indexer.images.crops import clip_box, cut_as_embedded  # only this question needs the decoders

        embedder = self._embedder_of(collection)
        part = None if box is None else clip_box(box, image.size_hw)
        options = CropOptions.from_text(collection.spec.crops)
        crop = cut_as_embedded(image, part, options, input_size_hw=embedder.spec.input_size_hw)
        embedding: npt.NDArray[np.float32] = embedder.embed([embedder.prepare(crop)])[0]
        return embedding

    def has_loaded_model(self, name: str | None) -> bool:
        """Whether the network that embeds images and words is in memory; else a search loads it first."""
        spec = self._collections.open(name).spec
        opened = (self._embedders.opened(settings) for settings in self._candidates(spec))
        return any(one is not None and one.is_loaded and one.spec.fingerprint == spec.fingerprint for one in opened)

    def _candidates(self, spec: CollectionSpec) -> list[EmbedderSettings]:
        """Settings that may name a collection's embedder: the workspace's own, then the name in its spec."""
        own = self._embedders.settings
        return [own, own.model_copy(update=_model_of(spec))]

    def _embedder_of(self, collection: Collection) -> Embedder:
        """The embedder that made a collection, by the name in its spec, or by the workspace's own settings."""
        candidates = self._candidates(collection.spec)
        for settings in candidates:
            try:
                embedder = self._embedders.open(settings)
                if embedder.spec.fingerprint == collection.spec.fingerprint:
                    return embedder
            except EmbedderError:
                if settings is candidates[-1]:
                    raise
        raise CollectionMismatchError(
            f"collection '{collection.name}' was made by {collection.spec.embedder} with other weights than "
            "those on this machine; name them with --checkpoint FILE"
        )


def mean_direction(
    examples: npt.NDArray[np.float32], counter_examples: npt.NDArray[np.float32] | None = None
) -> npt.NDArray[np.float32]:
    """Direction that leads to examples and away from counter-examples, float32 (D,).

    It is twice the mean of the examples minus the mean of the counter-examples, as Qdrant's default recommends.
    Without counter-examples it is the mean of the examples.

    Args:
        examples: float32 (n, D), at least one.
        counter_examples: float32 (m, D); none if None or empty.

    Raises:
        InvalidOptionsError: Nothing is left of the direction, because the examples cancel out.
    """
    mean = examples.mean(axis=0)
    if counter_examples is not None and len(counter_examples):
        mean = 2 * mean - counter_examples.mean(axis=0)
    if not np.linalg.norm(mean) > _SHORTEST:
        raise InvalidOptionsError("the examples cancel each other out; leave one of them out")
    return np.asarray(mean, dtype=np.float32)


def _model_of(spec: CollectionSpec) -> dict[str, object]:
    return {"model": spec.embedder, "checkpoint": None}
