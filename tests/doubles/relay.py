"""A way to a server that a test can cut, close and open again, as a network or a server that fails."""

from __future__ import annotations

import contextlib
import socket
import threading


class Relay:
    """Passes connections on to a port of this machine.

    Attributes:
        url: Address of the relay.
        n_connections: Connections that were passed on so far.

    Args:
        port: Where the server listens.
    """

    def __init__(self, port: int) -> None:
        self._port, self._open = port, list[socket.socket]()
        self.n_connections = 0
        self._door = socket.create_server(("127.0.0.1", 0))
        self._address = self._door.getsockname()
        self.url = f"http://127.0.0.1:{self._address[1]}"
        self._start()

    def cut(self) -> None:
        """Cut every connection; new ones are passed on."""
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.clear()

    def close(self) -> None:
        """Cut every connection, and refuse new ones."""
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)  # ends the thread's wait
        self._door.close()
        self._thread.join()
        self.cut()

    def open(self) -> None:
        """Pass connections on again, at the same address."""
        self._door = socket.create_server(self._address)
        self._start()

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    def _take(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            self.n_connections += 1
            try:
                server = socket.create_connection(("127.0.0.1", self._port))
            except OSError:
                client.close()
                continue
            self._open += [client, server]
            for ends in ((client, server), (server, client)):
                threading.Thread(target=self._carry, args=ends, daemon=True).start()

    @staticmethod
    def _carry(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while part := source.recv(65536):
                target.sendall(part)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)
