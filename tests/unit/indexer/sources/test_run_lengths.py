"""Run lengths: what pycocotools writes is read, what is damaged is refused."""

import time

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays
from pycocotools import mask as coco_mask

from indexer.domain import Box
from indexer.sources.run_lengths import decode_runs, encode_runs, read_runs, tighten_runs, unpack_runs

MASKS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=40))


def test_encode_runs__down_the_columns_outside_first():
    assert encode_runs(np.array([[0, 1], [0, 1], [1, 0]], bool)) == [2, 3, 1]
    assert encode_runs(np.array([[1, 1]], bool)) == [0, 2]
    assert encode_runs(np.array([[0, 0]], bool)) == [2]


@given(mask=MASKS)
def test_decode_runs__undoes_encoding(mask):
    assert decode_runs(encode_runs(mask), mask.shape).tolist() == mask.tolist()


@given(mask=MASKS)
def test_decode_runs__reads_what_pycocotools_packs(mask):
    packed = coco_mask.encode(np.asfortranarray(mask, np.uint8))

    assert decode_runs(packed["counts"].decode(), packed["size"]).tolist() == mask.tolist()


def test_unpack_runs__large_and_negative_differences():
    mask = np.zeros((1000, 1000), np.uint8, order="F")
    mask[:, 10], mask[3, 500] = 1, 1

    packed = coco_mask.encode(mask)["counts"].decode()
    assert unpack_runs(packed) == [10_000, 1000, 489_003, 1, 499_996]


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([1, 2], "do not fill a mask of 3x2 pixels"),
        ([7, -1], "do not fill"),
        ([[6]], "no list of whole numbers"),
        ([[1, 2], [3]], "inhomogeneous"),
        ([1.5, 4.5], "no list of whole numbers"),
        ([float("nan"), 6], "no list of whole numbers"),
        ([2**62, 2**62, 2**62, 2**62 + 6], "do not fill"),  # their sum is 6 in 64 bits
        ([2**70, 6], "whole numbers"),
        ([True, False], "whole numbers"),
        ("~~~", "occurs in no run lengths"),
        ("é", "occurs in no run lengths"),
        ("P", "end within a number"),
        ("", "do not fill"),
        (["x"], "whole numbers"),
        (["6"], "whole numbers"),
        ("o" * 1_000_000, "longer than any mask"),
    ],
)
def test_decode_runs__damaged_is_refused(counts, message):
    with pytest.raises(ValueError, match=message):
        decode_runs(counts, (2, 3))


@pytest.mark.parametrize(
    "size_hw",
    [(100_000, 100_000), (-2, -3), (2.5, 2), ("2", 3), (None, 3), (2,), (1, 2, 3), (float("nan"), 3), (10**30, 1)],
)
def test_decode_runs__absurd_size_is_refused(size_hw):
    n_pixels = size_hw[0] * size_hw[1] if len(size_hw) == 2 and None not in size_hw and "2" not in size_hw else 6
    with pytest.raises(ValueError, match=r"mask|unpack"):
        decode_runs([n_pixels], size_hw)


@given(mask=MASKS)
def test_tighten_runs__is_what_cutting_the_mask_gives(mask):
    found = tighten_runs(*read_runs(encode_runs(mask), mask.shape))
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))

    if not len(rows):
        assert found is None
        return
    box = Box(columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    assert found == (box, encode_runs(mask[box.top : box.bottom, box.left : box.right]))


def test_tighten_runs__empty_runs_separate_nothing():
    runs = read_runs([0, 0, 1, 0, 0, 2, 0, 1, 2, 0], (3, 2))

    assert tighten_runs(*runs) == (Box(0, 0, 2, 3), [1, 3, 2])


def test_tighten_runs__cost_goes_by_the_runs():
    runs = read_runs([10**8, 1, 10**8 - 1], (10**4, 2 * 10**4))
    started = time.thread_time()

    assert tighten_runs(*runs) == (Box(10_000, 0, 10_001, 1), [0, 1])
    assert time.thread_time() - started < 0.01  # making the mask takes a tenth of a second


@given(text=st.text(alphabet=st.characters(min_codepoint=48, max_codepoint=111), max_size=30))
def test_decode_runs__any_text_is_a_mask_or_refused(text):
    try:
        mask = decode_runs(text, (5, 4))
    except (ValueError, OverflowError):
        return
    assert mask.shape == (5, 4)
