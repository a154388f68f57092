"""Run lengths: what pycocotools writes is read, what is damaged is refused."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays
from pycocotools import mask as coco_mask

from indexer.sources.run_lengths import decode_runs, encode_runs, unpack_runs

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
        ([[6]], "do not fill"),
        ("~~~", "occurs in no run lengths"),
        ("é", "occurs in no run lengths"),
        ("P", "end within a number"),
        ("", "do not fill"),
        (["x"], "invalid literal"),
    ],
)
def test_decode_runs__damaged_is_refused(counts, message):
    with pytest.raises(ValueError, match=message):
        decode_runs(counts, (2, 3))


@given(text=st.text(alphabet=st.characters(min_codepoint=48, max_codepoint=111), max_size=30))
def test_decode_runs__any_text_is_a_mask_or_refused(text):
    try:
        mask = decode_runs(text, (5, 4))
    except (ValueError, OverflowError):
        return
    assert mask.shape == (5, 4)
