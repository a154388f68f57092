"""The services of docker-compose.yml as processes: started by the same commands, driven by the client.

The store is the double of a Qdrant server or, with QDRANT_URL, a real one.
"""

import os
import subprocess
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest

import lookalike
from api.services.run_queue import WAITING
from lookalike.errors import IndexerError, LookalikeError, NotAllowedError, TokenError
from tests.compose import Place, command_of, environment_of, read_compose, started
from tests.doubles.qdrant_server import running_server

KEYS = {"admin": 32 * "a", "review": 32 * "r", "read": 32 * "l"}
STORE_KEY = "key-of-the-store"
N_IMAGES = 12
COMPOSE = read_compose()
START_TIMEOUT_S = PATIENCE_S = 120
get = partial(httpx.get, trust_env=False, timeout=PATIENCE_S)


@pytest.fixture(scope="module")
def qdrant():
    if gate := os.environ.get("QDRANT_GATE"):
        yield f"{gate}/compose", STORE_KEY
        return
    with running_server() as double:
        double.api_key = STORE_KEY
        yield double.url, STORE_KEY


@pytest.fixture(scope="module")
def place(qdrant, tmp_path_factory):
    folder = tmp_path_factory.mktemp("compose")
    images = folder / "images"
    for number in range(N_IMAGES):
        kind = images / ("red" if number % 2 else "blue")
        kind.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 255, (32, 32, 3), dtype=np.uint8)
        cv2.imwrite(str(kind / f"{number:02}.png"), pixels)
    tokens = folder / "tokens"
    tokens.write_text("".join(f"{scope} {key} {scope}\n" for scope, key in KEYS.items()))
    tokens.chmod(0o600)
    url, key = qdrant
    return Place(folder, images, tokens, url, {"QDRANT_API_KEY": key, "LOOKALIKE_IMAGES": str(images)})


@pytest.fixture(scope="module")
def services(place):
    """Api, explorer and worker, healthy as the health checks of the compose file say."""
    with ExitStack() as stack:
        processes = {name: stack.enter_context(started(name, place, COMPOSE)) for name in ("api", "explorer", "worker")}
        for name, process in processes.items():
            wait_until_healthy(name, place, process)
        yield processes


@pytest.fixture
def admin(services, place):
    with lookalike.connect(place.url("explorer"), api_key=KEYS["admin"]) as client:
        yield client


@pytest.fixture(scope="module")
def indexed(services, place):
    """The images, indexed by the worker for somebody who asked the explorer."""
    with lookalike.connect(place.url("explorer"), api_key=KEYS["admin"]) as client:
        return client.index(place.images, collection="compose").wait(timeout_s=180)


def wait_until_healthy(name, place, process):
    """Wait until the health check of a service succeeds."""
    test = COMPOSE["services"][name]["healthcheck"]["test"]
    words = [place.translate(name, word) for word in test[1:]]
    command = ["sh", "-c", *words] if test[0] == "CMD-SHELL" else command_of_check(words)
    give_up_at = time.monotonic() + START_TIMEOUT_S
    while subprocess.run(
        command, env=environment_of(name, place, COMPOSE), capture_output=True, check=False
    ).returncode:
        assert process.poll() is None, (place.folder / f"{name}.log").read_text()
        assert time.monotonic() < give_up_at, (place.folder / f"{name}.log").read_text()
        time.sleep(0.3)


def command_of_check(words):
    assert words[0] == "lookalike"
    compose = {"services": {"check": {"build": {"target": "service"}, "command": words[1:]}}}
    return command_of("check", Place(Path(), Path(), Path(), "", {}), compose)


def test_worker__indexes_what_somebody_asks_the_explorer_for(indexed, admin):
    assert indexed["images"]["added"] == N_IMAGES
    (collection,) = [one for one in admin.list_collections() if one.name == "compose"]
    assert collection.n_points == N_IMAGES
    assert [run.state for run in admin.list_runs() if run.kind == "index"] == ["succeeded"]


def test_worker__makes_maps_that_the_page_shows(indexed, admin):
    made = admin.make_projection("compose", method="pca").wait(timeout_s=180)
    assert made.n_points == N_IMAGES
    assert [one.id for one in admin.list_projections("compose")] == [made.id]


def test_worker__tells_why_a_run_failed(services, admin, place):
    run = admin.index(place.images / "none", collection="other")
    with pytest.raises(LookalikeError, match="none"):
        run.wait(timeout_s=180)
    assert run.info.state == "failed"


def test_client__may_index_only_what_the_api_was_given(services, admin):
    with pytest.raises(LookalikeError):
        admin.index("/etc")
    assert all(run.source != "/etc" for run in admin.list_runs())


@pytest.mark.parametrize("service", ["api", "explorer"])
@pytest.mark.parametrize("path", ["collections", "runs", "metrics", "openapi.json", "store/collections"])
def test_service__tells_nothing_without_a_key(services, place, service, path):
    answer = get(f"{place.url(service)}/api/v1/{path}")
    assert answer.status_code == 401
    assert answer.json()["code"] == "TokenError"


def test_api__has_no_page(services, place):
    headers = {"Authorization": f"Bearer {KEYS['read']}"}
    assert get(place.url("api"), headers=headers).status_code == 404


def test_explorer__sends_people_to_its_login_and_then_shows_the_page(services, place):
    with httpx.Client(
        base_url=place.url("explorer"), follow_redirects=True, trust_env=False, timeout=PATIENCE_S
    ) as browser:
        assert 'type="password"' in browser.get("/").text
        page = browser.post("/login", data={"key": KEYS["review"]})
        assert "Lookalike" in page.text
        assert browser.get("/_dash-layout").status_code == 200
        assert browser.get("/api/v1/collections").status_code == 200
        for answer in (page, browser.get("/_dash-layout"), browser.get("/api/v1/collections")):
            told = answer.text + str(answer.headers)
            assert [scope for scope, key in KEYS.items() if key in told] == []


@pytest.mark.parametrize(("scope", "error"), [("read", NotAllowedError), ("review", NotAllowedError)])
def test_explorer__gives_a_visitor_no_more_than_its_own_rights(services, place, scope, error):
    with lookalike.connect(place.url("explorer"), api_key=KEYS[scope]) as client:
        client.list_collections()
        with pytest.raises(error):
            client.index(place.images)


def test_explorer__refuses_a_wrong_key_before_the_api_hears_of_it(services, place):
    with lookalike.connect(place.url("explorer"), api_key=32 * "x") as client, pytest.raises(TokenError):
        client.list_collections()


def test_explorer__passes_pictures_ranges_and_conditions_on(indexed, admin, place):
    point = admin.list_points("compose").points[0]
    headers = {"Authorization": f"Bearer {KEYS['read']}"}
    url = f"{place.url('explorer')}/api/v1/collections/compose/points/{point.id}/crop?size=64"
    first = get(url, headers=headers)
    assert first.headers["content-type"].startswith("image/")
    again = get(url, headers={**headers, "If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


def test_explorer__streams_the_events_of_a_run(services, admin, place):
    run = admin.index(place.images, collection="compose")
    headers = {"Authorization": f"Bearer {KEYS['read']}"}
    url = f"{place.url('explorer')}/api/v1/runs/{run.id}/events"
    with httpx.stream("GET", url, headers=headers, timeout=180, trust_env=False) as answer:
        lines = list(answer.iter_lines())
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "event: end" in lines
    assert "succeeded" in lines[-2] + lines[-1]


def test_explorer__says_that_the_api_is_away(services, place):
    with started("explorer", alone := Place(place.folder, place.images, place.tokens, "", {}), COMPOSE) as process:
        headers = {"Authorization": f"Bearer {KEYS['read']}"}
        give_up_at = time.monotonic() + START_TIMEOUT_S
        while True:
            assert process.poll() is None
            assert time.monotonic() < give_up_at
            try:
                page = get(alone.url("explorer"), headers=headers)
                break
            except httpx.ConnectError:
                time.sleep(0.2)
        answer = get(f"{alone.url('explorer')}/api/v1/collections", headers=headers)
    assert page.status_code == 200
    assert answer.status_code == 502
    assert f"the api at {alone.url('api')} does not answer" in answer.json()["detail"]


def test_run__that_is_cancelled_ends_in_words(services, admin, place):
    run = admin.index(place.images, collection="compose", force=True)
    run.cancel()
    with pytest.raises(IndexerError, match=r"cancelled|stopped"):
        run.wait(timeout_s=60)


def test_run__goes_on_while_the_api_is_killed_and_started_again(place, tmp_path):
    mine = Place(tmp_path, place.images, place.tokens, place.qdrant, place.variables)
    with started("worker", mine, COMPOSE):
        with started("api", mine, COMPOSE) as api:
            wait_until_healthy("api", mine, api)
            with lookalike.connect(mine.url("api"), api_key=KEYS["admin"]) as client:
                run = client.index(place.images, collection="killed")
                wait_until(lambda: run.refresh().stage not in {WAITING, "starting"})
            api.kill()
        with started("api", mine, COMPOSE) as api:
            wait_until_healthy("api", mine, api)
            with lookalike.connect(mine.url("api"), api_key=KEYS["admin"]) as client:
                assert client.get_run(run.id).wait(timeout_s=180)["images"]["seen"] == N_IMAGES
                (collection,) = [one for one in client.list_collections() if one.name == "killed"]
                assert collection.n_points == N_IMAGES


def wait_until(is_so):
    give_up_at = time.monotonic() + START_TIMEOUT_S
    while not is_so():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)
