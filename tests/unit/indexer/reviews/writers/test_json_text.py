"""Single values replaced in JSON, every other byte kept."""

import os

import pytest

from indexer.errors import AnnotationFormatError
from indexer.reviews.writers.json_text import JsonText


@pytest.fixture
def read(tmp_path):
    def write_and_read(data):
        path = tmp_path / "file.json"
        path.write_bytes(data)
        return JsonText(path)

    return write_and_read


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'{"a": 1.50, "b": [1,2]}', b'{"a": "x", "b": [1,2]}'),
        (b'\xef\xbb\xbf{ "b" : {"a": 0},\r\n\t"a" : 1e5 }\n', b'\xef\xbb\xbf{ "b" : {"a": 0},\r\n\t"a" : "x" }\n'),
        (b'{"a": {"a": [{}, []]}, "\\u0061b": "\\u00fc"}', b'{"a": "x", "\\u0061b": "\\u00fc"}'),
        (b'{"a": 1, "a": 2}', b'{"a": 1, "a": "x"}'),
    ],
)
def test_replace__keeps_every_other_byte(read, before, after):
    text = read(before)

    text.replace(text.members(text.root)["a"], "x")

    edit = text.to_edit()
    assert (edit.before, edit.after) == (before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [('["ü", 1]'.encode(), '["ü", "Käse"]'.encode()), (b'["\\u00fc", 1]', b'["\\u00fc", "K\\u00e4se"]')],
)
def test_replace__writes_other_alphabets_as_the_file_does(read, before, after):
    text = read(before)

    text.replace(text.elements(text.root)[1], "Käse")

    assert text.to_edit().after == after


@pytest.mark.parametrize("empty", [b"[]", b"[ \n ]", b"{}", b"{ }", b"3", b'"["'])
def test_elements_and_members__of_what_has_none(read, empty):
    text = read(empty)

    assert text.elements(text.root) == []
    assert text.members(text.root) == {}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'[{"id": 1, "n": "a"}]', b'[{"id": 1, "n": "a"},{"id": 2, "n": "b"}]'),
        (b'[{"id":0}, {"n":"a"}]', b'[{"id":0}, {"n":"a"}, {"n":"b"}]'),
        (b'[\n  {\n    "n": "a"\n  }\n]', b'[\n  {\n    "n": "a"\n  },\n  {\n    "n": "b"\n  }\n]'),
    ],
)
def test_append_copy__looks_like_its_template(read, before, after):
    text = read(before)

    text.append_copy(text.root, text.elements(text.root)[-1], {"id": 2, "n": "b"})

    assert text.to_edit().after == after


def test_append_copy__twice(read):
    text = read(b'[{"n": 1}]')

    for number in (2, 3):
        text.append_copy(text.root, text.elements(text.root)[0], {"n": number})

    assert text.to_edit().after == b'[{"n": 1},{"n": 2},{"n": 3}]'


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_replace__in_another_encoding(read, encoding):
    before, after = (f'{{"a": {value}, "ü": 1e400}}'.encode(encoding) for value in ("1", '"ß"'))
    text = read(before)

    text.replace(text.members(text.root)["a"], "ß")

    assert text.to_edit().after == after


def test_replace__beside_numbers_that_python_does_not_read(read):
    long = b"9" * 5000
    text = read(b'{"a": 1, "b": [' + long + b"], " + b'"c": ' + long + b"}")

    assert text.value(text.members(text.root)["c"]) == float("inf")
    text.replace(text.members(text.root)["a"], 2)

    assert text.to_edit().after == b'{"a": 2, "b": [' + long + b"], " + b'"c": ' + long + b"}"


@pytest.mark.parametrize("nested", [b"[" * 100_000, b'{"a":' * 100_000])
def test_json_text__nested_too_deep(read, nested):
    with pytest.raises(AnnotationFormatError, match=r"file\.json is nested too deep"):
        read(nested)


def test_json_text__pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "file.json")

    with pytest.raises(AnnotationFormatError, match="it is not a regular file"):
        JsonText(tmp_path / "file.json")


@pytest.mark.parametrize("broken", [b"", b"{", b'{"a": }', b"\xff"])
def test_json_text__broken_file_is_named(read, broken):
    with pytest.raises(AnnotationFormatError, match=r"file\.json is not valid JSON"):
        read(broken)


def test_json_text__missing_file_is_named(tmp_path):
    with pytest.raises(AnnotationFormatError, match=r"cannot read .*gone\.json: No such file"):
        JsonText(tmp_path / "gone.json")
