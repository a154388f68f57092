"""Names of collections and points over the api: given, and found."""

import pytest

from tests.integration.api.samples import BASE, NAME, assert_problem


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
    assert find("no such thing") == {"classes": [], "points": [], "n_classes": 0, "n_points": 0}
    assert find("   ") == {"classes": [], "points": [], "n_classes": 0, "n_points": 0}


@pytest.mark.parametrize("query", [{}, {"text": ""}, {"text": "x" * 1001}, {"text": "x", "limit": 0}])
def test_find__impossible_question(client, query):
    assert client.get(f"{BASE}/find", params=query).status_code == 422
