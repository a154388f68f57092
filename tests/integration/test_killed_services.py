"""An api, a worker or the store that goes in the middle of writes and comes back: nothing that was confirmed is lost.

The store is the double of a Qdrant server or, with QDRANT_URL, a real one.
"""

import os
import shutil
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

import lookalike
from api.services.run_queue import WAITING
from indexer.settings import IndexerSettings, StoreSettings
from indexer.workspace import Workspace
from lookalike.errors import IndexerError, LookalikeError, ServerUnreachableError, StoreUnavailableError
from tests.compose import Place, read_compose, started
from tests.doubles.relay import Relay
from tests.integration.backups.making import SPEC, make_points
from tests.integration.test_compose_services import KEYS, place, qdrant, wait_until, wait_until_healthy

__all__ = ["place", "qdrant"]  # fixtures

COMPOSE = read_compose()
N_JUDGED, N_PEOPLE, N_BEFORE = 60, 3, 5
N_MANY = 400


@pytest.fixture
def relay(qdrant):
    opened = Relay(urlsplit(qdrant[0]).port)
    yield opened
    opened.close()


@pytest.fixture
def mine(place, relay, tmp_path):
    """A place of its own, whose way to the store can be cut."""
    return Place(tmp_path, place.images, place.tokens, relay.url + urlsplit(place.qdrant).path, place.variables)


class People:
    """People who judge points, each of them others, until every verdict is confirmed.

    Args:
        url: The api.
        name: The collection.
        disturb: Called by the one whose verdict is the fifth, in the middle of the work of the others.
    """

    def __init__(self, url, name, disturb):
        self._url, self._name, self._disturb = url, name, disturb
        self.confirmed, self.refusals = set(), []
        self._counting = threading.Lock()
        self._pool = ThreadPoolExecutor(N_PEOPLE)
        self._work = [self._pool.submit(self._judge, number) for number in range(N_PEOPLE)]

    def wait(self):
        for one in self._work:
            one.result(timeout=240)
        self._pool.shutdown()

    def _judge(self, number):
        with lookalike.connect(self._url, api_key=KEYS["review"]) as client:
            for point in make_points()[number:N_JUDGED:N_PEOPLE]:
                self._insist(client, point.id)

    def _insist(self, client, point_id):
        key = uuid4().hex
        while point_id not in self.confirmed:
            try:
                client.list_points(self._name, limit=10)
                client.add_reviews(point_id, "dismiss", self._name, who="ann", idempotency_key=key)
                with self._counting:
                    self.confirmed.add(point_id)
                    if len(self.confirmed) == N_BEFORE:
                        self._disturb()
            except LookalikeError as error:
                self.refusals.append(error)
                threading.Event().wait(0.1)


def fill(mine, name):
    """A collection of points that nobody needs to embed."""
    store = StoreSettings(url=mine.qdrant, api_key=mine.variables["QDRANT_API_KEY"])
    with Workspace.open(IndexerSettings(data_dir=mine.folder / "other", store=store)) as workspace:
        workspace.collections.create(name, SPEC).upsert(make_points())


def assert_all_judged(client, name):
    """Each verdict stands once, in the log and at its point."""
    wanted = sorted(point.id for point in make_points()[:N_JUDGED])
    assert sorted(one.point_id for one in client.reviews(name)) == wanted
    assert sorted(one.point_id for one in client.review_log(name)) == wanted
    points = client.list_points(name, limit=1000).points
    assert sorted(one.id for one in points if one.payload.get("review")) == wanted


def test_store__stopped_and_started_again_under_load__every_verdict_is_there(mine, relay):
    name = f"stopped-{uuid4().hex[:8]}"
    fill(mine, name)
    with started("api", mine, COMPOSE) as api:
        wait_until_healthy("api", mine, api)
        people = People(mine.url("api"), name, relay.close)
        wait_until(lambda: len(people.refusals) >= N_PEOPLE)
        assert httpx.get(f"{mine.url('api')}/api/v1/health", timeout=60).status_code == 200
        assert httpx.get(f"{mine.url('api')}/api/v1/ready", timeout=60).status_code == 503
        assert len(people.confirmed) < N_JUDGED
        relay.open()
        people.wait()

        assert {type(one) for one in people.refusals} == {StoreUnavailableError}
        assert httpx.get(f"{mine.url('api')}/api/v1/ready", timeout=60).status_code == 200
        with lookalike.connect(mine.url("api"), api_key=KEYS["read"]) as client:
            assert_all_judged(client, name)
        assert api.poll() is None


def test_api__killed_and_started_again_while_people_judge__every_verdict_is_there(mine):
    name = f"killed-{uuid4().hex[:8]}"
    fill(mine, name)
    with ExitStack() as stack:
        api = stack.enter_context(started("api", mine, COMPOSE))
        wait_until_healthy("api", mine, api)
        people = People(mine.url("api"), name, api.kill)
        wait_until(lambda: len(people.refusals) >= N_PEOPLE)
        assert len(people.confirmed) < N_JUDGED
        again = stack.enter_context(started("api", mine, COMPOSE))
        wait_until_healthy("api", mine, again)
        people.wait()

        assert {type(one) for one in people.refusals} == {ServerUnreachableError}
        with lookalike.connect(mine.url("api"), api_key=KEYS["read"]) as client:
            assert_all_judged(client, name)


def copy_often(images):
    """So many pictures that somebody who looks now and then sees a run at work."""
    many = images / "many"
    for number, picture in zip(range(N_MANY), cycle(sorted(images.glob("*/*.png"))), strict=False):
        (many / picture.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copy(picture, many / picture.parent.name / f"{number}.png")
    return many


def children_of(pid):
    """Processes that a process has started, as Linux tells."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(one) for one in text.split()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's list of the children of a process")
def test_worker__killed_with_its_run__is_told_in_words_and_the_next_one_finishes(mine):
    name, whole = (f"{kind}-{uuid4().hex[:8]}" for kind in ("cut", "whole"))
    many = copy_often(mine.images)
    with ExitStack() as stack:
        api = stack.enter_context(started("api", mine, COMPOSE))
        worker = stack.enter_context(started("worker", mine, COMPOSE))
        wait_until_healthy("api", mine, api)
        client = stack.enter_context(lookalike.connect(mine.url("api"), api_key=KEYS["admin"]))
        run = client.index(many, collection=name, batch_size=1)
        wait_until(lambda: run.refresh().stage not in {WAITING, "starting"} and not run.info.stage.startswith("start"))
        for pid in (*children_of(worker.pid), worker.pid):
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(IndexerError, match="does not answer any more; what it stored is kept"):
            run.wait(timeout_s=120)

        stack.enter_context(started("worker", mine, COMPOSE))
        client.index(many, collection=name).wait(timeout_s=180)
        client.index(many, collection=whole).wait(timeout_s=180)
        assert points_of(client, name) == points_of(client, whole)
        assert points_of(client, name)


def points_of(client, name):
    points = client.list_points(name, limit=1000).points
    return sorted((one.id, {key: value for key, value in one.payload.items() if "_at" not in key}) for one in points)
