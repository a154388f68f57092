"""Runs that one api process does itself, as the others of the same data directory see them."""

import threading
import time

import pytest

from api.services.run_queue import RunQueue
from api.services.shared_runs import SharedRuns
from lookalike.errors import UnknownPathNameError
from lookalike.wire.runs import IndexRun


@pytest.fixture
def both(tmp_path):
    """Runs of two api processes."""
    opened = [SharedRuns(RunQueue(tmp_path), lambda info, told: told, lambda: None) for _ in range(2)]
    yield opened
    for one in opened:
        one.close()


class Work:
    """Work that waits in its first step."""

    def __init__(self):
        self.go_on = threading.Event()

    def __call__(self, on_progress):
        on_progress("counting", 1, 2)
        self.go_on.wait(60)
        on_progress("counting", 2, 2)
        return {"n": 2}


def wait_until(is_so):
    give_up_at = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < give_up_at
        time.sleep(0.02)


def test_start_beside__the_other_process_sees_how_far_it_is_and_its_end(both):
    here, there = both
    work = Work()
    run = here.start_beside("backup", "pets", work)
    wait_until(lambda: there.get(run.id).done == 1)
    assert [(one.id, one.kind, one.state) for one in there.list()] == [(run.id, "backup", "running")]
    assert [one.id for one in here.list()] == [run.id]
    work.go_on.set()
    wait_until(lambda: there.get(run.id).state == "succeeded")
    assert there.get(run.id).result == {"n": 2}
    assert there.get(run.id).done == 2


def test_cancel__by_the_other_process_stops_it(both):
    here, there = both
    work = Work()
    run = here.start_beside("backup", "pets", work)
    wait_until(lambda: there.get(run.id).done == 1)
    assert there.cancel(run.id).state == "running"
    wait_until(here._stops[run.id].is_set)
    work.go_on.set()
    wait_until(lambda: there.get(run.id).state == "cancelled")
    assert here.get(run.id).state == "cancelled"
    assert there.get(run.id).error.code == "CancelledError"


def test_start_beside__what_fails_is_told_in_its_words(both):
    def fail(on_progress):
        raise UnknownPathNameError("run", "x", [])

    run = both[0].start_beside("backup", "pets", fail)
    wait_until(lambda: both[1].get(run.id).state == "failed")
    assert both[1].get(run.id).error == both[0].get(run.id).error


def test_close__tells_the_others_that_it_stopped(both):
    work = Work()
    run = both[0].start_beside("backup", "pets", work)
    wait_until(lambda: both[1].get(run.id).done == 1)
    closing = threading.Thread(target=both[0].close)
    closing.start()
    wait_until(both[0]._stops[run.id].is_set)
    work.go_on.set()
    closing.join(60)
    assert both[1].get(run.id).state == "cancelled"


def test_claim__a_worker_gets_no_run_of_an_api_and_need_not_wait_for_it(both):
    work = Work()
    both[0].start_beside("export", "pets", work)
    queued = both[1].enqueue("index", "pets", IndexRun(source="/photos", collection="pets"))
    assert both[0].claim("w", ["index", "project"]).run.id == queued.id
    assert both[0].claim("w", ["index", "project"]) is None
    work.go_on.set()
