"""The names on the wire are those of the indexer, in its order."""

from typing import get_args

import pytest

from indexer.domain import InstanceKind, InstanceMode
from indexer.exports import EXPORTS
from indexer.insights import gate
from indexer.insights.facets import ReviewState
from indexer.insights.gallery import GalleryOrder
from indexer.insights.suspects import Method
from indexer.maps.projectors import PROJECTORS
from indexer.maps.projectors.base import Metric
from indexer.reviews.review import ReviewVerdict
from indexer.reviews.writers import base as writers
from indexer.supervisely.tags import Owner
from indexer.supervisely.tree import EntryKind, Level
from lookalike.wire import names


@pytest.mark.parametrize(
    ("on_the_wire", "ours"),
    [
        (names.Verdict, ReviewVerdict),
        (names.ReviewState, ReviewState),
        (names.GalleryOrder, GalleryOrder),
        (names.SuspectMethod, get_args(Method)),
        (names.Metric, get_args(Metric)),
        (names.InstanceMode, InstanceMode),
        (names.InstanceKind, InstanceKind),
        (names.GateOutcome, gate.Outcome),
        (names.ApplyOutcome, writers.Outcome),
        (names.TagOwner, get_args(Owner)),
        (names.TreeLevel, get_args(Level)),
        (names.TreeEntryKind, get_args(EntryKind)),
    ],
)
def test_names__closed_lists_are_the_indexers(on_the_wire, ours):
    assert list(get_args(on_the_wire)) == [str(name) for name in ours]


@pytest.mark.parametrize(
    ("listed", "registry"), [(names.PROJECTION_METHODS, PROJECTORS), (names.EXPORT_FORMATS, EXPORTS)]
)
def test_names__registered_names_are_listed(listed, registry):
    assert list(listed) == list(registry)


def test_join_names__reads_as_a_sentence():
    assert names.join_names(["a", "b", "c"]) == "a, b or c"
    assert names.join_names(["a"]) == "a"
