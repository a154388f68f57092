from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import InvalidOptionsError
from indexer.pipeline.batches import THREAD_NAME, map_ahead

COUNTS = st.integers(1, 5)


class BrokenError(Exception):
    """Raised on purpose."""


def own_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith(THREAD_NAME)]


def collect_until_error(results: Iterator[int]) -> tuple[list[int], bool]:
    """The results before the end or the first error, and whether there was one."""
    collected: list[int] = []
    while True:
        try:
            collected.append(next(results))
        except StopIteration:
            return collected, False
        except BrokenError:
            return collected, True


@given(delays=st.lists(st.sampled_from([0, 0, 0.002]), max_size=12), workers=COUNTS, ahead=COUNTS)
def test_map_ahead__any_delays__keeps_the_order(delays: list[float], workers: int, ahead: int) -> None:
    def wait(numbered: tuple[int, float]) -> int:
        time.sleep(numbered[1])
        return numbered[0]

    results = list(map_ahead(wait, enumerate(delays), workers=workers, ahead=ahead))

    assert results == list(range(len(delays)))
    assert own_threads() == []


@given(n_items=st.integers(0, 12), broken_at=st.integers(0, 14), workers=COUNTS, ahead=COUNTS)
def test_map_ahead__failing_call__is_raised_in_its_place(
    n_items: int, broken_at: int, workers: int, ahead: int
) -> None:
    def fail_at(number: int) -> int:
        if number == broken_at:
            raise BrokenError
        return number

    results, has_failed = collect_until_error(map_ahead(fail_at, range(n_items), workers=workers, ahead=ahead))

    assert results == list(range(min(n_items, broken_at)))
    assert has_failed == (broken_at < n_items)
    assert own_threads() == []


@given(n_items=st.integers(0, 12), workers=COUNTS, ahead=COUNTS)
def test_map_ahead__failing_source__is_raised_after_its_results(n_items: int, workers: int, ahead: int) -> None:
    def source() -> Iterator[int]:
        yield from range(n_items)
        raise BrokenError

    results, has_failed = collect_until_error(map_ahead(abs, source(), workers=workers, ahead=ahead))

    assert (results, has_failed) == (list(range(n_items)), True)


@given(n_items=st.integers(0, 20), workers=COUNTS, ahead=COUNTS)
def test_map_ahead__slow_consumer__takes_no_more_than_ahead(n_items: int, workers: int, ahead: int) -> None:
    taken = 0

    def source() -> Iterator[int]:
        nonlocal taken
        for number in range(n_items):
            taken += 1
            yield number

    for n_handed_out, _ in enumerate(map_ahead(abs, source(), workers=workers, ahead=ahead)):
        assert taken - n_handed_out <= ahead


@given(n_items=st.integers(1, 20), n_consumed=st.integers(0, 20), workers=COUNTS, ahead=COUNTS)
def test_map_ahead__closed_early__leaves_no_thread_and_no_waiting_call(
    n_items: int, n_consumed: int, workers: int, ahead: int
) -> None:
    called: list[int] = []
    results = map_ahead(called.append, range(n_items), workers=workers, ahead=ahead)
    for _ in zip(range(n_consumed), results, strict=False):
        pass

    results.close()

    assert own_threads() == []
    assert len(called) <= n_consumed + 1 + ahead


def test_map_ahead__two_workers__run_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=60)

    assert len(list(map_ahead(lambda _: both.wait(), range(4), workers=2, ahead=2))) == 4


def test_map_ahead__consumer_is_busy__works_ahead() -> None:
    is_second_done = threading.Event()
    results = map_ahead(lambda number: number and is_second_done.set(), [0, 1], workers=1, ahead=2)

    next(results)

    assert is_second_done.wait(timeout=60)
    results.close()


def test_map_ahead__not_started__runs_nothing() -> None:
    called: list[int] = []

    map_ahead(called.append, [1], workers=1, ahead=1).close()

    assert called == []


def test_map_ahead__two_in_a_row__overlap_and_keep_the_order() -> None:
    doubled = map_ahead(lambda number: number * 2, range(50), workers=3, ahead=4)
    raised = map_ahead(lambda number: number + 1, doubled, workers=1, ahead=2)

    assert list(raised) == list(range(1, 100, 2))


def test_map_ahead__last_stage_closed__closes_those_before_it() -> None:
    first = map_ahead(abs, range(50), workers=2, ahead=4)
    last = map_ahead(abs, first, workers=1, ahead=2)
    next(last)

    last.close()

    assert own_threads() == []


@pytest.mark.parametrize(("workers", "ahead"), [(0, 1), (1, 0)])
def test_map_ahead__impossible_counts__are_refused_at_once(workers: int, ahead: int) -> None:
    with pytest.raises(InvalidOptionsError, match="must be at least 1"):
        map_ahead(abs, [], workers=workers, ahead=ahead)
