"""Images behind a URL."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from indexer.domain import DEFAULT_LIMITS, ImageLimits
from indexer.errors import ImageReadError

if TYPE_CHECKING:
    import httpx

_TIMEOUT_S: Final = 30.0
"""Longest wait for the server to say anything."""
_DEADLINE_S: Final = 300.0
"""Longest time for one image, however steadily it drips."""
_MAX_REDIRECTS: Final = 5
_MAX_URL_CHARS: Final = 8192
_SHOWN_URL_CHARS: Final = 200
_OTHER_IMAGE_TYPES: Final = ("application/octet-stream", "binary/octet-stream", "")
"""Names that servers of files give an image whose kind they do not know."""


def fetch(url: str, limits: ImageLimits = DEFAULT_LIMITS, *, transport: httpx.BaseTransport | None = None) -> bytes:
    """Read an image file over HTTP or HTTPS, following redirects within these.

    Args:
        url: Its address.
        limits: A longer file is not read to its end.
        transport: How requests travel; over the network by default.

    Raises:
        ImageReadError: The address is none, the server cannot be reached or does not deliver, or it delivers something
            that is no image, or too much.
    """
    import httpx

    if not isinstance(url, str) or len(url) > _MAX_URL_CHARS:
        raise ImageReadError(f"cannot read image {str(url)[:_SHOWN_URL_CHARS]}: it is no address of HTTP")
    shown = url[:_SHOWN_URL_CHARS]
    try:
        with (
            httpx.Client(
                transport=transport,
                timeout=_TIMEOUT_S,
                follow_redirects=True,
                max_redirects=_MAX_REDIRECTS,
                event_hooks={"request": [_require_http]},
            ) as client,
            # A packed answer could unpack to any length, and images gain nothing by it.
            client.stream("GET", url, headers={"Accept": "image/*", "Accept-Encoding": "identity"}) as answer,
        ):
            answer.raise_for_status()
            return _read_image(answer, limits, deadline=time.monotonic() + _DEADLINE_S)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:  # ValueError: a host name that cannot be encoded
        reason = " ".join(str(error).split())[:_SHOWN_URL_CHARS] or type(error).__name__
        raise ImageReadError(f"cannot read image {shown}: {reason}") from error
    except ImageReadError as error:
        raise ImageReadError(f"cannot read image {shown}: {error}") from error


def _require_http(request: httpx.Request) -> None:
    """Refuse to ask for anything else, also after a redirect."""
    if request.url.scheme not in ("http", "https") or not request.url.host:
        raise ImageReadError(f"{str(request.url)[:_SHOWN_URL_CHARS]} is no address of HTTP")


def _read_image(answer: httpx.Response, limits: ImageLimits, *, deadline: float) -> bytes:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not kind.startswith("image/") and kind not in _OTHER_IMAGE_TYPES:
        raise ImageReadError(f"the server answers {kind[:100]}, which is no image")
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise ImageReadError("the server packs the image, though asked not to")
    parts, n_bytes = [], 0
    for part in answer.iter_raw():
        n_bytes += len(part)
        if n_bytes > limits.max_bytes:
            raise ImageReadError(f"it has more than {limits.max_bytes:,} bytes, which is the most that is read")
        if time.monotonic() > deadline:
            raise ImageReadError(f"it was not complete after {_DEADLINE_S:.0f} s")
        parts.append(part)
    return b"".join(parts)
