"""Names of collections and points over the api: given, and found."""

import httpx
import pytest

from lookalike.client.blocking.client import Client
from tests.asgi import AppTransport
from tests.integration.api.samples import BASE, N_SQUARES, NAME, assert_problem


def rename(client, name):
    return client.request("PATCH", BASE, json={"display_name": name})


@pytest.fixture
def find(client):
    def ask(text, **params):
        answer = client.get(f"{BASE}/find", params={"text": text, **params})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask


def test_collection__is_called_after_its_project_until_it_is_renamed(client, workspace):
    info = client.get(BASE).json()
    assert info["display_name"] == workspace.facts.of(NAME).name_or(NAME)
    assert info["indexed_at"] is not None
    assert rename(client, "Squares, spring").json()["display_name"] == "Squares, spring"
    assert client.get("/api/v1/status").json()["collections"][0]["display_name"] == "Squares, spring"
    assert rename(client, "").json()["display_name"] == info["display_name"]


def test_rename__refused(client):
    assert_problem(rename(client, "two\nlines"), 422, "is no name to show")
    assert_problem(client.request("PATCH", "/api/v1/collections/none", json={"display_name": "x"}), 404, "none")


def test_find__file_name_in_whatever_case(find, points):
    found = find("FIRST", limit=5)
    assert {point["image_name"] for point in found["points"]} == {"first.png"}
    assert len(found["points"]) == 5
    assert found["n_points"] == sum(image == "first.png" for image, _ in points)


def test_find__class(find):
    found = find("re")
    assert [entry["name"] for entry in found["classes"]] == ["red"]
    assert found["n_points"] == 0


def test_find__says_how_many_classes_there_are_besides_those_that_it_lists(find, monkeypatch):
    fitting = find("e")["classes"]
    monkeypatch.setattr("indexer.collection.finding._MAX_CLASSES", 1)
    found = find("e")
    assert (len(found["classes"]), found["n_classes"]) == (1, len(fitting))
    assert len(fitting) > 1


def test_find__whole_id_and_its_beginning(find, flipped):
    assert [point["id"] for point in find(flipped)["points"]] == [flipped]
    assert flipped in [point["id"] for point in find(flipped[:8].upper())["points"]]


def test_find__nothing_fits(find):
    nothing = {"classes": [], "points": []}
    nothing |= dict.fromkeys(("n_classes", "n_points", "n_classes_outside", "n_points_outside"), 0)
    assert find("no such thing") == nothing
    assert find("   ") == nothing


def test_find__under_a_filter_says_how_many_more_are_outside(find, points):
    reds = [point for (image, _), point in points.items() if image == "first.png" and point["class_name"] == "red"]
    found = find("first", class_name="red", limit=3)
    assert {point["id"] for point in found["points"]} <= {point["id"] for point in reds}
    assert (len(found["points"]), found["n_points"]) == (3, len(reds))
    assert found["n_points_outside"] == N_SQUARES - len(reds)


@pytest.mark.parametrize("name", ["whole id", "file name"])
def test_find__an_exact_name_outside_the_filter_is_counted(find, flipped, name):
    text, n_points = {"whole id": (flipped, 1), "file name": ("first.png", N_SQUARES)}[name]
    found = find(text, dataset="val")
    assert (found["points"], found["n_points"], found["n_points_outside"]) == ([], 0, n_points)


def test_find__classes_have_the_points_that_fit(find, points):
    n_in_val = sum(image == "third.png" and point["class_name"] == "red" for (image, _), point in points.items())
    assert find("red", dataset="val")["classes"] == [{"name": "red", "count": n_in_val}]
    found = find("e", class_name="blue")
    assert [entry["name"] for entry in found["classes"]] == ["blue"]
    assert (found["n_classes"], found["n_classes_outside"]) == (1, 1)


def test_find__the_address_says_the_same_as_the_body(client, find):
    query = {"text": "first", "class_name": ["red"], "review": ["unjudged"], "limit": 5}
    answer = client.post(f"{BASE}/find", json=query)
    assert answer.status_code == 200, answer.text
    assert answer.json() == find(**query)


def test_find__refuses_an_unknown_name_of_the_filter(client):
    assert_problem(client.get(f"{BASE}/find", params={"text": "x", "class_name": "cow"}), 422, "unknown class 'cow'")


def test_find__by_the_client(client, flipped):
    transport = AppTransport(client.app)
    with Client(httpx.Client(transport=transport, base_url="http://test/api/v1"), is_local=False) as asking:
        assert asking.find_by_name(flipped, NAME, class_name="blue").points[0].id == flipped
        assert asking.find_by_name(flipped, NAME, class_name=["red"]).n_points_outside == 1
        assert asking.find_by_name(flipped, NAME, class_name=[]).n_points_outside == 1


@pytest.mark.parametrize("query", [{}, {"text": ""}, {"text": "x" * 1001}, {"text": "x", "limit": 0}])
def test_find__impossible_question(client, query):
    assert client.get(f"{BASE}/find", params=query).status_code == 422
