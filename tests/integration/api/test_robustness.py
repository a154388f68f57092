"""The api over a real embedded store: odd requests of every kind get an answer."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.damaged_images import damaged
from tests.integration.api.samples import (
    BASE,
    NAME,
)

ODD_WORDS = st.sampled_from([NAME, "0", "-1", "null", "1e999"])
ODD_TEXT = ODD_WORDS | st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=30)
ODD_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def get_operations(client):
    """Path, path parameters and query parameters of every GET, as the documentation tells them."""
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    described = {path: methods["get"] for path, methods in paths.items() if "get" in methods}
    parameters = {path: operation.get("parameters", []) for path, operation in described.items()}
    return [
        (path, *([one["name"] for one in known if one["in"] == place] for place in ("path", "query")))
        for path, known in parameters.items()
    ]


@settings(max_examples=25)
@given(data=st.data())
def test_every_get__answers_odd_requests_without_failing(client, get_operations, data):
    for path, names, queries in get_operations:
        address = path.format(**{name: quote(data.draw(ODD_TEXT), safe="") for name in names})
        response = client.get(f"/api/v1{address}", params={name: data.draw(ODD_TEXT) for name in queries})
        assert response.status_code < 500, (address, response.text)


@settings(max_examples=25)
@given(body=ODD_JSON)
def test_every_post__answers_odd_bodies_without_failing(client, map_url, body):
    for address in (f"{BASE}/neighbors", f"{map_url}/rows", "/api/v1/runs"):
        content = json.dumps(body).encode()
        response = client.post(address, content=content, headers={"content-type": "application/json"})
        assert response.status_code in {200, 404, 422}, (address, response.text)


FAR_TIMES = ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1e400", "nan", "inf", "-62135596801", "9" * 30]


@pytest.mark.parametrize("name", ["updated_after", "updated_before"])
@pytest.mark.parametrize("time", FAR_TIMES)
def test_filters__times_at_the_ends_of_the_calendar(client, name, time):
    for path in ("points", "suspects"):
        assert client.get(f"{BASE}/{path}", params={name: time}).status_code in {200, 422}


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e999", "-1", "9" * 400])
def test_numbers__must_be_finite_and_in_bounds(client, map_url, number):
    addresses = [f"{BASE}/clusters?resolution=", f"{BASE}/duplicates?threshold=", f"{BASE}/points?offset=",
                 f"{BASE}/suspects?limit=", f"{BASE}/picks?n=", f"{BASE}/reviews/log?offset="]  # fmt: skip
    for address in addresses:
        assert client.get(f"{address}{number}").status_code == 422, address
    assert client.get(f"{map_url}/rows/{number}/crop").status_code == 422


@settings(max_examples=60)
@given(data=damaged())
def test_upload__damaged_files_are_wrong_requests(client, data):
    response = client.post(f"{BASE}/neighbors/image", files={"file": ("query", data)})

    assert response.status_code in {200, 422}, response.text
    if response.status_code == 422:
        assert "\n" not in response.json()["detail"]
