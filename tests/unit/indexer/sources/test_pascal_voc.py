"""Pascal VOC: layouts, corners that count from one, what is broken or dangerous."""

import pytest

from indexer.domain import Box, SkipReason
from indexer.errors import AnnotationFormatError
from indexer.sources.files import MISSING, UNREACHABLE
from indexer.sources.notes import NoteKind
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


def test_list_images__image_without_xml_beside_others_has_no_objects_and_is_noted(tmp_path):
    write_image(tmp_path / "JPEGImages" / "b.png")
    source, _ = data_set(tmp_path, f"<annotation>{voc_object('cat', (2, 3, 10, 8))}</annotation>")
    _, image = source.list_images()

    assert (image.name, image.annotation_stamp) == ("b.png", MISSING)
    assert source.read_objects(image) == ()
    assert source.describe(image) == image
    assert source.notes.collected()[NoteKind.NO_LABEL_FILE].examples == [str(tmp_path / "JPEGImages" / "b.png")]


@pytest.mark.parametrize("is_there", [True, False])
def test_list_images__annotations_that_are_all_gone_are_unreachable(tmp_path, is_there):
    data_set(tmp_path)
    if not is_there:
        (tmp_path / "Annotations").rmdir()
    source = PascalVocSource.open(tmp_path)
    (image,) = source.list_images()

    assert image.annotation_stamp == UNREACHABLE
    assert source.read_objects(image) == ()
    assert source.describe(image) == image
    (told,) = source.notes.collected()[NoteKind.NO_LABEL_FOLDER].examples
    assert told == f"{tmp_path / 'Annotations'} holds no XML files; is its disk mounted?"


@pytest.mark.parametrize("folder", ["images", "JPEGImages"])
@pytest.mark.parametrize("is_there", [True, False])
def test_list_images__images_that_are_gone_are_missing_and_nothing_may_be_removed(tmp_path, folder, is_there):
    write_text(tmp_path / "Annotations" / "a.xml", "<annotation/>")
    if is_there:
        (tmp_path / folder).mkdir()
    source = PascalVocSource.open(tmp_path)

    assert list(source.list_images()) == []
    assert "holds no images" in source.notes.collected()[NoteKind.MISSING_PART].examples[0]
    assert source.notes.is_incomplete("")


def test_list_images__masks_are_not_taken_for_images_that_are_gone(tmp_path):
    write_text(tmp_path / "Annotations" / "a.xml", "<annotation/>")
    write_image(tmp_path / "SegmentationClass" / "a.png")

    assert list(PascalVocSource.open(tmp_path).list_images()) == []


def test_list_images__one_folder_without_any_xml_is_unreachable(tmp_path):
    for name in ("north/a", "south/a", "south/b"):
        write_image(tmp_path / "JPEGImages" / f"{name}.png")
    write_text(tmp_path / "Annotations" / "south" / "a.xml", "<annotation/>")
    stamps = {image.key: image.annotation_stamp for image in PascalVocSource.open(tmp_path).list_images()}

    assert stamps["north/a.png"] == UNREACHABLE
    assert stamps["south/b.png"] == MISSING
    assert stamps["south/a.png"] not in (MISSING, UNREACHABLE)


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
        ("<annotation>\0</annotation>", "is not valid XML"),
        ("<annotations><version>1.1</version></annotations>", r"begins with <annotations>, not <annotation>"),
        (
            '<?xml version="1.0" encoding="punycode"?><annotation/>',
            "declares the encoding 'punycode', which is not known",
        ),
        (
            '<?xml version="1.0" encoding="no-such"?><annotation/>',
            "declares the encoding 'no-such', which is not known",
        ),
    ],
)
def test_read_objects__broken_annotation_names_the_file(tmp_path, xml, message):
    source, image = data_set(tmp_path, xml)
    with pytest.raises(AnnotationFormatError, match=message) as caught:
        source.read_objects(image)
    assert "a.xml" in str(caught.value)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("<object></object>", "object 1 (without a name): it has no <name>"),
        ("<object><name> </name></object>", "object 1 (without a name): it has no <name>"),
        (
            f"<object><name>cup</name>{corners(1, 'x', 3, 4)}</object>",
            "object 1 (cup): <bndbox> has no number <ymin>, but 'x'",
        ),
        (
            "<object><name>cup</name><bndbox></bndbox></object>",
            "object 1 (cup): <bndbox> has no number <xmin>, but nothing",
        ),
        (
            f"<object><name>cup</name>{corners(1, 'nan', 3, 4)}</object>",
            "object 1 (cup): <bndbox> has no number <ymin>, but 'nan'",
        ),
        (
            f"<object><name>cup</name>{corners(1, 2, '1e400', 4)}</object>",
            "object 1 (cup): <bndbox> has no number <xmax>, but '1e400'",
        ),
        (
            f"<object><name>cup</name>{corners(9, 2, 3, 4)}</object>",
            "object 1 (cup): its corners are swapped: xmin 9, ymin 2, xmax 3, ymax 4",
        ),
        (
            "<object><name>cup</name><polygon><x1>1</x1><y1>2</y1></polygon></object>",
            "object 1 (cup): its polygon has 1 corners",
        ),
        (
            "<object><name>cup</name><robndbox><cx>1</cx><cy>1</cy><w>0</w><h>2</h><angle>0</angle></robndbox></object>",
            "object 1 (cup): its oriented box is 0 x 2",
        ),
    ],
)
def test_read_objects__one_odd_object_costs_that_object(tmp_path, broken, reason):
    source, image = data_set(tmp_path, f"<annotation>{broken}{voc_object('cat', (2, 3, 10, 8))}</annotation>")
    odd, sound = source.read_objects(image)

    assert (odd.skip_reason, odd.box) == (SkipReason.BROKEN, None)
    assert (sound.class_name, sound.box, sound.skip_reason) == ("cat", Box(2, 3, 10, 8), None)
    note = source.notes.collected()[NoteKind.BROKEN_ANNOTATION]
    assert (note.count, note.examples) == (1, [f"{tmp_path / 'Annotations' / 'a.xml'}: {reason}"])


def test_read_objects__polygon_gives_the_shape_and_the_box_where_there_is_none(tmp_path):
    flat = "<polygon><x1>3</x1><y1>4</y1><x2>10</x2><y2>4</y2><x3>10</x3><y3>8</y3></polygon>"
    listed = "<polygon><pt><x>3</x><y>4</y></pt><pt><x>10</x><y>4</y></pt><pt><x>10</x><y>8</y></pt></polygon>"
    odd = "<polygon><x1>3</x1></polygon>"
    objects = "".join(f"<object><name>cat</name>{polygon}</object>" for polygon in (flat, listed))
    objects += voc_object("cat", (2, 3, 11, 9), flat) + voc_object("cat", (2, 3, 12, 9), odd)
    source, image = data_set(tmp_path, f"<annotation>{objects}</annotation>")

    shape = {"polygons": [[[2.5, 3.5], [9.5, 3.5], [9.5, 7.5]]]}
    assert [(found.geometry, found.box, found.shape) for found in source.read_objects(image)] == [
        ("polygon", Box(2, 3, 10, 8), shape),
        ("polygon", Box(2, 3, 10, 8), shape),
        ("polygon", Box(2, 3, 11, 9), shape),
        ("rectangle", Box(2, 3, 12, 9), {}),
    ]


def test_read_objects__oriented_box_of_rolabelimg(tmp_path):
    turned = "<robndbox><cx>10</cx><cy>8</cy><w>8</w><h>4</h><angle>1.5707963267948966</angle></robndbox>"
    source, image = data_set(tmp_path, f"<annotation><object><name>cat</name>{turned}</object></annotation>")
    (found,) = source.read_objects(image)

    assert (found.geometry, found.box) == ("oriented_box", Box(8, 4, 12, 12))


def test_read_objects__objects_marked_as_deleted_are_left_out(tmp_path):
    deleted = voc_object("cat", (2, 3, 10, 8), "<deleted>1</deleted>")
    kept = voc_object("dog", (2, 3, 10, 8), "<deleted>0</deleted>")
    source, image = data_set(tmp_path, f"<annotation>{deleted}{kept}</annotation>")

    assert [found.class_name for found in source.read_objects(image)] == ["dog"]


@pytest.mark.parametrize("value", ["wide", "nan", "0", "-1", "1e400", "64px", "", "9" * 5000, "1.5"])
def test_describe__size_that_no_image_has_is_ignored(tmp_path, value):
    size = f"<size><width>{value}</width><height>20</height></size>"
    source, image = data_set(tmp_path, f"<annotation>{size}{voc_object('cat', (2, 3, 10, 8))}</annotation>")

    assert source.describe(image).size_hw is None
    assert len(source.read_objects(image)) == 1


@pytest.mark.parametrize(
    "encoding", ["utf-8", "iso-8859-1", "windows-1252", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_read_objects__names_are_read_in_the_declared_encoding(tmp_path, encoding):
    name = "猫" if encoding in ("gbk", "utf-16", "utf-32") else "Töpfchen"
    declared = "utf-16" if encoding.startswith("utf-16") else encoding
    xml = f'<?xml version="1.0" encoding="{declared}"?><annotation>{voc_object(name, (2, 3, 10, 8))}</annotation>'
    source, image = data_set(tmp_path, "<annotation/>")
    (tmp_path / "Annotations" / "a.xml").write_bytes(xml.encode(encoding))

    assert [found.class_name for found in source.read_objects(image)] == [name]


def test_read_objects__utf_8_that_claims_to_be_utf_16_is_read(tmp_path):
    xml = f'<?xml version="1.0" encoding="utf-16"?><annotation>{voc_object("猫", (2, 3, 10, 8))}</annotation>'
    source, image = data_set(tmp_path, xml)

    assert [found.class_name for found in source.read_objects(image)] == ["猫"]


def test_read_objects__bytes_that_are_not_what_they_declare(tmp_path):
    source, image = data_set(tmp_path, "<annotation/>")
    (tmp_path / "Annotations" / "a.xml").write_bytes(b"<annotation><object><name>T\xf6pf</name></object></annotation>")
    with pytest.raises(AnnotationFormatError, match=r"is not UTF-8 text \(byte 27\); save it as UTF-8, or declare its"):
        source.read_objects(image)


def test_read_objects__entities_hidden_by_another_encoding_are_refused(tmp_path):
    source, image = data_set(tmp_path, "<annotation/>")
    (tmp_path / "Annotations" / "a.xml").write_bytes(f'<?xml version="1.0" encoding="utf-16"?>{BOMB}'.encode("utf-16"))
    with pytest.raises(AnnotationFormatError, match="declares a document type or entities"):
        source.read_objects(image)


@pytest.mark.parametrize(
    "xml",
    [
        f"<annotation>{'<part>' * 100_000}{'</part>' * 100_000}{voc_object('cat', (2, 3, 10, 8))}</annotation>",
        f"<annotation verified='{'x' * 10_000_000}'>{voc_object('cat', (2, 3, 10, 8))}</annotation>",
    ],
    ids=["nested", "long"],
)
def test_read_objects__deep_and_long_files_are_read(tmp_path, xml):
    source, image = data_set(tmp_path, xml)

    assert len(source.read_objects(image)) == 1
