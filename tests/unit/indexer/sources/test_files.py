"""Finding files: hidden ones, links, loops, broken text."""

import math
import os
import subprocess
import tracemalloc
from contextlib import suppress

import pytest

from indexer.errors import AnnotationFormatError, ImageReadError, SourceUnavailableError
from indexer.sources.files import (
    MISSING,
    encoding_of,
    is_image_name,
    list_images,
    list_subfolders,
    peek,
    peek_ends,
    read_annotation_file,
    read_image_file,
    read_json,
    read_text,
    read_yaml,
    stamp_entry,
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


def test_walk_images__folders_that_systems_add_are_left_out(tmp_path):
    for name in ("cat/1.png", "cat/@eaDir/1.png/SYNOPHOTO_THUMB_M.jpg", "__MACOSX/cat/1.png", "$RECYCLE.BIN/2.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    assert [(folder, entry.name) for folder, entry in walk_images(tmp_path)] == [("cat", "1.png")]
    assert [entry.name for entry in list_subfolders(tmp_path)] == ["cat"]


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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_read_json__every_unicode_encoding(tmp_path, encoding):
    (tmp_path / "a.json").write_bytes('{"name": "k\u00e4se \u732b"}'.encode(encoding))

    assert read_json(tmp_path / "a.json") == {"name": "k\u00e4se \u732b"}
    assert "name" in peek(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[" * 100_000, "nested too deep"),
        ('{"a":' * 50_000, "nested too deep"),
    ],
)
def test_read_json__what_python_cannot_hold_is_one_line(tmp_path, content, message):
    (tmp_path / "a.json").write_text(content)

    with pytest.raises(AnnotationFormatError, match=message) as caught:
        read_json(tmp_path / "a.json")
    assert "\n" not in str(caught.value)


def test_read_yaml__scalars_stay_what_the_file_says(tmp_path):
    (tmp_path / "a.yaml").write_bytes(
        b"\xef\xbb\xbf{names: [yes, no, 1.10, null, 0x10, 2020-01-01, ~], nc: 7, val: }\n"
    )

    assert read_yaml(tmp_path / "a.yaml") == {
        "names": ["yes", "no", "1.10", "null", "0x10", "2020-01-01", "~"],
        "nc": "7",
        "val": "",
    }


def test_read_yaml__code_is_never_run(tmp_path):
    (tmp_path / "a.yaml").write_text("a: !!python/object/apply:os.system ['touch " + str(tmp_path / "run") + "']")

    with suppress(AnnotationFormatError):
        read_yaml(tmp_path / "a.yaml")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9)),
            "72 aliases",
        ),
        ("{" * 10_000, "nested too deep|not valid YAML"),
        ("a: [1, 2", "not valid YAML"),
        ("{[1]: 2}", "not valid YAML"),
        ("a\0b", "not valid YAML"),
    ],
)
def test_read_yaml__bombs_and_broken_files_are_one_line(tmp_path, content, message):
    (tmp_path / "a.yaml").write_text(content)

    with pytest.raises(AnnotationFormatError, match=message) as caught:
        read_yaml(tmp_path / "a.yaml")
    assert "\n" not in str(caught.value)


def test_read_file__a_pipe_or_device_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")

    for path in (tmp_path / "pipe.png", "/dev/zero", tmp_path):
        with pytest.raises(ImageReadError, match=r"not a regular file|Is a directory"):
            read_image_file(str(path))
        with pytest.raises(AnnotationFormatError, match=r"not a regular file|Is a directory"):
            read_annotation_file(path)
        assert peek(path) == ""


def test_read_image_file__not_beyond_the_limit(tmp_path):
    (tmp_path / "a.png").write_bytes(b"12345")

    assert read_image_file(str(tmp_path / "a.png"), max_bytes=5) == b"12345"
    with pytest.raises(ImageReadError, match="longer than 4 bytes"):
        read_image_file(str(tmp_path / "a.png"), max_bytes=4)


@pytest.mark.parametrize("name", ["a\0b.png", "x" * 300])
def test_files__impossible_names_are_missing_files(tmp_path, name):
    assert stamp_file(f"{tmp_path}/{name}") == MISSING
    assert list_images(f"{tmp_path}/{name}") == []
    with pytest.raises(ImageReadError):
        read_image_file(f"{tmp_path}/{name}")
    with pytest.raises(AnnotationFormatError):
        read_text(f"{tmp_path}/{name}")


def test_walk_images__links_to_themselves_are_files_that_are_missing(tmp_path):
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    (tmp_path / "folder").symlink_to(tmp_path / "folder", target_is_directory=True)

    ((_, entry),) = walk_images(tmp_path)

    assert entry.name == "loop.png"
    assert stamp_entry(entry) == stamp_file(entry.path) == MISSING


def test_walk_images__a_tree_deeper_than_python_recurses(tmp_path):
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1_500):
        os.mkdir("a", dir_fd=here)
        deeper = os.open("a", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(os.open("1.png", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)

    try:
        assert [entry.name for _, entry in walk_images(tmp_path)] == ["1.png"]
    finally:  # pytest's own removal of old folders would recurse too deep
        subprocess.run(["rm", "-rf", tmp_path / "a"], check=True)


def test_stamp_file__what_cannot_be_looked_at_is_not_called_missing(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "stat", refuse)
    with pytest.raises(SourceUnavailableError, match=r"cannot look at .*: Permission denied"):
        stamp_file(tmp_path / "a.png")


def test_walk_images__folder_that_may_be_listed_but_not_entered__is_no_folder_without_images(tmp_path, monkeypatch):
    (tmp_path / "train" / "dog").mkdir(parents=True)
    (tmp_path / "train" / "dog" / "1.png").touch()
    look = os.stat

    def refuse_inside(path, **how):
        if str(path).startswith(f"{tmp_path}/train/"):
            raise PermissionError(13, "Permission denied")
        return look(path, **how)

    monkeypatch.setattr(os, "stat", refuse_inside)
    with pytest.raises(SourceUnavailableError, match=r"cannot look at .*dog: Permission denied; check its permissions"):
        list(walk_images(tmp_path))


def test_read_json__integer_of_thousands_of_digits_is_infinite_and_costs_no_file(tmp_path):
    (tmp_path / "a.json").write_text(f"[1, {'9' * 5000}, -{'9' * 5000}, 1.5]")

    assert read_json(tmp_path / "a.json") == [1, math.inf, -math.inf, 1.5]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_peek_ends__both_ends_in_any_encoding(tmp_path, encoding):
    text = "{" + "a" * 300 + "}"
    (tmp_path / "a.json").write_bytes(text.encode(encoding))
    head, tail = peek_ends(tmp_path / "a.json", 64)

    assert head.startswith("{aaa")
    assert tail.endswith("aaa}")
    assert "\ufeff" not in head + tail


def test_peek_ends__no_end_if_the_beginning_is_all(tmp_path):
    (tmp_path / "a.json").write_text("{}")

    assert peek_ends(tmp_path / "a.json", 64) == ("{}", "")
    assert peek_ends(tmp_path / "gone.json", 64) == peek_ends(tmp_path, 64) == ("", "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_encoding_of__text_encodes_to_the_same_bytes(encoding):
    data = '{"a": 1}'.encode(encoding)

    assert data.decode(encoding_of(data[:4])).encode(encoding_of(data[:4])) == data


def test_read_text__takes_memory_for_what_the_file_holds_only(tmp_path):
    (tmp_path / "a.txt").write_text("cat")
    tracemalloc.start()
    try:
        assert read_text(tmp_path / "a.txt") == "cat"
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_read_text__longer_than_allowed_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("cats")
    assert read_text(tmp_path / "a.txt", max_bytes=4) == "cats"
    with pytest.raises(AnnotationFormatError, match="it is longer than 3 bytes"):
        read_text(tmp_path / "a.txt", max_bytes=3)
