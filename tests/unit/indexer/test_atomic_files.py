"""Files change as a whole, and a failure leaves them as they were."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from indexer import atomic_files
from indexer.atomic_files import remove_abandoned, replace_file, write_atomically

ROOT = Path(__file__).parents[3]
KILLED = """
import os, signal, sys
from pathlib import Path
from indexer import atomic_files
atomic_files.os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
atomic_files.write_atomically(Path(sys.argv[1]), b"half of it")
"""


def write_and_be_killed(path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], env=environment, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_write_atomically__keeps_permissions_and_links_and_leaves_nothing_behind(tmp_path):
    path, link = tmp_path / "file", tmp_path / "link"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)

    write_atomically(link, b"new")

    assert link.is_symlink()
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o640)
    assert names(tmp_path) == ["file", "link"]


def test_write_atomically__name_as_long_as_names_can_be(tmp_path):
    write_atomically(tmp_path / ("n" * 255), b"new")

    assert names(tmp_path) == ["n" * 255]


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_write_atomically__disk_full_or_killed__old_content_stays(tmp_path, monkeypatch, failure):
    def fail(_descriptor):
        raise failure

    (tmp_path / "file").write_bytes(b"old")
    monkeypatch.setattr(atomic_files.os, "fsync", fail)

    with pytest.raises(type(failure)):
        write_atomically(tmp_path / "file", b"new")

    assert (tmp_path / "file").read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_replace_file__writer_fails_half_way__old_content_stays(tmp_path):
    def write_half(path):
        with replace_file(path) as partial:
            partial.write_bytes(b"ha")
            raise ZeroDivisionError

    (tmp_path / "file").write_bytes(b"old")

    with pytest.raises(ZeroDivisionError):
        write_half(tmp_path / "file")

    assert (tmp_path / "file").read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_write_atomically__folder_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "no" / "file", b"new")

    assert names(tmp_path) == []


def test_write_atomically__after_a_killed_writer__leaves_nothing_of_it(tmp_path):
    (tmp_path / "file").write_bytes(b"old")
    write_and_be_killed(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"old"
    assert len(names(tmp_path)) == 2

    write_atomically(tmp_path / "file", b"new")

    assert (tmp_path / "file").read_bytes() == b"new"
    assert names(tmp_path) == ["file"]


def test_remove_abandoned__files_being_written_and_others_stay(tmp_path):
    write_and_be_killed(tmp_path / "file")
    (tmp_path / ".mine.partial").write_bytes(b"")
    with replace_file(tmp_path / "another") as partial:
        partial.write_bytes(b"another")
        remove_abandoned(tmp_path)
        assert names(tmp_path) == sorted([".mine.partial", partial.name])

    assert names(tmp_path) == [".mine.partial", "another"]


def test_replace_file__two_at_once__have_a_file_each(tmp_path):
    with replace_file(tmp_path / "file") as one, replace_file(tmp_path / "file") as other:
        one.write_bytes(b"one")
        other.write_bytes(b"other")

    assert (tmp_path / "file").read_bytes() == b"one"  # the last to finish
    assert names(tmp_path) == ["file"]


def partial_name(folder):
    with replace_file(folder / "file") as partial:
        partial.write_bytes(b"")
        return partial.name


@pytest.mark.parametrize("kind", ["link", "hard link", "pipe", "folder"])
def test_write_atomically__something_planted_beside_it__is_not_written_to(tmp_path, kind):
    victim, planted = tmp_path / "victim", tmp_path / partial_name(tmp_path)
    victim.write_bytes(b"precious")
    if kind == "link":
        planted.symlink_to(victim)
    elif kind == "hard link":
        os.link(victim, planted)
    elif kind == "pipe":
        os.mkfifo(planted)
    else:
        planted.mkdir()

    write_atomically(tmp_path / "file", b"new")
    remove_abandoned(tmp_path)

    assert (tmp_path / "file").read_bytes() == b"new"
    assert victim.read_bytes() == b"precious"
    assert names(tmp_path) == sorted([planted.name, "file", "victim"])


@pytest.mark.parametrize("kind", ["pipe", "folder", "link to itself", "link to a device"])
def test_write_atomically__what_is_no_file__is_refused_and_stays(tmp_path, kind):
    path = tmp_path / "target"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(path if kind == "link to itself" else "/dev/null")
    before = path.lstat()

    with pytest.raises(OSError, match=r"a device or a pipe|Is a directory|Too many levels"):
        write_atomically(path, b"new")

    assert path.lstat() == before
    assert Path("/dev/null").is_char_device()
    assert names(tmp_path) == ["target"]
