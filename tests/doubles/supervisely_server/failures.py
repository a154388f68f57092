"""Failures that a test orders: the n-th request of a method fails, answers late, or is cut off."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Failure:
    """What happens to the next requests of one method.

    Attributes:
        method: The method, or ``*`` for all.
        status: Answered instead of the method's work; None to do the work.
        is_done: Whether the work is done all the same, as behind a gateway that waits too short.
        times: How many requests fail.
        after: How many requests go well before.
        headers: Further headers of the failing answer, such as ``Retry-After``.
        keep_share: Cut the answer off after this share of its body; 0 loses it although the work was done.
        change: Changes the answer's body, bytes to bytes.
        act: Called before the work, to change the tables between two requests.
        message: The error's text.
    """

    method: str
    status: int | None = None
    times: int = 1
    after: int = 0
    headers: dict = field(default_factory=dict)
    keep_share: float | None = None
    change: Callable | None = None
    act: Callable | None = None
    message: str = "injected"
    is_done: bool = False


class Failures:
    """The failures that are still to come."""

    def __init__(self):
        self._waiting = []

    def order(self, failure):
        self._waiting.append(failure)

    def clear(self):
        self._waiting.clear()

    def take(self, method):
        """The failure of this request, None if it goes well."""
        for failure in self._waiting:
            if failure.method not in (method, "*") or failure.times <= 0:
                continue
            if failure.after > 0:
                failure.after -= 1
                continue
            failure.times -= 1
            return failure
        return None
