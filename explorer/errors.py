"""The error of the page itself; those of the api come through the client, see ``lookalike.errors``."""

from __future__ import annotations

from lookalike.errors import LookalikeError


class ExplorerError(LookalikeError):
    """A person asked the page for something impossible; the page shows the text as it is."""
