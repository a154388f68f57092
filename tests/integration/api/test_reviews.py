"""Reviews over HTTP: the suspects follow a verdict, and come back when it is undone."""

import pytest

from api.app import create_app
from api.settings import ApiSettings
from tests.integration.api.samples import NAME, AppClient, assert_problem, open_indexed_workspace

PATH = f"/collections/{NAME}/reviews"


@pytest.fixture
def api(tmp_path):
    with open_indexed_workspace(tmp_path) as workspace:
        yield AppClient(create_app(ApiSettings(), workspace))


def suspects(api):
    return [found["id"] for found in api.get(f"/collections/{NAME}/suspects").json()["suspects"]]


def test_reviews__a_dismissed_suspect_leaves_the_list_until_it_is_undone(api):
    first = suspects(api)[0]

    made = api.post(PATH, json={"ids": [first], "verdict": "dismiss", "who": "ann", "note": "it is right"})

    assert made.status_code == 201
    assert (made.json()[0]["point_id"], made.json()[0]["who"]) == (first, "ann")
    assert first not in suspects(api)
    assert [review["note"] for review in api.get(PATH).json()] == ["it is right"]

    undone = api.post(f"{PATH}/undo", json={"who": "ann"}).json()

    assert (undone["undone"]["point_id"], undone["standing"]) == (first, None)
    assert suspects(api)[0] == first
    assert api.get(PATH).json() == []


def test_reviews__accept_takes_the_suggested_class(api):
    suspect = api.get(f"/collections/{NAME}/suspects").json()["suspects"][0]

    (made,) = api.post(PATH, json={"ids": [suspect["id"]], "verdict": "accept", "who": "ann"}).json()

    assert (made["class_name"], made["given_class"]) == (suspect["suggested_class"], suspect["class_name"])
    assert suspect["id"] not in suspects(api)
    assert api.get(PATH, params={"verdict": "dismiss"}).json() == []


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"ids": ["00000000-0000-0000-0000-000000000000"], "verdict": "skip", "who": "ann"}, 404, "00000000"),
        ({"ids": [], "verdict": "skip", "who": "ann"}, 422, "ids"),
        ({"ids": ["x"], "verdict": "perhaps", "who": "ann"}, 422, "verdict"),
        ({"ids": ["x"], "verdict": "skip"}, 422, "who"),
    ],
)
def test_reviews__refuse_what_makes_no_sense(api, body, status, words):
    assert_problem(api.post(PATH, json=body), status, words)


def test_reviews__nothing_to_undo(api):
    assert_problem(api.post(f"{PATH}/undo", json={"who": "ann"}), 422)
