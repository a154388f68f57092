"""Two api processes and a worker on one Qdrant server and one data directory, compared with one after the other.

The store is the double of a Qdrant server or, with QDRANT_URL, a real one.
"""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from uuid import uuid4

import cv2
import numpy as np
import pytest

import lookalike
from lookalike.errors import ReviewConflictError
from lookalike.wire.reviews import SeenPoint
from lookalike.wire.runs import IndexRun, RunInfo
from tests.compose import Place, read_compose, started
from tests.doubles.qdrant_server import running_server
from tests.integration.test_compose_services import KEYS, STORE_KEY, wait_until, wait_until_healthy

COMPOSE = read_compose()
CLASSES = ("blue", "green", "red")
N_IMAGES = 45
N_JUDGED = 12


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Colored noise, every ninth image in the folder of another color."""
    folder = tmp_path_factory.mktemp("several") / "images"
    random = np.random.default_rng(0)
    for number in range(N_IMAGES):
        color = number % 3
        pixels = random.normal(60, 25, (24, 24, 3))
        pixels[..., color] += 150
        name = CLASSES[(color + (number % 9 == 0)) % 3]
        (folder / name).mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / name / f"{number:02}.png"), pixels.clip(0, 255).astype(np.uint8))
    return folder


@pytest.fixture(scope="module")
def qdrant():
    if gate := os.environ.get("QDRANT_GATE"):
        yield f"{gate}/several", STORE_KEY
        return
    with running_server() as double:
        double.api_key = STORE_KEY
        yield double.url, STORE_KEY


@contextmanager
def two_apis(qdrant, images, folder):
    """Clients of two apis of one data directory, with a worker that takes runs of the first one only."""
    tokens = folder / "tokens"
    tokens.write_text("".join(f"{scope} {key} {scope}\n" for scope, key in KEYS.items()))
    tokens.chmod(0o600)
    url, key = qdrant
    first = Place(folder, images, tokens, url, {"QDRANT_API_KEY": key, "LOOKALIKE_IMAGES": str(images)})
    second = replace(first)  # other ports
    with ExitStack() as stack:
        apis = [stack.enter_context(started("api", place, COMPOSE)) for place in (first, second)]
        stack.enter_context(started("worker", first, COMPOSE))
        for place, api in zip((first, second), apis, strict=True):
            wait_until_healthy("api", place, api)
        connect = partial(lookalike.connect, api_key=KEYS["admin"])
        yield [stack.enter_context(connect(place.url("api"))) for place in (first, second)]


@pytest.fixture(scope="module")
def serial(qdrant, images, tmp_path_factory):
    """What both apis answer after everything was done one after the other, in a data directory of its own."""
    name = f"serial-{uuid4().hex[:8]}"
    with two_apis(qdrant, images, tmp_path_factory.mktemp("serial")) as clients:
        index_and_judge(clients, images, name, 1)
        return [answers_of(client, name) for client in clients]


@pytest.fixture(scope="module")
def clients(serial, qdrant, images, tmp_path_factory):
    with two_apis(qdrant, images, tmp_path_factory.mktemp("at-once")) as opened:
        yield opened


@pytest.fixture(scope="module")
def name(clients, images):
    """A collection to which everything was done at once."""
    made = f"at-once-{uuid4().hex[:8]}"
    index_and_judge(clients, images, made, 6)
    return made


def answers_of(client, name):
    """Everything that a page shows of a collection, without times and random names."""
    points = client.list_points(name, limit=1000).points
    suspects = client.list_suspects(name, limit=1000)
    return {
        "points": sorted((one.id, one.class_name, verdict_of(one)) for one in points),
        "suspects": [(one.id, one.suggested_class, round(one.score, 6)) for one in suspects.suspects],
        "clusters": sorted((one.size, one.name, one.purity) for one in client.list_clusters(name)),
        "confusion": client.compare_classes(name).model_dump(),
        "reviews": sorted((one.point_id, one.verdict, one.class_name) for one in client.reviews(name)),
        "log": sorted((one.point_id, one.verdict, one.stands) for one in client.review_log(name)),
    }


def verdict_of(point):
    review = point.payload.get("review")
    return None if review is None else (review["verdict"], review.get("class_name"))


def judge(client, name, ids, number):
    """One person's verdict on one point: another class, then for some it is taken back, and then it is right."""
    point_id = ids[number]
    now = client.get_point(point_id, name)
    other = CLASSES[(CLASSES.index(now.class_name) + 1) % 3]
    (review,) = client.add_reviews(point_id, "accept", name, class_name=other, who=f"person {number}")
    if number % 3 == 0:
        client.undo_review(review.id, name)
        client.add_reviews(point_id, "dismiss", name, who=f"person {number}")


def index_and_judge(clients, images, name, n_threads):
    """Index, then judge while everything is embedded anew and others read, by so many threads."""
    clients[0].index(images, collection=name).wait(timeout_s=180)
    ids = sorted(one.id for one in clients[1].list_points(name, limit=1000).points)[:N_JUDGED]
    is_over = threading.Event()
    again = clients[1].index(images, collection=name, force=True)
    if n_threads == 1:
        again.wait(timeout_s=180)

    def read(number):
        while not is_over.wait(0.05):
            client = clients[number % 2]
            client.list_suspects(name, limit=10)
            assert len(client.list_points(name, limit=1000).points) == N_IMAGES

    with ThreadPoolExecutor(n_threads + 2) as pool:
        reading = [pool.submit(read, number) for number in range(2 if n_threads > 1 else 0)]
        judging = [pool.submit(judge, clients[number % 2], name, ids, number) for number in range(N_JUDGED)]
        if n_threads == 1:
            for one in judging:
                one.result()
        for one in judging:
            one.result()
        again.wait(timeout_s=180)
        is_over.set()
        for one in reading:
            one.result()


def test_apis__at_once_give_the_answers_of_one_after_the_other(clients, serial, name):
    at_once = [answers_of(client, name) for client in clients]
    assert at_once[0] == at_once[1]
    assert at_once[0] == serial[0] == serial[1]
    assert len(at_once[0]["points"]) == N_IMAGES
    assert at_once[0]["suspects"]
    assert len(at_once[0]["reviews"]) == N_JUDGED


def test_apis__know_the_runs_of_each_other(clients, images):
    run = clients[0].index(images, collection=f"runs-{uuid4().hex[:8]}")
    other = clients[1].get_run(run.id)
    other.cancel()
    wait_until(lambda: run.refresh().state != "running")
    assert run.info.state == "cancelled"
    assert [one.state for one in clients[1].list_runs() if one.id == run.id] == ["cancelled"]


def test_apis__one_request_that_is_sent_to_both_starts_one_run(clients, images):
    request = IndexRun(source=str(images), collection=f"key-{uuid4().hex[:8]}", idempotency_key=uuid4().hex)
    sent = [one._ask(RunInfo, "POST", "/runs", json=request.model_dump(mode="json")) for one in clients]
    assert sent[0].id == sent[1].id
    clients[0].cancel_run(sent[0].id)


def test_apis__two_people_cannot_judge_what_both_saw(clients, name):
    points = [one for one in clients[0].list_points(name, limit=1000).points if verdict_of(one) is None][:8]
    outcomes = []

    def dismiss(client, point, both):
        seen = [SeenPoint(id=point.id, class_name=point.class_name)]
        both.wait()
        try:
            client.add_reviews(point.id, "dismiss", name, seen=seen)
            outcomes.append("given")
        except ReviewConflictError:
            outcomes.append("refused")

    for point in points:
        both = threading.Barrier(2)
        threads = [threading.Thread(target=dismiss, args=(client, point, both)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(outcomes) == ["given"] * 8 + ["refused"] * 8


def test_apis__a_name_that_somebody_gives_is_seen_by_all(clients, name):
    clients[0].rename_collection(name, "Our pets")
    assert [one.display_name for one in clients[1].list_collections() if one.name == name] == ["Our pets"]
