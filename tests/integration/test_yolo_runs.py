"""Runs over YOLO data sets as people have them: what becomes a point, what fails, and what is never removed."""

import shutil

import pytest

from indexer.domain import CollectionSpec, CropOptions, PointFilter
from indexer.errors import SourceUnavailableError
from indexer.pipeline.sync import SyncOptions, sync
from indexer.settings import IndexerSettings
from indexer.sources.notes import NoteKind
from indexer.sources.opening import open_source
from indexer.stores.opening import open_store
from tests.doubles import CountingEmbedder
from tests.source_formats import write_image, write_text

SPEC = CollectionSpec("fake:mean-colour", "mean", 4, CropOptions().text)
SIZE_HW = (20, 30)


@pytest.fixture
def collection(tmp_path):
    store = open_store(IndexerSettings(data_dir=tmp_path / "store"))
    yield store.create_collection("test", SPEC)
    store.close()


@pytest.fixture
def root(tmp_path):
    return tmp_path / "data"


def run(root, collection, **options):
    source_options = {"allow_outside": True} if options.pop("allow_outside", False) else {}
    return sync(open_source(root, **source_options), CountingEmbedder(), collection, SyncOptions(**options))


def n_embedded(collection):
    return collection.count(PointFilter(has_embedding=True))


def write_two_images(root, yaml="train: images/train\nnames: [cup]\n"):
    write_text(root / "data.yaml", yaml)
    for number, color in ((1, (250, 0, 0)), (2, (0, 250, 0))):
        write_image(root / "images" / "train" / f"{number}.png", SIZE_HW, color)
        write_text(root / "labels" / "train" / f"{number}.txt", "0 0.3 0.4 0.4 0.4\n")


def test_sync__same_name_in_two_folders(root, collection):
    write_text(root / "data.yaml", "train: [north/images, south/images]\nnames: [cup, plate]\n")
    for folder, line in (("north", "0 0.3 0.4 0.4 0.4"), ("south", "1 0.7 0.5 0.3 0.4")):
        write_image(root / folder / "images" / "0001.png", SIZE_HW)
        write_text(root / folder / "labels" / "0001.txt", line)

    first, second = run(root, collection), run(root, collection)

    assert (first.images.added, first.instances.embedded) == (2, 2)
    assert (second.images.unchanged, second.instances.embedded, second.images.removed) == (2, 0, 0)
    assert second.instances.unchanged == 2


@pytest.mark.parametrize("is_first", [True, False])
def test_sync__split_folder_that_is_gone(root, collection, is_first):
    write_two_images(root)
    if not is_first:
        run(root, collection)
    (root / "images").rename(root / "elsewhere")

    report = run(root, collection)

    assert report.failure == f"there are no images: data.yaml, train: {root}/images/train is not there"
    assert (report.images.removed, n_embedded(collection)) == (0, 0 if is_first else 2)


@pytest.mark.parametrize("is_first", [True, False])
def test_sync__mount_point_without_its_disk(root, collection, is_first):
    write_two_images(root)
    if not is_first:
        run(root, collection)
    shutil.rmtree(root / "images" / "train")
    (root / "images" / "train").mkdir()

    report = run(root, collection, allow_shrink=True)

    assert report.failure == f"there are no images: {root}/images/train holds no images"
    assert (report.images.removed, n_embedded(collection)) == (0, 0 if is_first else 2)


@pytest.mark.parametrize("is_emptied", [True, False])
def test_sync__labels_that_are_gone_keep_their_objects(root, collection, is_emptied):
    write_two_images(root)
    run(root, collection)
    shutil.rmtree(root / "labels" / "train")
    if is_emptied:
        (root / "labels" / "train").mkdir()

    report = run(root, collection)

    assert (report.images.failed, report.instances.removed, n_embedded(collection)) == (2, 0, 2)
    assert "the folder of its annotation is gone or empty" in report.failure


def test_sync__first_run_without_labels_is_no_success(root, collection):
    write_two_images(root)
    shutil.rmtree(root / "labels")

    report = run(root, collection)

    labels = f"{root}/labels/train is not there; 2 images have their labels there"
    assert report.failure == f"none of the annotations could be used; the first: {labels}"


def test_sync__one_label_file_that_is_gone_is_an_image_without_objects(root, collection):
    write_two_images(root)
    run(root, collection)
    (root / "labels" / "train" / "2.txt").unlink()

    report = run(root, collection)

    assert (report.images.updated, report.instances.removed, report.failure) == (1, 1, None)
    assert report.notes[NoteKind.NO_LABEL_FILE].examples == [f"{root}/images/train/2.png"]


def test_sync__declared_split_that_is_not_there_is_noted(root, collection):
    write_two_images(root, "train: images/train\ntest: images/test\nnames: [cup]\n")

    report = run(root, collection)

    assert (report.images.added, report.failure) == (2, None)
    assert report.notes[NoteKind.MISSING_PART].examples == [f"data.yaml, test: {root}/images/test is not there"]


def test_sync__list_file_with_lines_that_lead_nowhere(root, collection):
    write_two_images(root, "train: train.txt\nnames: [cup]\n")
    write_text(root / "train.txt", "images/train/1.png\nimages/train/2.png\nimages/train/3.png\n")

    report = run(root, collection)

    assert (report.images.added, report.images.failed, report.failure) == (2, 1, None)
    (failure,) = report.failures
    where = f"correct {root}/train.txt, line 3, or restore the image"
    assert failure["reason"] == f"{root}/images/train/3.png: there is no such file; {where}"


@pytest.mark.parametrize("name", ["images/train/{}.png", "images\\train\\{}.png", "/old/ds/images/train/{}.png"])
def test_sync__images_of_a_list_that_are_gone_keep_their_points(root, collection, name):
    write_two_images(root, "train: train.txt\nnames: [cup]\n")
    write_text(root / "train.txt", "".join(f"{name.format(number)}\n" for number in (1, 2)))
    assert run(root, collection).instances.embedded == 2
    (root / "images").rename(root.parent / "elsewhere")

    report = run(root, collection, allow_shrink=True)
    assert (report.images.failed, report.images.removed, n_embedded(collection)) == (2, 0, 2)

    (root.parent / "elsewhere").rename(root / "images")
    assert run(root, collection).images.unchanged == 2


def test_sync__image_found_by_its_file_name_alone_stands_for_no_other(root, collection):
    write_two_images(root, "train: train.txt\nnames: [cup]\n")
    write_text(root / "train.txt", "/old/ds/images/train/1.png\n/old/ds/images/train/2.png\n")
    run(root, collection)
    (root / "images").rename(root / "thumbnails")
    (root / "thumbnails" / "train").rename(root / "thumbnails" / "small")

    report = run(root, collection, allow_shrink=True)

    assert (report.images.removed, n_embedded(collection)) == (0, 2)
    assert sorted(report.notes[NoteKind.KEPT].examples) == ["train/1.png", "train/2.png"]


def test_sync__line_taken_out_of_a_list_removes_its_image(root, collection):
    write_two_images(root, "train: train.txt\nnames: [cup]\n")
    write_text(root / "train.txt", "images/train/1.png\nimages/train/2.png\n")
    run(root, collection)
    write_text(root / "train.txt", "images/train/1.png\n")

    report = run(root, collection)

    assert (report.images.removed, n_embedded(collection)) == (1, 1)


def test_sync__list_file_that_is_gone_removes_nothing(root, collection):
    write_two_images(root, "train: train.txt\nnames: [cup]\n")
    write_text(root / "train.txt", "images/train/1.png\nimages/train/2.png\n")
    run(root, collection)
    (root / "train.txt").unlink()

    report = run(root, collection)

    assert report.failure == f"there are no images: data.yaml, train: {root}/train.txt is not there"
    assert (report.images.removed, n_embedded(collection)) == (0, 2)


def test_sync__broken_line_costs_the_line(root, collection):
    write_two_images(root)
    write_text(root / "labels" / "train" / "1.txt", "0 0.3 0.4 0.4 0.4\n0 0.3 0.4\n7 0.3 0.4 0.4 0.4\n")

    report = run(root, collection)

    assert (report.images.failed, report.instances.embedded) == (0, 2)
    assert report.skipped_reasons == {"broken annotation": 1, "unknown class": 1}
    assert report.notes[NoteKind.BROKEN_ANNOTATION].count == 2


@pytest.mark.parametrize("named_by", ["data.yaml", "classes.txt"])
def test_sync__names_that_are_gone_rename_no_class(root, collection, named_by):
    """A class that is called by its number would lose the reviews of all its objects."""
    write_two_images(root)
    if named_by == "classes.txt":
        (root / "data.yaml").unlink()
        write_text(root / "classes.txt", "cup\n")
    run(root, collection)
    (root / named_by).unlink()

    with pytest.raises(SourceUnavailableError, match="was indexed with class names such as 'cup', and names no class"):
        run(root, collection)

    assert collection.facet("class_name") == {"cup": 2}


def test_sync__data_set_without_names_is_noted(root, collection):
    write_two_images(root, "train: images/train\n")

    first, second = run(root, collection), run(root, collection)

    assert collection.facet("class_name") == {"0": 2}
    assert first.notes[NoteKind.NO_CLASS_NAMES].examples == [
        f"{root} names no classes; write their names into a classes.txt"
    ]
    assert (second.images.unchanged, second.failure) == (2, None)
