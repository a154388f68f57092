"""Files change as a whole, and a failure leaves them as they were."""

import pytest

from indexer import atomic_files
from indexer.atomic_files import replace_file, write_atomically


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
