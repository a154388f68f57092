"""Supervisely project folders: nesting, stamps, what is missing, what is broken."""

import json
import os
from datetime import UTC, datetime

import pytest

from indexer.domain import SkipReason
from indexer.errors import AnnotationFormatError, SourceUnavailableError, UnknownNameError
from indexer.sources.base import ColoredSource
from indexer.sources.files import MISSING, UNREACHABLE
from indexer.sources.instances import number_keys
from indexer.sources.notes import NoteKind
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


def test_open__classes_have_the_colours_of_the_project(tmp_path):
    colors = {"cat": "#FF8000", "dog": "red", "owl": 7, "fox": "#00ff0000"}
    classes = [{"title": name, "color": color} for name, color in colors.items()]
    write_json(tmp_path / "meta.json", {"classes": [*classes, {"title": "ant"}]})
    source = SuperviselyFilesSource.open(tmp_path)
    assert isinstance(source, ColoredSource)
    assert source.class_colors == {"cat": "#ff8000"}


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


def test_list_images__image_without_annotation_beside_others_has_no_objects_and_is_noted(tmp_path):
    write_json(tmp_path / "ds" / "ann" / "b.png.json", sly_annotation((20, 30), []))
    write_image(tmp_path / "ds" / "img" / "b.png")
    source, _ = project_with(tmp_path, None)
    image, _ = source.list_images()

    assert (image.name, image.annotation_stamp) == ("a.png", MISSING)
    assert source.read_objects(image) == []
    assert source.describe(image) == image
    assert source.notes.collected()[NoteKind.NO_LABEL_FILE].examples == [str(tmp_path / "ds" / "img" / "a.png")]


@pytest.mark.parametrize("is_there", [True, False])
def test_list_images__annotations_that_are_all_gone_are_unreachable(tmp_path, is_there):
    if is_there:
        write_text(tmp_path / "ds" / "ann" / "README.txt", "no annotation")
    project_with(tmp_path, None)
    source = SuperviselyFilesSource.open(tmp_path)
    (image,) = source.list_images()

    assert image.annotation_stamp == UNREACHABLE
    assert source.read_objects(image) == []
    assert source.describe(image) == image
    told = f"{tmp_path / 'ds' / 'ann'} holds no annotations; is its disk mounted?"
    assert source.notes.collected()[NoteKind.NO_LABEL_FOLDER].examples == [told]
    assert not source.notes.is_incomplete("ds")


@pytest.mark.parametrize("is_there", [True, False])
def test_list_images__images_that_are_gone_are_missing_and_nothing_may_be_removed(tmp_path, is_there):
    project_with(tmp_path, sly_annotation((20, 30), []))
    (tmp_path / "ds" / "img" / "a.png").unlink()
    if not is_there:
        (tmp_path / "ds" / "img").rmdir()
    source = SuperviselyFilesSource.open(tmp_path)

    assert list(source.list_images()) == []
    told = f"{tmp_path / 'ds' / 'img'} holds no images; is its disk mounted?"
    assert source.notes.collected()[NoteKind.MISSING_PART].examples == [told]
    assert source.notes.is_incomplete("ds")
    assert not source.notes.is_incomplete("other")


def test_list_images__annotation_without_image_is_noted(tmp_path):
    source, _ = project_with(tmp_path, sly_annotation((20, 30), []))
    source = SuperviselyFilesSource.open(tmp_path)
    write_json(tmp_path / "ds" / "ann" / "gone.png.json", sly_annotation((20, 30), []))

    assert [image.name for image in source.list_images()] == ["a.png"]
    told = f"{tmp_path / 'ds' / 'ann' / 'gone.png.json'}: {tmp_path / 'ds' / 'img'} has no such image"
    assert source.notes.collected()[NoteKind.UNKNOWN_IMAGE].examples == [told]


def test_list_images__images_in_folders_below_img_are_noted(tmp_path):
    project_with(tmp_path, sly_annotation((20, 30), []))
    write_image(tmp_path / "ds" / "img" / "deep" / "b.png")
    source = SuperviselyFilesSource.open(tmp_path)

    assert [image.key for image in source.list_images()] == ["ds/a.png"]
    assert "deep: images in folders below" in source.notes.collected()[NoteKind.IGNORED_FILE].examples[0]


def test_dataset_names__links_back_are_not_followed(tmp_path):
    project_with(tmp_path, sly_annotation((20, 30), []))
    (tmp_path / "ds" / "datasets").mkdir()
    for name in ("one", "two"):
        (tmp_path / "ds" / "datasets" / name).symlink_to(tmp_path / "ds", target_is_directory=True)

    assert SuperviselyFilesSource.open(tmp_path).dataset_names() == ["ds"]


def test_dataset_names__names_like_those_of_the_layout(tmp_path):
    images = [Labelled(name, "a.png", (20, 20), ()) for name in ("datasets", "img", "ann", "img/img", "a.png")]
    source = SuperviselyFilesSource.open(write_supervisely(tmp_path, images))

    assert source.dataset_names() == ["a.png", "ann", "datasets", "img", "img/img"]
    assert len({image.key for image in source.list_images()}) == 5


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
        ({"shapes": []}, "is no annotation: expected an object with 'objects'"),
        ({"objects": {"0": {}}}, "is no annotation"),
        (f'{{"objects": {"[" * 100_000}', "nested too deep"),
    ],
)
def test_read_objects__broken_annotation_names_the_file(tmp_path, annotation, message):
    source, image = project_with(tmp_path, annotation)
    with pytest.raises(AnnotationFormatError, match=message) as caught:
        source.read_objects(image)
    assert "a.png.json" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ('{"geometryType": "rectangle"}', "its classTitle is None"),
        ('{"classTitle": ["cat"]}', "its classTitle is ['cat']"),
        ('{"classTitle": true}', "its classTitle is True"),
        ('{"classTitle": ""}', "its classTitle is ''"),
        ("7", "7 is no label"),
        ("null", "None is no label"),
        ('{"classTitle": "cat", "geometryType": "rectangle"}', "it has no 'points'"),
        ('{"classTitle": "cat", "geometryType": "point", "points": {"exterior": [[NaN, 1]]}}', "NaN"),
        ('{"classTitle": "cat", "geometryType": "polygon", "points": {"exterior": []}}', "objects[0]: "),
        ('{"classTitle": "cat", "geometryType": "rectangle", "points": {"exterior": [["1", "2"], {}]}}', "it has no 0"),
    ],
)
def test_read_objects__one_odd_label_costs_that_label(tmp_path, odd, reason):
    sound = json.dumps(sly_rectangle("cat", BOX))
    source, image = project_with(tmp_path, f'{{"objects": [{odd}, {sound}]}}')
    broken, found = source.read_objects(image)

    assert (broken.skip_reason, broken.box) == (SkipReason.BROKEN, None)
    assert (found.skip_reason, tuple(found.box)) == (None, BOX)
    note = source.notes.collected()[NoteKind.BROKEN_ANNOTATION]
    assert note.count == 1
    assert note.examples[0].startswith(f"{tmp_path / 'ds' / 'ann' / 'a.png.json'}: objects[0]: ")
    assert reason in note.examples[0]
    assert "\n" not in note.examples[0]


def test_read_objects__no_objects(tmp_path):
    source, image = project_with(tmp_path, {"objects": None, "size": {"height": 20, "width": 30}})
    assert source.read_objects(image) == []


@pytest.mark.parametrize("tags", [[1], 1, {"name": ["night"]}, [None], [{"value": 3}], [{"name": True}]])
def test_read_objects__an_odd_tag_costs_that_tag(tmp_path, tags):
    label = sly_rectangle("cat", BOX, tags=tags)
    source, image = project_with(tmp_path, {"objects": [label], "tags": tags, "size": {"height": 20, "width": 30}})
    (found,) = source.read_objects(image)

    assert (found.tags, found.skip_reason) == ((), None)
    assert source.describe(image).tags == ()
    assert "has no name" in source.notes.collected()[NoteKind.BROKEN_ANNOTATION].examples[0]


@pytest.mark.parametrize("moment", ["yesterday", 20240203, None, [], "0001-01-01T00:00:00+23:59", True])
def test_read_objects__odd_time_of_edit_is_none(tmp_path, moment):
    source, image = project_with(tmp_path, sly_annotation((20, 30), [sly_rectangle("cat", BOX, updatedAt=moment)]))
    assert [found.updated_at for found in source.read_objects(image)] == [None]


@pytest.mark.parametrize(("login", "who"), [(7, "7"), (["ann"], None), ({}, None), ("", None), (True, None)])
def test_read_objects__odd_login(tmp_path, login, who):
    source, image = project_with(tmp_path, sly_annotation((20, 30), [sly_rectangle("cat", BOX, labelerLogin=login)]))
    assert [found.annotated_by for found in source.read_objects(image)] == [who]


def test_read_objects__ids_that_are_none_or_that_others_have(tmp_path):
    labels = [sly_rectangle("cat", BOX, id=one) for one in (7, "7", "7#2", None, [7], {}, True, 1.5, "", "2,3,10,8")]
    source, image = project_with(tmp_path, sly_annotation((20, 30), labels))
    keys = [found.key for found in source.read_objects(image)]
    numbered = [key for key, _ in number_keys(source.read_objects(image))]

    assert keys == ["7", "7", "7#2", *["2,3,10,8"] * 7]
    assert numbered == ["7", "7#2", "7#2#2", "2,3,10,8", *[f"2,3,10,8#{number}" for number in range(2, 8)]]


@pytest.mark.parametrize(
    "size",
    [
        None,
        5,
        [],
        {"height": 20},
        {"height": "20", "width": "30"},
        {"height": -1, "width": 30},
        {"height": 1e400, "width": 1},
        {"height": float("nan"), "width": 30},
        {"height": 20.5, "width": 30},
        {"height": True, "width": True},
    ],
)
def test_describe__odd_size_is_noted_and_the_image_tells_it(tmp_path, size):
    source, image = project_with(tmp_path, {"objects": [], "size": size})

    assert source.describe(image).size_hw is None
    assert "its size is" in source.notes.collected()[NoteKind.BROKEN_ANNOTATION].examples[0]


def test_recognises__a_meta_json_of_something_else_is_none(tmp_path):
    write_json(tmp_path / "meta.json", {"author": "ann"})
    write_image(tmp_path / "cups" / "img" / "1.png")
    assert SuperviselyFilesSource.recognises(tmp_path) is None

    write_json(tmp_path / "meta.json", {"classes": ["cups"]})
    write_image(tmp_path / "plates" / "2.png")
    (tmp_path / "cups" / "img").rename(tmp_path / "cups" / "big")
    assert SuperviselyFilesSource.recognises(tmp_path) is None


def test_recognises__says_by_what(tmp_path):
    write_supervisely(tmp_path)
    assert SuperviselyFilesSource.recognises(tmp_path) == "meta.json beside train, val"


def test_list_images__names_with_several_dots_and_unicode(tmp_path):
    source, image = project_with(tmp_path, sly_annotation((20, 30), [sly_rectangle("cat", BOX)]), name="é.v1.2.png")

    assert image.key == "ds/é.v1.2.png"
    assert len(source.read_objects(image)) == 1


def test_dataset_names__nested_deeper_than_a_path_can_be(tmp_path):
    write_json(tmp_path / "meta.json", {"classes": []})
    deep = os.open(tmp_path, os.O_RDONLY)
    for level in range(60):
        name = "datasets" if level % 2 else "d" * 200
        os.mkdir(name, dir_fd=deep)
        below = os.open(name, os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = below
    os.close(deep)

    assert 10 < len(SuperviselyFilesSource.open(tmp_path).dataset_names()) < 30


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ({"exterior": [[1, 2]], "interior": []}, "its places are not those of a 'rectangle': {'exterior': [[1, 2]]"),
        ({"exterior": [["a", 2], [3, 4]]}, "its places are not those of a 'rectangle': {'exterior': [['a', 2]"),
        (None, "its places are not those of a 'rectangle': None"),
    ],
)
def test_read_objects__places_that_are_none_are_told_in_words(tmp_path, points, reason):
    label = {"classTitle": "cat", "geometryType": "rectangle", "points": points}
    write_json(tmp_path / "meta.json", {"classes": [], "tags": []})
    write_image(tmp_path / "ds" / "img" / "a.png")
    write_json(tmp_path / "ds" / "ann" / "a.png.json", {"size": {"height": 20, "width": 30}, "objects": [label]})
    source = SuperviselyFilesSource.open(tmp_path)
    source.read_objects(next(source.list_images()))

    (told,) = source.notes.collected()[NoteKind.BROKEN_ANNOTATION].examples
    assert f"objects[0]: {reason}" in told
