from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from explorer.figures import (
    age_text,
    class_label,
    color_of_class,
    dot_size_px,
)
from lookalike.class_colors import CLASS_COLORS, OTHER_COLOR
from lookalike.counting import count_text


def test_color_of_class__unknown_and_missing_classes_are_grey():
    collection = {"colors": {"cat": CLASS_COLORS[0]}}
    assert color_of_class(collection, "cat") == CLASS_COLORS[0]
    assert color_of_class(collection, "zebra") == color_of_class(collection, None) == OTHER_COLOR


def test_class_label__no_class_has_a_name():
    assert class_label("") == class_label(None) == "no class"
    assert class_label("cat") == "cat"


@pytest.mark.parametrize(("count", "text"), [(0, "0 points"), (1, "1 point"), (1797, "1,797 points")])
def test_count_text__agrees_in_number(count, text):
    assert count_text(count, "point") == text


@pytest.mark.parametrize(("n_points", "size_px"), [(0, 8.0), (1797, 6.0), (100_000, 4.0), (5_000_000, 1.5)])
def test_dot_size_px__shrinks_with_the_number_of_points(n_points, size_px):
    assert dot_size_px(n_points) == size_px


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=7), "7 min ago"),
        (timedelta(hours=5), "5 h ago"),
        (timedelta(days=3), "02 Mar 2026"),
    ],
)
def test_age_text__is_rough(age, text):
    now = datetime(2026, 3, 5, 12, tzinfo=UTC)
    assert age_text(now - age, now) == text
