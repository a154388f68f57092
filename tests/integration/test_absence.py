"""Absence never deletes: what a source declares and does not have costs no point."""

from dataclasses import replace

import pytest

from indexer.domain import CollectionSpec, CropOptions, PointFilter
from indexer.pipeline.sync import SyncOptions, sync
from indexer.settings import IndexerSettings
from indexer.sources.files import MISSING, UNREACHABLE
from indexer.sources.notes import NoteKind
from indexer.sources.opening import open_source
from indexer.stores.opening import open_store
from tests.doubles import CountingEmbedder, MemoryImage, MemorySource, make_object, png
from tests.source_formats import write_image, write_json

SPEC = CollectionSpec("fake:mean-colour", "mean", 4, CropOptions().text)
N_IMAGES = 6


@pytest.fixture
def collection(tmp_path):
    store = open_store(IndexerSettings(data_dir=tmp_path))
    yield store.create_collection("test", SPEC)
    store.close()


class FaultySource(MemorySource):
    """A source whose listing says more of its images than that they are there."""

    def __init__(self, images, **facts):
        super().__init__(images)
        self.facts = facts  # image key -> fields of its SourceImage

    def list_images(self, datasets=None):
        for image in super().list_images(datasets):
            yield replace(image, **self.facts.get(image.key, {}))


def make_images():
    return {
        f"{dataset}/{number}": MemoryImage(png((number * 40, 0, 0)), [make_object("1")], dataset=dataset)
        for dataset in ("train", "val")
        for number in range(N_IMAGES // 2)
    }


def run(source, collection, **options):
    return sync(source, CountingEmbedder(), collection, SyncOptions(**options))


def without(images, *keys):
    return {key: image for key, image in images.items() if key not in keys}


def n_embedded(collection):
    return collection.count(PointFilter(has_embedding=True))


def test_sync__image_gone_from_a_readable_listing_is_removed(collection):
    run(MemorySource(make_images()), collection)

    report = run(MemorySource(without(make_images(), "val/0")), collection)

    assert (report.images.removed, report.instances.removed, n_embedded(collection)) == (1, 1, N_IMAGES - 1)
    assert report.notes == {}


def test_sync__dataset_with_a_missing_part_keeps_its_points(collection):
    run(MemorySource(make_images()), collection)
    source = MemorySource(without(make_images(), "val/0", "train/0"))
    source.notes.add_missing_part("val", "the folder /data/val is not there")

    report = run(source, collection)

    assert (report.images.removed, n_embedded(collection)) == (1, N_IMAGES - 1)
    assert report.notes[NoteKind.MISSING_PART].examples == ["the folder /data/val is not there"]
    assert report.notes[NoteKind.KEPT].examples == ["val/0"]
    assert report.failure is None


def test_sync__nothing_left_of_a_source_with_a_missing_part_is_a_failure(collection):
    source = MemorySource({})
    source.notes.add_missing_part("train", "the folder /data/train is not there")

    assert run(source, collection).failure == "there are no images: the folder /data/train is not there"


def test_sync__fewer_than_half_listed_removes_nothing_unless_allowed(collection):
    run(MemorySource(make_images()), collection)
    two = without(make_images(), "train/0", "train/1", "val/0", "val/1")

    report = run(MemorySource(two), collection)

    assert (report.images.removed, n_embedded(collection)) == (0, N_IMAGES)
    assert report.notes[NoteKind.SHRUNK].count == 4
    assert report.failure.startswith("the source lists 2 images and the collection knows 6 of it")
    assert "--allow-shrink" in report.failure

    report = run(MemorySource(two), collection, allow_shrink=True)

    assert (report.images.removed, n_embedded(collection), report.failure) == (4, 2, None)


def test_sync__half_listed_is_believed(collection):
    run(MemorySource(make_images()), collection)

    report = run(MemorySource(without(make_images(), "train/0", "train/1", "val/0")), collection)

    assert (report.images.removed, report.failure) == (3, None)


def test_sync__shrinking_is_judged_by_the_datasets_that_the_run_covers(collection):
    run(MemorySource(make_images()), collection)

    report = run(MemorySource(without(make_images(), "val/0", "val/1")), collection, datasets=("val",))

    assert (report.images.removed, n_embedded(collection)) == (0, N_IMAGES)
    assert report.failure.startswith("the source lists 1 image and the collection knows 3 of it")


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        ({"pixels_stamp": MISSING}, "image /images/val/0 is not there"),
        ({"problem": "its name leads outside /data"}, "/images/val/0: its name leads outside /data"),
        ({"annotation_stamp": UNREACHABLE}, "the folder of its annotation is gone or empty"),
    ],
)
def test_sync__image_that_cannot_be_used_now_fails_and_keeps_its_points(collection, fact, reason):
    run(MemorySource(make_images()), collection)
    images = make_images()
    images["val/0"].objects = []

    report = run(FaultySource(images, **{"val/0": fact}), collection)

    assert (report.images.failed, report.images.removed, n_embedded(collection)) == (1, 0, N_IMAGES)
    assert reason in report.failures[0]["reason"]


def test_sync__declared_image_that_is_not_there_fails_though_it_has_no_objects(collection):
    report = run(FaultySource({"a": MemoryImage(None)}, a={"pixels_stamp": MISSING}), collection)

    assert (report.images.added, report.images.failed, collection.count()) == (0, 1, 0)
    assert report.failure.startswith("the only image could not be read")


def test_sync__unreachable_annotation_of_a_new_image_is_an_image_without_objects(collection):
    report = run(FaultySource({"a": MemoryImage(png((1, 2, 3)))}, a={"annotation_stamp": UNREACHABLE}), collection)

    assert (report.images.added, report.images.failed) == (1, 0)


@pytest.mark.parametrize("broken", [ZeroDivisionError("by nought"), RecursionError(), MemoryError(), KeyError("x")])
def test_sync__what_nobody_thought_of_costs_one_image(collection, monkeypatch, broken):
    source = MemorySource(make_images())
    read = source.read_objects

    def fail_at_one(image):
        if image.key == "val/0":
            raise broken
        return read(image)

    monkeypatch.setattr(source, "read_objects", fail_at_one)

    report = run(source, collection)

    assert (report.images.failed, report.images.added) == (1, N_IMAGES - 1)
    assert "\n" not in report.failures[0]["reason"]


def test_sync__names_that_are_not_utf8_fail_with_the_name_escaped(collection):
    images = make_images() | {"caf\udce9": MemoryImage(png((9, 9, 9)), [make_object("1")])}

    report = run(MemorySource(images), collection)

    assert (report.images.seen, report.images.failed, n_embedded(collection)) == (N_IMAGES + 1, 1, N_IMAGES)
    assert report.failures == [{"image": "/images/caf\\udce9", "reason": "its name is not valid UTF-8; rename it"}]


def test_sync__halves_of_characters_in_labels_are_stored_escaped(collection):
    images = {"a": MemoryImage(png((9, 9, 9)), [make_object("\ud83d", "cat\ud83d", tags=("x\udc00",))])}

    run(MemorySource(images), collection)
    report = run(MemorySource(images), collection)

    assert (report.images.failed, report.instances.unchanged) == (0, 1)
    assert collection.facet("class_name") == {"cat\\ud83d": 1}


def test_sync__images_without_their_annotation_folder_are_a_failure_of_the_first_run_too(tmp_path, collection):
    write_image(tmp_path / "voc" / "JPEGImages" / "1.png")
    write_json(tmp_path / "sly" / "meta.json", {"classes": [], "tags": []})
    write_image(tmp_path / "sly" / "train" / "img" / "1.png")

    for root, folder, files in (("voc", "Annotations", "XML files"), ("sly", "train/ann", "annotations")):
        report = run(open_source(tmp_path / root), collection)
        assert report.failure == (
            "none of the annotations could be used; the first: "
            f"{tmp_path / root / folder} holds no {files}; is its disk mounted?"
        )


def test_sync__dataset_that_is_not_there_at_all_keeps_its_images_unless_allowed(collection):
    run(MemorySource(make_images()), collection)
    val = without(make_images(), "train/0", "train/1", "train/2")

    report = run(MemorySource(val), collection)

    assert (report.images.removed, report.images.unchanged, n_embedded(collection)) == (0, 3, N_IMAGES)
    assert report.notes[NoteKind.VANISHED].count == 3
    assert report.failure == (
        "the source has no dataset train, of which the collection knows 3 images; nothing of it was removed, "
        "--allow-shrink removes those that are no longer listed"
    )

    report = run(MemorySource(val), collection, allow_shrink=True)

    assert (report.images.removed, n_embedded(collection), report.failure) == (3, 3, None)
