"""What commands print, and how they exit."""

import io

import pytest

from indexer.console import PlainProgress, errors_as_exit_codes, exit_code_of, print_json
from indexer.errors import InvalidOptionsError, StoreLockedError, UnknownNameError


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
