"""Exports that are killed, or meet a full disk, in a process of their own."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.errors import CancelledError
from indexer.exports import EXPORTS
from indexer.exports.base import WantedExport
from tests.unit.indexer.exports.exported_points import SPEC, map_of_two, three_points

ROOT = Path(__file__).parents[2]
EXPORT = """
import os, signal, sys
from pathlib import Path
import numpy as np
from indexer import atomic_files
from indexer.domain import PointColumns
from indexer.errors import IndexerError
from indexer.exports import EXPORTS
from indexer.exports.base import WantedExport
n_points = 2000
names = np.array([f"class {number:04}" for number in range(n_points)], dtype=object)
boxes = np.empty(n_points, dtype=object)
boxes[:] = [[0, 0, 5, 5]] * n_points
ids = np.array([f"{number:04}" for number in range(n_points)])
embeddings = np.random.default_rng(0).random((n_points, 8), np.float32)
points = PointColumns(ids, embeddings, {"class_name": names, "box": boxes})
export = EXPORTS.load(sys.argv[1])
"""
KILLED = """
atomic_files.os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
export(WantedExport(Path(sys.argv[2]), points))
"""
DISK_FULL = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))  # as a disk that takes no more: files cannot grow
try:
    export(WantedExport(Path(sys.argv[2]), points))
except IndexerError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""


def run(program, *arguments):
    # A process that may not write cannot write its coverage, either.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    environment = {**inherited, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", EXPORT + program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("name", list(EXPORTS))
def test_export__killed__the_next_one_leaves_nothing_of_it(tmp_path, name):
    assert run(KILLED, name, tmp_path).returncode == -signal.SIGKILL
    assert [path.suffix for path in tmp_path.iterdir()] == [".partial"] * (3 if name == "embeddings-folder" else 1)

    for other in EXPORTS:
        EXPORTS.load(other)(WantedExport(tmp_path, three_points(), newest_map=map_of_two(), spec=SPEC))

    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("name", list(EXPORTS))
@pytest.mark.parametrize("has_earlier", [True, False])
def test_export__cancelled__leaves_what_was_there_before(tmp_path, name, has_earlier):
    wanted = WantedExport(tmp_path, three_points(), newest_map=map_of_two(), spec=SPEC)
    if has_earlier:
        EXPORTS.load(name)(wanted)
    before = contents(tmp_path)

    def cancel(*_):
        raise CancelledError("cancelled on request")

    with pytest.raises(CancelledError):
        EXPORTS.load(name)(replace(wanted, on_progress=cancel))

    assert contents(tmp_path) == before


@pytest.mark.parametrize("name", list(EXPORTS))
def test_export__killed__the_one_before_is_whole(tmp_path, name):
    EXPORTS.load(name)(WantedExport(tmp_path, three_points(), newest_map=map_of_two(), spec=SPEC))
    before = contents(tmp_path)

    run(KILLED, name, tmp_path)

    assert {path: data for path, data in contents(tmp_path).items() if not path.endswith(".partial")} == before


@pytest.mark.parametrize("name", list(EXPORTS))
def test_export__disk_full__is_one_line_and_leaves_all_as_it_was(tmp_path, name):
    EXPORTS.load(name)(WantedExport(tmp_path, three_points(), newest_map=map_of_two(), spec=SPEC))
    before = contents(tmp_path)

    done = run(DISK_FULL, name, tmp_path)

    message = f"ExportError: cannot write into '{tmp_path}': File too large; make room, or export to another disk\n"
    assert (done.returncode, done.stderr) == (1, message)
    assert contents(tmp_path) == before
