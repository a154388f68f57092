"""YOLO: kinds of lines, what is broken, label files that are not there."""

import math
import os

import pytest

from indexer.domain import Box, SkipReason
from indexer.errors import AnnotationFormatError, ImageReadError, SourceUnavailableError
from indexer.sources.files import MISSING, UNREACHABLE
from indexer.sources.notes import NoteKind
from indexer.sources.yolo import YoloSource
from tests.source_formats import write_image, write_text

SIZE_HW = (50, 100)


def data_set(tmp_path, labels="", yaml="train: images/train\nnames: [cat, dog]\n"):
    """A data set of one image of 100x50 pixels with these label lines."""
    write_text(tmp_path / "data.yaml", yaml)
    write_image(tmp_path / "images" / "train" / "a.png", SIZE_HW)
    write_text(tmp_path / "labels" / "train" / "a.txt", labels)
    return YoloSource.open(tmp_path)


def read(tmp_path, labels, **options):
    source = data_set(tmp_path, labels, **options)
    return source.read_objects(next(source.list_images()))


def keys(source):
    return [image.key for image in source.list_images()]


def rotated(angle, width=40, height=20, middle=(50, 25)):
    """Four corners of a rotated rectangle as values of a label line."""
    corners = []
    for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        dx, dy = x * width / 2, y * height / 2
        corners.append((middle[0] + dx * math.cos(angle) - dy * math.sin(angle)) / 100)
        corners.append((middle[1] + dx * math.sin(angle) + dy * math.cos(angle)) / 50)
    return " ".join(f"{value:.6f}" for value in corners)


@pytest.mark.parametrize(
    ("line", "geometry", "box"),
    [
        ("0 0.5 0.5 0.2 0.4", "rectangle", Box(40, 15, 60, 35)),
        ("0 0.5 0.5 0.2 0.4 0.97", "rectangle", Box(40, 15, 60, 35)),
        ("0 0.95 0.5 0.2 0.4", "rectangle", Box(85, 15, 105, 35)),
        ("0 0.1 0.2 0.5 0.2 0.5 0.6", "polygon", Box(10, 10, 50, 30)),
        ("0 0.1 0.2 0.5 0.2 0.6 0.6 0.1 0.8", "polygon", Box(10, 10, 60, 40)),
        (f"0 {rotated(0)}", "oriented_box", Box(30, 15, 70, 35)),
        (f"0 {rotated(math.pi / 2)}", "oriented_box", Box(40, 5, 60, 45)),
        (f"0 {rotated(math.pi / 6)}", "oriented_box", Box(27, 6, 73, 44)),
    ],
)
def test_read_objects__kinds_of_lines(tmp_path, line, geometry, box):
    (found,) = read(tmp_path, line)

    assert (found.geometry, found.box, found.class_name) == (geometry, box, "cat")
    assert found.key == ",".join(map(str, box))


def test_read_objects__pose_lines_are_as_long_as_the_yaml_says(tmp_path):
    yaml = "train: images/train\nnames: [cat]\nkpt_shape: [2, 3]\n"
    (found,) = read(tmp_path, "0 0.5 0.5 0.2 0.4 0.4 0.4 2 0.6 0.6 1", yaml=yaml)

    assert (found.geometry, found.box) == ("rectangle", Box(40, 15, 60, 35))


def test_read_objects__key_does_not_depend_on_the_class(tmp_path):
    first, second = read(tmp_path, "0 0.5 0.5 0.2 0.4\n\n1 0.5 0.5 0.2 0.4\n")

    assert first.key == second.key
    assert (first.class_name, second.class_name) == ("cat", "dog")


def test_read_objects__size_is_that_of_the_upright_image(tmp_path):
    from PIL import Image

    source = data_set(tmp_path, "0 0.5 0.5 0.2 0.4")
    tags = Image.Exif()
    tags[0x0112] = 6
    Image.new("RGB", (50, 100)).save(tmp_path / "images" / "train" / "a.png", exif=tags)

    assert source.read_objects(next(source.list_images()))[0].box == Box(40, 15, 60, 35)


def noted(source, kind):
    note = source.notes.collected().get(kind)
    return note.examples if note else []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("0 0.5 0.5", "3 values are no detection, segmentation, oriented box or pose"),
        ("0 0.1 0.2 0.3 x", "'x' is not a number"),
        ("0 0.1 0.2 0.3 0_4", "'0_4' is not a finite number"),
        ("0.5 0.5 0.5 0.2 0.4", "class 0.5 is no index"),
        ("-1 0.5 0.5 0.2 0.4", "class -1 is no index"),
        ("1e300 0.5 0.5 0.2 0.4", "class 1e+300 is no index"),
        ("cat 0.5 0.5 0.2 0.4", "'cat' is not a number"),
        ("0 nan 0.5 0.2 0.4", "'nan' is not a finite number"),
        ("0 1e400 0.5 0.2 0.4", "'1e400' is not a finite number"),
        (f"0 {'9' * 5000} 0.5 0.2 0.4", f"'{'9' * 40}...' is not a finite number"),
        ("0 0.1 0.1 0.2 0.2 0.3 0.3 0.4", "8 values are no detection, segmentation, oriented box or pose"),
        (
            "0 320 240 100 80",
            "all coordinates are above 1, so they are pixels; divide them by the image's size (320, ...)",
        ),
        ("0 1e9 0.5 0.2 0.4", "1e+09 is no fraction of the image's size"),
        (
            "0 0.5 0.5 0.2 0.4 0.1 0.1 2 0.9 0.9 1",
            "2 is no fraction of the image's size; for keypoints of a pose, write kpt_shape into data.yaml",
        ),
        ("0 0,5 0,5 0,2 0,4", "numbers have decimal commas; write points"),
        (
            "10 10 90 10 90 40 10 40 plane 0",
            "corners in pixels before a class name are DOTA's format; convert the labels to YOLO's",
        ),
        ("\x00 0.5 0.5 0.2 0.4", r"'\x00' is not a number"),
    ],
)
def test_read_objects__broken_line_costs_the_line(tmp_path, line, reason):
    source = data_set(tmp_path, f"0 0.5 0.5 0.2 0.4\n{line}\n1 0.5 0.5 0.2 0.4\n")
    first, broken, last = source.read_objects(next(source.list_images()))

    assert (first.class_name, broken.skip_reason, last.class_name) == ("cat", SkipReason.BROKEN, "dog")
    assert noted(source, NoteKind.BROKEN_ANNOTATION) == [f"{tmp_path}/labels/train/a.txt, line 2: {reason}"]


def test_read_objects__unknown_class_costs_the_object_and_keeps_its_key(tmp_path):
    source = data_set(tmp_path, "7 0.5 0.5 0.2 0.4")
    (found,) = source.read_objects(next(source.list_images()))

    assert (found.skip_reason, found.class_name, found.key) == (SkipReason.UNKNOWN_CLASS, "7", "40,15,60,35")
    where = f"{tmp_path}/labels/train/a.txt, line 1"
    assert noted(source, NoteKind.BROKEN_ANNOTATION) == [f"{where}: class 7 is not among the 2 class names"]


@pytest.mark.parametrize(
    "line",
    [
        "0,0.5,0.5,0.2,0.4",
        "0, 0.5, 0.5, 0.2, 0.4",
        "0 0.5,0.5 0.2,0.4",
        "0\t0.5\t0.5\t0.2\t0.4\t",
        "0;0.5;0.5;0.2;0.4",
        "  0 0.5 0.5 0.2 0.4   \r",
        "0.0 0.5 0.5 0.2 0.4",
        "0 5e-1 .5 2e-1 0.4 0.97",
    ],
)
def test_read_objects__ways_to_write_one_line(tmp_path, line):
    (found,) = read(tmp_path, f"{line}\n")

    assert (found.class_name, found.box) == ("cat", Box(40, 15, 60, 35))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_read_objects__label_file_with_a_byte_order_mark(tmp_path, encoding):
    source = data_set(tmp_path, "0 0.5 0.5 0.2 0.4")
    (tmp_path / "labels" / "train" / "a.txt").write_text("1 0.5 0.5 0.2 0.4\r\n", encoding=encoding)

    assert [found.class_name for found in source.read_objects(next(source.list_images()))] == ["dog"]


def test_read_objects__label_file_that_is_no_text_costs_its_image(tmp_path):
    source = data_set(tmp_path, "0 0.5 0.5 0.2 0.4")
    (tmp_path / "labels" / "train" / "a.txt").write_bytes(b"0 0.5 \xff")

    with pytest.raises(AnnotationFormatError, match=r"a\.txt is not UTF-8 text"):
        source.read_objects(next(source.list_images()))


def test_read_objects__label_that_is_a_pipe_does_not_hang(tmp_path):
    source = data_set(tmp_path)
    (tmp_path / "labels" / "train" / "a.txt").unlink()
    os.mkfifo(tmp_path / "labels" / "train" / "a.txt")

    with pytest.raises(AnnotationFormatError, match="it is not a regular file"):
        source.read_objects(next(source.list_images()))


def test_read_objects__image_is_opened_only_for_labels(tmp_path):
    source = data_set(tmp_path, "\n")
    (tmp_path / "images" / "train" / "a.png").write_bytes(b"damaged")
    image = next(source.list_images())
    assert source.read_objects(image) == ()

    write_text(tmp_path / "labels" / "train" / "a.txt", "0 0.5 0.5 0.2 0.4")
    with pytest.raises(ImageReadError, match=r"a\.png: the image is empty, damaged"):
        source.read_objects(image)


def test_list_images__without_a_label_file(tmp_path):
    source = data_set(tmp_path)
    write_image(tmp_path / "images" / "train" / "b.png")
    images = list(source.list_images())

    assert images[1].annotation_stamp == MISSING
    assert source.read_objects(images[1]) == ()
    assert noted(source, NoteKind.NO_LABEL_FILE) == [f"{tmp_path}/images/train/b.png"]


@pytest.mark.parametrize("is_emptied", [True, False])
def test_list_images__without_any_label_file(tmp_path, is_emptied):
    source = data_set(tmp_path)
    (tmp_path / "labels" / "train" / "a.txt").unlink()
    if not is_emptied:
        (tmp_path / "labels" / "train").rmdir()
    image = next(images := source.list_images())

    assert image.annotation_stamp == UNREACHABLE
    assert source.read_objects(image) == ()
    assert list(images) == []
    state = "holds no label file" if is_emptied else "is not there"
    folder = f"{tmp_path}/labels/train"
    assert noted(source, NoteKind.NO_LABEL_FOLDER) == [f"{folder} {state}; 1 image has its labels there"]


def test_list_images__labels_without_an_image_are_counted(tmp_path):
    source = data_set(tmp_path)
    for name in ("b.txt", "c.txt", "deep/d.txt"):
        write_text(tmp_path / "labels" / "train" / name, "0 0.5 0.5 0.2 0.4")
    for name in ("classes.txt", "README.roboflow.txt", "train.cache"):
        write_text(tmp_path / "labels" / "train" / name, "cat")
    list(source.list_images())

    labels = tmp_path / "labels" / "train"
    assert noted(source, NoteKind.UNKNOWN_IMAGE) == [f"{labels}/b.txt", f"{labels}/c.txt", f"{labels}/deep/d.txt"]


def test_list_images__labels_of_images_that_are_only_not_listed_are_known(tmp_path):
    data_set(tmp_path, yaml="train: train.txt\nnames: [cat]\n")
    write_text(tmp_path / "train.txt", "images/train/a.png\n")
    write_image(tmp_path / "images" / "train" / "b.png")
    write_text(tmp_path / "labels" / "train" / "b.txt", "0 0.5 0.5 0.2 0.4")
    source = YoloSource.open(tmp_path)

    assert keys(source) == ["train/a.png"]
    assert source.notes.collected() == {}


def test_list_images__folder_named_images_above_the_data_set_is_none_of_it(tmp_path):
    root = tmp_path / "images" / "mine"
    write_text(root / "data.yaml", "train: train\nnames: [cat]\n")
    write_image(root / "train" / "a.png", SIZE_HW)
    write_text(root / "train" / "a.txt", "0 0.5 0.5 0.2 0.4")
    source = YoloSource.open(root)

    assert [len(source.read_objects(image)) for image in source.list_images()] == [1]


def test_list_images__labels_beside_images_where_there_is_no_labels_folder(tmp_path):
    write_text(tmp_path / "data.yaml", "train: images\nnames: [cat]\n")
    write_image(tmp_path / "images" / "a.png", SIZE_HW)
    write_text(tmp_path / "images" / "a.txt", "0 0.5 0.5 0.2 0.4")
    source = YoloSource.open(tmp_path)

    assert [len(source.read_objects(image)) for image in source.list_images()] == [1]
    assert source.notes.collected() == {}


def test_list_images__annotation_stamp_follows_class_names(tmp_path):
    before = next(data_set(tmp_path).list_images()).annotation_stamp
    write_text(tmp_path / "data.yaml", "train: images/train\nnames: {0: cat, 1: wolf}\n")

    assert next(YoloSource.open(tmp_path).list_images()).annotation_stamp != before


def test_list_images__annotation_stamp_follows_the_length_of_pose_lines(tmp_path):
    yaml = "train: images/train\nnames: [cat]\nkpt_shape: [17, {}]\n"
    stamps = {next(data_set(tmp_path, yaml=yaml.format(n)).list_images()).annotation_stamp[-8:] for n in (2, 3)}

    assert len(stamps) == 2


def test_open__nothing_there(tmp_path):
    with pytest.raises(SourceUnavailableError, match="is no YOLO data set"):
        YoloSource.open(tmp_path)


def test_list_images__notes_show_names_that_are_no_text(tmp_path):
    source = data_set(tmp_path)
    (tmp_path / "images" / "train" / os.fsdecode(b"caf\xe9\n.png")).write_bytes(b"")
    list(source.list_images())

    assert noted(source, NoteKind.NO_LABEL_FILE) == [rf"{tmp_path}/images/train/caf\udce9\n.png"]


def test_read_objects__image_that_is_a_pipe_does_not_hang(tmp_path):
    source = data_set(tmp_path, "0 0.5 0.5 0.2 0.4")
    (tmp_path / "images" / "train" / "a.png").unlink()
    os.mkfifo(tmp_path / "images" / "train" / "a.png")

    with pytest.raises(ImageReadError, match="it is not a regular file"):
        source.read_objects(next(source.list_images()))
