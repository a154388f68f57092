"""One write between any two reads of a question: its answer is that of before or that of after, never a mix."""

import csv
import functools
import json
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from api.app import create_app
from api.dependencies import Services
from api.services.map_blocks import shuffle_rows
from api.settings import ApiSettings
from indexer.errors import SnapshotOutdatedError
from indexer.exports.export_collection import export_collection
from indexer.points import make_point_id
from indexer.settings import IndexerSettings
from indexer.stores.opening import open_store
from indexer.workspace import Workspace
from tests.integration.api.samples import AppClient, parse_column
from tests.interruptions import InterruptedStore, interrupt_at_every_read
from tests.planted import PLANTED, write_planted_collection

FIRST_ID = "00000000-0000-5000-8000-000000000000"
WRONG_DOG = make_point_id("planted", "101.png", "1")
BASE = f"/collections/{PLANTED}"


def relabel(collection):
    """The wrong dog becomes an ant, a class that comes first of all: class numbers shift."""
    collection.set_payload({WRONG_DOG: {"class_name": "ant"}})


def add(collection):
    """One more copy of the wrong dog, whose id is the first of all: rows shift."""
    (dog,) = collection.retrieve([WRONG_DOG], with_embeddings=True)
    collection.upsert([replace(dog, id=FIRST_ID, payload=dog.payload | {"image_key": "new", "image_name": "new.png"})])


def delete(collection):
    """The wrong dog and the point of the lowest id are gone: rows shift."""
    first = next(collection.scroll(fields=(), page_size=1))[0].id
    collection.delete([WRONG_DOG, first])


WRITES = [relabel, add, delete]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    write_planted_collection(folder)
    opened = open_store(IndexerSettings(data_dir=folder))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def points(store):
    return [point for page in store.open_collection(PLANTED).scroll(with_embeddings=True) for point in page]


@pytest.fixture
def make_store(store, points):
    """Gives the planted points as they were at first, in a store that a write can interrupt."""

    def make(write):
        collection = store.open_collection(PLANTED)
        there = {point.id: point for page in collection.scroll() for point in page}
        collection.delete(sorted(there.keys() - {point.id for point in points}))
        changed = [point for point in points if point.id not in there or there[point.id].payload != point.payload]
        collection.upsert(changed)
        return InterruptedStore(store, write)

    return make


@pytest.fixture
def open_workspace(tmp_path):
    """A new process over a store: nothing is cached, nothing is on disk."""
    numbers = count()
    return lambda store: Workspace(IndexerSettings(data_dir=tmp_path / str(next(numbers))), store)


@functools.cache
def make_app():
    """The api over no workspace yet: to make it takes longer than to answer any question of this module."""
    return create_app(
        ApiSettings(),
        SimpleNamespace(
            settings=IndexerSettings(),
            data_dir=Path("nowhere"),
            collections=None,
            suspects=None,
            maps=None,
            facets=None,
            groups=None,
        ),
    )


def serve(workspace):
    """The api over a workspace."""
    app = make_app()
    app.state.services = Services.build(ApiSettings(), workspace)
    return AppClient(app)


def get(workspace, path, **query):
    answer = serve(workspace).get(f"{BASE}{path}", params=query)
    if answer.status_code != 200:
        return answer.status_code, answer.json()["detail"]
    found = answer.json()
    if isinstance(found, dict):
        found.pop("review_revision", None)  # each store has its own
    return found


def accept(workspace):
    """What is recorded if somebody accepts the wrong dog without naming a class."""
    client = serve(workspace)
    answer = client.post(f"{BASE}/reviews", json={"ids": [WRONG_DOG], "verdict": "accept", "who": "ann"})
    if answer.status_code != 201:
        return answer.status_code, answer.json()["detail"]
    return answer.json()[0]["given_class"], answer.json()[0]["class_name"]


def find_neighbors(workspace):
    client = serve(workspace)
    answer = client.post(f"{BASE}/neighbors", json={"ids": [WRONG_DOG], "limit": 5})
    if answer.status_code != 200:
        return answer.status_code, answer.json()["detail"]
    return [(one["point"]["id"], one["point"]["class_name"], one["score"]) for one in answer.json()["neighbors"]]


def describe(workspace):
    found = get(workspace, "")
    return {name: found[name] for name in ("n_points", "classes", "datasets")}


def export(workspace):
    """The rows of a CSV export, scores as numbers."""
    folder = workspace.data_dir / "export"
    with export_collection(workspace.export_parts, PLANTED, folder, export_format="csv").path.open() as file:
        return [
            {name: float(text) if name.endswith("score") and text else text for name, text in row.items()}
            for row in csv.DictReader(file)
        ]


def make_map(workspace):
    stored = workspace.maps.make(PLANTED, method="pca")
    return list(
        zip(
            stored.point_ids.tolist(), stored.coordinates.tolist(), stored.embedded_at.astype(str).tolist(), strict=True
        )
    )


QUESTIONS = {
    "describe": describe,
    "points": lambda workspace: get(workspace, "/points", limit=5),
    "points of a class": lambda workspace: get(workspace, "/points", class_name="dog", limit=50),
    "neighbors": find_neighbors,
    "suspects": lambda workspace: get(workspace, "/suspects", limit=3),
    "second page of suspects": lambda workspace: get(workspace, "/suspects", limit=2, offset=1),
    "suspects of an annotator": lambda workspace: get(workspace, "/suspects", annotated_by="bob", limit=3),
    "suspects of high score": lambda workspace: get(workspace, "/suspects", score_from=0.9, limit=3),
    "facets": lambda workspace: get(workspace, "/facets", annotated_by="bob", class_name="dog", score_from=0.5),
    "found by name": lambda workspace: get(workspace, "/find", text="10"),
    "found by name in a class": lambda workspace: get(workspace, "/find", text="10", class_name="dog"),
    "clusters": lambda workspace: get(workspace, "/clusters"),
    "duplicates": lambda workspace: get(workspace, "/duplicates", threshold=0.9999),
    "outliers": lambda workspace: get(workspace, "/outliers", limit=5),
    "confusion": lambda workspace: get(workspace, "/confusion"),
    "picks": lambda workspace: get(workspace, "/picks", n=4),
    "diverse picks of a class": lambda workspace: get(workspace, "/picks", n=4, diverse=True, class_name="dog"),
    "check": lambda workspace: get(workspace, "/check"),
    "accept": accept,
    "export": export,
    "make a map": make_map,
}


def is_same(seen, expected):
    """Equal but for scores: a model that follows edits rounds otherwise than a new one."""
    plain = [json.loads(json.dumps(answer), parse_float=lambda _: "score") for answer in (seen, expected)]
    return plain[0] == plain[1]


def find_mixed(ask, write, make_store, prepare):
    """The answers, by number of the read, that are neither that of before the write nor that of after it."""
    before = ask(prepare(make_store(write)))
    quiet = make_store(write)
    asked = prepare(quiet)
    write(quiet.open_collection(PLANTED))
    after = ask(asked)
    return {
        n_reads: seen
        for n_reads, seen in interrupt_at_every_read(lambda: make_store(write), prepare, ask)
        if not is_same(seen, before) and not is_same(seen, after)
    }


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("question", QUESTIONS)
def test_question__interrupted_by_a_write_answers_as_before_or_as_after(question, write, make_store, open_workspace):
    assert find_mixed(QUESTIONS[question], write, make_store, open_workspace) == {}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("question", ["suspects", "clusters", "check", "accept"])
def test_question__whose_answer_is_kept_is_interrupted_too(question, write, make_store, open_workspace):
    def prepare(store):
        workspace = open_workspace(store)
        get(workspace, "/suspects")
        get(workspace, "/clusters")
        return workspace

    assert find_mixed(QUESTIONS[question], write, make_store, prepare) == {}


@pytest.mark.parametrize("verdict", ["accept", "dismiss"])
@pytest.mark.parametrize("question", ["suspects", "second page of suspects", "check", "accept", "export"])
def test_question__interrupted_by_a_verdict_answers_as_before_or_as_after(
    question, verdict, make_store, open_workspace
):
    review = {"id": "b0b", "verdict": verdict, "who": "bob", "at": "2026-01-05T08:00:00+00:00", "given_class": "dog"}
    if verdict == "accept":
        review["class_name"] = "cat"

    def judge(collection):
        collection.set_reviews({WRONG_DOG: review})

    assert find_mixed(QUESTIONS[question], judge, make_store, open_workspace) == {}


@pytest.mark.parametrize("question", QUESTIONS)
def test_question__during_writes_without_end_is_answered_or_says_so(question, make_store, open_workspace):
    numbers = count()

    def relabel_again(collection):
        collection.set_payload({WRONG_DOG: {"class_name": f"class {next(numbers)}"}})

    store = make_store(relabel_again)
    store.is_busy = True
    workspace = open_workspace(store)

    try:
        seen = QUESTIONS[question](workspace)
    except SnapshotOutdatedError as error:
        seen = 409, str(error)

    is_error = isinstance(seen, tuple) and seen[0] in range(400, 600)
    assert not is_error or seen == (409, "collection 'planted' changed while it was read; ask again")


# Maps


@pytest.fixture
def open_mapped(open_workspace):
    """A workspace with a map of the points, whose suspect scores are known."""

    def prepare(store):
        workspace = open_workspace(store)
        workspace.maps.make(PLANTED, method="pca")
        assert get_map(workspace, "columns/score")
        return workspace

    return prepare


def get_map(workspace, part=""):
    """One map over HTTP: what is known of it, or its bytes."""
    client = serve(workspace)
    (known,) = workspace.maps.ids(PLANTED)
    answer = client.get(f"{BASE}/projections/{known}/{part}".rstrip("/"))
    assert answer.status_code == 200, answer.text
    return answer.content


def describe_map(workspace):
    described = json.loads(get_map(workspace))
    return {name: described[name] for name in ("n_points", "is_current", "classes", "has_scores")}


def by_point(workspace, *columns):
    """Columns of a map by point, because rows lie otherwise in every map."""
    (known,) = workspace.maps.ids(PLANTED)
    ids = workspace.maps.read(PLANTED, known).point_ids
    shuffled = ids[shuffle_rows(len(ids), known)].tolist()
    return {point_id: values for point_id, *values in sorted(zip(shuffled, *columns, strict=True))}


def read_map(workspace):
    body = get_map(workspace, "map")
    n_points, n_classes = (int.from_bytes(body[place : place + 4], "little") for place in (4, 12))
    x, y, numbers = np.frombuffer(body, "<u2", 3 * n_points, offset=16).reshape(3, -1).tolist()
    scores = np.frombuffer(body, np.uint8, n_points, offset=16 + 6 * n_points) // 8
    return n_classes, by_point(workspace, x, y, numbers, scores.tolist())


def read_scores(workspace):
    return read_column(workspace, "score")


def read_column(workspace, name):
    info, values = parse_column(get_map(workspace, f"columns/{name}"))
    if info["kind"] == "number":
        return by_point(workspace, (values // 8).tolist())
    return by_point(workspace, [info["categories"][value]["name"] if value < 65535 else None for value in values])


def read_clusters(workspace):
    return read_column(workspace, "cluster")


def read_datasets(workspace):
    return read_column(workspace, "dataset")


MAP_QUESTIONS = {
    "map": read_map,
    "scores": read_scores,
    "clusters": read_clusters,
    "datasets": read_datasets,
    "what is known of it": describe_map,
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("question", MAP_QUESTIONS)
def test_map__interrupted_by_a_write_is_that_of_before_or_that_of_after(question, write, make_store, open_mapped):
    assert find_mixed(MAP_QUESTIONS[question], write, make_store, open_mapped) == {}


def test_map__whose_class_numbers_mean_something_else_by_now_is_refused(make_store, open_mapped):
    store = make_store(relabel)
    workspace = open_mapped(store)
    client = serve(workspace)
    (known,) = workspace.maps.ids(PLANTED)
    url = f"{BASE}/projections/{known}"
    version = client.get(url).json()["version"]
    assert client.get(f"{url}/map?v={version}").status_code == 200

    relabel(store.open_collection(PLANTED))

    refused = client.get(f"{url}/map?v={version}")
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "collection 'planted' changed while it was read; ask again",
    )
    assert client.get(f"{url}/map?v={client.get(url).json()['version']}").status_code == 200


def test_projections__none_yet__reads_no_points(make_store, open_workspace, monkeypatch):
    workspace = open_workspace(make_store(relabel))
    monkeypatch.setattr(workspace.collections, "snapshot", None)

    assert get(workspace, "/projections") == []


# Verdicts


@pytest.mark.parametrize("write", WRITES)
def test_accept__records_the_suggestion_for_the_very_point(write, make_store, open_workspace):
    """Whatever is written: the wrong dog is a cat, and nothing else is ever recorded of it."""
    seen = [
        answer
        for _, answer in interrupt_at_every_read(lambda: make_store(write), open_workspace, accept)
        if not isinstance(answer[0], int)
    ]

    assert set(seen) <= {("dog", "cat"), ("ant", "cat")}
    assert seen
