"""Runs that other processes do: what they tell, and what is known of one that tells nothing."""

import os
import subprocess
import sys

import pytest

from api.services import external_runs
from api.services.run_rates import Rates
from api.services.runs import Runs
from lookalike.errors import RunActiveError, UnknownPathNameError
from lookalike.wire.runs import AttachedRun, RunEnd, RunProgress

ATTACHED = AttachedRun(pid=os.getpid(), source="photos", collection="c")


@pytest.fixture
def ended():
    return []


@pytest.fixture
def runs(ended):
    service = Runs(lambda: ended.append(True))
    yield service
    service.close()


def test_attach__is_shown_with_its_progress(runs):
    run = runs.attach(ATTACHED)
    assert runs.note(run.id, RunProgress(stage="indexing images", done=3, total=10)) is False
    info = runs.get(run.id)
    assert (info.kind, info.source, info.collection) == ("index", "photos", "c")
    assert (info.state, info.stage, info.done, info.total) == ("running", "indexing images", 3, 10)


def test_attach__one_at_a_time(runs):
    run = runs.attach(ATTACHED)
    with pytest.raises(RunActiveError, match=f"run {run.id} \\(index\\) is at work"):
        runs.attach(ATTACHED)
    with pytest.raises(RunActiveError):
        runs.start("project", "c", lambda on_progress: {})


def test_end__keeps_the_report_and_makes_room(runs, ended):
    run = runs.attach(ATTACHED)
    info = runs.end(run.id, RunEnd(state="succeeded", result_json='{"images": {"seen": 3}}'))
    assert (info.state, info.result, info.error) == ("succeeded", {"images": {"seen": 3}}, None)
    second = runs.attach(ATTACHED)
    assert [one.id for one in runs.list()] == [second.id, run.id]
    runs.end(second.id, RunEnd(state="succeeded"))
    runs.close()
    assert ended == [True, True]


def test_end__failure_has_the_status_of_its_error(runs):
    run = runs.attach(ATTACHED)
    info = runs.end(run.id, RunEnd(state="failed", error_code="SourceError", error="none of the images could be read"))
    assert (info.state, info.error.status, info.error.detail) == ("failed", 422, "none of the images could be read")
    assert info.error.code == "SourceError"


def test_end__of_a_run_that_is_over_changes_nothing(runs):
    run = runs.attach(ATTACHED)
    runs.end(run.id, RunEnd(state="succeeded"))
    assert runs.end(run.id, RunEnd(state="failed", error="late")).state == "succeeded"
    assert runs.note(run.id, RunProgress(stage="late", done=1)) is True


def test_cancel__is_told_when_the_process_asks(runs):
    run = runs.attach(ATTACHED)
    assert runs.cancel(run.id).state == "running"
    assert runs.note(run.id, RunProgress(stage="indexing images", done=1)) is True
    assert (
        runs.end(run.id, RunEnd(state="cancelled", error_code="CancelledError", error="stopped")).state == "cancelled"
    )


def test_get__process_that_died_has_failed(runs):
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    run = runs.attach(AttachedRun(pid=process.pid, source="photos"))
    info = runs.get(run.id)
    assert info.state == "failed"
    assert "the process of the run ended without a word; what it stored is kept" in info.error.detail


def test_get__process_that_died_after_a_cancel_is_cancelled(runs):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        run = runs.attach(AttachedRun(pid=process.pid, source="photos"))
        runs.cancel(run.id)
        assert runs.get(run.id).state == "running"
        process.communicate(b"\n")
    assert runs.get(run.id).state == "cancelled"


def test_get__process_that_fell_silent_has_failed_and_is_told_to_stop(runs, monkeypatch):
    run = runs.attach(ATTACHED)
    monkeypatch.setattr(external_runs, "SILENT_S", -1)
    info = runs.get(run.id)
    assert info.state == "failed"
    assert "does not answer any more" in info.error.detail
    assert runs.note(run.id, RunProgress(stage="indexing images", done=1)) is True


def test_note__unknown_run(runs):
    with pytest.raises(UnknownPathNameError, match="unknown run 'x'; known: none yet"):
        runs.note("x", RunProgress(stage="indexing images", done=1))


def test_rates__of_the_stage_it_is_in():
    seconds = iter([0.0, 0.1, 2.0, 4.0, 5.0, 6.0])
    rates = Rates(lambda: next(seconds))
    told = [("reading", 0, 100), ("reading", 10, 100), ("reading", 40, 100), ("reading", 80, 100)]
    assert [rates.note(*one) for one in told] == [(None, None), (None, None), (20.0, 3.0), (20.0, 1.0)]
    assert rates.note("building", 0, None) == (None, None)
    assert rates.note("building", 7, None) == (7.0, None)
