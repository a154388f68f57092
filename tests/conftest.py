"""What every test has: an environment without the user's own settings, and the sample project indexed once."""

import json
import os
import subprocess
import sys

import pytest


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    for name in list(os.environ):
        if name.upper().startswith("LOOKALIKE_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def indexed_sample(tmp_path_factory):
    """A data directory with the sample project, made as a user makes it; copy it before changing or serving it."""
    data_dir = tmp_path_factory.mktemp("sample") / "data"
    program = "from lookalike.commands.main import main; main()"
    command = [sys.executable, "-c", program, "demo", "--no-serve", "--json", "--data-dir", str(data_dir)]
    environment = {name: value for name, value in os.environ.items() if not name.upper().startswith("LOOKALIKE_")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["instances"]["embedded"] == 1797
    return data_dir
