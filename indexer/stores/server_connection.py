"""The connection to a Qdrant server: requests are repeated while it is busy, and every failure becomes one line."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from functools import cached_property
from typing import Any, Final, Self, TypeVar

from qdrant_client import QdrantClient
from qdrant_client.qdrant_remote import QdrantRemote

from indexer.errors import IndexerError, InvalidOptionsError
from indexer.settings import StoreSettings
from indexer.stores.server_calls import check_api_key, check_url, find_pause, is_absent, is_late, translate

_UNKNOWN: Final = (0, 0)
_MOST_LATE: Final = 1
"""Most times that a request is repeated which was not answered in time."""
_GRPC_OPTIONS: Final = {
    "grpc.initial_reconnect_backoff_ms": 250,
    "grpc.min_reconnect_backoff_ms": 250,
    "grpc.max_reconnect_backoff_ms": 1000,
}
"""gRPC itself waits longer and longer before it looks for a server that was away, for up to two minutes."""

T = TypeVar("T")


class Connection:
    """An open client, and how it is used.

    Args:
        client: The open client, so that tests and callers choose how to connect.
        settings: Time limits, retries and sizes.
        sleep: Waits so many seconds; tests give another one.

    Attributes:
        client: The open client.
        settings: Time limits, retries and sizes.
    """

    def __init__(
        self,
        client: QdrantClient,
        settings: StoreSettings | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.client, self.settings, self._sleep = client, settings or StoreSettings(), sleep
        key = self.settings.api_key
        self._secret = None if key is None else key.get_secret_value()

    @classmethod
    def open(cls, settings: StoreSettings, *, sleep: Callable[[float], None] = time.sleep) -> Self:
        """Make a client of settings; nothing is sent yet.

        Raises:
            InvalidOptionsError: The address, the key or the file of certificates cannot be one.
        """
        url = check_url(settings.url or "")
        key = check_api_key(None if settings.api_key is None else settings.api_key.get_secret_value())
        options: dict[str, Any] = {"grpc_options": dict(_GRPC_OPTIONS)}
        if settings.tls_ca is not None:
            options["verify"] = str(settings.tls_ca)
            options["grpc_options"]["root_certificates"] = _read_certificates(settings)
        with warnings.catch_warnings():
            # The client warns of keys that go unencrypted, also to this machine itself.
            warnings.filterwarnings("ignore", message="Api key is used with an insecure connection")
            try:
                client = QdrantClient(
                    url=url,
                    api_key=key,
                    timeout=round(settings.timeout_s),
                    prefer_grpc=settings.grpc,
                    grpc_port=settings.grpc_port,
                    check_compatibility=False,
                    **options,
                )
            except Exception as error:
                raise translate(error, secret=key) from error
        return cls(client, settings, sleep=sleep)

    @property
    def is_local(self) -> bool:
        """Whether there is no server at all but the client's own local mode, which knows no indexes."""
        return not isinstance(self.client._client, QdrantRemote)  # noqa: SLF001 - nothing public tells

    def call(self, operation: Callable[[], T], *, is_first: bool = False) -> T:
        """Send a request, and send it again while the server is busy or away.

        Every request of ours may be repeated: a write says what shall be, not what shall be added. One that was not
        answered in time is repeated once only, so that nobody waits minutes for a server that hangs.

        Args:
            operation: The request.
            is_first: Whether nothing was heard of the server yet; then nobody there means a wrong address.

        Raises:
            StoreUnavailableError: The server does not answer, refuses, or answers what no Qdrant server does.
        """
        attempt = n_late = 0
        while True:
            try:
                return operation()
            except IndexerError:
                raise
            except Exception as error:
                pause = find_pause(error, attempt)
                n_late += is_late(error)
                is_hopeless = pause is None or (is_first and is_absent(error)) or n_late > _MOST_LATE
                too_long = pause is not None and pause > self.settings.longest_wait_s
                if is_hopeless or too_long or attempt >= self.settings.retries:
                    raise translate(error, secret=self._secret) from error
            attempt += 1
            self._sleep(pause or 0.0)

    @cached_property
    def version(self) -> tuple[int, int]:
        """Major and minor version of the server; (0, 0) if it does not tell."""
        told = self.call(self.client.info).version.split(".")
        return (int(told[0]), int(told[1])) if all(part.isdigit() for part in told[:2]) else _UNKNOWN

    def has(self, major: int, minor: int) -> bool:
        """Whether the server is of that version or a newer one."""
        return self.version >= (major, minor)

    def close(self) -> None:
        """Close the connection; closing twice is fine."""
        self.client.close()


def _read_certificates(settings: StoreSettings) -> bytes:
    try:
        content = settings.tls_ca.read_bytes() if settings.tls_ca else b""
    except OSError as error:
        raise InvalidOptionsError(
            f"LOOKALIKE_STORE__TLS_CA '{settings.tls_ca}' cannot be read: {error.strerror}"
        ) from error
    if b"-----BEGIN CERTIFICATE-----" not in content:
        raise InvalidOptionsError(f"LOOKALIKE_STORE__TLS_CA '{settings.tls_ca}' has no certificate in PEM in it")
    return content
