"""The examples run as they are."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.planted import write_planted_collection

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


@pytest.fixture
def data_dir(tmp_path):
    (tmp_path / "data").mkdir()
    write_planted_collection(tmp_path / "data")
    return tmp_path / "data"


def test_find_label_errors__writes_the_suspects(data_dir, tmp_path):
    command = [sys.executable, EXAMPLES / "find_label_errors.py", tmp_path / "out.csv", data_dir]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"2 suspect labels written to {tmp_path / 'out.csv'}\n"
    with (tmp_path / "out.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["class_name"] for row in rows} <= {"cat", "dog"}
    assert len(rows) == 2


def test_find_label_errors__of_nothing_is_one_line(tmp_path):
    command = [sys.executable, EXAMPLES / "find_label_errors.py", tmp_path / "out.csv", tmp_path / "data"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (
        1, "there is no collection yet; run 'lookalike index SOURCE' first\n",
    )  # fmt: skip


def test_find_label_errors__without_a_file_says_its_usage():
    command = [sys.executable, EXAMPLES / "find_label_errors.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (1, "usage: find_label_errors.py FILE.csv [DATA_DIR]\n")


def test_explore__every_cell_runs(data_dir, monkeypatch, capsys):
    monkeypatch.setenv("LOOKALIKE_DATA_DIR", str(data_dir))
    notebook = json.loads((EXAMPLES / "explore.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert cells[0].startswith("import lookalike")
    assert all(cell["outputs"] == [] for cell in notebook["cells"] if cell["cell_type"] == "code")
    names = {}
    for number, cell in enumerate(cells):
        exec(compile(cell, f"cell {number}", "exec"), names)
    said = capsys.readouterr().out
    assert "83 points in 2 classes" in said
    assert "2 labels are contradicted by their neighborhood" in said
    assert "float32" in said
    assert "83 points on the map" in said
