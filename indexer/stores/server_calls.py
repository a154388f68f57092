"""Requests to a Qdrant server: addresses are checked before, and every failure becomes one line with its reason."""

from __future__ import annotations

import json
import random
import re
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from pydantic import ValidationError
from qdrant_client.common.client_exceptions import QdrantException, ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from indexer.errors import InvalidOptionsError, StoreUnavailableError
from lookalike.visible_text import show_reason

_LONGEST_REASON: Final = 300  # characters
_URL_NAME: Final = "LOOKALIKE_STORE__URL"
_KEY_NAME: Final = "LOOKALIKE_STORE__API_KEY"
_CA_NAME: Final = "LOOKALIKE_STORE__TLS_CA"

_FIRST_PAUSE_S: Final = 0.25
_FOR_THE_MOMENT: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_GRPC_REMEDIES: Final = {
    "NOT_FOUND": f"{_URL_NAME}, and with 'lookalike status' whether somebody deleted the collection",
    "UNAUTHENTICATED": _KEY_NAME,
    "PERMISSION_DENIED": _KEY_NAME,
    "DEADLINE_EXCEEDED": "if the server hangs, or raise LOOKALIKE_STORE__TIMEOUT_S",
    "UNAVAILABLE": f"{_URL_NAME}, LOOKALIKE_STORE__GRPC_PORT and, for https://, {_CA_NAME}",
}
_GRPC_FOR_THE_MOMENT: Final = frozenset(
    {"UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "ABORTED", "INTERNAL"}
)


def check_url(url: str) -> str:
    """Return ``url`` if it is the address of a server.

    Raises:
        InvalidOptionsError: It is not; the message repeats no password.
    """
    shown = "***" + url.rpartition("@")[2] if "@" in url else " ".join(url.split())
    try:
        parts = urlsplit(url)
        reason = _what_is_wrong(parts.scheme, parts.hostname, parts.port, url)
        has_password = parts.username is not None or parts.password is not None
    except ValueError as error:  # brackets, ports
        why = "" if "@" in url else f" ({error})"
        raise InvalidOptionsError(f"{_URL_NAME} '{shown}' is no address{why}; write http://HOST:6333") from error
    if has_password:
        raise InvalidOptionsError(f"{_URL_NAME} '{shown}' has a user name in it; leave it out and set {_KEY_NAME}")
    if parts.query or parts.fragment:
        reason = "it goes on after the path"
    if reason:
        raise InvalidOptionsError(f"{_URL_NAME} '{shown}' is no address of a server ({reason}); write http://HOST:6333")
    return url


def _what_is_wrong(scheme: str, host: str | None, port: int | None, url: str) -> str:
    if re.search(r"[\s\x00-\x1f]", url):
        return "it has a space or control character in it"
    if scheme not in {"http", "https"} or "://" not in url:
        return "it does not begin with http:// or https://"
    return "it names no host" if not host else "it has port 0" if port == 0 else ""


def check_api_key(key: str | None) -> str | None:
    """Return ``key`` if a header can carry it.

    Raises:
        InvalidOptionsError: It cannot; the message does not repeat it.
    """
    if key is not None and not re.fullmatch(r"[\x21-\x7e]+", key):
        raise InvalidOptionsError(f"{_KEY_NAME} is empty or has characters other than printable ASCII; copy it again")
    return key


def translate(error: Exception, *, secret: str | None = None) -> StoreUnavailableError:
    """The one line that says why a request failed and what to do.

    Args:
        error: What the client raised: its own errors and those of httpx, ssl, gRPC, json and pydantic.
        secret: What no message may repeat, even if the server does.
    """
    reason, remedy = _explain(error)
    text = f"the Qdrant server failed: {_on_one_line(reason)}; {remedy}"
    return StoreUnavailableError(text.replace(secret, "***") if secret else text)


def is_conflict(error: Exception) -> bool:
    """Whether the server says that what is to be made exists already."""
    status = getattr(error, "status_code", None)
    return status == 409 or _grpc_code(error) == "ALREADY_EXISTS" or "already exists" in str(error)


def is_forbidden(error: BaseException | None) -> bool:
    """Whether the key may not do what was asked."""
    is_denied = isinstance(error, Exception) and _grpc_code(error) == "PERMISSION_DENIED"
    return getattr(error, "status_code", None) in {401, 403} or is_denied


def is_missing(error: BaseException | None) -> bool:
    """Whether the server says that there is no such collection or point."""
    is_unknown = isinstance(error, Exception) and _grpc_code(error) == "NOT_FOUND"
    return getattr(error, "status_code", None) == 404 or is_unknown


def lacks_index(error: BaseException | None) -> bool:
    """Whether the server says that a field has no index by which values can be counted."""
    return "No appropriate index" in str(error)


def find_pause(error: Exception, attempt: int) -> float | None:
    """Seconds to wait before a request is repeated; None if that cannot help.

    A server that says how long is believed. Else the pause doubles from time to time.

    Args:
        error: What the client raised.
        attempt: How many times it was repeated before.
    """
    if isinstance(error, ResourceExhaustedResponse):
        return float(getattr(error, "retry_after_s", 0)) or _double(attempt)
    if isinstance(error, QdrantException):  # too many requests, and a date instead of seconds
        return _double(attempt)
    if isinstance(error, UnexpectedResponse):
        if error.status_code not in _FOR_THE_MOMENT:
            return None
        told = str(error.headers.get("Retry-After", "")) if error.headers else ""
        return float(told) if told.isdigit() else _double(attempt)
    if isinstance(error, ResponseHandlingException):
        error = error.source
    is_lost = isinstance(error, (httpx.TransportError, ConnectionError)) and "SSL" not in str(error)
    return _double(attempt) if is_lost or _grpc_code(error) in _GRPC_FOR_THE_MOMENT else None


def is_absent(error: Exception) -> bool:
    """Whether nobody is there to answer, so that the address is likely to be wrong."""
    source = error.source if isinstance(error, ResponseHandlingException) else error
    return isinstance(source, httpx.ConnectError)


def is_late(error: Exception) -> bool:
    """Whether the server took the request, or may have, and did not answer in time."""
    source = error.source if isinstance(error, ResponseHandlingException) else error
    return isinstance(source, httpx.TimeoutException) or _grpc_code(source) == "DEADLINE_EXCEEDED"


def _double(attempt: int) -> float:
    # At random, so that clients do not march in step.
    return float(_FIRST_PAUSE_S * 2**attempt * random.uniform(0.75, 1.25))  # noqa: S311


def _grpc_code(error: Exception) -> str:
    """The name of a gRPC status; empty for any other error. gRPC itself is not imported."""
    code = getattr(error, "code", None)
    return str(getattr(code(), "name", "")) if callable(code) else ""


def _explain(error: Exception) -> tuple[str, str]:
    """The reason in words and what to do."""
    if isinstance(error, ResourceExhaustedResponse):
        wait = f"wait {error.retry_after_s} s" if hasattr(error, "retry_after_s") else "wait"
        return f"too many requests (429) {error}".strip(), f"{wait} and run the command again"
    if isinstance(error, UnexpectedResponse):
        return _explain_response(error)
    if isinstance(error, ResponseHandlingException):
        error = error.source
    if code := _grpc_code(error):
        details = getattr(error, "details", str)
        return f"{code}: {details()}", f"check {_GRPC_REMEDIES.get(code, f'{_URL_NAME} and the log of the server')}"
    if isinstance(error, httpx.TransportError):
        return _explain_transport(error)
    if isinstance(error, (ValidationError, json.JSONDecodeError, AssertionError, UnicodeDecodeError)):
        return "its answer is not that of a Qdrant server", f"check {_URL_NAME}"
    return show_reason(error), f"check {_URL_NAME} and {_KEY_NAME}"


def _explain_transport(error: httpx.TransportError) -> tuple[str, str]:
    """Why nothing arrives, and what to do."""
    reason = show_reason(error)
    if isinstance(error, httpx.TimeoutException):
        remedy = "raise LOOKALIKE_STORE__TIMEOUT_S, or look if the server hangs"
        return f"it did not answer in time ({type(error).__name__})", remedy
    if "illegal" in reason:
        return f"it does not speak HTTP ({reason})", f"check port and https:// of {_URL_NAME}"
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return reason, f"name the file of certificates to trust in {_CA_NAME}"
    if "SSL" in reason:
        return f"it does not speak TLS ({reason})", f"write http:// in {_URL_NAME}, or check its port"
    if isinstance(error, httpx.ConnectError):
        return f"nobody answers ({reason})", f"start the server, or check {_URL_NAME}"
    return reason, f"check {_URL_NAME} and {_KEY_NAME}"


def _explain_response(error: UnexpectedResponse) -> tuple[str, str]:
    code, said = error.status_code or 0, _read_reason(error.content)
    reason = f"{code} {error.reason_phrase}".strip() + (f": {said}" if said else "")
    if 300 <= code < 400:
        place = error.headers.get("Location")
        return f"{reason}, it sends us on to {place}", f"check {_URL_NAME}"
    if code == 429:
        return reason, "wait and run the command again"
    if code == 404 and "Collection" in said:
        return reason, "somebody deleted it; run 'lookalike status' to see what is there"
    return reason, f"check {_KEY_NAME}" if code in {401, 403} else f"check {_URL_NAME} and the server's log"


def _read_reason(content: bytes) -> str:
    """The server's own words: those in Qdrant's JSON, the title of a page, or the text as it is."""
    text = content.decode("utf-8", "replace")
    try:
        status: Any = json.loads(text)["status"]
        return str(status["error"] if isinstance(status, dict) else status)
    except (ValueError, LookupError, TypeError, RecursionError):
        pass
    if "<" not in text:
        return text
    title = re.search(r"<title[^>]*>(.*?)</title", text, re.IGNORECASE | re.DOTALL)
    return f"a web page, '{title[1]}'" if title else "a web page"


def _on_one_line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON] + " ..."
