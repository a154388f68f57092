"""Answers of a Supervisely server -> values; what is wrong with one is a ValueError, KeyError or TypeError."""

from __future__ import annotations

import hashlib
import re
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    import httpx

_CHECKSUM_HEADER: Final = "x-content-checksum-sha256"
_PART_NAME: Final = re.compile(r'(?:^|[\s;])name="(\d+)"')

Row = Mapping[str, Any]
"""One entry of a list, as JSON."""
T = TypeVar("T")


class Upload(NamedTuple):
    """The content of a request that is no JSON.

    Attributes:
        arguments: As httpx takes it: ``content``, ``files``, ``params``, ``headers``.
    """

    arguments: Mapping[str, Any]


class Page(NamedTuple, Generic[T]):
    """A page of a list: how many rows the list has, if that is told, and the page's rows with their ids."""

    total: int | None
    rows: list[tuple[int, T]]


def checksum_of(data: bytes) -> str:
    """A file's checksum as the platform writes it: base64 of SHA-256."""
    return b64encode(hashlib.sha256(data).digest()).decode()


def read_page(answer: httpx.Response, reduce: Callable[[Row], T]) -> Page[T]:
    """One page of a list, with what ``reduce`` keeps of its rows."""
    page = answer.json()
    total = page.get("total")
    rows = [(int(row["id"]), reduce(row)) for row in page["entities"]]
    return Page(None if total is None else int(total), rows)


def read_file(answer: httpx.Response) -> bytes:
    """A file, if it is the one whose checksum the answer states."""
    data, stated = answer.content, answer.headers.get(_CHECKSUM_HEADER)
    if stated and stated != checksum_of(data):
        raise ValueError("checksum")
    return data


def read_parts(answer: httpx.Response) -> dict[int, bytes]:
    """The files of a multipart answer, by the id that each is named after."""
    from requests_toolbelt import MultipartDecoder  # comes with the SDK

    try:
        decoded = MultipartDecoder(answer.content, answer.headers["content-type"])
    except Exception as error:  # the decoder raises what its code happens to raise
        raise ValueError("parts") from error
    found: dict[int, bytes] = {}
    for part in decoded.parts:
        name = _PART_NAME.search(part.headers.get(b"Content-Disposition", b"").decode("utf-8", "replace"))
        if name:
            found[int(name[1])] = part.content
    return found


def read_error(answer: httpx.Response) -> str:
    """Say what an error answer says, in the API's form or in HTTP's words."""
    try:
        content = answer.json()
        details = content.get("details") or {}
        message = (details if isinstance(details, dict) else details[0]).get("message")
        texts = [text for text in (content.get("error"), message) if isinstance(text, str) and text]
    except (ValueError, AttributeError, LookupError, TypeError):
        texts = []
    return ": ".join(dict.fromkeys(texts)) or answer.reason_phrase


def read_pause(answer: httpx.Response) -> float:
    """``Retry-After`` in seconds, 0 if there is none."""
    text = answer.headers.get("retry-after", "")
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return 0.0


def bounded_stream(stream: Any, max_bytes: int, limit_s: float) -> Any:
    """The stream of an answer, ended by an error if it is longer or later than allowed."""
    import httpx

    deadline = time.monotonic() + limit_s

    class Bounded(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            n_bytes = 0
            for part in stream:
                n_bytes += len(part)
                if n_bytes > max_bytes:
                    raise httpx.ReadError(f"the answer has more than {max_bytes:,} bytes")
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout(f"the answer was not complete after {limit_s:.0f} s")
                yield part

        def close(self) -> None:
            stream.close()

    return Bounded()
