"""A gate before a Qdrant server: the first word of a path says which part of the server is meant.

``/PART/collections/animals`` is ``/collections/PART--animals`` behind it, so that tests do not see each other.
"""

from __future__ import annotations

import contextlib
import http.client
import http.server
import json
import threading
from typing import Any
from urllib.parse import urlsplit

from qdrant_client import QdrantClient

_BETWEEN = "--"
_PAGE = 1000


class Gate:
    """The gate, on a free port of this machine.

    Args:
        url: Address of the server.
        api_key: Its key.

    Attributes:
        url: Address of the gate.
    """

    def __init__(self, url: str, api_key: str | None) -> None:
        self._address, self._key = urlsplit(url), api_key
        self._seen: set[str] = set()
        self._client = QdrantClient(url=url, api_key=api_key, check_compatibility=False)
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Remove everything that came through the gate."""
        self._server.shutdown()
        self._server.server_close()
        for name in self._names():
            if name.split(_BETWEEN)[0] in self._seen:
                self._client.delete_collection(name)
        self._client.close()

    def copy(self, part: str, to: str) -> None:
        """Copy the collections of one part into another."""
        self._seen.add(to)
        for name in self._names():
            if name.startswith(part + _BETWEEN):
                self._copy_collection(name, to + name.removeprefix(part))

    def forward(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, str, bytes]:
        """Ask the server; gives status, type and body of its answer, without the part in the names."""
        _, part, *words = path.split("/")
        self._seen.add(part)
        if words and words[0] == "collections" and len(words) > 1 and words[1] != "aliases":
            words[1] = f"{part}{_BETWEEN}{words[1]}"
        connection = http.client.HTTPConnection(self._address.hostname or "", self._address.port or 6333, timeout=120)
        key = {"api-key": self._key} if self._key else {}
        with contextlib.closing(connection):
            connection.request(method, "/" + "/".join(words), body or None, {**headers, **key})
            answer = connection.getresponse()
            content = answer.read()
        own = f"{part}{_BETWEEN}"
        if words in (["collections"], ["aliases"]) and method == "GET" and answer.status == 200:
            content = _leave_out_others(content, own)
        return answer.status, answer.headers.get("Content-Type", ""), content.replace(own.encode(), b"")

    def _names(self) -> list[str]:
        return [one.name for one in self._client.get_collections().collections]

    def _copy_collection(self, name: str, to: str) -> None:
        config = self._client.get_collection(name).config
        self._client.create_collection(to, config.params.vectors, metadata=config.metadata)
        offset: Any = None
        while True:
            records, offset = self._client.scroll(name, limit=_PAGE, offset=offset, with_vectors=True)
            points: list[Any] = [{"id": one.id, "vector": one.vector or {}, "payload": one.payload} for one in records]
            if points:
                self._client.upsert(to, points)
            if offset is None:
                return


def _leave_out_others(content: bytes, own: str) -> bytes:
    document = json.loads(content)
    for found in document["result"].values():
        found[:] = [one for one in found if own in json.dumps(one)]
    return json.dumps(document).encode()


def _handler_of(gate: Gate) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            kept = {"Content-Type": self.headers.get("Content-Type", "application/json")}
            status, kind, content = gate.forward(self.command, self.path, body, kept)
            with contextlib.suppress(OSError):  # the client went away
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815 - the names are http.server's

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
