"""Options that several commands have, declared once, and how paths are read."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any


def parse_path(text: str) -> Path:
    """Read a path that stands on the command line.

    Raises:
        ValueError: It is empty, as a shell writes a variable that is not set; it would mean the working directory.
    """
    if not text:
        raise ValueError("it is empty; write a path, such as . for this folder")
    return Path(text)


def parse_host(text: str) -> str:
    """Read an address to listen on.

    Raises:
        ValueError: It is empty, which would mean every network of the machine.
    """
    if not text:
        raise ValueError("it is empty; write an address, such as 127.0.0.1")
    return text


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
