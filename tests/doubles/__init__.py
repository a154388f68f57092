"""Test doubles: a source held in memory, and an embedder whose embeddings can be read off and that counts its calls."""

from dataclasses import dataclass, field, replace
from hashlib import blake2b

import cv2
import numpy as np

from indexer.domain import DEFAULT_LIMITS, Box, InstanceMode, SourceImage, SourceObject
from indexer.embedders.base import EmbedderSpec
from indexer.errors import ImageReadError
from indexer.sources.base import Recognised
from indexer.sources.notes import SourceNotes


def png(color, size_hw=(20, 30)):
    """A PNG file of one colour (red, green, blue)."""
    pixels = np.full((*size_hw, 3), color[::-1], dtype=np.uint8)
    return cv2.imencode(".png", pixels)[1].tobytes()


def make_object(key, class_name="cat", box=(2, 2, 12, 12), **facts):
    return SourceObject(key=key, class_name=class_name, geometry="rectangle", box=Box(*box), **facts)


@dataclass
class MemoryImage:
    data: bytes | None
    objects: list = field(default_factory=list)
    dataset: str = ""
    touched: int = 0
    updated_at: object = None
    class_name: str | None = None


class MemorySource:
    """A source held in a dict of image key -> MemoryImage; counts what is read."""

    expects = "nothing"
    default_mode = InstanceMode.OBJECTS
    recognised = Recognised("memory")
    limits = DEFAULT_LIMITS

    def __init__(self, images, key="memory", project="project"):
        self.images, self.key, self.project = images, key, project
        self.notes = SourceNotes()
        self.n_images_read = 0
        self.n_annotations_read = 0

    def dataset_names(self):
        return sorted({image.dataset for image in self.images.values()})

    def count_images(self, datasets=None):
        return sum(1 for _ in self.list_images(datasets))

    def list_images(self, datasets=None):
        for key, image in self.images.items():
            if datasets is not None and not any(
                image.dataset == d or image.dataset.startswith(f"{d}/") for d in datasets
            ):
                continue
            content = blake2b(image.data or b"", digest_size=8).hexdigest()
            yield SourceImage(
                key=key,
                name=key,
                dataset=image.dataset,
                locator=f"/images/{key}",
                pixels_stamp=f"{content}-{image.touched}",
                annotation_stamp=str(hash(tuple(map(repr, image.objects)))),
                updated_at=image.updated_at,
                class_name=image.class_name,
            )

    def describe(self, image):
        return image

    def read_objects(self, image):
        self.n_annotations_read += 1
        return list(self.images[image.key].objects)

    def read_bytes(self, image):
        self.n_images_read += 1
        data = self.images[image.key].data
        if data is None:
            raise ImageReadError(f"{image.locator}: no such file")
        return data

    def change(self, image_key, object_key, **facts):
        """Change one object."""
        image = self.images[image_key]
        image.objects = [replace(o, **facts) if o.key == object_key else o for o in image.objects]


class CountingEmbedder:
    """Embeds a crop as its mean red, green and blue plus a constant; counts crops and forward passes."""

    def __init__(self, name="fake:mean-colour", *, fail_after=None):
        self.spec = EmbedderSpec(name=name, fingerprint="mean", dimension=4, input_size_hw=(8, 8))
        self.n_embedded = 0
        self.batch_size = 32
        self.batch_sizes = []
        self.fail_after = fail_after

    @property
    def is_loaded(self):
        return self.n_embedded > 0

    def prepare(self, crop):
        return cv2.resize(crop, (8, 8), interpolation=cv2.INTER_AREA)

    def embed(self, inputs):
        if self.fail_after is not None and self.n_embedded >= self.fail_after:
            raise RuntimeError("killed")
        self.n_embedded += len(inputs)
        self.batch_sizes.append(len(inputs))
        means = np.stack([crop.reshape(-1, 3).mean(axis=0) for crop in inputs]) / 255
        return np.concatenate([means, np.full((len(inputs), 1), 0.5)], axis=1).astype(np.float32)
