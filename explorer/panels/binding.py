"""Binds what a panel's pure callbacks need when the page is composed."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, TypeVar

First = TypeVar("First")
Rest = ParamSpec("Rest")
Result = TypeVar("Result")


def bind(
    callback: Callable[Concatenate[First, Rest], Awaitable[Result]], first: First
) -> Callable[Rest, Awaitable[Result]]:
    """Fix a callback's first argument; the result is still a coroutine function with the callback's name.

    Dash runs a callback that is no coroutine function on the event loop, where it would block everybody.
    """

    @functools.wraps(callback)
    async def bound(*args: Rest.args, **kwargs: Rest.kwargs) -> Result:
        return await callback(first, *args, **kwargs)

    return bound
