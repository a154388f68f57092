from dataclasses import replace

import pytest

from indexer.collection.snapshot import Snapshot
from indexer.domain import PointFilter
from indexer.errors import SnapshotOutdatedError
from tests.unit.indexer.collection.memory import TUESDAY, MemoryCollection, make_point


@pytest.fixture
def collection():
    return MemoryCollection(make_point("a"), make_point("b", "dog", number=2), make_point("c"))


def read(collection, **options):
    return Snapshot.read(collection, collection.revision, **options)


@pytest.mark.parametrize("with_embeddings", [False, True])
def test_read__ids_fields_and_embeddings_row_by_row(collection, with_embeddings):
    snapshot = read(collection, with_embeddings=with_embeddings)

    assert snapshot.has_embeddings is with_embeddings
    assert (snapshot.ids.tolist(), snapshot.fields["class_name"].tolist()) == (["a", "b", "c"], ["cat", "dog", "cat"])
    assert snapshot.embeddings().tolist() == snapshot.embeddings().tolist() == [[0, 1], [2, 1], [0, 1]]
    assert (snapshot.revision, len(snapshot), collection.n_embeddings_read) == ("r0", 3, 1)


def test_read__two_of_one_revision_have_keys_of_their_own(collection):
    assert read(collection).key != read(collection).key


@pytest.mark.parametrize(
    "point",
    [make_point("b", "dog", TUESDAY, number=3), make_point("bb"), make_point("a", embedded_at=None)],
    ids=["embedded anew", "added", "of unknown time"],
)
def test_embeddings__points_were_embedded_since(collection, point):
    snapshot = read(collection)
    collection.upsert(point)

    with pytest.raises(SnapshotOutdatedError, match="collection 'memory' changed while it was read; ask again"):
        snapshot.embeddings()


def test_embeddings__a_point_went_since(collection):
    snapshot = read(collection)
    collection.delete("a")
    with pytest.raises(SnapshotOutdatedError):
        snapshot.embeddings()


def test_embeddings__another_class_embeds_nothing_anew(collection):
    snapshot = read(collection)
    collection.upsert(make_point("b", "cat", number=2))

    assert snapshot.embeddings()[1].tolist() == [2, 1]
    assert snapshot.fields["class_name"][1] == "dog"


def test_embeddings__of_points_that_do_not_tell_their_time_are_read_while_nothing_is_written():
    collection = MemoryCollection(make_point("a", embedded_at=None, number=4))
    assert read(collection).embeddings().tolist() == [[4, 1]]


def test_rows_of__unknown_ids_are_minus_1(collection):
    assert read(collection).rows_of(["c", "nobody", "a", "a\0", "\ud800"]).tolist() == [2, -1, 0, -1, -1]


def test_show__points_in_the_order_asked_for(collection):
    shown = read(collection).show([2, 1])
    assert [(point.id, point.payload["class_name"]) for point in shown] == [("c", "cat"), ("b", "dog")]
    assert read(collection).show([]) == []


def test_show__what_is_not_shown_may_change(collection):
    snapshot = read(collection)
    collection.upsert(make_point("a", "bird"))
    collection.upsert(make_point("aa"))

    assert [point.id for point in snapshot.show([1, 2])] == ["b", "c"]


@pytest.mark.parametrize(
    "write",
    [
        lambda collection: collection.delete("b"),
        lambda collection: collection.upsert(make_point("b", "cat")),
        lambda collection: collection.upsert(make_point("b", "dog", TUESDAY)),
    ],
    ids=["gone", "relabelled", "embedded anew"],
)
def test_show__a_point_that_is_not_what_it_was(collection, write):
    snapshot = read(collection)
    write(collection)

    assert snapshot.show([0])
    with pytest.raises(SnapshotOutdatedError):
        snapshot.show([0, 1])


def test_show__a_point_that_fits_the_conditions_no_more(collection):
    tagged = PointFilter(equals_any={"tags": ("night",)}, has_embedding=True)
    point = make_point("b", "dog")
    night = replace(point, payload=point.payload | {"tags": "night"})
    collection.upsert(night)
    snapshot = read(collection)
    assert [one.id for one in snapshot.show([1], tagged)] == ["b"]

    collection.upsert(point)

    with pytest.raises(SnapshotOutdatedError):
        snapshot.show([1], tagged)


def test_require_same__other_rows_or_other_values(collection):
    snapshot = read(collection)
    columns = collection.read_columns(list(snapshot.fields))
    snapshot.require_same(columns, [0, 1, 2])

    with pytest.raises(SnapshotOutdatedError):
        snapshot.require_same(columns, [0, 1])
    collection.upsert(make_point("a", "bird"))
    with pytest.raises(SnapshotOutdatedError):
        snapshot.require_same(collection.read_columns(list(snapshot.fields)), [0, 1, 2])
