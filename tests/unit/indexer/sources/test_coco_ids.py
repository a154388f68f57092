"""Ids as files have them: numbers, texts, and what is no id at all."""

import math

import pytest

from indexer.sources.coco_ids import ById, show_value, unify_id


@pytest.mark.parametrize(
    ("value", "unified"),
    [
        (1, 1),
        ("1", 1),
        (" 1 ", 1),
        (1.0, 1),
        (-3, -3),
        ("01", "01"),
        ("1.0", "1.0"),
        ("im-1", "im-1"),
        (1.5, "1.5"),
        ("9" * 5000, "9" * 5000),
        ("٣", "٣"),
        (10**30, 10**30),
        (True, None),
        (None, None),
        (math.nan, None),
        (math.inf, None),
        ([1], None),
        ({"id": 1}, None),
    ],
)
def test_unify_id__one_spelling(value, unified):
    found = unify_id(value)
    assert (found, type(found)) == (unified, type(unified))


def test_by_id__finds_in_any_spelling():
    by_id = ById()
    assert by_id.add("1", "first")
    assert by_id.add(2.0, "second")
    assert not by_id.add(None, "nobody")

    assert [by_id.find(value) for value in (1, "1", 1.0, 2, "2")] == ["first"] * 3 + ["second"] * 2
    assert [by_id.find(value) for value in (True, None, [1], {}, math.nan, 3)] == [None] * 6


def test_by_id__shared_by_two_finds_neither():
    by_id = ById()
    for thing in ("a", "b", "b"):
        by_id.add(1, thing)
    by_id.add(2, "same")
    by_id.add(2, "same")

    assert (by_id.find(1), by_id.rivals("1")) == (None, ["a", "b", "b"])
    assert (by_id.find(2), by_id.rivals(2), by_id.rivals(None)) == ("same", [], [])


def test_show_value__is_short():
    assert [show_value(value) for value in (None, {}, [], "a" * 100, 1)] == [
        "null",
        "an object",
        "a list",
        f"'{'a' * 39}...",
        "1",
    ]
