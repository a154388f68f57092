"""The commands `backup`, `restore` and `move`: exit codes as ever, progress, and a stop that leaves no half."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.integration.backups.making import N_POINTS, assert_same, open_workspace, read_all

pytestmark = pytest.mark.embedded  # the data directory is made with the embedded engine

STOPPED = """
    import sys
    from tests.ctrl_c import press_ctrl_c
    from indexer.backups import backup_file
    from indexer.stores.embedded_collection import EmbeddedCollection
    from indexer.stores.server_collection import ServerCollection
    from lookalike.commands.main import main

    def stop(kind, name):
        real = getattr(kind, name)
        def stopping(*arguments, **options):
            press_ctrl_c()
            return real(*arguments, **options)
        setattr(kind, name, stopping)

    stop(*{"backup": (backup_file.BackupWriter, "add_points"), "restore": (EmbeddedCollection, "upsert"),
           "move": (ServerCollection, "upsert")}[sys.argv[1]])
    main(sys.argv[1:])
"""


def run_stopped(*arguments):
    """Run a command that gets Ctrl+C in the middle of its work."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-c", dedent(STOPPED), *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_backup_and_restore__tell_counts_and_show_progress(lookalike, data_dir, tmp_path):
    code, out, err = lookalike("backup", tmp_path / "a.zip", "--data-dir", data_dir)
    assert code == 0, err
    assert out == f"{tmp_path / 'a.zip'}: {N_POINTS} points, 2 review events, 1 map, 5 tags, 1 selection\n"
    assert f"backing up points: {N_POINTS}/{N_POINTS}" in err

    code, out, err = lookalike("restore", tmp_path / "a.zip", "--data-dir", tmp_path / "there", "--json")
    assert (code, json.loads(out)["n_points"]) == (0, N_POINTS), err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("backup", "{tmp}/none/a.zip"), 2, "there is no folder"),
        (("restore", "{tmp}/none.zip"), 1, "there is no backup"),
        (("restore", "{tmp}/" + 300 * "n"), 1, "File name too long"),
        (("restore", "{tmp}"), 1, "lookalike: {tmp} is a folder; name the file that 'lookalike backup' wrote"),
        (
            ("restore", "/dev/zero"),
            1,
            "lookalike: /dev/zero is not a file; name the file that 'lookalike backup' wrote",
        ),
        (("backup", "{tmp}/a.zip", "--collection", "none"), 1, "none"),
        (("move", "--to", "{data}"), 2, "already"),
    ],
)
def test_commands__that_are_refused__one_line_and_the_exit_code(lookalike, data_dir, tmp_path, words, code, said):
    told = [word.format(tmp=tmp_path, data=data_dir) for word in words]
    found, out, err = lookalike(*told, "--data-dir", data_dir)
    assert (found, out) == (code, "")
    assert said.format(tmp=tmp_path) in err.splitlines()[-1]
    assert "Traceback" not in err
    assert "Errno" not in err


def test_backup__stopped__leaves_the_earlier_one(backup, data_dir):
    earlier = backup.read_bytes()
    done = run_stopped("backup", backup, "--data-dir", data_dir)
    assert done.returncode == 128 + signal.SIGINT, done.stderr
    assert done.stderr.splitlines()[-1].startswith("lookalike: stopped")
    assert backup.read_bytes() == earlier
    assert list(backup.parent.glob("*.partial")) == []


def test_restore__stopped__is_not_seen(backup, tmp_path):
    done = run_stopped("restore", backup, "--data-dir", tmp_path / "there")
    assert done.returncode == 128 + signal.SIGINT, done.stderr
    with open_workspace(tmp_path / "there") as workspace:
        assert workspace.collection_names() == []
        assert workspace.backups.restore(backup, None).n_points == N_POINTS


def test_move__stopped__goes_on(data_dir, double):
    done = run_stopped("move", "--to", double.url, "--data-dir", data_dir)
    assert done.returncode == 128 + signal.SIGINT, done.stderr
    with open_workspace(data_dir) as workspace:
        wanted = read_all(workspace)
        workspace.backups.move("animals", double.url)
    with open_workspace(data_dir, double.url) as there:
        assert_same(read_all(there), wanted)
