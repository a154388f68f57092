"""``lookalike`` and ``python -m lookalike``: the command line."""

import atexit
import os


def main() -> None:
    """Run the command line; Ctrl+C while its modules are imported ends it as at any other moment."""
    try:
        _run()
    except SystemExit as stop:
        if not isinstance(stop.code, int):
            raise
        # All is written and closed. To take the modules apart would take a sixth of the time of a short command, and
        # a second more to free gigabytes.
        atexit._run_exitfuncs()  # noqa: SLF001 - there is no public name, and what is registered must run
        os._exit(stop.code)


def _run() -> None:
    try:
        from lookalike.commands.main import main as run
    except KeyboardInterrupt as error:
        from lookalike.console import EXIT_INTERRUPTED, STOPPED, print_error

        print_error(STOPPED)
        raise SystemExit(EXIT_INTERRUPTED) from error
    run()


if __name__ == "__main__":
    main()
