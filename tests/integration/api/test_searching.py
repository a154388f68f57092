"""The api over a real embedded store: neighbors and suspects."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from tests.doubles import CountingEmbedder, png
from tests.integration.api.samples import BASE, assert_problem, give_embedder


def search(client, **request):
    return client.post(f"{BASE}/neighbors", json=request)


def test_neighbors__of_the_mislabelled_square_are_red_and_nearest_first(client, flipped):
    neighbors = search(client, ids=[flipped], limit=10).json()["neighbors"]
    assert [int(neighbor["point"]["object_key"]) % 2 for neighbor in neighbors] == [0] * 10
    scores = [neighbor["score"] for neighbor in neighbors]
    assert scores == sorted(scores, reverse=True)
    assert flipped not in [neighbor["point"]["id"] for neighbor in neighbors]


def test_neighbors__obey_a_filter(client, flipped):
    found = search(client, ids=[flipped], filter={"class_name": ["blue"], "dataset": ["val"]}).json()["neighbors"]
    assert len(found) == 7
    assert {(n["point"]["class_name"], n["point"]["dataset"]) for n in found} == {("blue", "val")}


def test_neighbors__leave_out_the_same_image_when_asked(client, flipped):
    found = search(client, ids=[flipped], limit=1000, exclude_same_image=True).json()["neighbors"]
    assert len(found) == 24
    assert "first.png" not in {neighbor["point"]["image_name"] for neighbor in found}


def test_neighbors__of_several_points_lie_around_their_mean(client, points):
    ids = [points["second.png", key]["id"] for key in ("0", "2")]
    found = search(client, ids=ids, limit=5).json()["neighbors"]
    assert not {neighbor["point"]["id"] for neighbor in found} & set(ids)
    assert len(found) == 5


@pytest.mark.parametrize(
    ("request_body", "status", "words"),
    [
        ({"ids": []}, 422, ["ids"]),
        ({"ids": ["nope"]}, 404, ["has no embedded point 'nope'"]),
        ({"ids": ["00000000-0000-5000-8000-000000000000"]}, 404, ["00000000-0000-5000-8000-000000000000"]),
        ({"ids": ["{id}"], "limit": 0}, 422, ["limit"]),
        ({"ids": ["{id}"], "limit": 10**30}, 422, ["limit"]),
        ({"ids": ["{id}"], "filter": {"class_name": ["green"]}}, 422, ["'green'", "blue, red"]),
        ({"ids": ["{id}"], "filter": {"class_name": ["\ud800"]}}, 422, ["class_name", "Unicode"]),
        ({"ids": ["{id}"], "filter": {"tags": ["\ud800"]}}, 422, ["tags"]),
        ({"ids": ["{id}"], "filter": {"klass": ["red"]}}, 422, ["klass"]),
        ({"ids": "{id}"}, 422, ["ids"]),
        ({"ids": ["{id}"] * 1001}, 422, ["ids"]),
        ([], 422, []),
        (None, 422, []),
    ],
)
def test_neighbors__refuse_a_request_that_makes_no_sense(client, flipped, request_body, status, words):
    if isinstance(request_body, dict):
        request_body = {**request_body, "ids": replace_ids(request_body["ids"], flipped)}
    assert_problem(client.post(f"{BASE}/neighbors", json=request_body), status, *words)


def replace_ids(ids, point_id):
    return point_id if isinstance(ids, str) else [point_id if one == "{id}" else one for one in ids]


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b'{"ids": ["\\ud800"]}'])
def test_neighbors__refuse_broken_json(client, body):
    response = client.post(f"{BASE}/neighbors", content=body, headers={"content-type": "application/json"})
    assert_problem(response, response.status_code)
    assert response.status_code in {400, 404, 422}


def upload(client, data, **fields):
    return client.post(f"{BASE}/neighbors/image", files={"file": ("query.png", data)}, data=fields)


def test_neighbors_of_image__find_what_looks_like_it(client):
    neighbors = upload(client, png((230, 10, 10)), limit="8").json()["neighbors"]
    assert len(neighbors) == 8
    assert all(int(neighbor["point"]["object_key"]) % 2 == 0 for neighbor in neighbors)


def test_neighbors_of_image__search_by_a_box_and_a_class(client):
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, :20, 2], pixels[:, 20:, 0] = 230, 230  # OpenCV writes BGR: red on the left, blue on the right
    data = cv2.imencode(".png", pixels)[1].tobytes()
    right = upload(client, data, box="20,0,40,20", limit="5").json()["neighbors"]
    assert {neighbor["point"]["class_name"] for neighbor in right} == {"blue"}
    left = upload(client, data, box="0,0,20,20", limit="2", filter='{"class_name": ["blue"]}').json()["neighbors"]
    assert {neighbor["point"]["object_key"] for neighbor in left} == {"4", "6"}


def test_neighbors_of_box__an_object_found_by_itself_scores_1(client, points):
    point = points["first.png", "4"]
    found = client.post(f"{BASE}/neighbors/box", json={"id": point["id"], "box": point["box"], "limit": 3})
    [first, *_] = found.json()["neighbors"]
    assert first["score"] == pytest.approx(1, abs=1e-4)
    scores = {one["point"]["id"]: one["score"] for one in found.json()["neighbors"]}
    assert scores[point["id"]] == pytest.approx(1, abs=1e-4)


def test_neighbors_of_box__search_another_part_of_the_image_under_a_filter(client, points):
    other = points["first.png", "1"]
    asked = {"id": points["first.png", "4"]["id"], "box": other["box"], "limit": 4, "filter": {"class_name": ["blue"]}}
    found = client.post(f"{BASE}/neighbors/box", json=asked).json()["neighbors"]
    assert {one["point"]["class_name"] for one in found} == {"blue"}
    assert found[0]["score"] == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("wrong", "status", "words"),
    [
        ({"box": [1, 2, 3]}, 422, ["box"]),
        ({"box": [5, 5, 5, 9]}, 422, ["box '5,5,5,9' holds no pixel"]),
        ({"box": [9000, 9000, 9009, 9009]}, 422, ["holds no pixel of the image"]),
        ({"id": "00000000-0000-5000-8000-000000000000"}, 404, ["00000000-0000-5000-8000-000000000000"]),
        ({"limit": 0}, 422, ["limit"]),
    ],
)
def test_neighbors_of_box__refuse_what_is_none(client, flipped, wrong, status, words):
    asked = {"id": flipped, "box": [0, 0, 5, 5], **wrong}
    assert_problem(client.post(f"{BASE}/neighbors/box", json=asked), status, *words)


def test_neighbors_of_image__are_the_only_thing_that_embeds(client, workspace, flipped):
    embedder = give_embedder(workspace, CountingEmbedder())
    search(client, ids=[flipped])
    client.get(f"{BASE}/suspects")
    assert embedder.n_embedded == 0
    upload(client, png((1, 2, 3)))
    assert embedder.n_embedded == 1


@pytest.mark.parametrize(
    ("data", "fields", "status", "words"),
    [
        (b"hello", {}, 422, ["'query.png' cannot be searched by", "unknown format"]),
        (b"", {}, 422, ["'query.png' cannot be searched by", "empty"]),
        (png((1, 2, 3), (200, 200)), {}, 422, ["40,000 pixels", "at most 10,000"]),
        (png((1, 2, 3)), {"box": "1,2,3"}, 422, ["box '1,2,3'", "left,top,right,bottom"]),
        (png((1, 2, 3)), {"box": "500,500,600,600"}, 422, ["500,500,600,600", "no pixel"]),
        (png((1, 2, 3)), {"limit": "0"}, 422, ["limit"]),
        (png((1, 2, 3)), {"filter": '{"class_name": ["green"]}'}, 422, ["unknown class 'green'"]),
        (b"x" * 200_001, {}, 413, ["larger than 200000 bytes"]),
    ],
)
def test_neighbors_of_image__refuse_what_cannot_be_searched(client, data, fields, status, words):
    assert_problem(upload(client, data, **fields), status, *words)


def test_neighbors_of_image__refuse_a_body_of_undeclared_length(client):
    async def body():
        yield b"--x--"

    headers = {"content-type": "multipart/form-data; boundary=x"}
    assert_problem(client.post(f"{BASE}/neighbors/image", content=body(), headers=headers), 411, "Content-Length")


def test_neighbors_of_image__need_a_file(client):
    assert_problem(client.post(f"{BASE}/neighbors/image", data={"limit": "5"}), 422, "file")


# Suspects


def test_suspects__are_the_mislabelled_squares(client, points):
    answer = client.get(f"{BASE}/suspects").json()
    wrong = {points[place]["id"] for place in [("first.png", "4"), ("second.png", "3"), ("third.png", "6")]}
    assert {suspect["id"] for suspect in answer["suspects"][:3]} == wrong
    scores = [suspect["score"] for suspect in answer["suspects"]]
    assert scores == sorted(scores, reverse=True)
    assert (answer["n_ranked"], answer["next_offset"], answer["why_empty"]) == (36, None, None)


def test_suspects__carry_what_to_show_and_why(client, flipped):
    found = {suspect["id"]: suspect for suspect in client.get(f"{BASE}/suspects").json()["suspects"]}[flipped]
    assert (found["class_name"], found["suggested_class"]) == ("blue", "red")
    assert (found["image_name"], found["object_key"], found["box"]) == ("first.png", "4", [85, 5, 95, 15])
    assert "red" in found["reason"]
    assert len(found["evidence"]) >= 1


def test_suspects__come_in_pages_that_cover_all_once(client):
    all_at_once = client.get(f"{BASE}/suspects").json()["suspects"]
    paged, offset = [], 0
    while offset is not None:
        page = client.get(f"{BASE}/suspects", params={"limit": 2, "offset": offset}).json()
        paged += page["suspects"]
        offset = page["next_offset"]
    assert paged == all_at_once


def test_suspects__of_a_class(client, points):
    answer = client.get(f"{BASE}/suspects?class_name=red").json()
    assert [suspect["id"] for suspect in answer["suspects"]] == [points["second.png", "3"]["id"]]


def test_suspects__by_the_method_that_is_asked_for(client, workspace, monkeypatch):
    asked, find = [], workspace.suspects.find

    def note_and_find(*arguments, **options):
        asked.append(options["method"])
        return find(*arguments, **options)

    monkeypatch.setattr(workspace.suspects, "find", note_and_find)
    for query in ("", "?method=ridge"):
        assert client.get(f"{BASE}/suspects{query}").status_code == 200
    assert asked == ["combined", "ridge"]


@pytest.mark.parametrize(
    "query", ["class_name=green", "method=votes", "limit=0", "limit=100001", "offset=-1", "offset=1e999"]
)
def test_suspects__refuse_what_they_do_not_understand(client, query):
    assert_problem(client.get(f"{BASE}/suspects?{query}"), 422)


# Projections


class ReadingEmbedder(CountingEmbedder):
    """Reads any word as pure red."""

    def __init__(self):
        super().__init__()
        self.spec = replace(self.spec, has_text_tower=True)

    def embed_texts(self, texts):
        return np.array([[1, 0, 0, 0.5]] * len(texts), dtype=np.float32)


def test_search_model__is_loaded_by_the_first_search(client, workspace, monkeypatch):
    embedder = CountingEmbedder()
    monkeypatch.setattr(workspace.embedders, "open", lambda settings=None: embedder)
    monkeypatch.setattr(workspace.embedders, "opened", lambda settings: embedder)
    assert client.get(f"{BASE}/neighbors/model").json() == {"embedder": "fake:mean-colour", "is_loaded": False}
    found = upload(client, png((9, 9, 9)))
    assert found.status_code == 200
    assert client.get(f"{BASE}/neighbors/model").json()["is_loaded"] is True


def test_search_model__another_one_that_is_loaded_does_not_count(client, workspace, monkeypatch):
    other = CountingEmbedder()
    other.spec, other.n_embedded = replace(other.spec, fingerprint="other"), 1
    monkeypatch.setattr(workspace.embedders, "opened", lambda settings: other)
    assert client.get(f"{BASE}/neighbors/model").json()["is_loaded"] is False
    monkeypatch.setattr(workspace.embedders, "opened", lambda settings: None)
    assert client.get(f"{BASE}/neighbors/model").json()["is_loaded"] is False


def test_neighbors_of_text__need_a_model_that_reads(client, workspace, monkeypatch):
    assert_problem(client.post(f"{BASE}/neighbors/text", json={"text": "red"}), 422, "no text tower")
    monkeypatch.setattr(workspace.embedders, "open", lambda settings=None: ReadingEmbedder())

    found = client.post(f"{BASE}/neighbors/text", json={"text": "red", "limit": 10}).json()["neighbors"]

    # 18 squares are red; the one of them that is called blue is among the nearest or not.
    assert len(found) == 10
    assert sum(hit["point"]["class_name"] == "red" for hit in found) >= 8
    assert_problem(client.post(f"{BASE}/neighbors/text", json={"text": " "}), 422, "empty")
