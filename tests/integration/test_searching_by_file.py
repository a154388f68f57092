"""An image searched by its own file, or by the box of an object in it, finds itself with score 1."""

import numpy as np
import pytest
from PIL import Image

from indexer.domain import Box, CropOptions, InstanceMode
from indexer.images.crops import ImageScales
from indexer.pipeline.sync import SyncOptions
from indexer.settings import IndexerSettings
from indexer.workspace import Workspace
from tests.doubles import MemoryImage, MemorySource, make_object
from tests.image_files import encode

SIZE = (4000, 1500)
BOXES = {"whole": (0, 0, 4000, 1500), "large": (200, 100, 2700, 1300), "middle": (3000, 700, 3900, 1400),
         "small": (3001, 303, 3062, 380), "corner": (3950, 1420, 4000, 1500)}  # fmt: skip


def draw():
    """A picture with coarse and fine detail, so that every way to shrink it gives other pixels."""
    random = np.random.default_rng(1)
    coarse = Image.fromarray(random.integers(0, 256, (30, 80, 3), np.uint8)).resize(SIZE, Image.Resampling.BICUBIC)
    grain = random.integers(-60, 60, (SIZE[1], SIZE[0], 1), np.int16)
    return (np.asarray(coarse).astype(np.int16) + grain).clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module", params=["JPEG", "BMP"])
def data(request):
    return encode(draw(), request.param)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """One for all tests: the network is loaded once."""
    with Workspace.open(IndexerSettings(data_dir=tmp_path_factory.mktemp("data"))) as workspace:
        yield workspace


@pytest.mark.parametrize(
    "crops",
    [CropOptions(), CropOptions(padding=0.1, padding_is_fraction=True), CropOptions(padding=-20)],
    ids=["as is", "padded", "shrunk"],
)
@pytest.mark.parametrize("mode", InstanceMode)
def test_neighbors_of_image__own_file_and_boxes_score_one(data, crops, mode, workspace):
    # Objects alone, all of them large: what an image holds besides an object must not change how it is embedded.
    keys = {InstanceMode.IMAGES: [], InstanceMode.OBJECTS: ["whole", "large", "middle"], InstanceMode.BOTH: [*BOXES]}
    objects = [make_object(key, box=BOXES[key]) for key in keys[mode]]
    name = f"{data[:2].hex()}-{mode}-{crops.padding}"
    source, options = MemorySource({"scan": MemoryImage(data, objects)}), SyncOptions(mode=mode, crops=crops)
    workspace.index(source, collection_name=name, options=options)

    queries = {key: Box(*BOXES[key]) for key in keys[mode]}
    if mode is not InstanceMode.OBJECTS:
        queries[None] = None
    for key, box in queries.items():
        found = workspace.search.neighbors_of_image(name, ImageScales(data), box=box, limit=6)
        scores = {neighbor.payload.get("object_key"): neighbor.score for neighbor in found}
        assert scores[key] >= 0.99999, key
