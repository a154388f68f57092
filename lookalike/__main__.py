"""``python -m lookalike``: the command line."""

from lookalike.commands.main import main

main()
