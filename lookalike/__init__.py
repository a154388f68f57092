"""Similarity explorer for labelled images.

Programs begin with a client:

    import lookalike

    with lookalike.connect() as client:
        for suspect in client.suspects(limit=50):
            print(suspect.image_name, suspect.class_name, "->", suspect.suggested_class)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lookalike.errors import LookalikeError

if TYPE_CHECKING:
    from lookalike.client.asynchronous.client import AsyncClient
    from lookalike.client.blocking.client import Client
    from lookalike.connecting import connect, connect_async

__all__ = ["AsyncClient", "Client", "LookalikeError", "connect", "connect_async"]

_PLACES = {
    "connect": "lookalike.connecting",
    "connect_async": "lookalike.connecting",
    "Client": "lookalike.client.blocking.client",
    "AsyncClient": "lookalike.client.asynchronous.client",
}


def __getattr__(name: str) -> Any:
    """Import the client when it is asked for, so that ``lookalike --help`` need not wait for it."""
    if name not in _PLACES:
        raise AttributeError(f"module 'lookalike' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(_PLACES[name]), name)
