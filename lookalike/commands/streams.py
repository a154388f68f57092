"""Standard output and error of a command: they show any text, and take no reader and no full disk for a bug.

Output that cannot be written is dropped until the command ends, so that it finishes its work and closes the store. A
reader that left (``| head``) is no error; anything else is one line on stderr and exit code 1.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import select
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TextIO

from lookalike.console import EXIT_FAILURE, print_error

_STANDARD: Final = (0, 1, 2)


@contextlib.contextmanager
def guarded_streams() -> Iterator[None]:
    """Guard stdin, stdout and stderr while a command runs.

    What an encoding cannot show is escaped. A stream that is closed is empty, or takes everything and shows nothing.
    Errors and progress go to a descriptor of their own, as the engine's descriptor 2 is held back while a shard opens.

    Raises:
        SystemExit: As the command did, with exit code 1 instead of 0 where its output could not be written.
    """
    _open_closed_descriptors()
    before = sys.stdin, sys.stdout, sys.stderr
    sys.stdin = sys.stdin or io.StringIO()
    sys.stdout, sys.stderr = _guard(sys.stdout, _Output), _guard(sys.stderr, io.TextIOWrapper)
    try:
        yield
    except SystemExit as stop:
        failure = _flush(sys.stdout)
        if failure is None or failure.errno == errno.EPIPE:
            raise
        print_error(f"cannot write the output: {failure.strerror or failure}")
        raise SystemExit(stop.code or EXIT_FAILURE) from None
    finally:
        for stream in (sys.stdout, sys.stderr):
            _flush(stream)
            _leave(stream)
        sys.stdin, sys.stdout, sys.stderr = before


class _Descriptor(io.FileIO):
    """A file descriptor that takes everything and remembers why it could not pass it on.

    Attributes:
        failure: Why nothing is passed on any more; None while all is well.
    """

    failure: OSError | None = None

    def write(self, data: Any, /) -> int:
        """Write all of ``data``; returns its length."""
        left = memoryview(data).cast("B")
        n_bytes = len(left)
        while left and self.failure is None:
            try:
                n_written = super().write(left)
            except OSError as error:
                self.failure = error
                break
            if n_written is None:  # the other end set it not to block, and it is full
                select.select([], [self], [])
            else:
                left = left[n_written:]
        return n_bytes


class _OwnDescriptor(_Descriptor):
    """A copy of a descriptor, which goes on where the original went when it was made.

    Args:
        descriptor: What is copied.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__(os.dup(descriptor), "w", closefd=False)

    def leave(self) -> None:
        """Close the copy; what comes later is dropped."""
        if self.failure is None or self.failure.errno != errno.EBADF:
            os.close(self.fileno())
        self.failure = OSError(errno.EBADF, os.strerror(errno.EBADF))


class _Output(io.TextIOWrapper):
    """Standard output. A command without an end flushes it by hand, and stops there when nobody gets it any more."""

    def flush(self) -> None:
        """Pass on what was written.

        Raises:
            SystemExit: The reader left, or the output cannot be written.
        """
        super().flush()
        if _failure_of(self) is not None:
            raise SystemExit(0)


def _open_closed_descriptors() -> None:
    """Let the numbers of closed standard streams lead nowhere; the next file that is opened would get them."""
    for descriptor in _STANDARD:
        try:
            os.fstat(descriptor)
        except OSError:
            nothing = os.open(os.devnull, os.O_RDWR)
            if nothing != descriptor:
                os.dup2(nothing, descriptor)
                os.close(nothing)


def _guard(stream: TextIO | None, kind: type[io.TextIOWrapper]) -> TextIO:
    """The guard of a stream, or the stream itself if it is no plain descriptor, as in a test."""
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    raw = getattr(stream.buffer, "raw", None)  # without one, as under python -u, the buffer is it
    if type(raw or stream.buffer) is not io.FileIO:
        stream.reconfigure(errors="backslashreplace")
        return stream
    number = stream.fileno()
    descriptor = _Descriptor(number, "w", closefd=False) if kind is _Output else _OwnDescriptor(number)
    return kind(
        descriptor if raw is None else io.BufferedWriter(descriptor),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _flush(stream: TextIO) -> OSError | None:
    """Pass on what was written; returns why that failed."""
    try:
        with contextlib.suppress(SystemExit):
            stream.flush()
    except OSError as error:
        return error
    return _failure_of(stream)


def _leave(stream: TextIO) -> None:
    """Close what is a stream's own."""
    raw = _raw_of(stream)
    if isinstance(raw, _OwnDescriptor):
        raw.leave()


def _failure_of(stream: TextIO) -> OSError | None:
    raw = _raw_of(stream)
    return raw.failure if isinstance(raw, _Descriptor) else None


def _raw_of(stream: TextIO) -> Any:
    """The last object that a stream writes to."""
    buffer = getattr(stream, "buffer", None)
    return getattr(buffer, "raw", buffer)
