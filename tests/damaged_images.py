"""Damaged image files of every format, decoded in a process of its own whose memory is limited."""

import resource
import struct
import time
import warnings
import zlib
from contextlib import suppress

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from indexer.domain import ImageLimits
from indexer.errors import ImageReadError
from indexer.images.crops import decode_image, read_size_hw
from tests.image_files import encode, insert_png_chunk, make_files, png_chunk
from tests.memory import peak_bytes

LIMITS = ImageLimits(max_pixels=1_000_000)
FILES = make_files()
BYTES_AT_MOST = 3 * 2**30
"""Address space, of which the libraries reserve more than half."""
SECONDS_AT_MOST = 20.0


def report():
    """Print the most memory that the process held at once, in MiB."""
    print(peak_bytes() >> 20)  # noqa: T201 - read by the test


def decode(data):
    """Ask everything that is asked of an image file; only one kind of error may come of it."""
    started = time.process_time()  # of the processor: a busy machine takes longer by the clock
    for read in (read_size_hw, decode_image, lambda data, limits: decode_image(data, limits=limits, reduce=4)):
        with suppress(ImageReadError):
            read(data, limits=LIMITS)
    assert time.process_time() - started < SECONDS_AT_MOST


def set_bounds():
    resource.setrlimit(resource.RLIMIT_AS, (BYTES_AT_MOST, BYTES_AT_MOST))
    warnings.simplefilter("error")


@st.composite
def damaged(draw):
    """A file with some bytes changed, a piece taken out or doubled, or its end cut off."""
    data = bytearray(FILES[draw(st.sampled_from(sorted(FILES)))])
    start, stop = sorted(draw(st.tuples(*[st.integers(0, len(data))] * 2)))
    kind = draw(st.sampled_from(["changed", "changed", "changed at the front", "cut", "without", "doubled"]))
    if kind.startswith("changed"):
        end = len(data) if kind == "changed" else min(len(data), 200)
        values = st.sampled_from([0, 1, 127, 128, 255]) | st.integers(0, 255)
        for at, value in draw(st.lists(st.tuples(st.integers(0, end - 1), values), min_size=1, max_size=8)):
            data[at] = value
        return bytes(data)
    return bytes(
        {"cut": data[:start], "without": data[:start] + data[stop:], "doubled": data[:stop] + data[start:]}[kind]
    )


def decode_damaged_files():
    """Decode some hundred damaged files."""
    set_bounds()
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    settings(max_examples=1200, deadline=None, database=None, suppress_health_check=slow)(given(damaged())(decode))()


def decode_bombs():
    """Decode small files that make their decoders allocate what no pixel needs."""
    set_bounds()
    png = FILES["png"]
    text = b"Comment\0\0" + zlib.compress(bytes(8_000_000))
    texts = png[:33] + png_chunk(b"zTXt", text) * 300 + png[33:]
    decode(texts)
    decode(insert_png_chunk(png, b"iCCP", b"profile\0\0" + zlib.compress(bytes(300_000_000))))
    for kind in (b"IDAT", b"tRNS", b"eXIf", b"abCd"):  # a length that nothing in the file backs
        decode(png[:33] + struct.pack(">I", 0x7FFFFFF0) + kind + png[33:])
        decode(png[:33] + struct.pack(">I", 0xFFFFFFF0) + kind + png[33:])
    for name in ("gif moving", "webp moving", "avif moving"):
        decode(FILES[name] * 20)
    at = FILES["jp2"].index(b"\xff\x4f\xff\x51")
    decode(FILES["jp2"][: at + 8] + struct.pack(">6I", 60_000, 60_000, 0, 0, 60_000, 60_000) + FILES["jp2"][at + 32 :])
    decode(FILES["avif"].replace(b"ispe" + struct.pack(">III", 0, 32, 24), b"ispe" + struct.pack(">III", 0, 999, 999)))
    decode(encode_pages(300))


def encode_pages(n_pages):
    from PIL import Image

    pages = [Image.new("1", (900, 900))] * n_pages
    return encode(pages[0], "TIFF", compression="group4", save_all=True, append_images=pages[1:])
