"""Data sets that a file describes: data.yaml and obj.data; folders, list files and names as tools write them."""

import os

import pytest

from indexer.errors import AnnotationFormatError
from indexer.sources.files import MISSING
from indexer.sources.notes import NoteKind
from indexer.sources.opening import open_source, recognise_format
from indexer.sources.yolo import YoloSource
from tests.source_formats import write_image, write_text, write_yolo

SIZE_HW = (50, 100)
LINE = "0 0.5 0.5 0.2 0.4"


def add(root, path, line=LINE):
    """An image with a label file where YOLO wants it."""
    write_image(root / path, SIZE_HW)
    label = f"/{path}".replace("/images/", "/labels/").lstrip("/")
    write_text((root / label).with_suffix(".txt"), line)


def keys(source):
    return [image.key for image in source.list_images()]


def classes(source):
    return [one.class_name for image in source.list_images() for one in source.read_objects(image)]


def noted(source, kind):
    note = source.notes.collected().get(kind)
    return note.examples if note else []


def one_image(tmp_path, yaml, line=LINE):
    add(tmp_path, "images/train/a.png", line)
    write_text(tmp_path / "data.yaml", yaml)
    return YoloSource.open(tmp_path)


def test_open__names_as_mapping(tmp_path):
    yaml = "train: images/train\nnames: {0: cat, 3: owl}\n"
    assert classes(one_image(tmp_path, yaml, "3 0.5 0.5 0.2 0.4")) == ["owl"]


@pytest.mark.parametrize("name", ["yes", "no", "1.10", "null", "off", "0x1F", "12:30:00", "2024-01-01", "~"])
def test_open__class_names_stay_what_the_file_says(tmp_path, name):
    assert classes(one_image(tmp_path, f"train: images/train\nnames:\n- {name}\n")) == [name]
    assert classes(one_image(tmp_path, f"train: images/train\nnames: {{0: {name}}}\n")) == [name]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_open__yaml_with_a_byte_order_mark_in_flow_style(tmp_path, encoding):
    source = one_image(tmp_path, "")
    (tmp_path / "data.yaml").write_text("{train: images/train, names: ['猫']}", encoding=encoding)
    source = open_source(tmp_path)

    assert (source.recognised.reason, classes(source)) == ("data.yaml with names and train", ["猫"])


def test_open__without_names(tmp_path):
    assert classes(one_image(tmp_path, "train: images/train\nnc: 3\n", "2 0.5 0.5 0.2 0.4")) == ["2"]
    source = one_image(tmp_path, "train: images/train\nnc: 2\n", "2 0.5 0.5 0.2 0.4")
    assert classes(source) == ["2"]  # skipped
    assert noted(source, NoteKind.BROKEN_ANNOTATION)[0].endswith("class 2 is not among the 2 class names")
    write_text(tmp_path / "classes.txt", "cat\ndog\nowl\n")
    assert classes(YoloSource.open(tmp_path)) == ["owl"]


def test_open__names_in_a_file(tmp_path):
    write_text(tmp_path / "meta" / "my.names", "cat\n\nowl\n\n")
    yaml = "train: images/train\nnames: meta/my.names\n"

    assert classes(one_image(tmp_path, yaml, "1 0.5 0.5 0.2 0.4\n2 0.5 0.5 0.2 0.4")) == ["1", "owl"]


def test_open__names_file_that_is_gone_renames_no_class(tmp_path):
    with pytest.raises(AnnotationFormatError, match=r"my\.names is not there; restore the file"):
        one_image(tmp_path, "train: images/train\nnames: my.names\n")


def test_open__roboflow_layout_with_its_wrong_paths(tmp_path):
    write_text(tmp_path / "data.yaml", "train: ../train/images\nval: ../valid/images\nnames: [cat]\n")
    add(tmp_path, "train/images/a.png")
    write_image(tmp_path / "valid" / "images" / "b.png")
    source = YoloSource.open(tmp_path)
    images = list(source.list_images())

    assert [image.key for image in images] == ["train/a.png", "val/b.png"]
    assert [len(source.read_objects(image)) for image in images] == [1, 0]


@pytest.mark.parametrize(
    "yaml",
    [
        "path: /content/somewhere/coco8\ntrain: images/train\n",
        "path: ../datasets/coco8\ntrain: images/train\n",
        "path: coco8\ntrain: images/train\n",
        "train: /content/project-1/images/train\n",
        "train: C:\\sets\\mine\\images\\train\n",
        "train: images\\train\n",
        "train: datasets/mine/images/train/\n",
        "train: [./images/train]\n",
    ],
)
def test_open__paths_of_other_machines_and_folders(tmp_path, yaml):
    source = one_image(tmp_path, f"{yaml}names: [cat]\n")

    assert (keys(source), classes(source)) == (["train/a.png"], ["cat"])


def test_open__yaml_elsewhere_with_a_path(tmp_path):
    add(tmp_path / "data", "images/train/sub/a.png")
    yaml_path = write_text(tmp_path / "cfg" / "my.yaml", "path: ../data\ntrain: images/train\nnames: [cat]\n")

    assert recognise_format(yaml_path).reason == "my.yaml with names and train"
    source = YoloSource.open(yaml_path, allow_outside=True)
    assert (keys(source), classes(source)) == (["train/sub/a.png"], ["cat"])


@pytest.mark.parametrize("yaml", ["path: ../data\ntrain: images/train\n", "train: ../data/images/train\n"])
def test_list_images__declared_path_that_leads_outside_is_refused(tmp_path, yaml):
    add(tmp_path / "data", "images/train/a.png")
    source = YoloSource.open(write_text(tmp_path / "cfg" / "my.yaml", f"{yaml}names: [cat]\n"))

    assert keys(source) == []
    outside = f"{tmp_path}/data/images/train leads outside {tmp_path}/cfg; --allow-outside reads it all the same"
    assert noted(source, NoteKind.MISSING_PART) == [f"my.yaml, train: {outside}"]


def test_list_images__declared_link_that_leads_outside_is_refused(tmp_path):
    add(tmp_path / "data", "images/train/a.png")
    write_text(tmp_path / "cfg" / "data.yaml", "train: images/train\nnames: [cat]\n")
    (tmp_path / "cfg" / "images").symlink_to(tmp_path / "data" / "images")

    assert keys(YoloSource.open(tmp_path / "cfg")) == []
    assert keys(YoloSource.open(tmp_path / "cfg", allow_outside=True)) == ["train/a.png"]


def test_list_images__declared_part_that_is_not_there_leaves_its_dataset_incomplete(tmp_path):
    yaml = "train: images/train\nval: images/val\ntest: test.txt\nnames: [cat]\n"
    source = one_image(tmp_path, yaml)

    assert (keys(source), source.count_images()) == (["train/a.png"], 1)
    assert source.dataset_names() == ["test", "train", "val"]
    assert noted(source, NoteKind.MISSING_PART) == [
        f"data.yaml, test: {tmp_path}/test.txt is not there",
        f"data.yaml, val: {tmp_path}/images/val is not there",
    ]
    assert [source.notes.is_incomplete(name) for name in ("test", "train", "val")] == [True, False, True]


@pytest.mark.parametrize("has_labels", [True, False])
def test_list_images__empty_folder_is_incomplete_only_if_its_labels_are_there(tmp_path, has_labels):
    source = one_image(tmp_path, "train: images/train\nnames: [cat]\n")
    (tmp_path / "images" / "train" / "a.png").unlink()
    if not has_labels:
        (tmp_path / "labels" / "train" / "a.txt").unlink()

    assert keys(source) == []
    assert noted(source, NoteKind.MISSING_PART) == [f"{tmp_path}/images/train holds no images"]
    assert source.notes.is_incomplete("train") == has_labels
    assert noted(source, NoteKind.UNKNOWN_IMAGE) == ([f"{tmp_path}/labels/train/a.txt"] if has_labels else [])


def test_list_images__folder_that_may_not_be_looked_into__is_not_said_to_be_absent(tmp_path, monkeypatch):
    source_file = tmp_path / "data.yaml"
    one_image(tmp_path, "train: images/train\nval: images/val\nnames: [cat]\n")
    look = os.stat

    def refuse(path, **options):
        if "images/train" in os.fspath(path):
            raise PermissionError(13, "Permission denied", path)
        return look(path, **options)

    monkeypatch.setattr(os, "stat", refuse)
    source = YoloSource.open(source_file)

    assert keys(source) == []
    assert noted(source, NoteKind.MISSING_PART) == [
        f"data.yaml, train: cannot look at {tmp_path}/images/train: Permission denied; check its permissions",
        f"data.yaml, val: {tmp_path}/images/val is not there",
    ]


def test_list_images__one_empty_folder_of_several_and_an_empty_list(tmp_path):
    add(tmp_path, "images/b/2.png")
    (tmp_path / "images" / "b" / "2.png").unlink()
    write_text(tmp_path / "val.txt", "\n")
    source = one_image(tmp_path, "train: [images/train, images/b]\nval: val.txt\nnames: [cat]\n")

    assert keys(source) == ["train/a.png"]
    empty = [f"{tmp_path}/images/b holds no images", f"{tmp_path}/val.txt holds no images"]
    assert noted(source, NoteKind.MISSING_PART) == empty
    assert (source.notes.is_incomplete("train"), source.notes.is_incomplete("val")) == (True, False)


def test_open__split_names_and_keys_that_are_none(tmp_path):
    for split in ("valid", "holdout"):
        add(tmp_path, f"images/{split}/b.png")
    yaml = "train: images/train\nvalid: images/valid\nholdout: images/holdout\nnames: [cat]\nauthor: me\ntest:\n"
    source = one_image(tmp_path, yaml)

    assert keys(source) == ["train/a.png", "valid/b.png"]
    listed = "train, val, valid, validation, minival, test"
    ignored = f"{tmp_path}/images/holdout: data.yaml calls it holdout, not {listed}"
    assert noted(source, NoteKind.IGNORED_FILE) == [ignored]


def test_open__second_description_is_noted(tmp_path):
    source = one_image(tmp_path, "train: images/train\nnames: [cat]\n")
    assert keys(source) == ["train/a.png"]
    other = write_text(tmp_path / "coco8.yaml", "train: images/train\nnames: [dog]\n")
    write_text(tmp_path / "hyp.yaml", "lr0: 0.01\n")

    source = YoloSource.open(tmp_path)
    read_instead = f"{other}: data.yaml is read; to read this one, give its path"
    assert (classes(source), noted(source, NoteKind.IGNORED_FILE)) == (["cat"], [read_instead])
    assert classes(YoloSource.open(other)) == ["dog"]


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        ("names: [", "is not valid YAML"),
        ("just text", "describes no YOLO data set"),
        ("[train, val]", "describes no YOLO data set"),
        ("train: {a: 1}\nnames: [cat]", "describes no YOLO data set"),
        ("train: a\nval: {a: 1}", "val is dict; expected a folder or a list file"),
        ("train: [[a]]\nval: a", "train is list; expected a folder or a list file"),
        ("train: a\npath: [b]", "path is list; expected a folder"),
        ("train: a\nnames: [[cat]]", "names has 0: list; expected an index and a name"),
        ("train: a\nnames: {cat: 0}", "names has 'cat': '0'; expected an index and a name"),
        (f"train: a\nnames: {{{'9' * 900}: cat}}", r"names has '9+\.\.\.: 'cat'"),
        ("train: a\nnc: many", "nc is 'many'; expected a number of classes"),
        (f"train: a\nnc: {'9' * 5000}", r"nc is '9+\.\.\.; expected a number"),
        ("train: a\nkpt_shape: 17", "kpt_shape is '17'; expected"),
        ("train: a\nkpt_shape: [x, 3]", "kpt_shape is list; expected"),
        ("train: a\n" + "a: " + "[" * 5000, "YAML|nested"),
    ],
)
def test_open__broken_yaml_is_refused(tmp_path, yaml, message):
    path = write_text(tmp_path / "data.yaml", yaml)
    with pytest.raises(AnnotationFormatError, match=message) as caught:
        YoloSource.open(path)
    assert "\n" not in str(caught.value)
    assert YoloSource.recognises(path) is None or "train" in yaml


def test_recognises__broken_data_yaml_with_splits_is_no_image_folder(tmp_path):
    write_image(tmp_path / "images" / "train" / "a.png")
    write_text(tmp_path / "data.yaml", "train: images/train\nnames: [cat\n")

    with pytest.raises(AnnotationFormatError, match="is not valid YAML"):
        open_source(tmp_path)


@pytest.mark.parametrize(
    "yaml", ["title: tableware\nlicence: CC0\n", "train: {lr: 0.1}\n", "names: [a]\n", "x: [\n", ""]
)
def test_recognises__foreign_data_yaml_leaves_an_image_folder(tmp_path, yaml):
    write_image(tmp_path / "cups" / "1.png")
    write_image(tmp_path / "plates" / "2.png")
    write_text(tmp_path / "data.yaml", yaml)
    write_text(tmp_path / "args.yaml", "train: x\n")

    source = open_source(tmp_path)
    assert source.recognised.format == "image_folder"
    assert [image.class_name for image in source.list_images()] == ["cups", "plates"]


def test_open__list_files_with_paths_as_tools_write_them(tmp_path):
    for number in range(1, 8):
        add(tmp_path, f"images/{number}.png")
    lines = ["images/1.png", "../images/2.png", f"{tmp_path}/images/3.png", "C:\\sets\\images\\4.png"]
    write_text(tmp_path / "lists" / "train.txt", "\n".join(lines))
    write_text(tmp_path / "val.txt", "images\\5.png\r\n./images/6.png\r\n\r\ndata/images/7.png\n./images/6.png\n")
    write_text(tmp_path / "data.yaml", "path: .\ntrain: lists/train.txt\nval: val.txt\nnames: [cup]\n")
    source = YoloSource.open(tmp_path)

    assert keys(source) == [*(f"train/{n}.png" for n in (1, 2, 3, 4)), *(f"val/{n}.png" for n in (5, 6, 7))]
    assert classes(source) == ["cup"] * 7
    assert source.count_images() == 7
    assert not source.notes.is_incomplete("train")


def test_list_images__list_line_that_leads_nowhere_is_a_failed_image(tmp_path):
    source = one_image(tmp_path, "train: train.txt\nnames: [cat]\n")
    write_text(tmp_path / "train.txt", "images/train/a.png\nimages/train/b.png\n../secret.png\n/etc/passwd\n\x00\n")
    write_image(tmp_path.parent / "secret.png")
    source = YoloSource.open(tmp_path)
    images = list(source.list_images())

    assert (len(images), source.count_images()) == (5, 5)
    assert [(image.pixels_stamp, image.annotation_stamp) for image in images[1:]] == [(MISSING, MISSING)] * 4
    where = f"{tmp_path}/train.txt, line"
    assert [image.problem for image in images] == [
        None,
        f"there is no such file; correct {where} 2, or restore the image",
        f"its name leads outside {tmp_path}; --allow-outside reads it all the same ({where} 3)",
        f"its name leads outside {tmp_path}; --allow-outside reads it all the same ({where} 4)",
        f"its name cannot be that of a file ({where} 5)",
    ]
    assert len({image.key for image in images}) == 5


@pytest.mark.parametrize(
    ("line", "is_incomplete"), [("images/gone.png", False), ("images\\gone.png", True), ("/old/images/gone.png", True)]
)
def test_list_images__missing_image_of_uncertain_name_leaves_its_dataset_incomplete(tmp_path, line, is_incomplete):
    add(tmp_path, "images/a.png")
    write_text(tmp_path / "data.yaml", "train: train.txt\nnames: [cat]\n")
    write_text(tmp_path / "train.txt", f"images/a.png\n{line}\n")
    source = YoloSource.open(tmp_path)

    assert len(keys(source)) == 2
    assert source.notes.is_incomplete("train") == is_incomplete


def test_list_images__relative_name_is_not_taken_for_an_image_of_another_folder(tmp_path):
    add(tmp_path, "images/train/a.png")
    add(tmp_path, "images/val/b.png")
    write_text(tmp_path / "data.yaml", "train: train.txt\nval: images/val\nnames: [cat]\n")
    write_text(tmp_path / "train.txt", "images/train/a.png\nimages/train/b.png\n")

    train = list(YoloSource.open(tmp_path).list_images(["train"]))
    assert [image.pixels_stamp == MISSING for image in train] == [False, True]


def test_list_images__list_file_that_is_no_text_costs_the_list(tmp_path):
    source = one_image(tmp_path, "train: [images/train, more.txt]\nnames: [cat]\n")
    (tmp_path / "more.txt").write_bytes(b"images/\xff.png\n")
    source = YoloSource.open(tmp_path)

    assert keys(source) == ["train/a.png"]
    assert noted(source, NoteKind.BROKEN_FILE) == [f"{tmp_path}/more.txt is not UTF-8 text (byte 7); save it as UTF-8"]
    assert source.notes.is_incomplete("train")


@pytest.mark.parametrize("prefix", ["", "data/"])
def test_open__darknet(tmp_path, prefix):
    """CVAT writes names as darknet wants them, which trains in the folder above ``data``."""
    write_text(
        tmp_path / "obj.data", f"classes = 2\ntrain = {prefix}train.txt\nnames = {prefix}obj.names\nbackup = b/\n"
    )
    write_text(tmp_path / "obj.names", "cup\nplate\n")
    write_text(tmp_path / "train.txt", f"{prefix}obj_train_data/1.png\n{prefix}obj_train_data/sub/1.png\n")
    add(tmp_path, "obj_train_data/1.png", "0 0.3 0.4 0.4 0.4")
    add(tmp_path, "obj_train_data/sub/1.png", "1 0.3 0.4 0.4 0.4")
    source = open_source(tmp_path)

    assert (source.recognised.format, source.recognised.reason) == ("yolo", "obj.data with train")
    assert (source.dataset_names(), keys(source)) == (["train"], ["train/1.png", "train/sub/1.png"])
    assert classes(source) == ["cup", "plate"]
    assert source.notes.collected() == {}


def test_open__darknet_without_obj_data(tmp_path):
    write_text(tmp_path / "obj.names", "cup\nplate\n")
    write_text(tmp_path / "train.txt", "obj_train_data/1.png\n")
    add(tmp_path, "obj_train_data/1.png")
    source = open_source(tmp_path)

    assert source.recognised.reason == "obj.names and train.txt"
    assert (keys(source), classes(source)) == (["train/1.png"], ["cup"])


def test_open__cvat_ultralytics_export(tmp_path):
    write_text(tmp_path / "data.yaml", "names:\n  0: cup\npath: .\ntrain: train.txt\n")
    write_text(tmp_path / "train.txt", "data/images/train/1.png\n")
    add(tmp_path, "images/train/1.png")
    source = open_source(tmp_path)

    assert (keys(source), classes(source), source.notes.collected()) == (["train/1.png"], ["cup"], {})


@pytest.mark.parametrize("content", ["names: " + 20_000 * "[", "names: [cat, dog", 100 * "x: &a [1]\ny: *a\n"])
def test_open__broken_data_yaml_beside_images_and_labels_is_told_not_passed_over(tmp_path, content):
    """Without its names every class would be called by its number, and all points would be relabelled."""
    write_yolo(tmp_path)
    write_text(tmp_path / "data.yaml", content)

    with pytest.raises(AnnotationFormatError, match=r"data\.yaml"):
        open_source(tmp_path)


def test_open__broken_foreign_data_yaml_in_an_image_folder_is_no_obstacle(tmp_path):
    write_image(tmp_path / "cups" / "1.png")
    write_text(tmp_path / "data.yaml", "names: [cat, dog")

    assert open_source(tmp_path).recognised.format == "image_folder"
