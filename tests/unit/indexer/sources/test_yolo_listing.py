"""Images of YOLO data sets that list files name."""

import pytest

from indexer.sources.yolo import YoloSource
from tests.source_formats import write_image, write_text


@pytest.mark.parametrize("name", ["a\u0085b", "a\u2028b", "a\x0cb", "a\x1cb"])
def test_list_images__lists_end_lines_only_where_files_do(tmp_path, name):
    for one in (name, "other"):
        write_image(tmp_path / "images" / f"{one}.png")
    write_text(tmp_path / "train.txt", f"images/{name}.png\r\nimages/other.png\r")
    write_text(tmp_path / "data.yaml", "train: train.txt\nnames: [cup]\n")
    images = list(YoloSource.open(tmp_path).list_images())

    assert [(image.name, image.problem) for image in images] == [(f"{name}.png", None), ("other.png", None)]
