"""End of an api behind a server: answers and runs stop at their next step, and the process does not wait longer."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from lookalike.commands.ending import end_server

if TYPE_CHECKING:
    from fastapi import FastAPI

    from lookalike.listening import Turns

_PATIENCE_S: Final = 10.0
"""Runs have so long to stop if no signal ended the server."""


class Stoppable:
    """Stops what an api does when its server ends.

    Args:
        api: The api.
        tidy: Called as soon as nobody is answered any more.
    """

    def __init__(self, api: FastAPI, tidy: Callable[[], None]) -> None:
        self._api, self._tidy, self._patience_s = api, tidy, _PATIENCE_S

    def turns(self, on_start: Callable[[], None]) -> Turns:
        """Turns at which ``run_server`` calls this.

        Args:
            on_start: Called as soon as the server answers.
        """
        from lookalike.listening import Turns

        return Turns(on_start, self._note_stop, self._end)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        from api.app import stop_runs

        self._tidy()
        if not stop_runs(self._api, self._patience_s):
            end_server()

    def _note_stop(self, patience_s: float) -> None:
        from api.app import stop_answers

        self._patience_s = patience_s
        stop_answers(self._api)

    def _end(self) -> None:
        self._tidy()
        end_server()
