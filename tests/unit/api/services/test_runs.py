import logging
import threading
import time

import pytest

from api.services.runs import Runs
from indexer.errors import SourceUnavailableError
from lookalike.errors import RunActiveError, UnknownPathNameError


@pytest.fixture
def runs():
    service = Runs()
    yield service
    service.close()


def wait_for(runs, run_id):
    deadline = time.monotonic() + 60
    while (info := runs.get(run_id)).state == "running":
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return info


def test_start__keeps_the_result(runs):
    info = wait_for(runs, runs.start("index", "c", lambda on_progress: {"embedded": 3}).id)
    assert (info.state, info.result, info.error) == ("succeeded", {"embedded": 3}, None)
    assert info.finished_at >= info.started_at


def test_get__shows_progress_while_it_works(runs):
    told, go_on = threading.Event(), threading.Event()

    def work(on_progress):
        on_progress("embedding", 3, 10)
        told.set()
        go_on.wait(60)
        return {}

    run = runs.start("index", None, work)
    assert told.wait(60)
    info = runs.get(run.id)
    go_on.set()
    assert (info.state, info.stage, info.done, info.total) == ("running", "embedding", 3, 10)


def test_start__refuses_a_second_run_and_takes_it_when_the_first_is_over(runs):
    go_on = threading.Event()
    first = runs.start("project", "c", lambda on_progress: {"waited": go_on.wait(60)})
    with pytest.raises(RunActiveError, match=f"run {first.id} \\(project\\) is at work"):
        runs.start("index", "c", lambda on_progress: {})
    go_on.set()
    wait_for(runs, first.id)
    second = runs.start("index", "c", lambda on_progress: {})
    assert [info.id for info in runs.list()] == [second.id, first.id]


def test_start_beside__waits_for_no_run_and_is_cancelled_alone(runs):
    first = runs.start("index", "c", endless)
    beside = runs.start_beside("export", "c", endless)
    assert [info.state for info in runs.list()] == ["running", "running"]
    runs.cancel(beside.id)
    assert wait_for(runs, beside.id).state == "cancelled"
    with pytest.raises(RunActiveError, match=first.id):
        runs.start("project", "c", endless)
    runs.cancel(first.id)
    assert wait_for(runs, first.id).state == "cancelled"


def test_list__remembers_what_is_at_work_however_much_follows(runs):
    first = runs.start("index", "c", endless)
    for _ in range(60):
        wait_for(runs, runs.start_beside("export", "c", lambda on_progress: {}).id)
    assert runs.get(first.id).state == "running"


def test_list__cuts_long_results_and_get_gives_all(runs):
    told = {"n_written": 50, "outcomes": list(range(50)), "files": ["a"]}
    run = runs.start_beside("apply", "c", lambda on_progress: told)
    assert wait_for(runs, run.id).result == told
    assert runs.list()[0].result == {"n_written": 50, "outcomes": list(range(20)), "files": ["a"]}


def endless(on_progress):
    while True:
        on_progress("embedding", 1, None)
        time.sleep(0.001)


def test_cancel__stops_a_run_at_its_next_step(runs):
    run = runs.start("index", "c", endless)
    runs.cancel(run.id)
    info = wait_for(runs, run.id)
    assert (info.state, info.error.detail) == ("cancelled", "cancelled on request; what was finished is kept")


def test_cancel__of_a_finished_run_changes_nothing_and_harms_no_later_one(runs):
    first = wait_for(runs, runs.start("index", "c", lambda on_progress: {}).id)
    assert runs.cancel(first.id).state == "succeeded"
    later = runs.start("index", "c", lambda on_progress: on_progress("embedding", 1, 1) or {})
    assert wait_for(runs, later.id).state == "succeeded"


def test_close__waits_for_the_run_to_stop(runs):
    run = runs.start("index", "c", endless)
    runs.close()
    assert runs.get(run.id).state == "cancelled"


def test_start__describes_a_failure(runs):
    def work(on_progress):
        raise SourceUnavailableError("nothing at /nowhere; give another path")

    info = wait_for(runs, runs.start("index", "c", work).id)
    assert (info.state, info.error.status) == ("failed", 422)
    assert info.error.detail == "nothing at /nowhere; give another path"


def test_start__logs_an_unexpected_failure_and_keeps_its_text_to_itself(runs, caplog):
    def work(on_progress):
        raise RuntimeError("password=secret")

    with caplog.at_level(logging.ERROR, "api.services.runs"):
        info = wait_for(runs, runs.start("index", "c", work).id)
    assert info.state == "failed"
    assert "secret" not in info.error.detail
    assert "password=secret" in caplog.text


def test_get__lists_the_known_runs(runs):
    with pytest.raises(UnknownPathNameError, match="unknown run 'x'; known: none yet"):
        runs.get("x")
