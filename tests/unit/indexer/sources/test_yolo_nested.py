"""YOLO data sets beside or above their descriptions: names of classes without splits, and sets in folders."""

import pytest

from indexer.errors import SourceUnavailableError
from indexer.sources.yolo import YoloSource
from tests.source_formats import write_image, write_text


def write_labelled(root, *names):
    for name in names:
        write_image(root / "images" / f"{name}.png")
        write_text(root / "labels" / f"{name}.txt", "0 0.5 0.5 0.5 0.5\n")


@pytest.mark.parametrize("text", ["names: [cup]\nnc: 1\n", "Train: images\nnames: {0: cup}\n"])
def test_open__names_of_a_description_without_splits_are_used(tmp_path, text):
    write_labelled(tmp_path, "a")
    write_text(tmp_path / "data.yaml", text)
    source = YoloSource.open(tmp_path)

    assert YoloSource.recognises(tmp_path) == "images/ and labels/, with the names of data.yaml"
    assert [found.class_name for image in source.list_images() for found in source.read_objects(image)] == ["cup"]


@pytest.mark.parametrize("folders", [["set"], ["set", "tables"]])
def test_open__description_in_a_folder_below_is_another_data_set(tmp_path, folders):
    """Its classes have names; read from above, they would be numbers, and those of two data sets would be mixed."""
    for folder in folders:
        write_labelled(tmp_path / folder, "a")
        write_text(tmp_path / folder / "data.yaml", f"train: images\nnames: [{folder}]\n")
    listed = ", ".join(str(tmp_path / folder) for folder in folders)
    which = f"the folder {listed}" if len(folders) == 1 else f"one of the folders {listed}"

    assert YoloSource.recognises(tmp_path) == "set/data.yaml"
    with pytest.raises(SourceUnavailableError) as raised:
        YoloSource.open(tmp_path)
    assert str(raised.value) == f"{tmp_path / 'set' / 'data.yaml'} describes a YOLO data set; give {which}"
