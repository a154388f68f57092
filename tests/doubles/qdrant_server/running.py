"""The double on a free port of this machine, in a thread."""

from __future__ import annotations

import contextlib
import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.doubles.qdrant_server.faults import Fault, Faults
from tests.doubles.qdrant_server.methods import VERSION, Tables
from tests.doubles.qdrant_server.strict_mode import RefusedError


@dataclass(frozen=True)
class Asked:
    """A request that came.

    Attributes:
        method: HTTP method.
        path: Its path.
        body: Its document.
        n_bytes: Length of its body.
        n_answered: Length of the answer's body.
    """

    method: str
    path: str
    body: dict[str, Any]
    n_bytes: int
    n_answered: int


class QdrantServerDouble:
    """A Qdrant server; start it with ``running_server``.

    Attributes:
        tables: Its collections.
        faults: What will go wrong.
        asked: The requests that came.
        url: Its address.
        api_key: What it asks for; nothing if None.
    """

    def __init__(self) -> None:
        self.tables, self.faults = Tables(), Faults()
        self.asked: list[Asked] = []
        self.url, self.api_key = "", None
        self._lock = threading.RLock()

    def fail(self, fault: Fault) -> None:
        """Order a failure."""
        self.faults.order(fault)

    def count(self, method: str = "", path: str = "") -> int:
        """How many requests came whose method and path have these words in them."""
        return sum(method in one.method and path in one.path for one in self.asked)

    def answer(self, method: str, path: str, raw: bytes) -> tuple[int, dict[str, str], bytes, bool]:
        """Answer a request: status, headers, body, and whether the connection is cut in the middle of it."""
        body: dict[str, Any] = json.loads(raw) if raw else {}
        fault = self.faults.take(f"{method} {path}")
        if fault is not None and fault.action is not None:
            fault.action()
        status, headers, content = self._carry_out(method, path, body, fault)
        self.asked.append(Asked(method, path, body, len(raw), len(content)))
        return status, headers, content, fault is not None and fault.is_cut

    def _carry_out(
        self, method: str, path: str, body: dict[str, Any], fault: Fault | None
    ) -> tuple[int, dict[str, str], bytes]:
        with self._lock:
            if fault is not None and fault.is_half:
                self.tables.do_half(path, body)
            if fault is not None and fault.status is not None:
                if fault.is_done:
                    self.tables.answer(method, path, body)
                return fault.status, fault.headers, fault.body
            try:
                if path == "/":
                    return _pack({"title": "qdrant - vector search engine", "version": VERSION}, is_whole=True)
                return _pack(self.tables.answer(method, path, body))
            except RefusedError as error:
                document = {"status": {"error": str(error)}, "time": 0.0}
                return error.status, {"Content-Type": "application/json"}, json.dumps(document).encode()


def _pack(result: Any, *, is_whole: bool = False) -> tuple[int, dict[str, str], bytes]:
    document = result if is_whole else {"result": result, "status": "ok", "time": 0.0}
    return 200, {"Content-Type": "application/json"}, json.dumps(document).encode()


@contextlib.contextmanager
def running_server(tls: ssl.SSLContext | None = None) -> Iterator[QdrantServerDouble]:
    """A double that runs until the end of the block.

    Args:
        tls: Certificate and key of the server, if it speaks TLS.
    """
    double = QdrantServerDouble()

    class Handler(http.server.BaseHTTPRequestHandler):
        def _answer(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, content, is_cut = double.answer(self.command, unquote(urlsplit(self.path).path), raw)
            if double.api_key is not None and self.headers.get("api-key") != double.api_key:
                status, headers, content = 401, {}, b"Must provide an API key or an Authorization bearer token"
            with contextlib.suppress(OSError):  # the client went away
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content[: len(content) // 2] if is_cut else content)
            self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815 - the names are http.server's

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # handshakes that a client breaks off
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    double.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}"
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        double.tables.local.close()
