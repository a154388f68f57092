from __future__ import annotations

import asyncio

import httpx
import pytest

from explorer.api_client import ApiClient, crop_url, image_url, map_url, row_url, scores_url, trust_url
from explorer.errors import ApiResponseError, ApiUnreachableError
from tests.unit.explorer.components import CAT, DOG, GONE


def answer(transport: httpx.AsyncBaseTransport) -> object:
    async def ask() -> object:
        async with ApiClient("http://api", transport=transport) as client:
            return await client.list_collections()

    return asyncio.run(ask())


def test_list_collections__are_models(client):
    (collection,) = asyncio.run(client.list_collections())
    assert (collection.name, collection.n_points) == ("pets", 3)


def test_get_collection__unknown_repeats_the_apis_own_sentence(client):
    with pytest.raises(ApiResponseError, match="no collection 'cars'; known: pets") as caught:
        asyncio.run(client.get_collection("cars"))
    assert caught.value.status == 404


def test_list_collections__unreachable_says_where_and_what_to_do():
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused", request=request)

    with pytest.raises(ApiUnreachableError, match=r"http://api does not answer \(connection refused\); is 'lookalike"):
        answer(httpx.MockTransport(refuse))


def test_list_collections__error_without_a_problem_document():
    with pytest.raises(ApiResponseError, match="status 502"):
        answer(httpx.MockTransport(lambda _: httpx.Response(502, text="<html>bad gateway</html>")))


def test_list_collections__answer_of_another_version():
    with pytest.raises(ApiResponseError, match="another form than expected"):
        answer(httpx.MockTransport(lambda _: httpx.Response(200, json=[{"title": "pets"}])))


def test_get_rows_of_points__unknown_points_are_left_out(client):
    places = asyncio.run(client.get_rows_of_points("pets", "m1", [DOG, GONE, CAT]))
    assert [(place.id, place.row) for place in places] == [(DOG, 2), (CAT, 0)]


def test_find_neighbors_of_image__sends_the_file(api, client):
    asyncio.run(client.find_neighbors_of_image("pets", b"pixels", "sofa.png", 5))
    assert api.uploads == [("sofa.png", b"pixels")]


def test_urls__names_are_quoted():
    assert map_url("my pets/2", "m1", "v7") == "/api/v1/collections/my%20pets%2F2/projections/m1/map?v=v7"
    assert scores_url("pets", "m1") == "/api/v1/collections/pets/projections/m1/columns/score"
    assert trust_url("pets", "m1") == "/api/v1/collections/pets/projections/m1/columns/trust"
    assert row_url("pets", "m1") == "/api/v1/collections/pets/projections/m1/rows"
    assert crop_url("pets", "p-1", 128) == "/api/v1/collections/pets/points/p-1/crop?size=128"
    assert image_url("my pets", "p-1", annotation="all", size_px=720) == (
        "/api/v1/images/p-1?collection=my+pets&annotation=all&size=720"
    )
