"""Folders that are gone or empty, as a disk that is not mounted leaves them, cost no point of a real data set."""

import shutil

import pytest

from indexer.domain import CollectionSpec, CropOptions, PointFilter
from indexer.pipeline.sync import SyncOptions, sync
from indexer.sources.notes import NoteKind
from indexer.sources.opening import open_source
from indexer.stores.qdrant_embedded import EmbeddedStore
from tests.doubles import CountingEmbedder
from tests.source_formats import WRITERS, Labelled, write_image

SPEC = CollectionSpec("fake:mean-colour", "mean", 4, CropOptions().text)
IMAGES = tuple(
    Labelled(dataset, f"{number}.png", (20, 30), (("cat", (2, 2, 9, 9)),))
    for dataset in ("train", "val")
    for number in range(3)
)
PARTS = [("supervisely", "img"), ("supervisely", "ann"), ("pascal_voc", "JPEGImages"), ("pascal_voc", "Annotations")]
HOLDS_IMAGES = ("img", "JPEGImages")


@pytest.fixture
def collection(tmp_path):
    store = EmbeddedStore(tmp_path / "store")
    yield store.create_collection("test", SPEC)
    store.close()


def run(root, collection):
    return sync(open_source(root), CountingEmbedder(), collection, SyncOptions())


def n_embedded(collection):
    return collection.count(PointFilter(has_embedding=True))


@pytest.mark.parametrize("is_emptied", [True, False], ids=["empty", "gone"])
@pytest.mark.parametrize("datasets", [("train",), ("train", "val")], ids=["one", "all"])
@pytest.mark.parametrize(("name", "part"), PARTS)
def test_sync__a_part_that_is_not_there_costs_no_point(tmp_path, collection, name, part, datasets, is_emptied):
    root = WRITERS[name](tmp_path / "data", IMAGES)
    assert run(root, collection).instances.embedded == 6
    for dataset in datasets:
        (root / dataset / part).rename(tmp_path / dataset)
        if is_emptied:
            (root / dataset / part).mkdir()

    report = run(root, collection)

    assert (report.images.removed, report.instances.removed, n_embedded(collection)) == (0, 0, 6)
    kind = NoteKind.MISSING_PART if part in HOLDS_IMAGES else NoteKind.NO_LABEL_FOLDER
    assert [example.split(" holds no ")[0] for example in report.notes[kind].examples] == [
        str(root / dataset / part) for dataset in datasets
    ]
    if part in HOLDS_IMAGES:
        assert report.images.seen == 6 - 3 * len(datasets)
        assert report.notes[NoteKind.KEPT].count == 3 * len(datasets)
    else:
        assert (report.images.seen, report.images.failed) == (6, 3 * len(datasets))
    assert (report.failure is not None) == (len(datasets) == 2)

    for dataset in datasets:
        shutil.rmtree(root / dataset / part, ignore_errors=True)
        (tmp_path / dataset).rename(root / dataset / part)
    report = run(root, collection)

    assert (report.images.unchanged, report.instances.unchanged, report.notes) == (6, 6, {})


@pytest.mark.parametrize(("name", "part"), PARTS)
def test_sync__one_file_that_is_gone_beside_others_is_believed(tmp_path, collection, name, part):
    root = WRITERS[name](tmp_path / "data", IMAGES)
    run(root, collection)
    next(iter(sorted((root / "train" / part).iterdir()))).unlink()

    report = run(root, collection)

    assert (n_embedded(collection), report.instances.removed, report.failure) == (5, 1, None)
    assert report.images.removed == int(part in HOLDS_IMAGES)
    kind = NoteKind.UNKNOWN_IMAGE if part in HOLDS_IMAGES else NoteKind.NO_LABEL_FILE
    assert [(noted, note.count) for noted, note in report.notes.items()] == [(kind, 1)]


def test_sync__a_split_that_is_added_makes_a_dataset_of_the_first(tmp_path, collection):
    """The class of the images goes with it, and no image is embedded anew."""
    for number in range(3):
        write_image(tmp_path / "data" / "train" / f"{number}.png")
    run(tmp_path / "data", collection)
    assert collection.facet("class_name") == {"train": 3}
    write_image(tmp_path / "data" / "val" / "0.png")

    report = run(tmp_path / "data", collection)

    assert (report.instances.embedded, report.instances.payload_updated) == (1, 3)
    assert (collection.facet("class_name"), collection.facet("dataset")) == ({}, {"train": 3, "val": 1})
