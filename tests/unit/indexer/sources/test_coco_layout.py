"""Which JSON files of a folder are COCO, which of them are read, and what is said of the others."""

import gzip
import json

import pytest

from indexer.errors import AnnotationFormatError, SourceUnavailableError
from indexer.sources.coco import CocoSource
from indexer.sources.coco_kinds import CocoKind, find_kind
from indexer.sources.files import MISSING
from indexer.sources.notes import NoteKind
from indexer.sources.opening import open_source, recognise_format
from tests.source_formats import write_coco, write_image, write_json, write_text

PERSON = [{"id": 1, "name": "person"}]


def coco(*names, **sections):
    """One object in each of some images."""
    images = [{"id": number, "file_name": name, "width": 32, "height": 24} for number, name in enumerate(names)]
    annotations = [
        {"id": number, "image_id": number, "category_id": 1, "bbox": [4, 4, 12, 10]} for number in range(len(names))
    ]
    return {"images": images, "annotations": annotations, "categories": PERSON, **sections}


def captions(*names):
    content = coco(*names)
    del content["categories"]
    return content | {"annotations": [{"id": 1, "image_id": 0, "caption": "a cup on a table"}]}


def found(root):
    """Image keys of those that are there, and the boxes in them."""
    source = open_source(root)
    assert source.recognised.format == "coco"
    return {
        image.key: [tuple(one.box) for one in source.read_objects(image)]
        for image in source.list_images()
        if image.pixels_stamp != "missing"
    }


def noted(source, kind):
    note = source.notes.collected().get(kind)
    return [] if note is None else note.examples


@pytest.mark.parametrize("prefix", ["instances", "person_keypoints", "stuff"])
def test_open__coco_own_names_with_images_in_the_split(tmp_path, prefix):
    for number, split in enumerate(("train2020", "val2020")):
        write_json(tmp_path / "annotations" / f"{prefix}_{split}.json", coco(f"{number}.png"))
        write_image(tmp_path / split / f"{number}.png", (24, 32))

    assert open_source(tmp_path).dataset_names() == ["train2020", "val2020"]
    assert found(tmp_path) == {"train2020/0.png": [(4, 4, 16, 14)], "val2020/1.png": [(4, 4, 16, 14)]}


@pytest.mark.parametrize(
    ("json_name", "image_name", "key"),
    [
        ("my_labels.json", "a.png", "my_labels/a.png"),
        ("my_labels.json", "images/a.png", "my_labels/a.png"),
        ("images/my_labels.json", "images/a.png", "my_labels/a.png"),
        ("batch_1/labels.json", "batch_1/a.png", "batch_1/a.png"),
        ("Annotations/val.json", "val/a.png", "val/a.png"),
    ],
)
def test_open__any_name_at_the_root_or_beside_the_images(tmp_path, json_name, image_name, key):
    write_json(tmp_path / json_name, coco("a.png"))
    write_image(tmp_path / image_name, (24, 32))

    assert found(tmp_path) == {key: [(4, 4, 16, 14)]}
    assert recognise_format(tmp_path).reason == json_name


def test_open__several_files_at_the_root(tmp_path):
    for split in ("train", "val"):
        write_json(tmp_path / f"{split}.json", coco("a.png"))
        write_image(tmp_path / split / "a.png", (24, 32))

    assert list(found(tmp_path)) == ["train/a.png", "val/a.png"]
    assert recognise_format(tmp_path).reason == "train.json, val.json"


def test_open__files_called_alike_in_two_folders(tmp_path):
    for folder in ("images", "data"):
        write_json(tmp_path / folder / "x.json", coco("a.png"))
        write_image(tmp_path / folder / "a.png", (24, 32))

    assert open_source(tmp_path).dataset_names() == ["images/x", "x"]
    assert list(found(tmp_path)) == ["images/x/a.png", "x/a.png"]


def test_open__of_several_kinds_about_the_same_images_one_is_read_and_the_others_are_told(tmp_path):
    for name in ("instances_val", "person_keypoints_val", "stuff_val", "image_info_test"):
        write_json(tmp_path / "annotations" / f"{name}.json", coco("a.png"))
    write_json(tmp_path / "annotations" / "captions_val.json", captions("a.png"))
    source = open_source(tmp_path)

    assert source.dataset_names() == ["val"]
    assert recognise_format(tmp_path).reason == "annotations/instances_val.json"
    assert sorted(noted(source, NoteKind.IGNORED_FILE)) == [
        f"{name}.json is passed over for annotations/instances_val.json"
        for name in ("captions_val", "image_info_test", "person_keypoints_val", "stuff_val")
    ]


def test_open__files_elsewhere_and_of_other_kinds_are_told(tmp_path):
    write_json(tmp_path / "annotations" / "instances_val.json", coco("a.png"))
    write_json(tmp_path / "annotations" / "classes.json", ["cup"])
    write_json(tmp_path / "labels.json", coco("a.png"))
    write_json(tmp_path / "package.json", {"name": "tool"})

    assert sorted(noted(open_source(tmp_path), NoteKind.IGNORED_FILE)) == [
        "classes.json is not a COCO file",
        "labels.json lies elsewhere than the files that are read",
    ]


@pytest.mark.parametrize("name", ["captions_val", "image_info_val"])
def test_open__files_without_objects_say_so(tmp_path, name):
    content = captions("a.png") if name == "captions_val" else {"images": coco("a.png")["images"], "categories": PERSON}
    write_json(tmp_path / "annotations" / f"{name}.json", content)
    write_image(tmp_path / "val" / "a.png", (24, 32))
    source = open_source(tmp_path)
    (image,) = source.list_images()

    assert (image.key, image.annotation_stamp, source.read_objects(image)) == ("val/a.png", "unreachable", [])
    (example,) = noted(source, NoteKind.NO_OBJECTS)
    assert example.startswith(f"{name}.json: it")


@pytest.mark.parametrize(
    ("json_name", "content"),
    [
        ("meta.json", {"images": ["a.png"], "categories": ["cup"]}),
        ("meta.json", {"images": 12, "annotations": 5}),
        ("annotations/notes.json", {"info": {}, "categories": [{"id": 1, "name": "cup"}], "files": []}),
        ("annotations/classes.json", ["cup", "plate"]),
        ("annotations/empty.json", {}),
        ("dataset_info.json", {"info": {"a": 1}, "annotations": "none", "file_name": "a.png"}),
    ],
)
def test_recognises__foreign_json_in_an_image_folder(tmp_path, json_name, content):
    write_image(tmp_path / "cups" / "a.png")
    write_json(tmp_path / json_name, content)

    assert CocoSource.recognises(tmp_path) is None


def big(first, last):
    """A COCO file of some megabytes whose sections stand in a given order."""
    sections = coco(*(f"{number:06}.png" for number in range(3000)))
    sections["categories"] = [{"id": number, "name": f"c{number}", "def": "x" * 200} for number in range(3000)]
    middle = [name for name in sections if name not in (first, last)]
    return json.dumps({name: sections[name] for name in (first, *middle, last)})


@pytest.mark.parametrize("first", ["images", "annotations", "categories"])
@pytest.mark.parametrize("last", ["images", "annotations", "categories"])
def test_find_kind__whatever_section_is_first_and_last(tmp_path, first, last):
    if first != last:
        assert find_kind(write_text(tmp_path / "a.json", big(first, last))) is CocoKind.COCO


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_open__other_unicode_encodings(tmp_path, encoding):
    for name, content in (("small.json", json.dumps(coco("a.png"))), ("big.json", big("categories", "images"))):
        (tmp_path / name).write_bytes(content.encode(encoding))

    assert recognise_format(tmp_path).reason == "big.json, small.json"
    assert open_source(tmp_path).count_images() == 3001


PANOPTIC = coco("a.png") | {"annotations": [{"image_id": 0, "file_name": "a.png", "segments_info": [{"id": 3}]}]}
COCO_TEXT = {"cats": {}, "anns": {"1": {}}, "imgs": {"1": {"file_name": "a.jpg"}}, "imgToAnns": {}}
RESULTS = [{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}]
LINES = '{"ID": "1", "gtboxes": []}\n{"ID": "2", "gtboxes": []}\n'


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("panoptic_val.json", json.dumps(PANOPTIC), "is a COCO panoptic file, which is not read; export it as COCO"),
        ("COCO_Text.json", json.dumps(COCO_TEXT), "is a COCO-Text file"),
        ("annotation_train.odgt", LINES, "is JSON Lines, which is not read"),
        ("instances_val.json.gz", "", "is packed, which is not read; unpack it"),
    ],
)
def test_open__relatives_are_refused_by_name(tmp_path, name, content, message):
    write_image(tmp_path / "images" / "a.png")
    path = write_text(tmp_path / "annotations" / name, content)

    for given in (path, tmp_path):
        with pytest.raises(SourceUnavailableError, match=message) as caught:
            open_source(given)
        assert str(path) in str(caught.value)


@pytest.mark.parametrize(("name", "content"), [("a.json", json.dumps(RESULTS)), ("a.jsonl", LINES), ("a.json", LINES)])
def test_open__lists_of_results_and_lines_are_refused_in_words(tmp_path, name, content):
    with pytest.raises(SourceUnavailableError, match=r"is a list of results|is JSON Lines"):
        open_source(write_text(tmp_path / name, content))


def test_open__refused_beside_files_that_are_read_is_told(tmp_path):
    write_json(tmp_path / "annotations" / "instances_val.json", coco("a.png"))
    write_json(tmp_path / "annotations" / "panoptic_val.json", PANOPTIC)
    (tmp_path / "annotations" / "instances_train.json.gz").write_bytes(gzip.compress(b"{}"))

    told = noted(open_source(tmp_path), NoteKind.IGNORED_FILE)
    assert [line.partition(" ")[0] for line in sorted(told)] == ["instances_train.json.gz", "panoptic_val.json"]


def test_open__broken_one_of_several_is_told_and_its_dataset_incomplete(tmp_path):
    write_json(tmp_path / "annotations" / "val.json", coco("a.png"))
    write_text(tmp_path / "annotations" / "train.json", "")
    source = open_source(tmp_path)

    assert source.dataset_names() == ["train", "val"]
    assert [image.key for image in source.list_images()] == ["val/a.png"]
    assert list(source.list_images(["train"])) == []
    assert source.count_images() == 1
    assert "train.json is not valid JSON" in noted(source, NoteKind.BROKEN_FILE)[0]
    assert (source.notes.is_incomplete("train"), source.notes.is_incomplete("val")) == (True, False)


@pytest.mark.parametrize("name", ["annotations/instances_val.json", "instances.json", "val/_annotations.coco.json"])
def test_open__broken_file_of_coco_own_name_is_told_not_passed_over(tmp_path, name):
    write_image(tmp_path / "images" / "a.png")
    write_text(tmp_path / name, '{"images": [')

    with pytest.raises(AnnotationFormatError, match="is not valid JSON"):
        open_source(tmp_path)


def test_open__lvis_names_its_images_in_their_urls(tmp_path):
    content = coco("a.png")
    content["images"] = [{"id": 0, "coco_url": "http://images.cocodataset.org/train2017/0001.png"}]
    write_json(tmp_path / "annotations" / "lvis_v1_train.json", content)
    write_image(tmp_path / "images" / "train2017" / "0001.png", (24, 32))

    assert found(tmp_path) == {"lvis_v1_train/train2017/0001.png": [(4, 4, 16, 14)]}


def test_recognises__looks_at_few_of_many_foreign_files(tmp_path, monkeypatch):
    for number in range(300):
        write_json(tmp_path / f"{number}.json", {"shapes": []})
        write_image(tmp_path / f"{number}.png", (2, 2))
    looked_at = []
    monkeypatch.setattr("indexer.sources.coco_layout.find_kind", lambda path: looked_at.append(path) or CocoKind.OTHER)

    assert CocoSource.recognises(tmp_path) is None
    assert len(looked_at) == 100


@pytest.mark.parametrize("text", ['"' + '\\"' * 30_000, '{"' + '\\"' * 30_000, '{"a":' * 10_000, "{" * 60_000])
def test_find_kind__odd_beginnings_take_no_time(tmp_path, text):
    assert find_kind(write_text(tmp_path / "a.json", text)) is CocoKind.UNREADABLE


def test_find_kind__pipe_is_not_waited_for(tmp_path):
    import os

    os.mkfifo(tmp_path / "labels.json")

    assert CocoSource.recognises(tmp_path) is None


def test_read_objects__what_is_told_names_the_folder_of_files_called_alike(tmp_path):
    for split in ("train", "valid"):
        content = coco("a.png")
        content["annotations"][0]["category_id"] = 9
        write_json(tmp_path / split / "_annotations.coco.json", content)
    source = open_source(tmp_path)
    for image in source.list_images():
        source.read_objects(image)

    told = noted(source, NoteKind.BROKEN_ANNOTATION)
    assert [line.partition(":")[0] for line in told] == ["train/_annotations.coco.json", "valid/_annotations.coco.json"]


def test_open__the_downloads_of_fiftyone_are_not_read_beside_its_own_files(tmp_path):
    for split in ("train", "validation"):
        write_json(tmp_path / split / "labels.json", coco("1.png"))
        write_image(tmp_path / split / "data" / "1.png", (24, 32))
    for split in ("train2017", "val2017"):
        write_json(tmp_path / "raw" / f"instances_{split}.json", coco("1.png"))

    assert open_source(tmp_path).dataset_names() == ["train", "validation"]
    assert found(tmp_path) == {"train/1.png": [(4, 4, 16, 14)], "validation/1.png": [(4, 4, 16, 14)]}


def test_open__files_passed_over_are_named_in_order(tmp_path):
    write_image(tmp_path / "val" / "1.png", (24, 32))
    for prefix in ("instances", "stuff", "person_keypoints", "captions", "image_info"):
        write_json(tmp_path / "annotations" / f"{prefix}_val.json", coco("1.png"))

    names = [example.split()[0] for example in noted(open_source(tmp_path), NoteKind.IGNORED_FILE)]
    assert names == ["captions_val.json", "image_info_val.json", "person_keypoints_val.json", "stuff_val.json"]


def test_open__the_annotations_folder_itself_finds_the_images_beside_it(tmp_path):
    root = write_coco(tmp_path)

    images = {image.key: image for image in open_source(root / "annotations").list_images()}

    assert set(images) == {image.key for image in open_source(root).list_images()}
    assert all(image.problem is None and image.pixels_stamp != MISSING for image in images.values())
