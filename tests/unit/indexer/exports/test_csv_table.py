import csv

import numpy as np
import pytest

from indexer.domain import PointColumns
from indexer.errors import InvalidOptionsError
from indexer.exports.base import WantedExport
from indexer.exports.csv_table import write_csv
from tests.unit.indexer.exports.exported_points import column, map_of_two, three_points


def read_rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_write_csv__three_points__one_row_each(tmp_path):
    first, second, third = read_rows(write_csv(WantedExport(tmp_path, three_points(), newest_map=map_of_two())).path)
    assert (first["id"], first["class_name"], first["x"], first["y"]) == ("id-1", "dog", "1.5", "-2.0")
    assert [row["trust"] for row in (first, second, third)] == ["0.5", "", "1.0"]
    assert first["box"] == "[2, 3, 12, 9]"
    assert first["tags"] == '["big", "size=3"]'
    assert (second["class_name"], second["suspect_score"], second["x"]) == ("", "", "")
    assert third["image_name"] == "bü,ro.png"
    assert "embedding" not in first


def test_write_csv__without_a_map__places_are_empty(tmp_path):
    rows = read_rows(write_csv(WantedExport(tmp_path, three_points())).path)
    assert [(row["x"], row["y"], row["trust"]) for row in rows] == [("", "", "")] * 3


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ('the "big" one', 'the "big" one'),
        ("a,b;c", "a,b;c"),
        ("two\nlines\r\nor\rthree", "two\nlines\r\nor\rthree"),
        ("nul\0here", r"nul\x00here"),
        ("\udcff.png", r"\udcff.png"),
        ("\U0001f469 林", "\U0001f469 林"),
        (" padded ", " padded "),
    ],
)
def test_write_csv__any_name__is_one_cell(tmp_path, name, read):
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    points = PointColumns(np.array(["a"]), np.ones((1, 2), np.float32), {"class_name": column(name)})
    path = write_csv(WantedExport(tmp_path, points)).path
    (row,) = read_rows(path)
    assert row["class_name"] == read
    assert pandas.read_csv(path)["class_name"].tolist() == [read]


def test_write_csv__table_of_somebody_else__is_refused(tmp_path):
    (tmp_path / "points.csv").write_text("id,price\n1,2\n")
    with pytest.raises(InvalidOptionsError, match="is not an earlier export"):
        write_csv(WantedExport(tmp_path, three_points()))
