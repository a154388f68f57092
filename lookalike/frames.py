"""Frames: a JSON document and the bytes that belong to it, for bodies that carry many numbers.

A frame is two little-endian lengths of 4 bytes, the document and the bytes. A stream is frames one after another.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import Final

_LENGTHS: Final = struct.Struct("<II")
MEDIA_TYPE: Final = "application/octet-stream"


def pack_frame(document: bytes, content: bytes = b"") -> bytes:
    """Put a document and its bytes into one frame."""
    return _LENGTHS.pack(len(document), len(content)) + document + content


def unpack_frame(frame: bytes) -> tuple[bytes, bytes]:
    """Take the document and the bytes out of a body that is one frame.

    Raises:
        ValueError: It is not one whole frame.
    """
    found = list(iterate_frames([frame]))
    if len(found) != 1:
        raise ValueError(f"the body is {len(found)} frames, not one")
    return found[0]


def iterate_frames(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the frames of a stream that comes in pieces of any length.

    Raises:
        ValueError: The stream ends within a frame.
    """
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= _LENGTHS.size:
            n_document, n_content = _LENGTHS.unpack_from(held)
            middle = _LENGTHS.size + n_document
            if len(held) < middle + n_content:
                break
            yield bytes(held[_LENGTHS.size : middle]), bytes(held[middle : middle + n_content])
            del held[: middle + n_content]
    if held:
        raise ValueError(f"the body ends within a frame, after {len(held)} bytes of it")
