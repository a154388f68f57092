"""Neighbors that make way for others."""

import numpy as np
import pytest

from indexer.collection.search import mean_direction
from indexer.collection.variety import Variety, find_varied
from indexer.domain import Neighbor, Point, PointFilter
from indexer.errors import InvalidOptionsError


class Line:
    """100 points on an arc, the nearest to (1, 0) first, ten on each image; it counts the questions."""

    def __init__(self):
        angles = np.linspace(0, 1.5, 100)
        self.embeddings = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
        self.limits = []

    def query(self, embedding, *, limit, where):
        self.limits.append(limit)
        scores = self.embeddings @ embedding
        return [
            Neighbor(str(row), float(scores[row]), {"source_key": "s", "image_key": str(row // 10)})
            for row in np.argsort(-scores)[:limit]
        ]

    def retrieve(self, ids, *, with_embeddings=False):
        return [Point(one, {}, self.embeddings[int(one)]) for one in ids]


TO_THE_RIGHT = np.array([1, 0], np.float32)


def find(line, limit, **rules):
    found = find_varied(line, TO_THE_RIGHT, limit=limit, where=PointFilter(), variety=Variety(**rules))
    return [int(neighbor.id) for neighbor in found]


def test_find_varied__one_per_image_is_the_nearest_of_each_and_asks_until_there_are_enough():
    line = Line()
    assert find(line, 5, one_per_image=True) == [0, 10, 20, 30, 40]
    assert line.limits == [40, 160]


def test_find_varied__no_more_images_than_there_are():
    assert find(Line(), 50, one_per_image=True) == list(range(0, 100, 10))


def test_find_varied__diverse_begins_with_the_nearest_and_spreads():
    plain, diverse = find(Line(), 4), find(Line(), 4, is_diverse=True)
    assert plain == [0, 1, 2, 3]
    assert diverse[0] == 0
    assert max(diverse) > 20
    assert len(set(diverse)) == 4


def test_mean_direction__leads_away_from_counter_examples():
    examples = np.array([[1, 0], [1, 0]], np.float32)
    assert mean_direction(examples).tolist() == [1, 0]
    assert mean_direction(examples, np.array([[0, 1]], np.float32)).tolist() == [2, -1]
    with pytest.raises(InvalidOptionsError, match="cancel each other out"):
        mean_direction(np.array([[1, 0], [-1, 0]], np.float32))
