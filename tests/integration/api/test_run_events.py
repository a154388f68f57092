"""Runs told as events, and started once although they are asked for twice."""

import asyncio
import json
import threading

import pytest

from api.app import create_app
from api.services.run_events import follow_run
from api.settings import ApiSettings
from lookalike.wire.runs import RunInfo
from tests.integration.api.samples import IDENTITY, NAME, AppClient, assert_problem, open_indexed_workspace

STARTED = "2026-01-02T03:04:05Z"
PROJECT = {"kind": "project", "method": "pca", "collection": NAME}


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    with open_indexed_workspace(tmp_path_factory.mktemp("runs")) as opened:
        yield AppClient(create_app(ApiSettings(), opened, IDENTITY))


def info(**changes):
    known = {"id": "r", "kind": "index", "collection": None, "state": "running", "stage": "reading", "done": 0}
    return RunInfo(**{**known, "total": None, "started_at": STARTED, **changes})


def events_of(infos, stopping=None):
    """What is sent about a run that looks like these one after the other."""
    left = iter(infos)

    async def collect():
        return [event async for event in follow_run(lambda: next(left), stopping or threading.Event())]

    return asyncio.run(collect())


def test_follow_run__tells_each_change_once_and_the_end():
    said = events_of([info(), info(), info(done=7), info(state="succeeded", done=9)])
    assert said[0] == "retry: 2000\n\n"
    told = [event.strip().split("\n") for event in said[1:]]
    assert [lines[0] for lines in told[:2]] == [line for lines in told[:2] for line in lines]
    documents = [json.loads(lines[-1].removeprefix("data: ")) for lines in told]
    assert [(one["state"], one["done"]) for one in documents] == [("running", 0), ("running", 7), ("succeeded", 9)]
    assert told[2][0] == "event: end"


def test_follow_run__ends_with_the_server():
    stopping = threading.Event()

    def infos():
        yield info()
        stopping.set()
        yield info(done=1)

    said = events_of(infos(), stopping)
    assert len(said) == 3
    assert not any("event: end" in one for one in said)


def test_events__of_a_real_run(api):
    started = api.post("/runs", json=PROJECT).json()
    answer = api.get(f"/runs/{started['id']}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    last = answer.text.strip().split("\n\n")[-1]
    assert last.startswith("event: end\n")
    assert json.loads(last.partition("data: ")[2])["state"] == "succeeded"


def test_events__of_a_run_that_does_not_exist(api):
    assert_problem(api.get("/runs/none/events"), 404, "unknown run 'none'")


def test_start_run__the_same_key_gives_the_same_run(api):
    wish = {**PROJECT, "idempotency_key": "a key of mine"}
    first = api.post("/runs", json=wish)
    again = api.post("/runs", json=wish)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"]
    api.get(f"/runs/{first.json()['id']}/events")
    assert api.post("/runs", json=wish).json()["id"] == first.json()["id"]
    assert_problem(api.post("/runs", json={**wish, "metric": "euclidean"}), 422, "belongs to another request")
    other = api.post("/runs", json={**wish, "idempotency_key": "another key"})
    assert other.json()["id"] != first.json()["id"]
    api.get(f"/runs/{other.json()['id']}/events")


def test_start_run__a_start_that_failed_leaves_the_key_free(api):
    wish = {**PROJECT, "method": "no-such", "idempotency_key": "key of a failure"}
    assert_problem(api.post("/runs", json=wish), 422, "no-such")
    right = api.post("/runs", json={**wish, "method": "pca"})
    assert right.status_code == 202
    api.get(f"/runs/{right.json()['id']}/events")
