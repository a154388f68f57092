"""The voice of commands: results on stdout, progress and errors on stderr, exit codes that scripts can trust.

Exit codes are 0 for done, 1 for failed and 2 for a wrong request. A stop is 130 by Ctrl+C, 143 by SIGTERM and 129 by
SIGHUP.
"""

from __future__ import annotations

import codecs
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TextIO, TypeVar

from lookalike.errors import ConfigurationError, LookalikeError
from lookalike.stopping import signals_as_interrupts
from lookalike.visible_text import escape_halves, show_controls

EXIT_FAILURE: Final = 1
EXIT_USAGE: Final = 2
EXIT_INTERRUPTED: Final = 130
STOPPED: Final = "stopped; what was finished is kept, run the command again to go on"
_PLAIN_INTERVAL_S: Final = 5.0

T = TypeVar("T")

Progress = Callable[[str, int, int | None], None]
"""Told what is done, how much of it, and of how much, None while that is unknown."""


def print_json(result: Any, stream: TextIO | None = None) -> None:
    """Print one JSON document, the only thing on stdout; in ASCII where the stream cannot show every character."""
    stream = stream or sys.stdout
    text = json.dumps(result, indent=2, ensure_ascii=not _shows_all(stream), allow_nan=False)
    stream.write(escape_halves(text) + "\n")


def _shows_all(stream: TextIO) -> bool:
    """Whether a stream's encoding has every character."""
    encoding = getattr(stream, "encoding", None)
    return encoding is None or codecs.lookup(encoding).name.startswith("utf")


def print_line(text: str = "") -> None:
    """Print one line for people on stdout; control characters, as foreign names may have, are made visible."""
    sys.stdout.write(show_controls(text) + "\n")


def print_text(text: str) -> None:
    """Print text of any number of lines on stdout as it is."""
    sys.stdout.write(text + "\n")


def print_note(text: str) -> None:
    """Print one line on stderr about what stands on stdout."""
    sys.stdout.flush()  # first what it is about
    sys.stderr.write(f"lookalike: {show_controls(text)}\n")


def print_error(error: BaseException | str) -> None:
    """Print one line on stderr."""
    text = " ".join(str(error).split()) or type(error).__name__
    sys.stderr.write(f"lookalike: {show_controls(text)}\n")


def print_found(
    found: Sequence[T],
    describe: Callable[[T], str],
    *,
    as_json: bool,
    why_empty: str,
    n_all: int | None = None,
    to_json: Callable[[T], Any] | None = None,
) -> None:
    """Print a list: as JSON, or a line each. Silence explains nothing, so that an empty or cut list says so.

    Args:
        found: What was found.
        describe: Gives one line for people.
        as_json: Whether stdout gets one JSON list and nothing else; what is to be said then stands on stderr.
        why_empty: What to say where nothing was found.
        n_all: How many there are with those that ``--limit`` cut off, where that is worth saying.
        to_json: Gives one item of the JSON list; not needed where ``found`` holds JSON types.
    """
    if as_json:
        print_json([one if to_json is None else to_json(one) for one in found])
    for one in () if as_json else found:
        print_line(describe(one))
    if not found:
        (print_note if as_json else print_line)(why_empty)
    elif n_all is not None and n_all > len(found):
        print_note(f"these are {len(found):,} of {n_all:,}; --limit shows more")


def exit_code_of(error: LookalikeError) -> int:
    """The exit code that stands for an error."""
    return EXIT_USAGE if isinstance(error, ConfigurationError) else EXIT_FAILURE


class PlainProgress:
    """Progress as plain lines, for logs: when a stage begins, every few seconds, and when it ends.

    Args:
        stream: Where to write.
        clock: Seconds that only grow; injectable for tests.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._stage = ""
        self._started = self._printed = 0.0
        self._first_done = 0

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Note progress; prints a line when one is due."""
        now = self._clock()
        is_new = stage != self._stage
        if is_new:
            self._stage, self._started, self._first_done = stage, now, done
        is_done = total is not None and done >= total
        if is_new or is_done or now - self._printed >= _PLAIN_INTERVAL_S:
            self._printed = now
            self._stream.write(self._line(done, total, now - self._started) + "\n")
            self._stream.flush()

    def _line(self, done: int, total: int | None, elapsed_s: float) -> str:
        parts = [f"{self._stage}: {done}" if total is None else f"{self._stage}: {done}/{total}"]
        n_new = done - self._first_done
        if n_new > 0 and elapsed_s > 0:
            rate = n_new / elapsed_s
            parts.append(f"{rate:.1f}/s")
            if total is not None and done < total:
                parts.append(f"{(total - done) / rate:.0f} s left")
        return ", ".join(parts)


@contextmanager
def show_progress() -> Iterator[Progress]:
    """Give a progress callback that draws a bar on a terminal and prints plain lines elsewhere, on stderr."""
    if not sys.stderr.isatty():
        yield PlainProgress(sys.stderr)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TaskID, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        SpinnerColumn("dots" if _shows_all(sys.stderr) else "line"),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    tasks: dict[str, tuple[TaskID, float]] = {}
    with Bars(*columns, console=Console(stderr=True), transient=False) as bars:

        def draw(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = (bars.add_task(stage, total=total, rate=""), time.monotonic())
            task, started = tasks[stage]
            elapsed = time.monotonic() - started
            rate = f"{done / elapsed:.1f}/s" if elapsed > 0.5 and done > 1 else ""
            bars.update(task, completed=done, total=total, rate=rate)

        yield draw


@contextmanager
def errors_as_exit_codes() -> Iterator[None]:
    """Turn errors raised on purpose and signals into one line and an exit code; a bug keeps its traceback."""
    with signals_as_interrupts() as stop:
        try:
            yield
        except LookalikeError as error:
            print_error(error)
            raise SystemExit(exit_code_of(error)) from error
        except KeyboardInterrupt as error:
            print_error(STOPPED)
            raise SystemExit(stop.exit_code) from error
