from itertools import count

import pytest

from indexer.collection.collections import ATTEMPTS, Collections
from indexer.collection.revision_cache import RevisionCache
from indexer.errors import CollectionNotFoundError, ConfigurationError, SnapshotOutdatedError
from tests.unit.indexer.collection.memory import TUESDAY, MemoryCollection, make_point


class MemoryStore:
    """A store of one collection."""

    def __init__(self, *collections):
        self.collections = {collection.name: collection for collection in collections}

    def collection_names(self):
        return sorted(self.collections)

    def open_collection(self, name, *, spec=None):
        if name not in self.collections:
            raise CollectionNotFoundError(name, self.collections)
        return self.collections[name]

    def create_collection(self, name, spec):
        self.collections[name] = MemoryCollection()
        return self.collections[name]

    def delete_collection(self, name):
        del self.collections[name]


@pytest.fixture
def collection():
    return MemoryCollection(make_point("a"), make_point("b", "dog"))


@pytest.fixture
def collections(collection):
    return Collections(MemoryStore(collection), RevisionCache())


def test_open__the_only_one_needs_no_name(collections, collection):
    assert collections.open() is collections.open("memory") is collection


def test_open__none_several_or_another(collections):
    with pytest.raises(CollectionNotFoundError, match="no collection 'other'; known: memory"):
        collections.open("other")
    collections.create("other", MemoryCollection.spec)
    with pytest.raises(ConfigurationError, match="several collections: memory, other"):
        collections.open()
    with pytest.raises(CollectionNotFoundError, match="run 'lookalike index SOURCE' first"):
        Collections(MemoryStore(), RevisionCache()).open()


def test_open_all__one_that_is_deleted_meanwhile_is_left_out_and_one_that_fails_is_not(collections, collection):
    store = collections._store
    names = iter([["gone", "memory"]])
    store.collection_names = lambda: next(names, ["memory"])
    assert collections.open_all() == [collection]

    store.collection_names = lambda: ["damaged", "memory"]
    with pytest.raises(CollectionNotFoundError, match="no collection 'damaged'"):
        collections.open_all()


def test_snapshot__is_read_once_until_something_is_written(collections, collection):
    first = collections.snapshot()
    assert collections.snapshot() is collections.snapshot("memory", with_embeddings=True) is first

    collection.upsert(make_point("c"))

    assert collections.snapshot().ids.tolist() == ["a", "b", "c"]


def test_snapshot__with_embeddings_takes_one_pass(collections, collection):
    assert collections.snapshot(with_embeddings=True).embeddings().shape == (2, 2)
    assert collection.n_embeddings_read == 1


def test_snapshot__of_a_collection_made_again_under_its_name(collections):
    collections.snapshot()
    collections.delete("memory")
    collections.create("memory", MemoryCollection.spec)
    assert len(collections.snapshot()) == 0


def test_ask__is_asked_again_of_a_newer_snapshot(collections, collection):
    asked = []

    def question(snapshot):
        asked.append(snapshot.ids.tolist())
        if len(asked) == 1:
            collection.upsert(make_point("a", embedded_at=TUESDAY), make_point("c"))
        return snapshot.embeddings().shape

    assert collections.ask(None, question) == (3, 2)
    assert asked == [["a", "b"], ["a", "b", "c"]]


def test_ask__a_store_whose_revision_lags_is_read_anew(collections, collection):
    """A write that is on its way may have told its revision already."""
    seen = []

    def question(snapshot):
        seen.append(snapshot.key)
        collection.points.pop("a", None)
        return [point.id for point in snapshot.show(range(len(snapshot)))]

    assert collections.ask(None, question) == ["b"]
    assert len(set(seen)) == 2


def test_ask__writes_without_end_end_in_one_clean_error(collections, collection):
    numbers = count()

    def question(snapshot):
        collection.upsert(make_point("a", f"class {next(numbers)}"))
        return snapshot.show([0])

    with pytest.raises(SnapshotOutdatedError, match="collection 'memory' changed while it was read; ask again"):
        collections.ask(None, question)
    assert next(numbers) == ATTEMPTS


def test_ask__other_errors_are_not_asked_again(collections):
    asked = []

    def question(snapshot):
        asked.append(snapshot)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        collections.ask(None, question)
    assert len(asked) == 1


@pytest.mark.parametrize("is_noted", [True, False], ids=["a revision each", "parts of one write"])
@pytest.mark.parametrize("n_writes", [1, 1000])
def test_describe__counts_are_of_one_moment(collections, collection, monkeypatch, n_writes, is_noted):
    writes, facet = iter(range(n_writes)), collection.facet

    def write_and_facet(*arguments):
        if (number := next(writes, None)) is not None:
            collection.upsert(make_point(f"c{number}", "bird"))
            collection.n_writes -= not is_noted
        return facet(*arguments)

    monkeypatch.setattr(collection, "facet", write_and_facet)

    described = collections.describe()

    assert described.n_points == sum(described.classes.values()) == len(collection.points)
    assert collections.described_last() == described


def test_described_last__is_the_answer_before_and_counts_only_the_first(collections, collection):
    first = collections.described_last()
    collection.upsert(make_point("c", "bird"))

    assert collections.described_last() == first
    assert first.classes == {"cat": 1, "dog": 1}
    newest = collections.describe()
    assert collections.described_last() == newest
    assert newest.classes == {"cat": 1, "dog": 1, "bird": 1}


def test_described_last__collection_made_anew_under_a_name__is_counted_anew(collections):
    collections.describe()
    collections.delete("memory")
    collections.create("memory", MemoryCollection.spec)

    assert collections.described_last().classes == {}
