"""The client over answers that a test makes up."""

import asyncio
import inspect
import json

import httpx
import numpy as np
import pytest

from lookalike import errors
from lookalike.client.asynchronous.client import AsyncClient
from lookalike.client.blocking.client import Client
from lookalike.client.problems import error_of_problem
from lookalike.wire.base import Problem

SUSPECT = {
    "dataset": "d", "image_name": "a.png", "object_key": None, "box": None, "class_name": "cat",
    "suggested_class": "dog", "score": 0.9, "reason": "r", "evidence": [],
}  # fmt: skip
RUN = {"id": "r1", "kind": "index", "collection": None, "started_at": "2026-01-05T00:00:00Z"}


def client_of(answer):
    """A client whose requests ``answer`` answers, and the requests that it got."""
    asked = []

    def handle(request):
        asked.append(request)
        found = answer(request)
        return found if isinstance(found, httpx.Response) else httpx.Response(200, json=found)

    http = httpx.Client(base_url="http://host:8050/api/v1", transport=httpx.MockTransport(handle))
    return Client(http, is_local=False), asked


def suspects_of(n):
    """An api with that many suspects, called 0, 1, ..."""

    def answer(request):
        offset, limit = int(request.url.params["offset"]), int(request.url.params["limit"])
        end = min(offset + limit, n)
        return {
            "suspects": [{"id": str(number), **SUSPECT} for number in range(offset, end)],
            "n_ranked": n,
            "n_matching": n,
            "next_offset": end if end < n else None,
        }

    return answer


@pytest.mark.parametrize(
    ("limit", "n_given", "asked"),
    [(None, 2500, [1000, 1000, 1000]), (3, 3, [3]), (1200, 1200, [1000, 200]), (5000, 2500, [1000, 1000, 1000])],
)
def test_suspects__asks_for_further_pages_by_itself(limit, n_given, asked):
    client, requests = client_of(suspects_of(2500))
    listing = client.suspects("pets", limit=limit)
    assert listing.total == 2500
    assert len(requests) == 1
    assert [suspect.id for suspect in listing] == [str(number) for number in range(n_given)]
    assert [int(request.url.params["limit"]) for request in requests] == asked


def test_suspects__to_pandas():
    client, _ = client_of(suspects_of(2))
    table = client.suspects().to_pandas()
    assert table["suggested_class"].tolist() == ["dog", "dog"]
    assert len(table) == 2


def test_suspects__without_pandas_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    client, _ = client_of(suspects_of(2))
    with pytest.raises(errors.ConfigurationError, match="pip install pandas"):
        client.suspects().to_pandas()


def test_suspects__conditions_travel_in_the_address_and_in_the_body_if_they_are_long_or_choose_nothing():
    client, requests = client_of(lambda _: {"suspects": [], "n_ranked": 0})
    client.list_suspects("my pets/2", class_name="cat", dataset=["train", "val"])
    assert requests[-1].method == "GET"
    assert requests[-1].url.raw_path.startswith(b"/api/v1/collections/my%20pets%2F2/suspects?")
    assert requests[-1].url.params.get_list("dataset") == ["train", "val"]
    assert requests[-1].url.params.get_list("class_name") == ["cat"]
    ids = [f"{number:036d}" for number in range(200)]
    for chosen in (ids, []):
        client.list_suspects(ids=chosen)
        assert (requests[-1].method, requests[-1].url.path) == ("POST", "/api/v1/collections/~/suspects")
        assert json.loads(requests[-1].content)["ids"] == chosen


def test_list_suspects__impossible_value_is_refused_before_it_is_sent():
    client, requests = client_of(lambda _: {})
    with pytest.raises(errors.InvalidOptionsError, match="limit: 0 is too small; use at least 1"):
        client.list_suspects(limit=0)
    assert requests == []


def raised_on_purpose():
    return [
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.LookalikeError) and not kind.__name__.startswith(("ServerUnr", "UnexpectedA"))
    ]


@pytest.mark.parametrize("kind", raised_on_purpose())
def test_problems__come_back_as_the_error_that_the_server_raised(kind):
    problem = {"title": "t", "status": 409, "detail": "what is wrong; what to do", "code": kind.__name__}
    client, _ = client_of(lambda _: httpx.Response(409, json=problem))
    with pytest.raises(errors.LookalikeError) as caught:
        client.get_health()
    assert type(caught.value) is kind
    assert str(caught.value) == "what is wrong; what to do"


@pytest.mark.parametrize("code", ["", "TypeError", "annotations", "NoSuchError", "os"])
def test_problems__of_another_code_are_unexpected_answers(code):
    error = error_of_problem(Problem(title="t", status=500, detail="d", code=code))
    assert (type(error), str(error), error.status) == (errors.UnexpectedAnswerError, "d", 500)


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (httpx.Response(502, text="<html>bad gateway</html>"), "status 502 without saying why"),
        (httpx.Response(200, json=[{"title": "pets"}]), "GET /api/v1/collections in another form than expected"),
        (httpx.Response(200, text="x"), "another form"),
        (httpx.Response(302, headers={"location": "http://elsewhere"}), "status 302"),
    ],
)
def test_list_collections__answer_of_another_form(response, words):
    client, _ = client_of(lambda _: response)
    with pytest.raises(errors.UnexpectedAnswerError, match=words):
        client.list_collections()


def test_list_collections__unreachable_says_where_and_what_to_do():
    def refuse(request):
        raise httpx.ConnectError("[Errno 111] connection refused", request=request)

    client, _ = client_of(refuse)
    with pytest.raises(
        errors.ServerUnreachableError,
        match=r"http://host:8050/api/v1/ does not answer \(connection refused\); is",
    ):
        client.list_collections()


def run_of(*states):
    """An api whose run goes through some states, one per question."""
    left = list(states)

    def answer(request):
        return {
            **RUN,
            **(left.pop(0) if request.method == "GET" else {"state": "running", "stage": "s", "done": 0, "total": 2}),
        }

    return answer


def test_run__wait_tells_progress_and_gives_the_result(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    told = []
    client, requests = client_of(run_of(
        {"state": "running", "stage": "embedding", "done": 1, "total": 2},
        {"state": "running", "stage": "embedding", "done": 1, "total": 2},
        {"state": "succeeded", "stage": "embedding", "done": 2, "total": 2, "result": {"images": {"added": 2}}},
    ))  # fmt: skip
    run = client.index("photos/", on_progress=lambda *now: told.append(now))
    assert json.loads(requests[0].content)["source"] == "photos/"  # a path of the server's
    assert run.wait() == {"images": {"added": 2}}
    assert told == [("embedding", 1, 2), ("embedding", 2, 2)]


def test_run__failed_raises_the_servers_error():
    problem = {"title": "t", "status": 422, "detail": "nowhere does not exist", "code": "SourceUnavailableError"}
    client, _ = client_of(run_of({"state": "failed", "stage": "s", "done": 0, "total": None, "error": problem}))
    with pytest.raises(errors.SourceUnavailableError, match="nowhere does not exist"):
        client.index("nowhere").wait()


def test_run__cancelled():
    client, requests = client_of(run_of({"state": "cancelled", "stage": "s", "done": 0, "total": None}))
    run = client.index("photos")
    run.cancel()
    assert (requests[-1].method, requests[-1].url.path) == ("DELETE", "/api/v1/runs/r1")
    with pytest.raises(errors.CancelledError, match="what was finished is kept"):
        run.wait()


def test_run__that_takes_too_long(monkeypatch):
    client, _ = client_of(run_of(*20 * [{"state": "running", "stage": "embedding", "done": 0, "total": None}]))
    with pytest.raises(TimeoutError, match=r"run r1 is still at work after 0\.01 s: embedding"):
        client.index("photos").wait(timeout_s=0.01)


def packed(rows, total, dimension=2, revision=b"r7"):
    ids = b"".join(f"{number:036d}".encode() for number in rows)
    data = np.array([[number] * dimension for number in rows], "<f4").tobytes()
    header = b"LKE1" + b"".join(n.to_bytes(4, "little") for n in (total, len(rows), dimension, len(revision)))
    return header + revision + ids + data


def test_embeddings__are_joined_from_pages_of_one_revision():
    def answer(request):
        query = json.loads(request.content)
        assert query.get("revision") == (None if query["offset"] == 0 else "r7")
        return httpx.Response(200, content=packed([0, 1] if query["offset"] == 0 else [2], 3))

    client, _ = client_of(answer)
    found = client.embeddings("pets")
    assert (found.embeddings.dtype, found.embeddings.tolist()) == (np.float32, [[0, 0], [1, 1], [2, 2]])
    assert (found.ids, found.revision) == ([f"{number:036d}" for number in range(3)], "r7")


@pytest.mark.parametrize(
    "body", [b"", b"LKE1", packed([0], 1)[:-1], packed([0], 1) + b"x", b"LKM1" + packed([0], 1)[4:]]
)
def test_embeddings__bytes_of_another_form(body):
    client, _ = client_of(lambda _: httpx.Response(200, content=body))
    with pytest.raises(errors.UnexpectedAnswerError, match="embeddings in another form"):
        client.embeddings()


def test_embeddings__of_nothing():
    client, _ = client_of(lambda _: httpx.Response(200, content=packed([], 0, dimension=5)))
    assert client.embeddings().embeddings.shape == (0, 5)


def test_find_neighbors_of_image__file_that_cannot_be_read(tmp_path):
    client, _ = client_of(lambda _: {})
    for path, words in ((tmp_path / "no.jpg", "No such file"), (tmp_path, "not a file")):
        with pytest.raises(errors.ImageReadError, match=words):
            client.find_neighbors_of_image(path)


def test_async_client__pages_as_the_other_does():
    async def ask():
        answer = suspects_of(1500)
        transport = httpx.MockTransport(lambda request: httpx.Response(200, json=answer(request)))
        http = httpx.AsyncClient(base_url="http://host", transport=transport)
        async with AsyncClient(http, is_local=False) as client:
            return [suspect.id async for suspect in await client.suspects()]

    assert asyncio.run(ask()) == [str(number) for number in range(1500)]
