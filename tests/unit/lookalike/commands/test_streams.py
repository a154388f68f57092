"""The streams of a command, in processes of their own."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lookalike.commands.streams import guarded_streams

ROOT = Path(__file__).parents[4]
BEGIN = "import sys\nfrom lookalike.commands.streams import guarded_streams\nwith guarded_streams():\n    "


def run(program, redirection="", *, options=()):
    """Run a program within guarded streams; gives exit code, stdout and stderr."""
    command = [sys.executable, *options, "-c", BEGIN + program]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    arguments = ["bash", "-o", "pipefail", "-c", f'"$@" {redirection}', "bash", *command]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, env=environment, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("code", [0, 1, 2])
def test_guarded_streams__exit_code__stays_where_a_reader_leaves(code):
    program = f"print('x' * 1_000_000); raise SystemExit({code})"
    assert run(program, "| head -c 1") == (code, "x", "")


@pytest.mark.parametrize(("code", "becomes"), [(0, 1), (1, 1), (2, 2)])
@pytest.mark.parametrize("options", [(), ("-u",)])
def test_guarded_streams__full_disk__is_a_failure(code, becomes, options):
    program = f"print('x' * 1_000_000); raise SystemExit({code})"
    message = "lookalike: cannot write the output: No space left on device\n"
    assert run(program, "> /dev/full", options=options) == (becomes, "", message)


def test_guarded_streams__output_is_lost__the_work_is_done():
    program = "print('x' * 1_000_000); sys.stderr.write('done\\n'); raise SystemExit(0)"
    assert run(program, "| true") == (0, "", "done\n")


def test_guarded_streams__a_bug__keeps_its_traceback_and_what_was_printed():
    code, out, err = run("print('so far'); 1 / 0")
    assert (code, out) == (1, "so far\n")
    assert err.endswith("ZeroDivisionError: division by zero\n")


def test_guarded_streams__python_that_does_not_buffer__still_does_not():
    program = "sys.stdout.write('1'); import os; os._exit(0)"
    assert run(program, options=["-u"]) == (0, "1", "")


@pytest.mark.parametrize("options", [[], ["-u"]], ids=str)
def test_guarded_streams__pipe_that_does_not_block__gets_all(options):
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    program = BEGIN + "print('x' * 1_000_000); raise SystemExit(0)"
    received = []

    def read_slowly():
        time.sleep(0.5)
        with os.fdopen(ours, "rb") as file:
            received.append(file.read())

    reader = threading.Thread(target=read_slowly)
    reader.start()
    done = subprocess.run(
        [sys.executable, *options, "-c", program], stdout=theirs, check=False, env=environment, timeout=60
    )
    os.close(theirs)
    reader.join()
    assert done.returncode == 0
    assert len(received[0]) == 1_000_001


def test_guarded_streams__in_a_test__gives_the_streams_back(capsys):
    before = sys.stdout, sys.stderr
    with guarded_streams():
        sys.stdout.write("\udcff\n")
    assert (sys.stdout, sys.stderr) == before
    assert capsys.readouterr().out == "\\udcff\n"
