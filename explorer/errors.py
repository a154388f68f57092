"""Every error that the explorer raises on purpose.

    ExplorerError
    ├─ ApiUnreachableError
    └─ ApiResponseError

A message is one line that says what is wrong, which value, and what to do; the page shows it as it is.
"""

from __future__ import annotations


class ExplorerError(Exception):
    """Base of every error raised on purpose; its text is fit to be shown to a user as it is."""


class ApiUnreachableError(ExplorerError):
    """The api does not answer.

    Args:
        base_url: Where it was looked for.
        reason: What the connection said.
    """

    def __init__(self, base_url: str, reason: str) -> None:
        self.base_url = base_url
        super().__init__(f"the api at {base_url} does not answer ({reason}); is 'lookalike serve' running?")


class ApiResponseError(ExplorerError):
    """The api answered, but not with what was asked for.

    Args:
        status: HTTP status of the answer.
        detail: The api's own sentence about it.
    """

    def __init__(self, status: int, detail: str) -> None:
        self.status = status
        super().__init__(detail)
