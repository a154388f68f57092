"""Server-sent events about a run, read line by line."""

from __future__ import annotations

import json
from typing import Final

from lookalike.client.problems import read_value
from lookalike.errors import UnexpectedAnswerError
from lookalike.wire.runs import RunInfo

SILENT_S: Final = 60.0
"""The server says something four times as often, so that a connection that is silent for so long is lost."""
AWAY: Final = frozenset({502, 503, 504})
"""Statuses of a proxy whose server does not answer for the moment."""


class EventReader:
    """Reads runs from the lines of a stream. It drops half an event, which a lost connection leaves."""

    def __init__(self) -> None:
        self._data: list[str] = []

    def take(self, line: str) -> RunInfo | None:
        """Take the next line.

        Returns:
            The run, if the line ends an event that tells of one.

        Raises:
            UnexpectedAnswerError: The event does not tell of a run.
        """
        if line.startswith("data:"):
            self._data.append(line.removeprefix("data:").removeprefix(" "))
        if line or not self._data:
            return None
        text, self._data = "\n".join(self._data), []
        try:
            return read_value(RunInfo, json.loads(text))
        except ValueError as error:
            raise UnexpectedAnswerError(200, "an event of the server is no JSON document") from error
