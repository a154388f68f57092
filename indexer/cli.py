"""The indexer's command line: every command module registered, and the way to run it."""

from __future__ import annotations

import typer

from indexer.commands import exporting, indexing, insights, searching
from indexer.commands.application import app
from indexer.console import errors_as_exit_codes, print_error, print_line

__all__ = ["app", "main", "run_app"]

# Importing a command module registers its commands; the tuple keeps the imports from looking unused.
_COMMAND_MODULES = (indexing, searching, insights, exporting)


def main(arguments: list[str] | None = None) -> None:
    """Run the indexer's commands alone; ``lookalike`` has them and more."""
    run_app(app, arguments)


def run_app(commands: typer.Typer, arguments: list[str] | None = None) -> None:
    """Run a command line: one line on stderr and an exit code for every error that a user can cause."""
    import click

    with errors_as_exit_codes():
        try:
            code = commands(args=arguments, standalone_mode=False)
        except click.exceptions.NoArgsIsHelpError as error:
            print_line(error.format_message())
            raise SystemExit(0) from error
        except click.ClickException as error:
            print_error(f"{error.format_message()} (see --help)")
            raise SystemExit(2) from error
        except click.Abort as error:
            raise KeyboardInterrupt from error
    raise SystemExit(code if isinstance(code, int) else 0)
