"""What commands print, and how they exit."""

import io
import json

import pytest

from indexer.errors import InvalidOptionsError, StoreLockedError, UnknownNameError
from lookalike.console import PlainProgress, errors_as_exit_codes, exit_code_of, print_found, print_json, print_line


def test_plain_progress__begins_reports_every_few_seconds_and_ends():
    now = [0.0]
    stream = io.StringIO()
    tell = PlainProgress(stream, clock=lambda: now[0])

    for done, at in ((0, 0.0), (1, 1.0), (50, 5.0), (51, 5.1), (100, 10.0)):
        now[0] = at
        tell("indexing images", done, 100)

    assert stream.getvalue().splitlines() == [
        "indexing images: 0/100",
        "indexing images: 50/100, 10.0/s, 5 s left",
        "indexing images: 100/100, 10.0/s",
    ]


def test_plain_progress__unknown_total():
    stream = io.StringIO()
    PlainProgress(stream, clock=lambda: 0.0)("listing", 3, None)

    assert stream.getvalue() == "listing: 3\n"


def test_print_json__is_one_readable_document():
    stream = io.StringIO()
    print_json({"name": "Äpfel"}, stream)

    assert stream.getvalue() == '{\n  "name": "Äpfel"\n}\n'


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8", "utf-16"])
def test_print_json__any_stream__is_json(encoding):
    found = {"name": "Äpfel 猫 \U0001f469", "file": "caf\udce9.png"}
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    print_json(found, stream)
    stream.flush()

    assert json.loads(stream.buffer.getvalue().decode(encoding)) == found


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidOptionsError("x"), 2),
        (UnknownNameError("class", "cat", ["dog"]), 2),
        (StoreLockedError("x"), 1),
    ],
)
def test_exit_code_of(error, code):
    assert exit_code_of(error) == code


def test_errors_as_exit_codes__one_line_and_no_traceback(capsys):
    with pytest.raises(SystemExit) as stopped, errors_as_exit_codes():
        raise UnknownNameError("class", "cat", ["dog", "bird"])

    assert stopped.value.code == 2
    assert capsys.readouterr().err == "lookalike: unknown class 'cat'; known: bird, dog\n"


def test_errors_as_exit_codes__a_bug_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError), errors_as_exit_codes():
        1 / 0  # noqa: B018


def test_errors_as_exit_codes__interrupted(capsys):
    with pytest.raises(SystemExit) as stopped, errors_as_exit_codes():
        raise KeyboardInterrupt

    assert stopped.value.code == 130
    assert "run the command again" in capsys.readouterr().err


def test_print_line__stays_one_line(capsys):
    print_line("1.0000  sq\nuare -> \x1b[2Jcircle")

    assert capsys.readouterr().out == "1.0000  sq\\nuare -> \\x1b[2Jcircle\n"


def test_print_found__lines_of_all(capsys):
    print_found([1, 2], str, as_json=False, why_empty="there is none", n_all=2)

    assert capsys.readouterr() == ("1\n2\n", "")


@pytest.mark.parametrize(("as_json", "out"), [(False, "1\n2\n"), (True, "[\n  1,\n  2\n]\n")])
def test_print_found__a_cut_list_says_of_how_many(capsys, as_json, out):
    print_found([1, 2], str, as_json=as_json, why_empty="there is none", n_all=1341)

    assert capsys.readouterr() == (out, "lookalike: these are 2 of 1,341; --limit shows more\n")


def test_print_found__nothing_has_a_reason(capsys):
    print_found([], str, as_json=False, why_empty="there is none")
    assert capsys.readouterr() == ("there is none\n", "")

    print_found([], str, as_json=True, why_empty="there is none")
    assert capsys.readouterr() == ("[]\n", "lookalike: there is none\n")


def test_unknown_name__of_a_source_without_datasets__lists_none():
    assert str(UnknownNameError("dataset", "train", [""])) == "unknown dataset 'train'; known: none yet"
