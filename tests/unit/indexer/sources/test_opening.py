"""The door: what is said where nothing fits."""

import subprocess
import sys

import pytest

from indexer.errors import (
    AnnotationFormatError,
    ConfigurationError,
    InvalidOptionsError,
    SourceUnavailableError,
    UnknownNameError,
)
from indexer.sources.coco import CocoSource
from indexer.sources.image_folder import ImageFolderSource
from indexer.sources.opening import open_source, recognise_source
from tests.source_formats import write_coco, write_image, write_supervisely, write_text


def test_open_source__missing_path(tmp_path):
    with pytest.raises(SourceUnavailableError, match="nowhere does not exist"):
        open_source(tmp_path / "nowhere")


def test_open_source__nothing_recognised_says_what_was_looked_for(tmp_path):
    with pytest.raises(SourceUnavailableError) as caught:
        open_source(tmp_path)

    message = str(caught.value)
    for said in (str(tmp_path), "meta.json", "annotations/*.json", "data.yaml", "Annotations/*.xml", "image files"):
        assert said in message
    assert "\n" not in message


def test_open_source__format_can_be_forced(tmp_path):
    assert isinstance(open_source(write_coco(tmp_path), format="image_folder"), ImageFolderSource)
    with pytest.raises(UnknownNameError, match="unknown source format 'cocoa'; known: coco, image_folder"):
        open_source(tmp_path, format="cocoa")


def test_open_source__options_reach_the_format_or_are_refused(tmp_path):
    assert isinstance(open_source(write_coco(tmp_path / "coco"), allow_remote=True, include_crowd=True), CocoSource)
    write_image(tmp_path / "images" / "a.png")
    with pytest.raises(InvalidOptionsError, match="image_folder has no option 'allow_remote'; its options: none"):
        open_source(tmp_path / "images", allow_remote=True)


def test_open_source__most_particular_format_wins(tmp_path):
    root = write_supervisely(tmp_path)
    write_text(root / "data.yaml", "train: images\n")

    assert type(open_source(root)).__name__ == "SuperviselyFilesSource"


def test_open_source__broken_description_is_told_not_passed_over(tmp_path):
    write_text(tmp_path / "meta.json", "{")
    write_image(tmp_path / "ds" / "img" / "a.png")
    with pytest.raises(AnnotationFormatError, match=r"meta\.json is not valid JSON"):
        open_source(tmp_path)


def test_recognise_source__says_what_open_source_would_say_before_it_reads(tmp_path):
    write_text(tmp_path / "boxes.json.gz", "packed")
    for given, options, error in (
        (tmp_path / "boxes.json.gz", {}, SourceUnavailableError),
        (tmp_path, {}, SourceUnavailableError),
        (tmp_path, {"format": "cocoa"}, UnknownNameError),
    ):
        with pytest.raises(error) as told:
            recognise_source(given, **options)
        with pytest.raises(error) as opened:
            open_source(given, **options)
        assert str(told.value) == str(opened.value)

    with pytest.raises(InvalidOptionsError, match="the format image_folder has no option 'full'"):
        recognise_source(tmp_path, format="image_folder", options=["full"])


def test_recognise_source__a_large_file_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr("indexer.sources.coco.read_coco_file", lambda *_: pytest.fail("it is read"))
    place, recognised = recognise_source(write_coco(tmp_path))

    assert (place, recognised.format) == (tmp_path, "coco")


def test_open_source__user_folder_is_expanded(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    write_image(tmp_path / "photos" / "a.png")

    assert open_source("~/photos").key == str(tmp_path / "photos")


def test_recognising__imports_nothing_heavy():
    code = (
        "import sys; from indexer.sources import SOURCES; [SOURCES.load(name) for name in SOURCES]; "
        "heavy = {'torch', 'sklearn', 'pycocotools', 'httpx', 'PIL', 'supervisely', 'requests'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("s3://bucket/data", "unknown kind of address 's3://'; known: supervisely://"),
        ("supervisely://", "'supervisely://' names no project; say supervisely://PROJECT or supervisely://PROJECT/"),
        ("supervisely://streets", "'supervisely://streets' names no project"),
        ("supervisely://1/2/3", "'supervisely://1/2/3' names no project"),
    ],
)
def test_open_source__addresses_that_name_nothing__are_refused(address, message):
    with pytest.raises(ConfigurationError, match=message):
        open_source(address)


def test_open_source__format_of_the_other_kind__is_refused(tmp_path):
    with pytest.raises(InvalidOptionsError, match="supervisely:// is read as supervisely_server, not as coco"):
        open_source("supervisely://11", format="coco")
    with pytest.raises(InvalidOptionsError, match="reads supervisely://PROJECT"):
        open_source(tmp_path, format="supervisely_server")
