"""``lookalike``: every command module registered, and the way to run them.

Everything heavy is imported inside the commands.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import Any, Final, NoReturn

import typer

from lookalike.commands import (
    backing_up,
    deleting,
    describing,
    exporting,
    grouping,
    indexing,
    insights,
    platform_serving,
    reviewing,
    searching,
    serving,
    supervising,
    working,
)
from lookalike.commands.application import app
from lookalike.commands.package_insights import add_commands
from lookalike.commands.streams import guarded_streams
from lookalike.console import EXIT_INTERRUPTED, EXIT_USAGE, errors_as_exit_codes, print_error, print_text
from lookalike.value_faults import describe_fault

__all__ = ["app", "main"]

# Importing a command module registers its commands; the tuple keeps the imports from looking unused.
_COMMAND_MODULES = (
    *(indexing, describing, searching, insights, grouping, exporting, backing_up, deleting, serving, reviewing),
    *(supervising, platform_serving, working),
)


_OBJECTS_PER_COLLECTION: Final = 100_000
"""Imports make many objects and no garbage: looking for it takes a sixth of the time that a command takes to start."""

_SLEEPING_THREADS: Final = ("OPENBLAS_THREAD_TIMEOUT", "4")
"""Lets NumPy's idle threads sleep at once instead of spinning for 20 ms. It is read when NumPy is imported.

On two busy cores, ``suspects`` of 1,797 points took 3.3 to 5.6 CPU seconds with spinning threads, and 2.0 to 2.2 with
sleeping ones.
"""

_UNUSED: Final = ("httpx._main",)
"""Command lines of libraries, which import more than ours; httpx goes without its own."""

# typer carries its own copy of click; this is the one public way to its base of all errors of usage.
_UsageError: type[Exception] = typer.BadParameter.__mro__[2]


def main(arguments: list[str] | None = None) -> None:
    """Run the command line: one line on stderr and an exit code for every error that a user can cause."""
    arguments = sys.argv[1:] if arguments is None else arguments
    gc.set_threshold(_OBJECTS_PER_COLLECTION, *gc.get_threshold()[1:])
    os.environ.setdefault(*_SLEEPING_THREADS)
    for name in _UNUSED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type] # None is how Python is told that there is none
    with guarded_streams(), errors_as_exit_codes():
        try:
            add_commands(arguments[0] if arguments else None)
            code = app(args=arguments or ["--help"], standalone_mode=False)
        except typer.Abort as error:  # the end of an input that somebody was asked for
            raise KeyboardInterrupt from error
        except _UsageError as error:
            _refuse(error, arguments)
        if code == EXIT_INTERRUPTED:  # what typer makes of Ctrl+C; no command gives it
            raise KeyboardInterrupt
        raise SystemExit(code if isinstance(code, int) else 0)


def _refuse(error: Any, arguments: list[str]) -> NoReturn:
    """Say what is wrong with the arguments; a group without a command shows its help, as we do without any."""
    if type(error).__name__ == "NoArgsIsHelpError":
        print_text(error.format_message())
        raise SystemExit(0)
    if hasattr(error.__cause__, "errors"):  # pydantic, which typer has check values, says it in its own words
        error.message = describe_fault(error.__cause__.errors()[0])
    print_error(f"{error.format_message()} ({_where_to_look(arguments)})")
    raise SystemExit(EXIT_USAGE) from error


def _where_to_look(arguments: list[str]) -> str:
    """Advice on wrong usage; an option that stands before the command is meant for the command."""
    is_early = bool(arguments) and arguments[0].startswith("-")
    return "options go behind the command; see --help" if is_early else "see --help"
