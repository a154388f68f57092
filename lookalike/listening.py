"""A server on a port, from its first answer to its last."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
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
_LAST_ANSWERS_S: Final = 10.0
"""Answers that are on their way when the server stops have so long."""
_PATIENCE_S: Final = 0.6
"""The same after Ctrl+C: somebody waits for the prompt."""
_LOOK_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Turns:
    """Calls at the turns of a server's life.

    Attributes:
        on_start: Called as soon as the server answers.
        on_stop: Called when it is told to end, before the last answers, with the seconds that they have.
        on_late: Called in a thread if there are answers that take longer; it is to end the process.
    """

    on_start: Callable[[], None]
    on_stop: Callable[[float], None] = lambda _: None
    on_late: Callable[[], None] = lambda: None


def run_server(app: FastAPI, host: str, port: int, *, turns: Turns, log_format: LogFormat = "text") -> None:
    """Serve until a signal ends it; answers that are on their way are sent first.

    Args:
        app: What is served.
        host: Address to listen on.
        port: Port to listen on.
        turns: What is called when it starts and ends.
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
    )
    server = _Server(config, turns)
    hand_hangup_to(server.handle_exit)  # uvicorn itself takes SIGINT and SIGTERM
    try:
        server.run()
    finally:
        server.is_over.set()


class _Server(uvicorn.Server):
    """Server that tells when it answers, when it is about to end, and if its last answers take too long.

    An answer is at work in a thread, which nothing but its own next step ends.
    """

    def __init__(self, config: uvicorn.Config, turns: Turns) -> None:
        super().__init__(config)
        self._turns = turns
        self.is_over = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._turns.on_start()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self.should_exit:
            patience_s = _PATIENCE_S if sig == signal.SIGINT else _LAST_ANSWERS_S
            self._turns.on_stop(patience_s)
            threading.Thread(target=self._watch, args=(patience_s,), name="last answers", daemon=True).start()
        super().handle_exit(sig, frame)

    def _watch(self, patience_s: float) -> None:
        time.sleep(patience_s)
        while not self.server_state.tasks:
            if self.is_over.wait(_LOOK_S):
                return
        self._turns.on_late()
