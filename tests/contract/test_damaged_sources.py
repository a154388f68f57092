"""Damaged data sets of every format: one-line errors, nothing opened outside them, bounded time and memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from indexer.sources import PATH_FORMATS

N_DRAWS = 150
MAX_GROWTH_BYTES = 256 << 20


@pytest.mark.parametrize("name", PATH_FORMATS)
def test_open_source__damaged_data_sets_cost_what_is_damaged(name, tmp_path):
    command = [sys.executable, "-m", "tests.damaged_sources", name, str(tmp_path), str(N_DRAWS), "20260101"]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root, timeout=900)

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["escaped"] == []
    assert result["outside"] == []
    assert result["grown_bytes"] < MAX_GROWTH_BYTES
    assert result["outcomes"]["image read"] > N_DRAWS
