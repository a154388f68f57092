"""Foreign text, such as class names, file names and reasons of errors, made fit for one line that people read."""

from __future__ import annotations

import re

# Control characters, line and paragraph separators, and marks that turn the direction of what follows. Halves of
# characters, which stand for bytes of a file name that are not UTF-8. The two numbers that are no character and that
# XML refuses. All others only show.
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_HALVES = re.compile("[\ud800-\udfff]")
_ERROR_NUMBER = re.compile(r"\[Errno -?[0-9]+\] ")


def show_controls(text: str) -> str:
    r"""Write what would move a terminal's cursor or end a line as an escape: a newline as ``\n``, ESC as ``\x1b``."""
    return _UNSHOWABLE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def escape_halves(text: str) -> str:
    r"""Write halves of characters, which no UTF-8 can hold, as ``\udcff``; within JSON it still means the same."""
    return _HALVES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def show_reason(error: BaseException) -> str:
    """The reason that an error of the system or of a library gives, without its number: ``Connection refused``."""
    reason = getattr(error, "strerror", None) or str(error)
    return _ERROR_NUMBER.sub("", str(reason)).strip() or type(error).__name__
