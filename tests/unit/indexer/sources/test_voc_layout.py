"""Layouts of Pascal VOC: folders of any usual name, and which XML file belongs to which image."""

import pytest

from indexer.domain import Box
from indexer.errors import SourceUnavailableError
from indexer.sources.files import UNREACHABLE
from indexer.sources.notes import NoteKind
from indexer.sources.pascal_voc import PascalVocSource
from tests.source_formats import voc_object, write_image, write_text


@pytest.mark.parametrize("images", ["images", "Images", "JPEGImages", "jpegimages", "imgs"])
@pytest.mark.parametrize(
    "annotations", ["annotations", "Annotations", "ANNOTATIONS", "xmls", "labels", "annotations/xmls"]
)
def test_open__folders_of_any_usual_name(tmp_path, images, annotations):
    write_image(tmp_path / images / "1.png")
    write_text(tmp_path / annotations / "1.xml", f"<annotation>{voc_object('cup', (4, 4, 16, 14))}</annotation>")

    assert PascalVocSource.recognises(tmp_path) == f"the folders {annotations}/ and {images}/"
    source = PascalVocSource.open(tmp_path)
    (image,) = source.list_images()
    assert image.key == "1.png"
    assert [(found.class_name, found.box) for found in source.read_objects(image)] == [("cup", Box(4, 4, 16, 14))]


def about(source):
    """Class of each image's objects, by key: the XML file that is taken for it."""
    return {image.key: [found.class_name for found in source.read_objects(image)] for image in source.list_images()}


def named_xml(class_name, file_name=None):
    stated = "" if file_name is None else f"<filename>{file_name}</filename>"
    return f"<annotation>{stated}{voc_object(class_name, (2, 3, 10, 8))}</annotation>"


def test_list_images__same_stem_twice_belongs_to_the_file_that_is_stated(tmp_path):
    for name in ("1.jpg", "1.png", "2.jpg", "2.png"):
        write_image(tmp_path / "JPEGImages" / name)
    write_text(tmp_path / "Annotations" / "1.xml", named_xml("cat", "1.png"))
    write_text(tmp_path / "Annotations" / "2.xml", named_xml("dog"))

    assert about(PascalVocSource.open(tmp_path)) == {"1.jpg": [], "1.png": ["cat"], "2.jpg": ["dog"], "2.png": ["dog"]}


def test_list_images__path_comes_before_the_stated_name(tmp_path):
    for name in ("a.png", "b.png"):
        write_image(tmp_path / "JPEGImages" / name)
    write_text(tmp_path / "Annotations" / "a.xml", named_xml("cat", "b.png"))
    write_text(tmp_path / "Annotations" / "b.xml", named_xml("dog", "a.png"))

    assert about(PascalVocSource.open(tmp_path)) == {"a.png": ["cat"], "b.png": ["dog"]}


def test_list_images__xml_of_another_path_is_found_if_it_is_the_only_one(tmp_path):
    for name in ("stated.png", "ÉTÉ.png", "deep/inner.png", "twice.png", "x/same.png", "y/same.png"):
        write_image(tmp_path / "JPEGImages" / name)
    for name, xml in {
        "000001": named_xml("cat", "C:\\photos\\stated.png"),
        "e\u0301te\u0301": named_xml("dog"),
        "inner": named_xml("bird"),
        "000002": named_xml("fish", "twice.png"),
        "000003": named_xml("frog", "twice.png"),
        "same": named_xml("cow"),
    }.items():
        write_text(tmp_path / "Annotations" / f"{name}.xml", xml)
    source = PascalVocSource.open(tmp_path)

    assert about(source) == {
        "stated.png": ["cat"],
        "ÉTÉ.png": ["dog"],
        "deep/inner.png": ["bird"],
        "twice.png": [],
        "x/same.png": [],
        "y/same.png": [],
    }
    notes = source.notes.collected()
    assert notes[NoteKind.OTHER_SPELLING].count == 3
    assert notes[NoteKind.UNKNOWN_IMAGE].count == 3
    assert notes[NoteKind.NO_LABEL_FILE].count == 3


def test_list_images__xml_without_an_image_is_noted(tmp_path):
    write_image(tmp_path / "JPEGImages" / "a.png")
    write_text(tmp_path / "Annotations" / "a.xml", "<annotation/>")
    source = PascalVocSource.open(tmp_path)
    write_text(tmp_path / "Annotations" / "gone.xml", named_xml("cat", "gone.png"))
    list(source.list_images())

    note = source.notes.collected()[NoteKind.UNKNOWN_IMAGE]
    assert (note.count, note.examples) == (
        1,
        [f"{tmp_path / 'Annotations' / 'gone.xml'}: there is no image of its name"],
    )


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


XML = f"<annotation>{voc_object('cup', (4, 4, 16, 14))}</annotation>"


def test_open__split_without_xml_beside_others_is_a_dataset(tmp_path):
    """As Roboflow exports a test split; and as a disk that is not mounted leaves one."""
    for split in ("train", "test"):
        write_image(tmp_path / split / "1.png")
    write_text(tmp_path / "train" / "1.xml", XML)
    source = PascalVocSource.open(tmp_path)

    assert PascalVocSource.recognises(tmp_path) == "XML files of Pascal VOC beside the images in train"
    assert {image.key: image.annotation_stamp == UNREACHABLE for image in source.list_images()} == {
        "test/1.png": True,
        "train/1.png": False,
    }
    (told,) = source.notes.collected()[NoteKind.NO_LABEL_FOLDER].examples
    assert told == f"{tmp_path / 'test'} holds no XML files; is its disk mounted?"


@pytest.mark.parametrize("images", ["", "images"])
def test_open__split_without_images_beside_others_is_incomplete(tmp_path, images):
    for split in ("train", "val"):
        write_text(tmp_path / split / ("annotations" if images else "") / "1.xml", XML)
    write_image(tmp_path / "train" / images / "1.png")
    source = PascalVocSource.open(tmp_path)

    assert [image.key for image in source.list_images()] == ["train/1.png"]
    assert (source.notes.is_incomplete("train"), source.notes.is_incomplete("val")) == (False, True)


def test_list_images__subfolder_without_images_leaves_the_dataset_incomplete(tmp_path):
    for split in ("train", "val"):
        write_text(tmp_path / "annotations" / split / "1.xml", XML)
    write_image(tmp_path / "images" / "val" / "1.png")
    source = PascalVocSource.open(tmp_path)

    assert [image.key for image in source.list_images()] == ["val/1.png"]
    assert source.notes.is_incomplete("")
    (told,) = source.notes.collected()[NoteKind.MISSING_PART].examples
    assert told == f"{tmp_path / 'images' / 'train'} holds no images; is its disk mounted?"


def test_open__images_that_belong_to_no_dataset_are_noted(tmp_path):
    write_image(tmp_path / "train" / "1.png")
    write_text(tmp_path / "train" / "1.xml", XML)
    for place in ("background/deep", ""):
        write_image(tmp_path / place / "2.png")
    (tmp_path / "weights").mkdir()

    noted = PascalVocSource.open(tmp_path).notes.collected()[NoteKind.IGNORED_FILE]

    assert noted.examples == [
        f"{place}: its images have no XML files of Pascal VOC" for place in (tmp_path, tmp_path / "background")
    ]
