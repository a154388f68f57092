"""Finding files: hidden ones, links, loops, broken text."""

import pytest

from indexer.errors import AnnotationFormatError, ImageReadError
from indexer.sources.files import (
    MISSING,
    is_image_name,
    list_images,
    list_subfolders,
    read_image_file,
    read_json,
    stamp_file,
    walk_images,
)


@pytest.mark.parametrize("name", ["a.jpg", "a.JPG", "a.b.png", "a.Tiff", "ä ö.webp"])
def test_is_image_name__images(name):
    assert is_image_name(name)


@pytest.mark.parametrize("name", ["a.txt", "jpg", ".jpg", ".hidden.jpg", "a.jpg.json", "._a.jpg", ""])
def test_is_image_name__others(name):
    assert not is_image_name(name)


def test_list_images__sorted_without_folders_and_hidden(tmp_path):
    for name in ("b.png", "a.jpg", ".c.png", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()

    assert [entry.name for entry in list_images(tmp_path)] == ["a.jpg", "b.png"]
    assert [entry.name for entry in list_subfolders(tmp_path)] == ["folder.png"]
    assert list_images(tmp_path / "nowhere") == []


def test_walk_images__files_first_then_folders_loops_left_out(tmp_path):
    for name in ("z.png", "b/2.png", "b/1.png", "a/deep/3.png", ".hidden/4.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "a" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "linked").symlink_to(tmp_path / "b", target_is_directory=True)

    assert [(folder, entry.name) for folder, entry in walk_images(tmp_path)] == [
        ("", "z.png"),
        ("a/deep", "3.png"),
        ("b", "1.png"),
        ("b", "2.png"),
        ("linked", "1.png"),
        ("linked", "2.png"),
    ]


def test_stamp_file__changes_with_size_and_is_missing_without_a_file(tmp_path):
    path = tmp_path / "a.png"
    assert stamp_file(path) == MISSING
    path.write_bytes(b"1")
    first = stamp_file(path)
    path.write_bytes(b"12")

    assert MISSING != first != stamp_file(path)
    assert stamp_file(path / "below") == MISSING


def test_read_image_file__names_the_path_and_the_cause(tmp_path):
    with pytest.raises(ImageReadError, match=r"cannot read image .*gone\.png: No such file or directory"):
        read_image_file(str(tmp_path / "gone.png"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": ', r"a\.json is not valid JSON: Expecting value at line 1, column 7"),
        (b"", r"not valid JSON"),
        (b"\xff\xfe\x00", r"is not UTF-8 text \(byte 2\)"),
    ],
)
def test_read_json__broken_file_says_where(tmp_path, content, message):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(AnnotationFormatError, match=message):
        read_json(tmp_path / "a.json")


def test_read_json__byte_order_mark_is_no_error(tmp_path):
    (tmp_path / "a.json").write_bytes(b"\xef\xbb\xbf[1]")
    assert read_json(tmp_path / "a.json") == [1]
