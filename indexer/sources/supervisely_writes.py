"""Writes to a Supervisely server that cannot be done twice: what is missing is read before anything is written again.

An error of a write says little: the server may have done it, and only its answer is lost. So the server is read after
every write. This is the proof that it was done, and shows what is left to be written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Final, TypeVar

from indexer.errors import SourceUnavailableError
from indexer.sources.supervisely_server import ServerAnswerError, SuperviselyServer, in_batches

_ROUNDS: Final = 6
NOT_SHOWN: Final = "the server took it and does not show it"

T = TypeVar("T")


def write_missing(
    server: SuperviselyServer,
    find_missing: Callable[[], Sequence[T]],
    write: Callable[[Sequence[T]], object],
    *,
    batch_size: int = 50,
    n_waits: int = 2,
) -> dict[T, str]:
    """Write until nothing is missing.

    Args:
        server: Where.
        find_missing: Reads the server; what is not there yet, each hashable and once.
        write: Makes one request for some of it; what it raises says nothing of what was done.
        batch_size: Most things in a request. If the server refuses one with several, each is asked for alone.
        n_waits: How often to read again what the server took and does not show.

    Returns:
        What is still missing, with the reason; empty if all is there.

    Raises:
        SourceUnavailableError: The server failed each time.
    """
    reasons: dict[T, str] = {}
    problem: SourceUnavailableError | None = None
    missing: list[T] = []
    for made in range(_ROUNDS):
        if problem is not None:
            server.pause(made)
        missing = list(find_missing())
        todo = [one for one in missing if one not in reasons]
        if not todo:
            problem = None
            break
        problem, refused = _write(todo, write, batch_size, reasons)
        batch_size = 1 if refused else batch_size
    for made in range(1, n_waits + 1):
        if not any(reasons.get(one) == NOT_SHOWN for one in missing):
            break
        server.pause(made)
        missing = list(find_missing())
    if problem is not None:
        raise problem
    return {one: reasons.get(one, NOT_SHOWN) for one in missing}


def _write(
    todo: Sequence[T], write: Callable[[Sequence[T]], object], batch_size: int, reasons: dict[T, str]
) -> tuple[SourceUnavailableError | None, bool]:
    """Make the requests of one round; gives what failed, and whether a request with several was refused."""
    is_refused = False
    for batch in in_batches(todo, batch_size):
        try:
            write(batch)
            reasons |= dict.fromkeys(batch, NOT_SHOWN)
        except ServerAnswerError as error:
            if error.status == HTTPStatus.UNAUTHORIZED:
                raise
            is_refused |= len(batch) > 1
            reasons |= {one: str(error) for one in batch if len(batch) == 1}
        except SourceUnavailableError as error:
            return error, is_refused
    return None, is_refused
