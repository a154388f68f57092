"""Supervisely project folders: nesting, stamps, what is missing, what is broken."""

from datetime import UTC, datetime

import pytest

from indexer.domain import SkipReason
from indexer.errors import AnnotationFormatError, SourceUnavailableError, UnknownNameError
from indexer.sources.files import MISSING
from indexer.sources.supervisely_files import SuperviselyFilesSource
from tests.source_formats import (
    Labelled,
    sly_annotation,
    sly_rectangle,
    write_image,
    write_json,
    write_supervisely,
    write_text,
)

BOX = (2, 3, 10, 8)


def project_with(tmp_path, annotation, name="a.png"):
    """A project of one image in dataset ``ds``; ``annotation`` is JSON, text or None."""
    write_json(tmp_path / "meta.json", {"classes": [{"title": "cat", "shape": "rectangle"}]})
    write_image(tmp_path / "ds" / "img" / name)
    path = tmp_path / "ds" / "ann" / f"{name}.json"
    if annotation is not None:
        write_text(path, annotation) if isinstance(annotation, str) else write_json(path, annotation)
    source = SuperviselyFilesSource.open(tmp_path)
    return source, next(source.list_images())


def test_dataset_names__nested_ones_have_full_paths(tmp_path):
    images = [Labelled(dataset, "a.png", (20, 20), ()) for dataset in ("B", "A", "A/child", "A/child/leaf")]
    source = SuperviselyFilesSource.open(write_supervisely(tmp_path, images))

    assert source.dataset_names() == ["A", "A/child", "A/child/leaf", "B"]
    assert [image.key for image in source.list_images()] == [
        "A/a.png",
        "A/child/a.png",
        "A/child/leaf/a.png",
        "B/a.png",
    ]
    assert [image.dataset for image in source.list_images(["A/child"])] == ["A/child", "A/child/leaf"]
    with pytest.raises(UnknownNameError, match="known: A, A/child, A/child/leaf, B"):
        list(source.list_images(["A/chil"]))


def test_dataset_names__folders_named_datasets_above_the_project_do_not_matter(tmp_path):
    root = write_supervisely(tmp_path / "datasets" / "datasets" / "project")

    assert SuperviselyFilesSource.open(root).dataset_names() == ["train", "val"]


def test_dataset_names__parent_without_own_images(tmp_path):
    images = [Labelled("A/child", "a.png", (20, 20), ())]
    source = SuperviselyFilesSource.open(write_supervisely(tmp_path, images))

    assert source.dataset_names() == ["A", "A/child"]
    assert source.count_images(["A"]) == 1


def test_open__project_without_datasets_is_empty(tmp_path):
    write_json(tmp_path / "meta.json", {"classes": [], "tags": []})
    source = SuperviselyFilesSource.open(tmp_path)

    assert (source.dataset_names(), list(source.list_images()), source.count_images()) == ([], [], 0)


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ("{", "is not valid JSON"),
        ("[]", "is no project description"),
        ('{"classes": [1]}', "is no project description"),
    ],
)
def test_open__broken_meta_is_refused(tmp_path, meta, message):
    write_text(tmp_path / "meta.json", meta)
    with pytest.raises(AnnotationFormatError, match=message):
        SuperviselyFilesSource.open(tmp_path)


def test_open__no_meta_is_refused(tmp_path):
    with pytest.raises(SourceUnavailableError, match=r"it has no meta\.json"):
        SuperviselyFilesSource.open(tmp_path)


def test_read_objects__everything_a_label_says(tmp_path):
    tags = [{"name": "night", "value": None}, {"name": "age", "value": 7}]
    facts = {"id": 42, "updatedAt": "2024-02-03T04:05:06.789Z", "labelerLogin": "ann", "tags": tags}
    source, image = project_with(tmp_path, sly_annotation((20, 30), [sly_rectangle("cat", BOX, **facts)]))
    (found,) = source.read_objects(image)

    assert (found.key, found.class_name, found.geometry, tuple(found.box)) == ("42", "cat", "rectangle", BOX)
    assert found.tags == ("age=7", "night")
    assert found.updated_at == datetime(2024, 2, 3, 4, 5, 6, 789000, tzinfo=UTC)
    assert found.annotated_by == "ann"


def test_read_objects__without_ids_a_class_edit_keeps_the_key(tmp_path):
    keys = []
    for class_name in ("cat", "class that meta.json does not know"):
        source, image = project_with(tmp_path, sly_annotation((20, 30), [sly_rectangle(class_name, BOX)]))
        keys += [found.key for found in source.read_objects(image)]

    assert keys == ["2,3,10,8", "2,3,10,8"]


def test_read_objects__unknown_geometry_is_skipped_not_refused(tmp_path):
    labels = [{"classTitle": "cat", "geometryType": "point_cloud"}, sly_rectangle("cat", BOX)]
    source, image = project_with(tmp_path, sly_annotation((20, 30), labels))

    assert [found.skip_reason for found in source.read_objects(image)] == [SkipReason.UNKNOWN_GEOMETRY, None]


def test_list_images__image_without_annotation_has_no_objects(tmp_path):
    source, image = project_with(tmp_path, None)

    assert image.annotation_stamp == MISSING
    assert source.read_objects(image) == []
    assert source.describe(image) == image


def test_list_images__annotation_without_image_is_ignored(tmp_path):
    source, _ = project_with(tmp_path, None)
    write_json(tmp_path / "ds" / "ann" / "gone.png.json", sly_annotation((20, 30), []))

    assert [image.name for image in source.list_images()] == ["a.png"]


def test_list_images__editing_an_annotation_changes_its_stamp_only(tmp_path):
    source, before = project_with(tmp_path, sly_annotation((20, 30), []))
    write_json(tmp_path / "ds" / "ann" / "a.png.json", sly_annotation((20, 30), [sly_rectangle("cat", BOX)]))
    after = next(source.list_images())

    assert after.annotation_stamp != before.annotation_stamp
    assert after.pixels_stamp == before.pixels_stamp


def test_describe__size_and_tags_of_the_image(tmp_path):
    tags = [{"name": "sunny", "value": "yes"}, {"name": "checked"}]
    source, image = project_with(tmp_path, sly_annotation((20, 30), [], tags))

    assert image.size_hw is None
    assert source.describe(image).size_hw == (20, 30)
    assert source.describe(image).tags == ("checked", "sunny=yes")


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        ('{"size": ', r"a\.png\.json is not valid JSON"),
        ([1], "is no annotation"),
        (
            sly_annotation((20, 30), [{"geometryType": "rectangle"}]),
            r"broken at objects\[0\] \(KeyError: 'classTitle'\)",
        ),
        (
            sly_annotation((20, 30), [sly_rectangle("cat", BOX), {"classTitle": "cat", "geometryType": "rectangle"}]),
            r"broken at objects\[1\]",
        ),
        ('{"objects": [7]}', r"objects\[0\]"),
        ('{"objects": [{"classTitle": "cat", "geometryType": "point", "points": {"exterior": [[NaN, 1]]}}]}', "NaN"),
        (
            '{"objects": [{"classTitle": "cat", "geometryType": "polygon", "points": {"exterior": []}}]}',
            r"objects\[0\]",
        ),
    ],
)
def test_read_objects__broken_annotation_names_file_and_place(tmp_path, annotation, message):
    source, image = project_with(tmp_path, annotation)
    with pytest.raises(AnnotationFormatError, match=message) as caught:
        source.read_objects(image)
    assert "\n" not in str(caught.value)


def test_describe__broken_size_is_told(tmp_path):
    source, image = project_with(tmp_path, {"objects": []})
    with pytest.raises(AnnotationFormatError, match=r"a\.png\.json is broken at size"):
        source.describe(image)


def test_list_images__names_with_several_dots_and_unicode(tmp_path):
    source, image = project_with(tmp_path, sly_annotation((20, 30), [sly_rectangle("cat", BOX)]), name="é.v1.2.png")

    assert image.key == "ds/é.v1.2.png"
    assert len(source.read_objects(image)) == 1
