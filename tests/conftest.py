"""What every test has: an environment without the user's own settings, and the sample project indexed once."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

MEMORY = Path("/dev/shm")
"""A disk in memory, as Linux has it."""
NEEDED_BYTES = 6 << 30
"""More than the data directories of a whole part of the suite."""
FOR_PROCESSES_BYTES = 4 << 30


settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")  # how long an example takes is a matter of what else the machine does


def pytest_configure():
    """Keep temporary folders in memory if there is room: embedded stores wait for a disk thousands of times.

    PYTEST_DEBUG_TEMPROOT names another place.
    """
    if bytes_in_memory() >= NEEDED_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def bytes_in_memory():
    """The number of bytes that fit on the disk in memory; 0 if there is no such disk."""
    if not os.access(MEMORY, os.W_OK):
        return 0
    available = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())["MemAvailable"]
    return min(shutil.disk_usage(MEMORY).free, 1024 * int(available.split()[0]) - FOR_PROCESSES_BYTES)


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
