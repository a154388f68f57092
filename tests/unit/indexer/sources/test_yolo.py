"""YOLO: layouts, kinds of lines, class names, what is broken."""

import math

import pytest

from indexer.domain import Box
from indexer.errors import AnnotationFormatError, ImageReadError, SourceUnavailableError
from indexer.sources.files import MISSING
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


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ("0 0.5 0.5", r"a\.txt, line 1: 3 values are no detection"),
        ("0 0.5 0.5 0.2 0.4\n0 0.1 0.2 0.3 x", r"line 2: could not convert string to float: 'x'"),
        ("7 0.5 0.5 0.2 0.4", "line 1: class 7 is not among the 2 class names"),
        ("0.5 0.5 0.5 0.2 0.4", "line 1: class 0.5 is no index"),
        ("0 nan 0.5 0.2 0.4", "line 1: NaN is no place in an image"),
        ("0 0.1 0.1 0.2 0.2 0.3 0.3 0.4", "line 1: 8 values are no detection"),
    ],
)
def test_read_objects__broken_line_is_named(tmp_path, labels, message):
    with pytest.raises(AnnotationFormatError, match=message):
        read(tmp_path, labels)


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
    (tmp_path / "labels" / "train" / "a.txt").unlink()
    image = next(source.list_images())

    assert image.annotation_stamp == MISSING
    assert source.read_objects(image) == ()


def test_list_images__annotation_stamp_follows_class_names(tmp_path):
    before = next(data_set(tmp_path).list_images()).annotation_stamp
    write_text(tmp_path / "data.yaml", "train: images/train\nnames: {0: cat, 1: wolf}\n")

    assert next(YoloSource.open(tmp_path).list_images()).annotation_stamp != before


def test_open__names_as_mapping(tmp_path):
    yaml = "train: images/train\nnames: {0: cat, 3: owl}\n"
    assert read(tmp_path, "3 0.5 0.5 0.2 0.4", yaml=yaml)[0].class_name == "owl"


def test_open__images_and_labels_without_yaml(tmp_path):
    for split in ("train", "val"):
        write_image(tmp_path / "images" / split / "a.png", SIZE_HW)
        write_text(tmp_path / "labels" / split / "a.txt", "1 0.5 0.5 0.2 0.4")
    source = YoloSource.open(tmp_path)
    image = next(source.list_images())
    assert (source.dataset_names(), keys(source)) == (["train", "val"], ["train/a.png", "val/a.png"])
    assert source.read_objects(image)[0].class_name == "1"

    write_text(tmp_path / "classes.txt", "cat\ndog\n")
    assert YoloSource.open(tmp_path).read_objects(image)[0].class_name == "dog"


def test_open__flat_images_and_labels(tmp_path):
    write_image(tmp_path / "images" / "a.png")
    (tmp_path / "labels").mkdir()
    source = YoloSource.open(tmp_path)

    assert (source.dataset_names(), keys(source)) == ([""], ["a.png"])


def test_open__roboflow_layout_with_its_wrong_paths(tmp_path):
    write_text(tmp_path / "data.yaml", "train: ../train/images\nval: ../valid/images\nnames: [cat]\n")
    write_image(tmp_path / "train" / "images" / "a.png", SIZE_HW)
    write_text(tmp_path / "train" / "labels" / "a.txt", "0 0.5 0.5 0.2 0.4")
    write_image(tmp_path / "valid" / "images" / "b.png")
    source = YoloSource.open(tmp_path)
    images = list(source.list_images())

    assert keys(source) == ["train/a.png", "val/b.png"]
    assert [len(source.read_objects(image)) for image in images] == [1, 0]


def test_open__yaml_elsewhere_with_a_path(tmp_path):
    write_image(tmp_path / "data" / "images" / "train" / "sub" / "a.png")
    yaml_path = write_text(tmp_path / "cfg" / "my.yaml", "path: ../data\ntrain: images/train\nnames: [cat]\n")

    assert YoloSource.recognises(yaml_path)
    assert keys(YoloSource.open(yaml_path)) == ["train/sub/a.png"]


def test_open__several_folders_and_list_files(tmp_path):
    for name in ("x/1.png", "y/1.png", "z/2.png"):
        write_image(tmp_path / "images" / name)
    write_text(tmp_path / "test.txt", "./images/z/2.png\n\nimages/x/1.png\n")
    write_text(tmp_path / "data.yaml", "train: [images/x, images/y]\ntest: test.txt\nnames: [cat]\n")
    source = YoloSource.open(tmp_path)

    assert keys(source) == ["test/z/2.png", "test/x/1.png", "train/x/1.png", "train/y/1.png"]
    assert all(source.read_bytes(image) for image in source.list_images())


def test_open__split_that_is_not_there_is_empty(tmp_path):
    write_text(tmp_path / "data.yaml", "train: images/train\nval: images/val\nnames: [cat]\n")
    assert YoloSource.open(tmp_path).count_images() == 0


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        ("names: [", "is not valid YAML"),
        ("just text", "describes no YOLO data set"),
        ("train: 5", "describes no YOLO data set"),
    ],
)
def test_open__broken_yaml_is_refused(tmp_path, yaml, message):
    with pytest.raises(AnnotationFormatError, match=message) as caught:
        YoloSource.open(write_text(tmp_path / "data.yaml", yaml))
    assert "\n" not in str(caught.value)


def test_open__nothing_there(tmp_path):
    with pytest.raises(SourceUnavailableError, match="is no YOLO data set"):
        YoloSource.open(tmp_path)
