"""Programs ask through the client while an index run adds, relabels and removes points."""

import random
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from lookalike.client.blocking.client import Client
from lookalike.errors import PointNotFoundError, SnapshotOutdatedError
from lookalike.local import LocalApi
from lookalike.local_transport import ThreadTransport
from tests.doubles import CountingEmbedder
from tests.integration.api.samples import N_SQUARES, NAME, give_embedder, make_source, open_indexed_workspace

SECONDS = 30
AT_LEAST = 20  # answers; a busy machine takes longer than SECONDS for them
N_READERS = 3
ALLOWED = (SnapshotOutdatedError, PointNotFoundError)


def check_points(client, chance):
    for point in client.points(NAME, limit=chance.choice([5, 50])):
        assert point.payload["image_name"] == point.image_name
        assert point.class_name in {"red", "blue", "green"}


def check_suspects(client, chance):
    for suspect in client.suspects(NAME, limit=10):
        assert suspect.class_name != suspect.suggested_class


def check_embeddings(client, chance):
    found = client.embeddings(NAME)
    assert found.embeddings.shape[0] == len(found.ids) == len(set(found.ids))
    shown = {point.id: point for point in client.points(NAME)}
    # a red square has more red than blue, whatever it is called: its embedding is its mean colour
    for point_id, embedding in zip(found.ids, found.embeddings, strict=True):
        if point_id in shown and shown[point_id].object_key is not None:
            is_red = int(shown[point_id].object_key) % 2 == 0
            assert (embedding[0] > embedding[2]) == is_red


def check_neighbors(client, chance):
    ids = [point.id for point in client.list_points(NAME, limit=20).points]
    for neighbor in client.find_neighbors(chance.choice(ids), limit=3):
        assert neighbor.point.image_name


def check_counts(client, chance):
    info = client.get_collection(NAME)
    assert info.n_points == sum(one.count for one in info.classes)


def check_groups(client, chance):
    client.list_clusters(NAME)
    for group in client.list_duplicates(NAME, threshold=0.999):
        assert group.size >= 2
    client.compare_classes(NAME)
    client.list_outliers(NAME, limit=3)


def check_exports(client, chance):
    with tempfile.TemporaryDirectory() as folder:
        exported = client.export(Path(folder) / "out", NAME, export_format=chance.choice(["csv", "coco"])).wait()
    assert exported.n_points > 0


def check_gallery(client, chance):
    shown = [one.id for one in client.gallery(NAME, order=chance.choice(["suspect", "class", "outlier"]), limit=20)]
    assert len(set(shown)) == len(shown)


def check_reviewing(client, chance):
    point = chance.choice([point for point in client.points(NAME, limit=20) if point.object_key is not None])
    client.add_reviews(point.id, chance.choice(["dismiss", "skip"]), NAME, who="ann")
    client.preview_apply(collection=NAME, who="ann")


QUESTIONS = [
    *(check_points, check_suspects, check_embeddings, check_neighbors, check_counts, check_groups),
    *(check_exports, check_gallery, check_reviewing),
]


@pytest.fixture
def local(tmp_path):
    workspace = open_indexed_workspace(tmp_path)
    give_embedder(workspace, CountingEmbedder())
    yield LocalApi(workspace), workspace, make_source(tmp_path / "images")
    workspace.close()


def test_client__while_a_run_writes__every_answer_is_of_one_moment(local):
    api, workspace, source = local
    transport = ThreadTransport(api)
    import httpx

    client = Client(
        httpx.Client(transport=transport, base_url="http://here", headers=api.headers, timeout=300), is_local=True
    )
    stop, seen, faults = threading.Event(), Counter(), []

    def ask(seed):
        chance = random.Random(seed)
        while not stop.is_set():
            question = chance.choice(QUESTIONS)
            try:
                question(client, chance)
                seen[question.__name__] += 1
            except ALLOWED as error:
                seen[type(error).__name__] += 1
            except Exception as fault:  # noqa: BLE001 - told below, with what was asked
                faults.append(f"{question.__name__}: {type(fault).__name__}: {fault}")

    readers = [threading.Thread(target=ask, args=(seed,)) for seed in range(N_READERS)]
    for reader in readers:
        reader.start()
    whole = {key: image.objects for key, image in source.images.items()}

    def n_answers():
        return sum(seen[question.__name__] for question in QUESTIONS)

    end, chance, n_runs = time.monotonic() + SECONDS, random.Random(9), 0
    while not faults and (time.monotonic() < end or n_runs <= 3 or n_answers() <= AT_LEAST):
        key = chance.choice(["first.png", "second.png"])
        number = str(chance.randrange(N_SQUARES))
        if chance.random() < 0.5:
            source.change(key, number, class_name=chance.choice(["red", "blue", "green"]))
        else:
            there = source.images[key].objects
            source.images[key].objects = there[1:] if len(there) > N_SQUARES // 2 else whole[key]
        workspace.index(source, collection_name=NAME)
        n_runs += 1
    stop.set()
    for reader in readers:
        reader.join(300)
    client.close()

    assert faults == []
    assert n_runs > 3
    assert n_answers() > AT_LEAST
