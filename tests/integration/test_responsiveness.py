"""The page answers while work goes on: the benchmark at a size for tests. Its bounds on time are for quiet machines."""

import subprocess
import sys
from pathlib import Path


def test_server__answers_while_points_are_indexed_and_a_map_is_made():
    command = [sys.executable, "-m", "benchmarks.responsiveness"]
    options = ["--objects", "3000", "--stops", "1", "--method", "pca", "--slack", "60"]
    done = subprocess.run(
        [*command, *options], capture_output=True, text=True, check=False, timeout=300, cwd=Path(__file__).parents[2]
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "3000 objects in" in done.stdout
    assert "graph and pca map in" in done.stdout
    assert "Ctrl+C to its answer" in done.stdout
