"""Requests out, models or errors back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

from lookalike.client.new_file import new_file
from lookalike.client.problems import error_of, read_answer
from lookalike.client.run_events import AWAY, SILENT_S
from lookalike.errors import ServerUnreachableError
from lookalike.visible_text import show_reason

T = TypeVar("T")


class Sender:
    """Sends requests to one server; every part of the client is one.

    Args:
        http: How requests travel; its base is the api's address with its prefix.
        is_local: Whether the server is on this machine, so that paths mean the same.
        streams: Whether answers come bit by bit; those of an api in this process come whole.
    """

    def __init__(self, http: httpx.Client, *, is_local: bool, streams: bool = True) -> None:
        self._http, self._is_local, self._streams = http, is_local, streams

    @property
    def url(self) -> str:
        """Address of the api."""
        return str(self._http.base_url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections and, if the api is in this process, its data directory; closing twice is fine."""
        self._http.close()

    def _ask(self, kind: type[T], method: str, path: str, **request: Any) -> T:
        """Send one request and read its answer.

        Raises:
            LookalikeError: What the server raised, or that it does not answer.
        """
        return read_answer(kind, self._send(method, path, **request))

    def _read(self, path: str, *, method: str = "GET", **request: Any) -> bytes:
        """The bytes of a picture or of a map."""
        response = self._send(method, path, **request)
        return response.content

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **request)
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise ServerUnreachableError(self.url, show_reason(error)) from error
        if not response.is_success:
            raise error_of(response)
        return response

    def _save(self, path: str, file: Path) -> None:
        """Write an answer to a file, which appears whole or not at all.

        Raises:
            InvalidOptionsError: The file cannot be written.
            LookalikeError: What the server raised, or that it does not answer.
        """
        try:
            with self._http.stream("GET", path) as response:
                if not response.is_success:
                    response.read()
                    raise error_of(response)
                with new_file(file) as opened:
                    for chunk in response.iter_bytes():
                        opened.write(chunk)
        except (httpx.RequestError, httpx.InvalidURL, httpx.StreamError) as error:
            raise ServerUnreachableError(self.url, show_reason(error)) from error

    def _lines(self, path: str) -> Iterator[str]:
        """Yield the lines of an answer that goes on for long, as they come.

        Raises:
            ServerUnreachableError: The connection is lost, or a proxy says that the server is away.
            LookalikeError: What the server raised.
        """
        timeout = httpx.Timeout(None, connect=SILENT_S, read=SILENT_S)
        try:
            with self._http.stream("GET", path, timeout=timeout) as response:
                if response.status_code in AWAY:
                    raise ServerUnreachableError(self.url, f"status {response.status_code}")
                if not response.is_success:
                    response.read()
                    raise error_of(response)
                for line in response.iter_lines():  # noqa: UP028 - the asynchronous client is made of this
                    yield line
        except (httpx.RequestError, httpx.InvalidURL, httpx.StreamError) as error:
            raise ServerUnreachableError(self.url, show_reason(error)) from error
