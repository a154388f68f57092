"""Values as numbers: marked, counted and read."""

import numpy as np
import pytest

from indexer.collection.value_columns import ValueColumn, read_moments


def column(*values):
    return np.fromiter(values, dtype=object, count=len(values))


def test_mark__rows_with_one_of_the_values():
    colours = ValueColumn.of(column("red", "blue", None, "red"))

    assert colours.mark(["red"]).tolist() == [True, False, False, True]
    assert colours.mark(["blue", ""]).tolist() == [False, True, True, False]
    assert colours.mark([]).tolist() == colours.mark(["green"]).tolist() == [False] * 4


def test_mark__a_row_with_several_values_has_each_of_them():
    tags = ValueColumn.of_lists(column(["night", "rain"], [], None, ["rain"]))

    assert tags.mark(["night"]).tolist() == [True, False, False, False]
    assert tags.mark(["night", "rain"]).tolist() == [True, False, False, True]


def test_count__most_frequent_first_and_also_what_is_not_there():
    colours = ValueColumn.of(column("red", "blue", None, "red"))

    assert list(colours.count().items()) == [("red", 2), ("", 1), ("blue", 1)]
    assert colours.count(np.array([False, True, False, False])) == {"blue": 1, "red": 0, "": 0}


def test_count__of_lists_counts_rows_and_not_values():
    tags = ValueColumn.of_lists(column(["night", "rain"], [], None, ["rain"]))

    assert list(tags.count().items()) == [("rain", 2), ("night", 1)]
    assert tags.count(np.array([False, True, True, True])) == {"rain": 1, "night": 0}


@pytest.mark.parametrize("make", [ValueColumn.of, ValueColumn.of_lists])
def test_of__no_rows(make):
    nothing = make(column())

    assert nothing.count() == {}
    assert nothing.mark(["red"]).tolist() == []


def test_read_moments__seconds_in_utc():
    moments = read_moments(column("1970-01-01T00:00:01+00:00", None, "1970-01-01T02:00:00+02:00"))

    np.testing.assert_array_equal(moments, [1.0, np.nan, 0.0])
