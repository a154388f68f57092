"""A server on a port, from its first answer to its last."""

from __future__ import annotations

import socket
from collections.abc import Callable
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI

from lookalike.http_protocol import PatientProtocol
from lookalike.log_settings import log_settings
from lookalike.stopping import hand_hangup_to
from lookalike.wire.names import LogFormat

_MAX_CONNECTIONS: Final = 1000
_KEEP_ALIVE_S: Final = 15
_LAST_ANSWERS_S: Final = 10
"""Answers that are on their way when the server stops have so long."""


def run_server(
    app: FastAPI,
    host: str,
    port: int,
    *,
    on_start: Callable[[], None],
    on_stop: Callable[[], None] = lambda: None,
    log_format: LogFormat = "text",
) -> None:
    """Serve until a signal ends it; answers that are on their way are sent first.

    Args:
        app: What is served.
        host: Address to listen on.
        port: Port to listen on.
        on_start: Called as soon as the server answers.
        on_stop: Called when it is told to end, before the last answers.
        log_format: How it writes what happens to stderr.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=PatientProtocol,
        ws="none",  # nobody asks for one, and what guards requests does not see them
        proxy_headers=False,  # only those proxies are believed that the app was told
        server_header=False,
        log_config=log_settings(log_format),
        limit_concurrency=_MAX_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_LAST_ANSWERS_S,
    )
    server = _Server(config, on_start, on_stop)
    hand_hangup_to(server.handle_exit)  # uvicorn itself takes SIGINT and SIGTERM
    server.run()


class _Server(uvicorn.Server):
    """Server that tells when it answers, and when it is about to end."""

    def __init__(self, config: uvicorn.Config, on_start: Callable[[], None], on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_start, self._on_stop = on_start, on_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_start()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._on_stop()
        super().handle_exit(sig, frame)
