"""The store over HTTP: who may use it, and bodies that are not what they should be."""

import json

import httpx
import pytest

from api.app import create_app
from api.settings import ApiSettings, ServerIdentity
from lookalike.frames import pack_frame
from tests.asgi import AppTransport
from tests.integration.api.samples import NAME, open_indexed_workspace

IDENTITY = ServerIdentity.make()
PATH = f"/store/collections/{NAME}"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with open_indexed_workspace(tmp_path_factory.mktemp("store")) as workspace:
        yield create_app(ApiSettings(), workspace, IDENTITY)


@pytest.fixture
def http(app):
    headers = {"Authorization": f"Bearer {IDENTITY.token}"}
    with httpx.Client(transport=AppTransport(app), base_url="http://localhost", headers=headers) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/store/collections"),
        ("GET", PATH),
        ("DELETE", PATH),
        ("POST", f"{PATH}/upsert"),
        ("POST", f"{PATH}/optimize"),
        ("POST", "/runs/attached"),
        ("PUT", "/runs/x/progress"),
        ("POST", "/runs/x/end"),
    ],
)
def test_store__is_closed_to_those_without_local_power(app, method, path):
    body = {"pid": 1, "source": "x", "stage": "x", "done": 1, "state": "succeeded"}
    names = {"attached": ("pid", "source"), "progress": ("stage", "done"), "end": ("state",)}
    wanted = {name: body[name] for name in names.get(path.rpartition("/")[2], ())}
    with httpx.Client(transport=AppTransport(app), base_url="http://localhost") as client:
        answer = client.request(method, path, content=json.dumps(wanted), headers={"Content-Type": "application/json"})

    assert answer.status_code == 403, answer.text
    assert "this client may not" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (b"", "body: it is missing"),
        (b"hello, this is no frame at all", "ends within a frame"),
        (pack_frame(b"{}"), "points: it is missing"),
        (pack_frame(b"[1"), "it is not valid JSON"),
        (pack_frame(b'{"points": [{"id": "x", "payload": {}, "has_embedding": false}]}'), "points.0.id"),
        (
            pack_frame(
                b'{"points": [{"id": "00000000-0000-0000-0000-000000000001", "payload": {}, "has_embedding": true}]}',
                bytes(12),
            ),
            "3 numbers for 1 vectors of 4",
        ),
        (pack_frame(b'{"points": []}', bytes(3)), "cannot be read"),
    ],
)
def test_upsert__body_that_is_no_frame_of_points_is_one_sentence(http, frame, words):
    answer = http.post(f"{PATH}/upsert", content=frame)

    assert answer.status_code == 422, answer.text
    assert words in answer.json()["detail"]
    assert http.get(f"/collections/{NAME}").json()["n_points"] == 36


def test_store__unknown_collection(http):
    answer = http.get("/store/collections/nope")
    assert answer.status_code == 404
    assert answer.json()["code"] == "CollectionNotFoundError"
