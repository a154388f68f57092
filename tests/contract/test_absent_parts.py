"""Folders that are gone or empty, as a disk that is not mounted leaves them, cost no point of a real data set."""

import shutil

import pytest

from indexer.domain import CollectionSpec, CropOptions, PointFilter
from indexer.pipeline.sync import SyncOptions, sync
from indexer.sources.notes import NoteKind
from indexer.sources.opening import open_source
from indexer.stores.qdrant_embedded import EmbeddedStore
from tests.doubles import CountingEmbedder
from tests.source_formats import WRITERS, Labelled, voc_object, write_image, write_text

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


@pytest.mark.parametrize("is_emptied", [True, False], ids=["empty", "gone"])
@pytest.mark.parametrize("name", ["supervisely", "pascal_voc", "image_folder"])
def test_sync__a_dataset_that_is_not_there_costs_no_point(tmp_path, collection, name, is_emptied):
    """The folder of a dataset may be a disk of its own; that it is gone is no listing of it."""
    root = WRITERS[name](tmp_path / "data", IMAGES)
    assert run(root, collection).instances.embedded == 6
    (root / "train").rename(tmp_path / "train")
    if is_emptied:
        (root / "train").mkdir()

    report = run(root, collection)

    assert (report.images.seen, report.images.removed, n_embedded(collection)) == (3, 0, 6)
    is_part = name == "image_folder" and is_emptied
    assert [note.count for kind, note in report.notes.items() if kind in (NoteKind.KEPT, NoteKind.VANISHED)] == [3]
    assert (report.failure is None) == is_part

    shutil.rmtree(root / "train", ignore_errors=True)
    (tmp_path / "train").rename(root / "train")
    report = run(root, collection)
    assert (report.instances.embedded, report.images.removed, n_embedded(collection)) == (0, 0, 6)


def test_sync__a_coco_file_that_is_not_there_costs_no_point(tmp_path, collection):
    root = WRITERS["coco"](tmp_path / "data", IMAGES)
    run(root, collection)
    (root / "annotations" / "instances_train.json").unlink()

    report = run(root, collection)

    assert (report.images.seen, report.images.removed, n_embedded(collection)) == (3, 0, 6)
    assert report.failure.startswith("the source has no dataset train, of which the collection knows 3 images")


def test_sync__labels_or_images_of_a_voc_split_that_are_not_there_cost_no_point(tmp_path, collection):
    """Files of one split lie side by side, as Roboflow exports them."""
    for split in ("train", "val"):
        for number in range(3):
            write_image(tmp_path / "data" / split / f"{number}.png")
            xml = f"<annotation>{voc_object('cat', (2, 2, 9, 9))}</annotation>"
            write_text(tmp_path / "data" / split / f"{number}.xml", xml)
    run(tmp_path / "data", collection)
    for suffix, n_seen in ((".png", 3), (".xml", 6)):
        lost = list((tmp_path / "data" / "train").glob(f"*{suffix}"))
        for path in lost:
            path.rename(tmp_path / path.name)

        report = run(tmp_path / "data", collection)

        assert (report.images.seen, n_embedded(collection)) == (n_seen, 6)
        assert (report.images.removed, report.instances.removed) == (0, 0)
        for path in lost:
            (tmp_path / path.name).rename(path)


@pytest.mark.parametrize("name", ["yolo", "pascal_voc"])
def test_sync__a_subfolder_whose_images_are_gone_costs_no_point(tmp_path, collection, name):
    root = tmp_path / "data"
    if name == "yolo":
        write_text(root / "data.yaml", "train: images\nnames: [cat]\n")
    for place in ("north", "south"):
        for number in range(3):
            write_image(root / "images" / place / f"{number}.png")
            path = (root / "labels" / place / str(number)).with_suffix(".txt" if name == "yolo" else ".xml")
            xml = f"<annotation>{voc_object('cat', (2, 2, 9, 9))}</annotation>"
            write_text(path, "0 0.3 0.4 0.4 0.4\n" if name == "yolo" else xml)
    run(root, collection)
    (root / "images" / "north").rename(tmp_path / "north")

    report = run(root, collection)

    assert (report.images.seen, report.images.removed, n_embedded(collection)) == (3, 0, 6)
    assert report.notes[NoteKind.MISSING_PART].examples[0].startswith(f"{root / 'images' / 'north'} holds no images")
    (tmp_path / "north").rename(root / "images" / "north")
    assert NoteKind.MISSING_PART not in run(root, collection).notes


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
