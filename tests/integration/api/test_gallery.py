"""Galleries: points in any order, page by page, and searches by examples and counter-examples."""

import pytest

from api.app import create_app
from api.settings import ApiSettings
from indexer.points import make_point_id
from indexer.settings import IndexerSettings
from indexer.workspace import Workspace
from tests.integration.api.samples import AppClient
from tests.planted import PLANTED, write_planted_collection

BASE = f"/collections/{PLANTED}"
"""40 cats by ann, 40 dogs of which bob labelled those from 60 on, and three by bob: cat 100, dog 101, cat 102."""


def id_of(number):
    return make_point_id("planted", f"{number}.png", "1")


NIGHT = [id_of(number) for number in (0, 41)]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("planted")
    write_planted_collection(data_dir)
    with Workspace.open(IndexerSettings(data_dir=data_dir)) as opened:
        opened.collections.open(PLANTED).set_payload(
            {one: {"tags": ["night"], "box": [0, 0, 50, 40 + place]} for place, one in enumerate(NIGHT)}
        )
        yield opened


@pytest.fixture(scope="module")
def api(workspace):
    client = AppClient(create_app(ApiSettings(), workspace))
    answer = client.post(f"{BASE}/reviews", json={"ids": [id_of(2)], "verdict": "dismiss", "who": "ann"})
    assert answer.status_code == 201
    return client


def gallery(api, **query):
    answer = api.post(f"{BASE}/gallery", json=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids_of(page):
    return [point["id"] for point in page["points"]]


def test_gallery__is_in_the_order_of_the_suspects(api):
    suspects = api.get(f"{BASE}/suspects").json()["suspects"]
    found = gallery(api, limit=1000)

    assert (found["total"], len(found["points"]), found["next_offset"]) == (83, 83, None)
    first = found["points"][0]
    assert (first["id"], first["suspect_score"]) == (suspects[0]["id"], suspects[0]["score"])
    assert first["suggested_class"] == suspects[0]["suggested_class"]
    scores = [point["suspect_score"] for point in found["points"] if point["suspect_score"] is not None]
    assert scores == sorted(scores, reverse=True)


def test_gallery__pages_follow_each_other(api):
    whole = ids_of(gallery(api, order="file", descending=False, limit=1000))
    pages = [gallery(api, order="file", descending=False, limit=30, offset=offset) for offset in (0, 30, 60)]

    assert [one for page in pages for one in ids_of(page)] == whole
    assert [page["next_offset"] for page in pages] == [30, 60, None]
    assert [point["image_name"] for point in pages[0]["points"]] == sorted(
        point["image_name"] for point in pages[0]["points"]
    )


@pytest.mark.parametrize(
    ("order", "descending", "first"),
    [
        ("size", True, NIGHT[1]),
        ("tags", False, min(NIGHT)),
        ("review", False, id_of(2)),
    ],
)
def test_gallery__what_is_unknown_comes_last(api, order, descending, first):
    found = gallery(api, order=order, descending=descending, limit=1000)
    assert found["points"][0]["id"] == first
    assert found["total"] == 83


def test_gallery__holds_what_the_filter_leaves_with_all_that_is_said_of_it(api):
    found = gallery(api, tags=["night"], order="class", descending=False)

    assert [point["class_name"] for point in found["points"]] == ["cat", "dog"]
    assert [point["size_hw"] for point in found["points"]] == [[40, 50], [41, 50]]
    assert {tag for point in found["points"] for tag in point["tags"]} == {"night"}
    [judged] = [point for point in gallery(api, limit=1000)["points"] if point["id"] == id_of(2)]
    assert judged["review"]["verdict"] == "dismiss"
    assert judged["updated_at"].startswith("2026-")


def test_gallery__by_similarity_begins_with_the_examples_and_ends_with_what_is_unlike(api):
    found = gallery(api, order="similarity", similar_to=[id_of(0)], limit=1000)
    assert {one["id"] for one in found["points"][:2]} == {id_of(0), id_of(100)}  # and its copy
    assert found["points"][0]["value"] == pytest.approx(1, abs=1e-5)

    led_away = gallery(api, order="similarity", similar_to=[id_of(0)], unlike=[id_of(41)], limit=1000)
    places = ids_of(led_away)
    assert places.index(id_of(41)) > 41
    assert led_away["points"][-1]["class_name"] == "dog"


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"order": "similarity"}, 422, "at least one example"),
        ({"order": "similarity", "similar_to": [id_of(0)], "unlike": [id_of(9999)]}, 404, id_of(9999)),
        ({"order": "prettiest"}, 422, "order"),
        ({"class_name": ["cow"]}, 422, "cow"),
    ],
)
def test_gallery__refuses_what_it_cannot_order(api, query, status, words):
    answer = api.post(f"{BASE}/gallery", json=query)
    assert answer.status_code == status, answer.text
    assert words in answer.json()["detail"]


def test_gallery__says_why_it_is_empty(api):
    found = gallery(api, tags=["night"], annotated_by=["bob"])
    assert (found["points"], found["total"]) == ([], 0)
    assert "none of the 83 points" in found["why_empty"]


# ---- searches by examples ---------------------------------------------------------------------------------


def neighbors(api, **request):
    answer = api.post(f"{BASE}/neighbors", json=request)
    assert answer.status_code == 200, answer.text
    return answer.json()["neighbors"]


def test_neighbors__never_hold_an_example_or_counter_example(api):
    examples, others = [id_of(0), id_of(1)], [id_of(41), id_of(42)]
    found = neighbors(api, ids=examples, unlike=others, limit=1000)
    assert len(found) == 83 - 4
    assert {one["point"]["id"] for one in found}.isdisjoint({*examples, *others})
    near = [one["point"] for one in found[:20] if one["point"]["id"] != id_of(101)]  # a cat's copy, called dog
    assert {point["class_name"] for point in near} == {"cat"}


def test_neighbors__counter_examples_lead_away(api):
    """Between a cat and a dog lie both; a dog as counter-example leaves cats."""
    both = neighbors(api, ids=[id_of(0), id_of(41)], limit=40)
    assert {one["point"]["class_name"] for one in both} == {"cat", "dog"}
    only = neighbors(api, ids=[id_of(0)], unlike=[id_of(41)], limit=30)
    assert {one["point"]["class_name"] for one in only if one["point"]["id"] != id_of(101)} == {"cat"}


def test_neighbors__more_diverse_begin_with_the_nearest_and_lie_apart(api, workspace):
    plain = neighbors(api, ids=[id_of(0)], limit=10)
    diverse = neighbors(api, ids=[id_of(0)], limit=10, diverse=True)

    assert diverse[0]["point"]["id"] == plain[0]["point"]["id"]
    assert len({one["point"]["id"] for one in diverse}) == 10

    def likeness(found):
        ids = [one["point"]["id"] for one in found]
        snapshot = workspace.collections.snapshot(PLANTED, with_embeddings=True)
        rows = snapshot.embeddings()[snapshot.rows_of(ids)]
        return float((rows @ rows.T).mean())

    assert likeness(diverse) < likeness(plain)
