"""One write between any two reads of a question: its answer is that of before or that of after, never a mix."""

import csv
import json
from dataclasses import replace
from itertools import count

import pytest

from api.app import create_app
from api.settings import ApiSettings
from indexer.exporting import export_collection
from indexer.points import make_point_id
from indexer.settings import IndexerSettings
from indexer.stores.qdrant_embedded import EmbeddedStore
from indexer.workspace import Workspace
from tests.integration.api.samples import AppClient
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
    opened = EmbeddedStore(folder)
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


def get(workspace, path, **query):
    answer = AppClient(create_app(ApiSettings(), workspace)).get(f"{BASE}{path}", params=query)
    return answer.json() if answer.status_code == 200 else (answer.status_code, answer.json()["detail"])


def accept(workspace):
    """What is recorded if somebody accepts the wrong dog without naming a class."""
    client = AppClient(create_app(ApiSettings(), workspace))
    answer = client.post(f"{BASE}/reviews", json={"ids": [WRONG_DOG], "verdict": "accept", "who": "ann"})
    if answer.status_code != 201:
        return answer.status_code, answer.json()["detail"]
    return answer.json()[0]["given_class"], answer.json()[0]["class_name"]


def find_neighbors(workspace):
    client = AppClient(create_app(ApiSettings(), workspace))
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


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("question", QUESTIONS)
def test_question__interrupted_by_a_write_answers_as_before_or_as_after(question, write, make_store, open_workspace):
    ask = QUESTIONS[question]
    before = ask(open_workspace(make_store(write)))
    quiet = make_store(write)
    write(quiet.open_collection(PLANTED))
    after = ask(open_workspace(quiet))

    def ask_interrupted(store, n_reads):
        store.interrupt(n_reads)
        return ask(open_workspace(store))

    mixed = {
        n_reads: seen
        for n_reads, seen in interrupt_at_every_read(lambda: make_store(write), ask_interrupted)
        if not is_same(seen, before) and not is_same(seen, after)
    }

    assert mixed == {}
