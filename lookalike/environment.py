"""Names of environment variables that clients read. The indexer reads more of them, see ``indexer.settings``."""

from __future__ import annotations

from typing import Final

DATA_DIR_NAME: Final = "LOOKALIKE_DATA_DIR"
"""Data directory."""
SERVER_NAME: Final = "LOOKALIKE_SERVER"
"""Address of a server to ask instead."""
API_KEY_NAME: Final = "LOOKALIKE_API_KEY"
"""Key of a server, for the server and its clients."""
DEFAULT_DATA_DIR: Final = ".lookalike"
