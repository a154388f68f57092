import pytest

from indexer.collection.revision_cache import RevisionCache


def test_get__computes_once_for_each_revision():
    cache, computed = RevisionCache(), []

    def compute():
        computed.append("again")
        return len(computed)

    assert [cache.get("how many", revision, compute) for revision in ("r1", "r1", "r2", "r1")] == [1, 1, 2, 3]


def test_follow__is_given_what_was_known_of_another_revision():
    cache = RevisionCache()

    assert cache.follow("letters", "r1", lambda earlier: [earlier, "a"]) == [None, "a"]
    assert cache.follow("letters", "r1", lambda earlier: [earlier, "never asked"]) == [None, "a"]
    assert cache.follow("letters", "r2", lambda earlier: [*earlier, "b"]) == [None, "a", "b"]
    assert cache.has("letters", "r2")
    assert not cache.has("letters", "r1")


def test_follow__failed_keeps_what_was_known():
    cache = RevisionCache()
    cache.get("number", "r1", lambda: 1)

    with pytest.raises(ZeroDivisionError):
        cache.follow("number", "r2", lambda earlier: earlier / 0)

    assert cache.follow("number", "r2", lambda earlier: earlier + 1) == 2


def test_get__the_least_recently_asked_goes_first():
    cache = RevisionCache(max_entries=2)
    for question in ("a", "b", "a", "c"):
        cache.get(question, "r", lambda: 0)

    assert [cache.has(question, "r") for question in "abc"] == [True, False, True]
