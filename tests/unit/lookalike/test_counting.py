"""Counts with their noun."""

from lookalike.counting import count_text


def test_count_text__one_and_many():
    counts = [count_text(n, "point") for n in (0, 1, 2, 1234)]

    assert counts == ["0 points", "1 point", "2 points", "1,234 points"]
    assert [count_text(n, "class", "classes") for n in (1, 2)] == ["1 class", "2 classes"]
