"""A write-back to the server that is stopped between two rounds of objects."""

import pytest

from indexer.errors import CancelledError
from indexer.reviews.server_runs import RELABELLING, TAKING_BACK
from indexer.sources import supervisely_relabels
from tests.integration.supervisely.writing.test_applying import WAYS, accept, cats, classes, facts_of


def stop_after(n_objects, stage):
    def on_progress(now, done, total):
        if now == stage and done >= n_objects:
            raise CancelledError("cancelled")

    return on_progress


@pytest.mark.parametrize("way", WAYS)
def test_apply__cancelled__keeps_what_it_wrote_and_the_next_one_writes_the_rest(
    server, sample, reviews, collection, run, monkeypatch, way
):
    monkeypatch.setattr(supervisely_relabels, "_PER_ROUND", 2)
    server.habits.class_edits = way
    run(sample.address)
    before = facts_of(server)
    accept(reviews, collection, cats(sample)[:4])

    with pytest.raises(CancelledError, match="2 of 4 objects were written; 'lookalike reviews apply' writes the rest"):
        reviews.apply(collection.name, who="ann", on_progress=stop_after(2, RELABELLING))

    assert classes(server) == {"cat": 4, "dog": 8}
    (first,) = {one.run for one in reviews.logged(collection.name)} - {None}
    assert [one.run for one in reviews.logged(collection.name)].count(first) == 2
    run(sample.address)
    rest = reviews.apply(collection.name, who="ann")
    assert (rest.counts["written"], rest.run != first, classes(server)) == (2, True, {"cat": 2, "dog": 10})
    reviews.restore(rest.run, who="ann")
    run(sample.address)
    accept_all = reviews.apply(collection.name, who="ann")
    with pytest.raises(CancelledError, match="taken back; 'lookalike reviews undo"):
        reviews.restore(accept_all.run, who="ann", on_progress=stop_after(1, TAKING_BACK))
    for name in (accept_all.run, first):
        assert reviews.restore(name, who="ann").kept == {}
    assert (classes(server), facts_of(server)) == ({"cat": 6, "dog": 6}, before)
