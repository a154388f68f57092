"""Archives that clients send, well-meant and hostile ones."""

import errno
import io
import stat
import struct
import zipfile

import pytest

from api.services import archives
from api.services.archives import unpack_archive
from indexer.errors import InvalidOptionsError


def make_zip(files, compression=zipfile.ZIP_DEFLATED):
    """An archive of names and contents; a name may be a ZipInfo."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file


def special(name, mode):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def files_below(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def parent(tmp_path):
    return tmp_path / "data" / "uploads"


def refuse(file, parent, words):
    """Nothing of a refused archive is kept, below the folder or beside it."""
    with pytest.raises(InvalidOptionsError, match=words):
        unpack_archive(file, "photos.zip", parent)
    assert files_below(parent.parent.parent) == {}


def test_unpack_archive__files_come_as_they_are(parent):
    unpacked = unpack_archive(make_zip({"cat/1.png": b"abc", "dog/2.png": b"defg"}), "my photos.zip", parent)
    assert files_below(unpacked.folder) == {"cat/1.png": b"abc", "dog/2.png": b"defg"}
    assert (unpacked.n_files, unpacked.n_bytes) == (2, 7)
    assert unpacked.folder.parent == parent
    assert unpacked.folder.name.startswith("my-photos-")


def test_unpack_archive__only_folder_is_the_source(parent):
    unpacked = unpack_archive(make_zip({"pets/meta.json": b"{}", "__MACOSX/pets/._meta.json": b"x"}), "x.zip", parent)
    assert unpacked.folder.name == "pets"
    assert files_below(parent) == {f"{unpacked.folder.parent.name}/pets/meta.json": b"{}"}


def test_unpack_archive__same_archive_has_the_same_folder_and_another_one_its_own(parent):
    first = unpack_archive(make_zip({"a/1": b"1", "b/1": b"1"}), "x.zip", parent).folder
    kept = (first / "a" / "1").stat().st_mtime_ns
    assert unpack_archive(make_zip({"a/1": b"1", "b/1": b"1"}), "x.zip", parent).folder == first
    assert (first / "a" / "1").stat().st_mtime_ns == kept
    assert unpack_archive(make_zip({"a/1": b"2", "b/1": b"1"}), "x.zip", parent).folder != first


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "C:/x", "c:x", "a/..", ".."])
def test_unpack_archive__name_leads_out(name, parent):
    refuse(make_zip({"ok.png": b"1", name: b"x"}), parent, "leads out of its folder")


@pytest.mark.parametrize("name", ["a\\..\\..\\x", "a\x1b[2J.png", "a//b", "./a", "nul:stream", "dot./x"])
def test_unpack_archive__name_that_not_every_system_takes(name, parent):
    refuse(make_zip({"ok.png": b"1", name: b"x"}), parent, "no file name that every system takes")


def test_unpack_archive__message_shows_no_control_characters(parent):
    with pytest.raises(InvalidOptionsError) as caught:
        unpack_archive(make_zip({"a\x1b[2J.png": b"x"}), "p\x1b.zip", parent)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_unpack_archive__link_or_device(kind, parent):
    refuse(make_zip({"ok.png": b"1", special("x", kind | 0o777): b"/etc/passwd"}), parent, "is a link or device")


def test_unpack_archive__name_twice(parent):
    refuse(make_zip({"a.png": b"1", "A.png": b"2"}), parent, "has 'A.png' twice")


def test_unpack_archive__file_in_a_file(parent):
    refuse(make_zip({"a": b"1", "a/b": b"2"}), parent, "cannot be stored")


@pytest.mark.parametrize("name", ["x" * 501, "/".join("a" * 21)])
def test_unpack_archive__name_too_long_or_too_deep(name, parent):
    refuse(make_zip({name: b"1"}), parent, "too long or too deep")


def test_unpack_archive__grows_too_large(parent, monkeypatch):
    monkeypatch.setattr(archives, "MAX_BYTES", 1000)
    refuse(make_zip({"a": b"0" * 600, "b": b"0" * 600}), parent, "larger than")


def test_unpack_archive__claims_to_be_smaller_than_it_is(parent, monkeypatch):
    monkeypatch.setattr(archives, "MAX_BYTES", 1000)
    data = bytearray(make_zip({"a": b"0" * 5000}).getvalue())
    for mark, offset in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
        data[data.find(mark) + offset :][:4] = b""
        struct.pack_into("<I", data, data.find(mark) + offset, 10)
    refuse(io.BytesIO(bytes(data)), parent, "archive|larger than")


@pytest.mark.parametrize("mark", ["count", "size", "zip64"])
def test_unpack_archive__table_of_contents_is_too_large_to_be_read(mark, parent):
    data = bytearray(make_zip({"a": b"1"}).getvalue())
    end = data.rfind(b"PK\5\6")
    if mark == "zip64":
        data[end:end] = struct.pack("<4sIQI", b"PK\6\7", 0, 0, 1)
    else:
        struct.pack_into(*(("<H", data, end + 10, 60_000) if mark == "count" else ("<I", data, end + 12, 2**31)))
    refuse(io.BytesIO(bytes(data)), parent, "more than 50,000 files")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no zip archive"),
        (b"not a zip", "no zip archive"),
        (b"PK\5\6", "no zip archive"),
        (make_zip({"a": b"1"}).getvalue()[10:], "cannot be read as a zip archive|no zip archive"),
        (make_zip({}).getvalue(), "holds no file"),
        (make_zip({"__MACOSX/a": b"1"}).getvalue(), "holds no file"),
        (make_zip({"a": b"1"}, zipfile.ZIP_LZMA).getvalue(), "compressed in an unusual way"),
    ],
    ids=["empty", "text", "short", "cut", "no file", "litter", "lzma"],
)
def test_unpack_archive__damaged_or_empty(content, words, parent):
    refuse(io.BytesIO(content), parent, words)


def test_unpack_archive__damaged_content(parent):
    data = bytearray(make_zip({"a": b"abcdefgh" * 40}, zipfile.ZIP_STORED).getvalue())
    data[60] ^= 255
    refuse(io.BytesIO(bytes(data)), parent, "cannot be read as a zip archive")


def test_unpack_archive__password(parent):
    data = bytearray(make_zip({"a": b"1"}).getvalue())
    for mark, offset in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        data[data.find(mark) + offset] |= 1
    refuse(io.BytesIO(bytes(data)), parent, "has a password")


def test_unpack_archive__disk_is_full(parent, monkeypatch):
    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archives, "_unpack_member", fail)
    refuse(make_zip({"a": b"1"}), parent, "cannot be stored: No space left on device")
