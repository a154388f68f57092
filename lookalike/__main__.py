"""``lookalike`` and ``python -m lookalike``: the command line."""


def main() -> None:
    """Run the command line; Ctrl+C while its modules are imported ends it as at any other moment."""
    try:
        from lookalike.commands.main import main as run
    except KeyboardInterrupt as error:
        from lookalike.console import EXIT_INTERRUPTED, STOPPED, print_error

        print_error(STOPPED)
        raise SystemExit(EXIT_INTERRUPTED) from error
    run()


if __name__ == "__main__":
    main()
