"""Options that several commands have, declared once."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any


def takes(parameter: str, read: Callable[..., Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a decorator that gives a command the options of ``read``, whose result it gets as ``parameter``.

    typer learns options from a signature, so the command gets one in which they stand in the parameter's place. They
    are read before the command opens the store, which in ``suspects --json | export --ids -`` the left side holds.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = inspect.signature(command, eval_str=True).parameters
        options = inspect.signature(read, eval_str=True).parameters
        place = list(own).index(parameter)

        @functools.wraps(command)
        def run(**arguments: Any) -> None:
            chosen = {name: arguments.pop(name) for name in options}
            command(**arguments, **{parameter: read(**chosen)})

        before, after = list(own.values())[:place], list(own.values())[place + 1 :]
        shown = [one.replace(kind=one.KEYWORD_ONLY) for one in (*before, *options.values(), *after)]
        run.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]
        return run

    return decorate
