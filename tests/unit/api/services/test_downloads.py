"""Files that are kept to be fetched: one for each key, for an hour, and nothing of what failed."""

import os
import time
import zipfile
from types import SimpleNamespace

import pytest

from api.services.downloads import KEPT_S, Downloads
from indexer.domain import ignore_progress
from lookalike.errors import CancelledError, ExportError, FileGoneError


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "downloads"


@pytest.fixture
def downloads(folder):
    made = Downloads(folder)
    yield made
    made.close()


def wait_until(is_so):
    until = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)


def write_one(folder):
    folder.mkdir()
    (folder / "points.csv").write_text("a")
    return SimpleNamespace(path=folder / "points.csv")


def write_several(folder):
    (folder / "deep").mkdir(parents=True)
    (folder / "cfg.json").write_text("{}")
    (folder / "deep" / "a.pt").write_text("a")
    return SimpleNamespace(path=folder)


def files_of(folder):
    return [path.name for path in folder.rglob("*") if path.is_file()]


def test_keep__one_file__is_found_by_its_key(downloads, folder):
    _, key, file = downloads.keep("digits", "csv", write_one, ignore_progress)
    assert downloads.find(key) == file
    assert (file.name, file.read_text()) == ("digits-points.csv", "a")
    assert files_of(folder) == ["digits-points.csv"]


def test_keep__several_files__are_one_archive(downloads, folder):
    *_, file = downloads.keep("digits", "embeddings-folder", write_several, ignore_progress)
    assert file.name == "digits-embeddings-folder.zip"
    assert sorted(zipfile.ZipFile(file).namelist()) == ["cfg.json", "deep/a.pt"]
    assert files_of(folder) == [file.name]


def test_keep__what_fails_leaves_nothing(downloads, folder):
    def write(inside):
        write_one(inside)
        raise OSError(28, "No space left on device")

    def stop(*_):
        raise CancelledError("stop")

    with pytest.raises(ExportError, match=r"cannot be kept for you: No space left on device; make room"):
        downloads.keep("digits", "csv", write, ignore_progress)
    with pytest.raises(CancelledError):
        downloads.keep("digits", "embeddings-folder", write_several, stop)
    assert list(folder.iterdir()) == []


def test_find__after_an_hour__it_is_gone_and_the_next_one_takes_it_away(downloads, folder):
    _, key, file = downloads.keep("digits", "csv", write_one, ignore_progress)
    old = time.time() - KEPT_S - 1
    os.utime(file.parent, (old, old))
    with pytest.raises(FileGoneError, match="kept for an hour; export again"):
        downloads.find(key)
    downloads.keep("digits", "csv", write_one, ignore_progress)
    assert not file.exists()


def test_keep__after_an_hour__the_file_goes_also_without_another_one(folder):
    downloads = Downloads(folder, look_s=0.01)
    *_, old_one = downloads.keep("digits", "csv", write_one, ignore_progress)
    *_, new_one = downloads.keep("digits", "csv", write_one, ignore_progress)
    old = time.time() - KEPT_S - 1
    os.utime(old_one.parent, (old, old))
    wait_until(lambda: not old_one.parent.exists())
    assert new_one.exists()
    downloads.close()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("key", ["", "..", "0" * 32, "0" * 31 + "/", "../" + "0" * 29])
def test_find__no_key_of_ours__is_refused(downloads, folder, key):
    folder.mkdir()
    (folder.parent / "secret").write_text("x")
    with pytest.raises(FileGoneError):
        downloads.find(key)


def test_close__takes_only_its_own_away(downloads, folder):
    other = Downloads(folder)
    _, key, _ = other.keep("digits", "csv", write_one, ignore_progress)
    downloads.keep("digits", "csv", write_one, ignore_progress)
    downloads.close()
    assert [path.name for path in folder.iterdir()] == [key]
