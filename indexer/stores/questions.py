"""One question: while it is answered, a revision is asked of the server once, until data is read or written."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

_answers: Final[ContextVar[dict[Hashable, Any] | None]] = ContextVar("answers of this question", default=None)


@contextmanager
def one_question() -> Iterator[None]:
    """Remember, for the block, what ``remember`` is told."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def find_answer(about: Hashable) -> Any:
    """The answer that this question has found out already; None if nothing, or outside of a question."""
    known = _answers.get()
    return None if known is None else known.get(about)


def remember(about: Hashable, answer: Any) -> None:
    """Keep an answer until the question ends or it is forgotten."""
    known = _answers.get()
    if known is not None:
        known[about] = answer


def forget(about: Hashable) -> None:
    """Drop an answer: what was read since may be newer."""
    known = _answers.get()
    if known is not None:
        known.pop(about, None)
