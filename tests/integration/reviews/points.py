"""Coloured points with two wrong labels, and a way to index without a network."""

from indexer.domain import CollectionSpec, CropOptions
from indexer.pipeline.sync import SyncOptions, sync
from indexer.points import make_point_id
from tests.doubles import CountingEmbedder, MemoryImage, MemorySource, make_object, png

SPEC = CollectionSpec("fake:mean-colour", "mean", 4, CropOptions().text)


def make_colours():
    """24 red cats and 24 blue dogs of many shades; cat 3 is called dog, dog 30 is called cat."""
    images = {}
    for number in range(48):
        is_cat = (number < 24) != (number in (3, 30))
        shade = (
            (150 + 4 * (number % 24), 10 + 7 * number % 50, 10)
            if number < 24
            else (10, 10 + 7 * number % 50, 250 - 4 * (number % 24))
        )
        images[f"{number}"] = MemoryImage(png(shade), [make_object("1", "cat" if is_cat else "dog")])
    return MemorySource(images)


def index(workspace, source, **options):
    """Run the pipeline into the one collection, as ``Workspace.index`` does, with an embedder that can be read off."""
    names = workspace.collection_names()
    collection = workspace.collections.open() if names else workspace.store.create_collection("test", SPEC)
    report = sync(source, CountingEmbedder(), collection, SyncOptions(**options))
    workspace.reviews.mend()
    return report


def id_of(number):
    return make_point_id("memory", f"{number}", "1")
