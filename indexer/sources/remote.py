"""Images behind a URL."""

from __future__ import annotations

from typing import Final

from indexer.errors import ImageReadError

_TIMEOUT_S: Final = 30.0


def fetch(url: str) -> bytes:
    """Read a file over HTTP or HTTPS.

    Raises:
        ImageReadError: The server cannot be reached or does not deliver.
    """
    import httpx

    try:
        answer = httpx.get(url, timeout=_TIMEOUT_S, follow_redirects=True)
        answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ImageReadError(f"cannot read image {url}: {error or type(error).__name__}") from error
    return answer.content
