"""A new category's id is one that nobody has, of the type of the others."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.reviews.writers.category_ids import choose_id
from indexer.sources.coco_ids import unify_id


@pytest.mark.parametrize(
    ("taken", "chosen"),
    [
        ([1, 2, 7], 8),
        ([0], 1),
        ([-5], 1),
        ([1, "2"], 3),
        ([1.0, 2.0], 3.0),
        ([1, 2.0], 3),
        ([1, True, None, [9], {}, math.nan, math.inf], 2),
        ([1, 2**60], 2),
        (["c-1", "c-2"], "c-3"),
        (["c01", "c09"], "c10"),
        (["1", "2"], "3"),
        (["1", 2], "3"),
        (["cup", "plate"], "bowl"),
        (["cup", "bowl"], "bowl-2"),
        (["a1", "b2"], "bowl"),
        (["c" + "9" * 30], "bowl"),
        (["cup\n1"], "cup\n2"),
    ],
)
def test_choose_id__fits_the_first(taken, chosen):
    found = choose_id(taken[0], taken, "bowl")

    assert (found, type(found)) == (chosen, type(chosen))


IDS = st.one_of(
    st.integers(-3, 12), st.floats(), st.text("c-019 é", max_size=4), st.booleans(), st.none(), st.just([1])
)


@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()), st.lists(IDS), st.text())
def test_choose_id__nobody_has_it_in_any_spelling(like, others, class_name):
    chosen = choose_id(like, [like, *others], class_name)

    assert type(chosen) is type(like)
    assert unify_id(chosen) not in {unify_id(one) for one in [like, *others]}
