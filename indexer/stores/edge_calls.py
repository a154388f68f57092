"""Calls of the embedded engine: its errors are translated, and what could kill the process is refused before."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from indexer.errors import IndexerError, StoreUnavailableError

# The engine maps its files into memory. The first touch of a page that the disk has no room for kills the process.
# A new collection is 159 MB of files, with its first points 191 MB; they have holes where the file system allows it.
WRITING_BYTES: Final = 256 * 2**20
# Opening adds a segment of 32 MB to the log of writes: with 40 MB free that works, with 16 MB it kills.
OPENING_BYTES: Final = 64 * 2**20

T = TypeVar("T")


def call_engine(name: str, operation: Callable[[], T], *, folder: Path | None = None, failure: str = "failed") -> T:
    """Call the engine.

    Args:
        name: Name of the collection.
        operation: The call.
        folder: What to put back from a backup or to delete if the failure stays; None if nothing is there yet.
        failure: What happened to the collection if the call fails.

    Raises:
        StoreUnavailableError: The engine failed.
    """
    try:
        return operation()
    except IndexerError:
        raise
    except BaseException as error:  # the engine raises nothing more particular, and a panic of Rust is no Exception
        if not isinstance(error, Exception) and not is_panic(error):
            raise
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        remedy = (
            ""
            if folder is None
            else f"; if that stays so, put {folder} back from a backup, or delete it and index again"
        )
        raise StoreUnavailableError(f"collection '{name}' {failure} ({reason}){remedy}") from error


@contextmanager
def hold_back_panics() -> Iterator[None]:
    """Keep what is written to stderr meanwhile until it is known whether it goes well; a panic writes some lines there.

    They say in Rust's words what the exception says again.
    """
    with ExitStack() as opened:
        try:
            held = opened.enter_context(tempfile.TemporaryFile())
            kept = os.dup(2)
        except OSError:  # there is no stderr, or no room to keep it
            kept = -1
        if kept < 0:
            yield
            return
        opened.callback(os.close, kept)
        os.dup2(held.fileno(), 2)
        has_panicked = False
        try:
            yield
        except BaseException as error:
            has_panicked = is_panic(error.__cause__ or error)
            raise
        finally:
            os.dup2(kept, 2)
            held.seek(0)
            if not has_panicked:
                _pass_on(held.read(), kept)


def _pass_on(text: bytes, descriptor: int) -> None:
    """Write text; what a stream does not take, such as one on a full disk, is dropped."""
    with suppress(OSError):
        while text:
            text = text[os.write(descriptor, text) :]


def is_panic(error: BaseException) -> bool:
    """Whether Rust code gave up; it is no ``Exception``, and its class cannot be imported."""
    return type(error).__name__ == "PanicException"


def require_free_disk(*, name: str, folder: Path, n_bytes: int = WRITING_BYTES, purpose: str = "a write") -> None:
    """Refuse what maps files into memory while the disk is nearly full.

    Args:
        name: Name of the collection.
        folder: Where the files are.
        n_bytes: How much must be free.
        purpose: What needs it.

    Raises:
        StoreUnavailableError: Less is free.
    """
    free = shutil.disk_usage(folder).free
    if free < n_bytes:
        raise StoreUnavailableError(
            f"collection '{name}': {purpose} needs {n_bytes // 2**20} MB free in {folder} and there are "
            f"{free // 2**20} MB; make room and run the command again, what is stored is kept"
        )


def allocated_bytes(folder: Path) -> int:
    """Bytes that the files under ``folder`` take on disk; they have holes, so that this is less than their sizes."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*"))
