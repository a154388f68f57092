"""Many people ask while a run adds, relabels, embeds anew and removes points: no answer mixes two moments."""

import random
import threading
import time
from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest

from api.app import create_app
from api.settings import ApiSettings
from indexer.domain import CollectionSpec, CropOptions, Point
from indexer.points import make_point_id
from indexer.settings import IndexerSettings
from indexer.workspace import Workspace
from tests.integration.api.samples import AppClient, parse_column

SECONDS = 15
AT_LEAST = 20  # writes and answers; a busy machine takes longer than SECONDS for them
N_READERS = 4
NAME = "busy"
BASE = f"/collections/{NAME}"
CLASSES = ("cat", "dog", "owl")
N_NUMBERS = 300
COPY = 1000  # point 1000 + n has the embedding of point n
DIMENSION = 12
N_WRONG = 4  # of one cloud at once: fewer than half of the ten neighbors that vote on a class


def id_of(number):
    return make_point_id(NAME, f"{number}", "1")


NUMBERS = {id_of(number + copy): number + copy for number in range(N_NUMBERS) for copy in (0, COPY)}


def true_class(point_id):
    """What lies in the cloud of a point, whatever it is called."""
    return CLASSES[NUMBERS[point_id] % COPY % 3]


def make_point(number, class_name):
    """Three clouds far apart; what a point is can be told from its number, and its number from its id."""
    noise = np.random.default_rng(number % COPY).normal(0, 0.15, DIMENSION)
    payload = {
        "source_key": NAME,
        "dataset": "train" if number % 2 else "val",
        "image_key": f"{number}",
        "image_name": f"{number}.png",
        "instance": "object",
        "object_key": "1",
        "class_name": class_name,
        "box": [0, 0, 9, 9],
        "pixels_hash": f"{number}",
        "annotated_by": "ann" if number % 5 else "bob",
        "embedded_at": datetime.now(UTC).isoformat(),
    }
    embedding = (np.eye(DIMENSION)[number % COPY % 3] + noise).astype(np.float32)
    return Point(id_of(number), payload, embedding)


class Writer:
    """Changes a few points at a time, as a run does; a few labels are wrong."""

    def __init__(self, collection):
        self._collection, self._random = collection, random.Random(0)
        self.classes = {}
        self.add(range(N_NUMBERS))

    def add(self, numbers):
        """Points that were not there, or embedded anew."""
        for number in numbers:
            self.classes[number] = self._choose(number)
        self._collection.upsert([make_point(number, self.classes[number]) for number in numbers])

    def write(self):
        random_, there = self._random, sorted(self.classes)
        absent = sorted(set(NUMBERS.values()) - set(there))
        kind = random_.choice(["add", "relabel", "embed anew", "remove"])
        if kind == "remove" and len(there) > N_NUMBERS:
            gone = random_.sample(there, 10)
            self._collection.delete([id_of(number) for number in gone])
            for number in gone:
                del self.classes[number]
        elif kind == "relabel":
            chosen = random_.sample(there, 5)
            for number in chosen:
                self.classes[number] = self._choose(number)
            self._collection.set_payload({id_of(number): {"class_name": self.classes[number]} for number in chosen})
        else:
            self.add(random_.sample(absent if kind == "add" else there, 10))

    def _choose(self, number):
        cloud = number % COPY % 3
        wrong = [one for one, name in self.classes.items() if one % COPY % 3 == cloud and name != CLASSES[cloud]]
        is_wrong = self._random.random() < 1 / 12 and (number in wrong or len(wrong) < N_WRONG)
        return CLASSES[(cloud + is_wrong) % 3]


# What is asked, and what must be true of each answer by itself


def ask_suspects(client, chance):
    answer = client.get(f"{BASE}/suspects", params={"limit": 20, "offset": chance.randrange(3)})
    for suspect in answer.json()["suspects"] if answer.status_code == 200 else ():
        assert suspect["image_name"] == f"{NUMBERS[suspect['id']]}.png"
        assert suspect["suggested_class"] == true_class(suspect["id"]) != suspect["class_name"]
        assert {true_class(point_id) for point_id in suspect["evidence"]} == {suspect["suggested_class"]}
    return answer


def ask_suspects_of_an_annotator(client, chance):
    answer = client.get(f"{BASE}/suspects", params={"annotated_by": "bob"})
    for suspect in answer.json()["suspects"] if answer.status_code == 200 else ():
        assert NUMBERS[suspect["id"]] % 5 == 0
        assert suspect["suggested_class"] == true_class(suspect["id"]) != suspect["class_name"]
    return answer


def ask_clusters(client, chance):
    answer = client.get(f"{BASE}/clusters")
    for cluster in answer.json()["clusters"] if answer.status_code == 200 else ():
        assert {true_class(point["id"]) for point in cluster["examples"]} == {cluster["dominant_class"]}
    return answer


def ask_duplicates(client, chance):
    answer = client.get(f"{BASE}/duplicates", params={"threshold": 0.99999})
    for group in answer.json()["groups"] if answer.status_code == 200 else ():
        first, second = group["points"]
        assert abs(NUMBERS[first["id"]] - NUMBERS[second["id"]]) == COPY
        assert group["has_class_conflict"] == (first["class_name"] != second["class_name"])
        assert first["image_name"] == f"{NUMBERS[first['id']]}.png"
    return answer


def ask_confusion(client, chance):
    answer = client.get(f"{BASE}/confusion")
    for cell in answer.json()["cells"] if answer.status_code == 200 else ():
        assert {true_class(point_id) for point_id in cell["ids"]} <= {cell["neighborhood"]}
    return answer


def ask_picks(client, chance):
    answer = client.get(f"{BASE}/picks", params={"n": 12, "class_name": "owl"})
    for point in answer.json()["picks"] if answer.status_code == 200 else ():
        assert (point["image_name"], point["class_name"]) == (f"{NUMBERS[point['id']]}.png", "owl")
    return answer


def ask_outliers(client, chance):
    answer = client.get(f"{BASE}/outliers", params={"limit": 5, "dataset": "val"})
    for point in answer.json()["outliers"] if answer.status_code == 200 else ():
        assert point["image_name"] == f"{NUMBERS[point['id']]}.png"
        assert (point["dataset"], NUMBERS[point["id"]] % 2) == ("val", 0)
    return answer


def ask_neighbors(client, chance):
    point_id = chance.choice(list(NUMBERS))
    answer = client.post(f"{BASE}/neighbors", json={"ids": [point_id], "limit": 5})
    for neighbor in answer.json()["neighbors"] if answer.status_code == 200 else ():
        assert true_class(neighbor["point"]["id"]) == true_class(point_id)
    return answer


def ask_points(client, chance):
    wanted = chance.choice(CLASSES)
    answer = client.get(f"{BASE}/points", params={"class_name": wanted, "limit": 30, "offset": chance.randrange(60)})
    if answer.status_code == 200:
        page = answer.json()
        assert {point["class_name"] for point in page["points"]} <= {wanted}
        assert (len(page["points"]) == 30) is (page["next_offset"] is not None) or not page["next_offset"]
    return answer


def ask_description(client, chance):
    answer = client.get(BASE)
    described = answer.json()
    assert described["n_points"] == sum(one["count"] for one in described["classes"])
    assert described["n_points"] == sum(one["count"] for one in described["datasets"])
    return answer


def ask_check(client, chance):
    answer = client.get(f"{BASE}/check")
    for check in answer.json()["checks"] if answer.status_code == 200 else ():
        for example in check["examples"] if check["name"] == "leaks" else ():
            first, second = (int(part.split(" / ")[1].removesuffix(".png")) for part in example.split(" = "))
            assert abs(first - second) == COPY
    return answer


def ask_map(client, chance):
    listed = client.get(f"{BASE}/projections")
    known = listed.json()[0]
    answer = client.get(f"{BASE}/projections/{known['id']}/map", params={"v": known["version"]})
    if answer.status_code == 200:
        numbers = np.frombuffer(answer.content, "<u2", known["n_points"], offset=16 + 4 * known["n_points"])
        assert int.from_bytes(answer.content[12:16], "little") <= len(CLASSES)
        assert set(numbers.tolist()) <= {0, 1, 2, 65535}
        scores = client.get(f"{BASE}/projections/{known['id']}/columns/score")
        assert scores.status_code != 200 or len(parse_column(scores.content)[1]) == known["n_points"]
        return scores if scores.status_code != 200 else answer
    return answer


def accept(client, chance):
    """A person accepts what the list suggests, without naming the class."""
    listed = client.get(f"{BASE}/suspects", params={"limit": 10})
    if listed.status_code != 200 or not listed.json()["suspects"]:
        return listed
    point_id = chance.choice(listed.json()["suspects"])["id"]
    answer = client.post(f"{BASE}/reviews", json={"ids": [point_id], "verdict": "accept", "who": "ann"})
    if answer.status_code == 201:
        (review,) = answer.json()
        assert (review["point_id"], review["class_name"]) == (point_id, true_class(point_id))
        assert review["given_class"] != review["class_name"]
    return answer


QUESTIONS = [
    ask_suspects,
    ask_suspects_of_an_annotator,
    ask_clusters,
    ask_duplicates,
    ask_confusion,
    ask_picks,
    ask_outliers,
    ask_neighbors,
    ask_points,
    ask_description,
    ask_check,
    ask_map,
    accept,
]
ALLOWED = (
    "changed while it was read; ask again",
    "has no embedded point",  # of a point that went since it was listed
    "nothing speaks against the class of point",  # of one that was relabelled since it was listed
)


@pytest.fixture
def workspace(tmp_path):
    with Workspace.open(IndexerSettings(data_dir=tmp_path)) as opened:
        opened.collections.create(NAME, CollectionSpec("fake:busy", "f", DIMENSION, CropOptions().text))
        yield opened


def test_answers__while_a_run_writes__are_each_of_one_moment(workspace):
    writer = Writer(workspace.collections.open(NAME))
    workspace.maps.make(NAME, method="pca")
    app = create_app(ApiSettings(), workspace)
    stop, seen, faults = threading.Event(), Counter(), []

    def read(seed):
        chance, client = random.Random(seed), AppClient(app)
        while not stop.is_set():
            ask = chance.choice(QUESTIONS)
            try:
                answer = ask(client, chance)
                if answer.status_code >= 400:
                    assert any(text in answer.text for text in ALLOWED), answer.text
                seen[ask.__name__, answer.status_code] += 1
            except Exception as fault:  # noqa: BLE001 - told below, with what was asked
                faults.append(f"{ask.__name__}: {type(fault).__name__}: {fault}")

    readers = [threading.Thread(target=read, args=(seed,)) for seed in range(N_READERS)]
    for reader in readers:
        reader.start()

    def n_answers():
        return sum(n for (_, status), n in list(seen.items()) if status < 400)

    begin, n_writes = time.monotonic(), 0
    while not faults and (time.monotonic() < begin + SECONDS or min(n_writes, n_answers()) < AT_LEAST):
        writer.write()
        n_writes += 1
        time.sleep(0.02)
    stop.set()
    for reader in readers:
        reader.join(300)

    assert faults == []
    assert not any(reader.is_alive() for reader in readers)
    for ask in QUESTIONS:
        answers = (ask(AppClient(app), random.Random(seed)) for seed in range(20))  # some ask for a point that is gone
        assert any(answer.status_code < 400 for answer in answers), ask.__name__
