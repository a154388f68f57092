import pytest

from lookalike.frames import iterate_frames, pack_frame, unpack_frame


def test_frames__come_back_from_pieces_of_any_length():
    stream = pack_frame(b'{"a": 1}', b"abc") + pack_frame(b"{}") + pack_frame(b"[]", bytes(5))
    for size in (1, 7, 1000):
        chunks = [stream[start : start + size] for start in range(0, len(stream), size)]
        assert list(iterate_frames(chunks)) == [(b'{"a": 1}', b"abc"), (b"{}", b""), (b"[]", bytes(5))]


def test_iterate_frames__stream_that_is_cut_off():
    whole = pack_frame(b"{}", b"abc")
    frames = iterate_frames([whole, whole[:-1]])
    assert next(frames) == (b"{}", b"abc")
    with pytest.raises(ValueError, match="ends within a frame, after 12 bytes"):
        next(frames)


def test_unpack_frame__is_exactly_one():
    assert unpack_frame(pack_frame(b"{}", b"x")) == (b"{}", b"x")
    with pytest.raises(ValueError, match="the body is 2 frames, not one"):
        unpack_frame(2 * pack_frame(b"{}"))
