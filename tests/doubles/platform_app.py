"""The app as the platform starts it: by the entry point of its configuration, with the environment of a session."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.ports import free_port

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "supervisely_app"
CONFIG = json.loads((FOLDER / "config.json").read_text())
SESSION, TASK = "5f2c9a7e1d", 77
START_TIMEOUT_S = 120


def find_program(name):
    """An installed command: beside this Python, or on the PATH."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = shutil.which(name, path=path)
    assert found, f"'{name}' is not installed; run 'make setup'"
    return found


@contextmanager
def running_app(double, data_dir, output, **environment):
    """Start the app for a session of the double; gives its address inside, and keeps what it prints in a file.

    Args:
        double: The platform.
        data_dir: The app's data directory.
        output: File for what it and its children print.
        environment: What the platform tells it, such as PROJECT_ID.
    """
    double.tables.tasks[TASK] = {"id": TASK, "status": "started", "meta": {"sessionToken": SESSION}}
    program, *arguments = shlex.split(CONFIG["entrypoint"])
    told = {"ENV": "production", "TASK_ID": str(TASK), "LOOKALIKE_DATA_DIR": str(data_dir), "PYTHONPATH": str(ROOT)}
    port = free_port()
    command = [find_program(program), *arguments, "--port", str(port)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOOKALIKE_")}
    with output.open("wb") as told_there:
        process = subprocess.Popen(
            command,
            cwd=data_dir.parent,
            env={**kept, **double.environment, **told, **environment},
            stdout=told_there,
            stderr=subprocess.STDOUT,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            _wait_for(url, process, output)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=60)


def _wait_for(url, process, output):
    give_up_at = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < give_up_at:
        assert process.poll() is None, f"the app ended at once: {output.read_text()}"
        try:
            if httpx.get(f"{url}/is_ready", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the app did not answer within {START_TIMEOUT_S} s: {output.read_text()}")
