"""Names of the environment variables of Lookalike; an unknown one is refused, so that a typing error is found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lookalike.errors import InvalidOptionsError

PREFIX: Final = "LOOKALIKE_"
DATA_DIR_NAME: Final = f"{PREFIX}DATA_DIR"
"""Data directory."""
SERVER_NAME: Final = f"{PREFIX}SERVER"
"""Address of a server to ask instead."""
API_KEY_NAME: Final = f"{PREFIX}API_KEY"
"""Key of a server, for the server and its clients."""
DEFAULT_DATA_DIR: Final = ".lookalike"

OF_INDEXER: Final = ("DATA_DIR", "EMBEDDER", "STORE", "IMAGES")
"""Fields of ``indexer.settings.IndexerSettings``."""


def check_names(names: Iterable[str]) -> None:
    """Refuse names of Lookalike that do not exist.

    Raises:
        InvalidOptionsError: There is one; the message lists those that exist.
    """
    known = {PREFIX + name for name in OF_INDEXER} | {SERVER_NAME, API_KEY_NAME}
    for name in names:
        if name.upper().startswith(PREFIX) and name.upper().split("__")[0] not in known:
            listed = ", ".join(sorted(known))
            raise InvalidOptionsError(
                f"unknown environment variable {name}; known: {listed} (sections continue with __)"
            )
