"""``python -m indexer``: the indexer's commands without the explorer."""

from indexer.cli import main

main()
