import numpy as np
import pytest

from indexer.collection.embedded_points import EmbeddedPoints

MONDAY, TUESDAY = "2026-01-05T08:00:00+00:00", "2026-01-06T08:00:00.123456+00:00"


def embedded(**times):
    ids = sorted(times)
    return EmbeddedPoints.of(
        np.array(ids, dtype=np.str_), np.array([times[point_id] for point_id in ids], dtype=object)
    )


def test_find_in__new_and_embedded_anew_are_not_there():
    earlier = embedded(a=MONDAY, b=MONDAY, c=MONDAY, e=MONDAY)

    now = embedded(a=MONDAY, c=TUESDAY, d=MONDAY, e=MONDAY, f=TUESDAY)

    assert now.find_in(earlier).tolist() == [0, -1, -1, 3, -1]


def test_find_in__nothing_before_or_now():
    assert embedded(a=MONDAY).find_in(embedded()).tolist() == [-1]
    assert embedded().find_in(embedded(a=MONDAY)).tolist() == []


def test_find_in__unknown_time_is_never_the_same():
    points = embedded(a=None, b=MONDAY)
    assert points.find_in(points).tolist() == [-1, 1]
    assert not points.is_same(points)


@pytest.mark.parametrize(
    ("now", "is_same"),
    [
        ({"a": MONDAY, "ü": TUESDAY}, True),
        ({"a": MONDAY, "ü": MONDAY}, False),
        ({"a": MONDAY}, False),
        ({"a": MONDAY, "b": TUESDAY}, False),
    ],
    ids=["equal", "embedded anew", "one gone", "another"],
)
def test_is_same__compares_ids_and_times(now, is_same):
    assert embedded(**now).is_same(embedded(a=MONDAY, ü=TUESDAY)) is is_same


def test_find_rows__unknown_ids_are_minus_1():
    assert embedded(b=MONDAY, d=MONDAY).find_rows(["d", "a", "b", "zz"]).tolist() == [1, -1, 0, -1]
    assert embedded(b=MONDAY).find_rows(["b\0", "\ud800", "b"]).tolist() == [-1, -1, 0]
    assert embedded().find_rows(["a"]).tolist() == [-1]
    assert embedded(b=MONDAY).find_rows([]).tolist() == []
