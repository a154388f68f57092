"""Pascal VOC: layouts, corners that count from one, what is broken or dangerous."""

import pytest

from indexer.domain import Box, SkipReason
from indexer.errors import AnnotationFormatError, SourceUnavailableError
from indexer.sources.files import MISSING
from indexer.sources.pascal_voc import PascalVocSource
from tests.source_formats import voc_object, write_image, write_text


def data_set(root, xml=None):
    """A data set of one image with this annotation."""
    write_image(root / "JPEGImages" / "a.png")
    (root / "Annotations").mkdir()
    if xml is not None:
        write_text(root / "Annotations" / "a.xml", xml)
    source = PascalVocSource.open(root)
    return source, next(source.list_images())


def corners(xmin, ymin, xmax, ymax):
    return f"<bndbox><xmin>{xmin}</xmin><ymin>{ymin}</ymin><xmax>{xmax}</xmax><ymax>{ymax}</ymax></bndbox>"


@pytest.mark.parametrize(
    ("values", "box"),
    [
        ((1, 1, 30, 20), Box(0, 0, 30, 20)),
        ((5, 6, 5, 6), Box(4, 5, 5, 6)),
        ((45.7, 1, 60.2, 9), Box(44, 0, 61, 9)),
        ((0, 0, 30, 20), Box(-1, -1, 30, 20)),
    ],
)
def test_read_objects__first_pixel_is_one_and_the_last_belongs(tmp_path, values, box):
    source, image = data_set(tmp_path, f"<annotation><object><name>cat</name>{corners(*values)}</object></annotation>")
    (found,) = source.read_objects(image)

    assert (found.class_name, found.geometry, found.box, found.key) == (
        "cat",
        "rectangle",
        box,
        ",".join(map(str, box)),
    )


def test_read_objects__flags_are_tags_and_parts_are_left_out(tmp_path):
    part = f"<part><name>head</name>{corners(1, 1, 2, 2)}</part>"
    extra = f"<truncated>1</truncated><difficult>1</difficult><occluded>0</occluded>{part}"
    source, image = data_set(tmp_path, f"<annotation>{voc_object('cat', (2, 3, 10, 8), extra)}</annotation>")
    (found,) = source.read_objects(image)

    assert (found.tags, found.box) == (("difficult", "truncated"), Box(2, 3, 10, 8))


def test_read_objects__object_without_a_box_is_skipped(tmp_path):
    source, image = data_set(tmp_path, "<annotation><object><name>cat</name></object></annotation>")
    assert source.read_objects(image)[0].skip_reason is SkipReason.UNKNOWN_GEOMETRY


def test_list_images__image_without_xml_has_no_objects(tmp_path):
    source, image = data_set(tmp_path)

    assert image.annotation_stamp == MISSING
    assert source.read_objects(image) == ()
    assert source.describe(image) == image


@pytest.mark.parametrize(
    ("size", "size_hw"),
    [
        ("<size><width>30</width><height>20</height></size>", (20, 30)),
        ("<size><width>0</width><height>0</height></size>", None),
        ("", None),
    ],
)
def test_describe__size_where_stated(tmp_path, size, size_hw):
    source, image = data_set(tmp_path, f"<annotation>{size}</annotation>")
    assert source.describe(image).size_hw == size_hw


BOMB = '<!DOCTYPE a [<!ENTITY b "boom">]><annotation>&b;</annotation>'


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        ("<annotation>", r"a\.xml is not valid XML: no element found"),
        ("", "is not valid XML"),
        (BOMB, "declares a document type or entities"),
        ("<annotation><object></object></annotation>", "an object has no <name>"),
        (
            f"<annotation><object><name>cat</name>{corners(1, 'x', 3, 4)}</object></annotation>",
            "<bndbox> has no number <ymin>, but 'x'",
        ),
        (
            "<annotation><object><name>cat</name><bndbox></bndbox></object></annotation>",
            "has no number <xmin>, but None",
        ),
        (f"<annotation><object><name>c</name>{corners(1, 'nan', 3, 4)}</object></annotation>", "NaN"),
    ],
)
def test_read_objects__broken_annotation_names_the_file(tmp_path, xml, message):
    source, image = data_set(tmp_path, xml)
    with pytest.raises(AnnotationFormatError, match=message) as caught:
        source.read_objects(image)
    assert "a.xml" in str(caught.value)


def test_describe__broken_size_is_told(tmp_path):
    source, image = data_set(tmp_path, "<annotation><size><width>wide</width></size></annotation>")
    with pytest.raises(AnnotationFormatError, match="<size> has no number <height>"):
        source.describe(image)


def test_read_objects__entities_hidden_by_another_encoding_are_refused(tmp_path):
    source, image = data_set(tmp_path, "<annotation/>")
    (tmp_path / "Annotations" / "a.xml").write_bytes(f'<?xml version="1.0" encoding="utf-16"?>{BOMB}'.encode("utf-16"))
    with pytest.raises(AnnotationFormatError, match="is not UTF-8 text"):
        source.read_objects(image)


def test_open__development_kit_folders_are_datasets(tmp_path):
    for year in ("VOC2007", "VOC2012"):
        write_image(tmp_path / "VOCdevkit" / year / "JPEGImages" / "a.png")
        (tmp_path / "VOCdevkit" / year / "Annotations").mkdir()
    source = PascalVocSource.open(tmp_path)

    assert source.dataset_names() == ["VOCdevkit/VOC2007", "VOCdevkit/VOC2012"]
    assert [image.key for image in source.list_images(["VOCdevkit/VOC2012"])] == ["VOCdevkit/VOC2012/a.png"]


def test_open__xml_beside_images(tmp_path):
    write_image(tmp_path / "train" / "a.png")
    write_text(tmp_path / "train" / "a.xml", f"<annotation>{voc_object('cat', (2, 3, 10, 8))}</annotation>")
    source = PascalVocSource.open(tmp_path)
    (image,) = source.list_images()

    assert image.key == "train/a.png"
    assert source.read_objects(image)[0].box == Box(2, 3, 10, 8)


def test_recognises__other_xml_beside_images_is_no_annotation(tmp_path):
    write_image(tmp_path / "train" / "a.png")
    write_text(tmp_path / "train" / "a.xml", "<metadata/>")

    assert not PascalVocSource.recognises(tmp_path)


def test_open__images_in_subfolders(tmp_path):
    write_image(tmp_path / "JPEGImages" / "sub" / "a.png")
    write_text(
        tmp_path / "Annotations" / "sub" / "a.xml", f"<annotation>{voc_object('cat', (2, 3, 10, 8))}</annotation>"
    )
    source = PascalVocSource.open(tmp_path)
    (image,) = source.list_images()

    assert (image.key, len(source.read_objects(image))) == ("sub/a.png", 1)


def test_open__nothing_there(tmp_path):
    assert not PascalVocSource.recognises(tmp_path)
    with pytest.raises(SourceUnavailableError, match="is no Pascal VOC data set"):
        PascalVocSource.open(tmp_path)
