"""What commands do when their output goes where it cannot: other encodings, full disks, readers that leave."""

import json
import os
import pty
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
PROGRAM = "from lookalike.commands.main import main; main()"
CAT = "猫"


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    """Two images of two classes, one of them outside Latin-1, with a file name that has it too."""
    photos, data_dir = tmp_path_factory.mktemp("photos"), tmp_path_factory.mktemp("data")
    for number, class_name in enumerate((CAT, "cup")):
        (photos / class_name).mkdir()
        pixels = np.random.default_rng(number).integers(0, 255, (24, 32, 3), np.uint8)
        Image.fromarray(pixels).save(photos / class_name / f"{class_name}.png")
    done = run(["index", photos, "--data-dir", data_dir])
    assert done.returncode == 0, done.stderr
    return data_dir


def environment(**variables):
    known = {name: value for name, value in os.environ.items() if not name.upper().startswith("LOOKALIKE_")}
    return {**known, "PYTHONPATH": str(ROOT), **variables}


def run(arguments, *, env=None, **options):
    """Run a command as a process; gives its result in bytes."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    return subprocess.run(command, check=False, env=environment(**(env or {})), timeout=120, **options)


def run_in_shell(redirection, arguments):
    """Run a command with what a shell makes of its streams; gives exit code, stdout and stderr."""
    command = f'"$@" {redirection}'
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command, "bash", sys.executable, "-c", PROGRAM, *map(str, arguments)],
        check=False,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


OTHER_STREAMS = {
    "Latin-1": {"PYTHONIOENCODING": "latin-1"},
    "ASCII": {"PYTHONIOENCODING": "ascii"},
    "strict": {"PYTHONIOENCODING": "cp1252:strict"},
    "C locale": {"LC_ALL": "C"},
}


@pytest.mark.parametrize("env", OTHER_STREAMS.values(), ids=list(OTHER_STREAMS))
def test_commands__stream_that_is_not_utf_8__shows_all_lines(data_dir, env):
    done = run(["pick", 2, "--data-dir", data_dir], env=env)

    assert (done.returncode, done.stderr) == (0, b"")
    lines = done.stdout.decode().splitlines()
    cat = CAT if "LC_ALL" in env else r"\u732b"
    assert sorted(line.split(" ")[0] for line in lines) == sorted([cat, "cup"])


@pytest.mark.parametrize(
    ("stream", "command"),
    [
        *((name, ["pick", 2, "--json"]) for name in OTHER_STREAMS),
        ("ASCII", ["status", "--json"]),
        ("ASCII", ["check", "--format", "json"]),
    ],
)
def test_commands__json_on_any_stream__is_json(data_dir, stream, command):
    done = run([*command, "--data-dir", data_dir], env=OTHER_STREAMS[stream])

    assert json.loads(done.stdout)
    if command[0] == "pick":
        assert {one["class_name"] for one in json.loads(done.stdout)} == {CAT, "cup"}


def test_commands__error_on_a_stream_that_is_not_utf_8__is_one_line(data_dir):
    done = run(["suspects", "--class", "犬", "--data-dir", data_dir], env={"PYTHONIOENCODING": "ascii"})

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"lookalike: unknown class '\\u72ac'; known: cup, \\u732b\n"


def test_export__folder_whose_name_is_not_utf_8__is_named_in_utf_8(data_dir, tmp_path):
    folder = os.fsencode(tmp_path) + b"/caf\xe9"
    command = ["export", os.fsdecode(folder), "--format", "csv", "--data-dir", str(data_dir)]

    for env in ({}, {"LC_ALL": "C"}):
        text = run(command, env=env).stdout.decode("utf-8", "strict")
        assert text == f"{tmp_path}/caf\\udce9/points.csv: 2 points\n"
        facts = json.loads(run([*command, "--json"], env=env).stdout.decode("utf-8", "strict"))
        assert facts["path"] == f"{tmp_path}/caf\udce9/points.csv"
    assert os.path.exists(folder + b"/points.csv")  # noqa: PTH110 - its name is bytes


def test_import__folder_whose_name_is_not_utf_8__is_imported(data_dir, tmp_path):
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")
    assert run(["export", folder, "--format", "embeddings-folder", "--data-dir", data_dir]).returncode == 0

    done = run(["import", folder, "--data-dir", tmp_path / "other", "--json"])

    assert (done.returncode, json.loads(done.stdout)["n_points"]) == (0, 2)


COMMANDS = [
    ["pick", "2"],
    ["pick", "2", "--json"],
    ["status"],
    ["check", "--format", "junit"],
    ["export", "OUT", "--format", "csv"],
]
WITHOUT_DATA = [["--help"], ["pick", "--help"], ["models"], []]


@pytest.mark.parametrize("command", [*COMMANDS, *WITHOUT_DATA], ids=" ".join)
def test_commands__full_disk__is_one_line_and_a_failure(data_dir, tmp_path, command):
    arguments = [tmp_path / "out" if word == "OUT" else word for word in command]
    arguments += ["--data-dir", data_dir] if command in COMMANDS else []

    code, out, err = run_in_shell("> /dev/full", arguments)

    assert (code, out) == (2 if command[:1] == ["check"] else 1, "")  # two points are too few to check
    assert err.splitlines()[-1] == "lookalike: cannot write the output: No space left on device"
    assert "Traceback" not in err
    assert "Exception ignored" not in err


@pytest.mark.parametrize("command", [["models", "--json"], ["--help"]], ids=" ".join)
@pytest.mark.parametrize("reader", ["| head -1 > /dev/null", "| true", "2>&1 | head -c 1 > /dev/null"])
def test_commands__reader_that_leaves__is_no_error(command, reader):
    assert run_in_shell(reader, command) == (0, "", "")


def test_check__reader_that_leaves__still_says_what_it_found(data_dir):
    code, _, err = run_in_shell("2> /dev/null | true", ["check", "--data-dir", data_dir])

    assert (code, err) == (2, "")


def test_watch__reader_that_leaves__ends(data_dir, tmp_path):
    (tmp_path / "a").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "a" / "a.png")
    arguments = ["watch", tmp_path, "--every", "0.1s", "--json", "--data-dir", tmp_path / "data"]

    code, out, _ = run_in_shell("2> /dev/null | head -1", arguments)

    assert (code, json.loads(out)["images"]["seen"]) == (0, 1)


def test_watch__full_disk__ends(tmp_path):
    (tmp_path / "a").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "a" / "a.png")
    arguments = ["watch", tmp_path, "--every", "0.1s", "--data-dir", tmp_path / "data"]

    code, _, err = run_in_shell("> /dev/full", arguments)

    assert (code, err.splitlines()[-1]) == (1, "lookalike: cannot write the output: No space left on device")


@pytest.mark.parametrize(
    ("redirection", "shows"),
    [(">&-", False), ("2>&-", True), ("2> /dev/full", True), ("> /dev/null 2>&- <&-", False), (">&- 2>&- <&-", False)],
)
def test_commands__closed_streams__show_nothing_and_do_their_work(data_dir, tmp_path, redirection, shows):
    arguments = ["export", tmp_path / "out", "--format", "csv", "--data-dir", data_dir]

    code, out, err = run_in_shell(redirection, arguments)

    assert (code, "Traceback" in err) == (0, False)
    assert out == (f"{tmp_path}/out/points.csv: 2 points\n" if shows else "")
    assert (tmp_path / "out" / "points.csv").read_text(encoding="utf-8").startswith("id,")


@pytest.mark.parametrize("redirection", [">&-", "2>&-"])
def test_commands__closed_streams__keep_their_exit_code(tmp_path, redirection):
    code, _, err = run_in_shell(redirection, ["suspects", "--data-dir", tmp_path])

    assert (code, "Traceback" in err) == (1, False)


def test_index__terminal_that_is_not_utf_8__draws_its_bar(data_dir, tmp_path):
    (tmp_path / CAT).mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / CAT / "a.png")
    ours, theirs = pty.openpty()
    with ThreadPoolExecutor(1) as reader:  # a terminal that nobody reads is full after 4 KB, and the command waits
        reading = reader.submit(lambda: b"".join(iter(lambda: _read(ours), b"")))
        try:
            done = run(
                ["index", tmp_path, "--data-dir", tmp_path / "data"],
                env={"PYTHONIOENCODING": "ascii", "TERM": "xterm"},
                stderr=theirs,
            )
        finally:
            os.close(theirs)
    shown = reading.result()
    os.close(ours)

    assert done.returncode == 0
    assert shown.isascii()
    assert rb"\u" not in shown
    assert b"indexing images" in shown


def _read(descriptor):
    try:
        return os.read(descriptor, 65536)
    except OSError:  # what a terminal says when its other end is closed
        return b""
