"""Classes are folders; without folders there are none."""

import pytest

from indexer.domain import InstanceMode
from indexer.errors import SourceUnavailableError
from indexer.sources.image_folder import ImageFolderSource
from tests.source_formats import write_image


def test_list_images__class_is_the_folder_below_the_root(tmp_path):
    for name in ("loose.png", "cats/1.png", "birds/small/2.png"):
        write_image(tmp_path / name)
    source = ImageFolderSource.open(tmp_path)

    assert [(image.key, image.name, image.class_name, image.dataset) for image in source.list_images()] == [
        ("loose.png", "loose.png", None, ""),
        ("birds/small/2.png", "2.png", "birds/small", ""),
        ("cats/1.png", "1.png", "cats", ""),
    ]
    assert source.default_mode is InstanceMode.IMAGES
    assert source.project == tmp_path.name
    assert source.read_objects(next(source.list_images())) == ()


def test_open__empty_folder_is_an_empty_source(tmp_path):
    source = ImageFolderSource.open(tmp_path)

    assert list(source.list_images()) == []
    assert source.count_images() == 0
    assert not ImageFolderSource.recognises(tmp_path)


def test_open__file_is_refused(tmp_path):
    with pytest.raises(SourceUnavailableError, match="is not a folder"):
        ImageFolderSource.open(write_image(tmp_path / "a.png"))
