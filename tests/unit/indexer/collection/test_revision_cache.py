import threading

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


def test_get__keeps_no_lock_of_a_question_that_is_answered():
    cache = RevisionCache(max_entries=2)
    for threshold in range(1000):
        cache.get(("duplicates", threshold / 1000), "r", lambda: 0)
    with pytest.raises(ZeroDivisionError):
        cache.get("impossible", "r", lambda: 1 / 0)

    assert len(cache._turns) == 0
    assert len(cache._entries) == 2


def test_get__many_at_a_time_wait_for_the_one_that_computes():
    cache, computed, results = RevisionCache(), [], []
    started, may_end = threading.Event(), threading.Event()

    def compute():
        started.set()
        assert may_end.wait(60)
        computed.append("once")
        return len(computed)

    callers = [threading.Thread(target=lambda: results.append(cache.get("a", "r", compute))) for _ in range(8)]
    callers[0].start()
    assert started.wait(60)
    for caller in callers[1:]:
        caller.start()
    assert cache.get("b", "r", lambda: 7) == 7  # another question waits for nobody
    may_end.set()
    for caller in callers:
        caller.join(60)

    assert (results, computed) == ([1] * 8, ["once"])
    assert len(cache._turns) == 0


def test_forget__is_computed_anew():
    cache = RevisionCache()
    cache.get("a", "r", lambda: 1)
    assert (cache.find("a", "r"), cache.find("a", "s"), cache.has_any("a")) == (1, None, True)

    cache.forget("a")

    assert (cache.find("a", "r"), cache.has_any("a"), cache.get("a", "r", lambda: 2)) == (None, False, 2)
