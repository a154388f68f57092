"""Names of others in one line of a terminal."""

import pytest

from lookalike.visible_text import escape_halves, show_controls, show_reason


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("sq\nuare", r"sq\nuare"),
        ("a\tb\rc", r"a\tb\rc"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b31mred", r"\x9b31mred"),
        ("one\u2028two", r"one\u2028two"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\udcff.png", r"\udcff.png"),
        ("\ufffe\uffff", r"\ufffe\uffff"),
        ("Äpfel 林檎 👩\u200d🌾 C:\\new", "Äpfel 林檎 👩\u200d🌾 C:\\new"),
    ],
)
def test_show_controls(text, shown):
    assert show_controls(text) == shown


def test_escape_halves__only_what_utf_8_cannot_hold():
    assert escape_halves("caf\udce9.png\n猫") == "caf\\udce9.png\n猫"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (IsADirectoryError(21, "Is a directory", "/a"), "Is a directory"),
        (OSError(0, "it is not a regular file"), "it is not a regular file"),
        (ConnectionError("[Errno 111] Connection refused"), "Connection refused"),
        (OSError("[Errno -2] Name or service not known"), "Name or service not known"),
        (ValueError("it is broken"), "it is broken"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_show_reason__has_no_number(error, reason):
    assert show_reason(error) == reason
