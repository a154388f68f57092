import csv

from indexer.exports.csv_table import write_csv
from tests.unit.indexer.exports.exported_points import map_of_two, three_points


def read_rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_write_csv__three_points__one_row_each(tmp_path):
    first, second, third = read_rows(write_csv(tmp_path, three_points(), newest_map=map_of_two()))
    assert (first["id"], first["class_name"], first["x"], first["y"]) == ("id-1", "dog", "1.5", "-2.0")
    assert [row["trust"] for row in (first, second, third)] == ["0.5", "", "1.0"]
    assert first["box"] == "[2, 3, 12, 9]"
    assert first["tags"] == '["big", "size=3"]'
    assert (second["class_name"], second["suspect_score"], second["x"]) == ("", "", "")
    assert third["image_name"] == "bü,ro.png"
    assert "embedding" not in first


def test_write_csv__without_a_map__places_are_empty(tmp_path):
    rows = read_rows(write_csv(tmp_path, three_points()))
    assert [(row["x"], row["y"], row["trust"]) for row in rows] == [("", "", "")] * 3
