"""The page comes with the answers to its first questions."""

import asyncio
from collections import Counter

import pytest

from explorer import state
from explorer.opening import read_opening
from explorer.panels import header


@pytest.fixture
def asked(client):
    """Count the requests to each address of the api."""
    counts = Counter()

    async def count(request):
        counts[request.url.path] += 1

    client._http.event_hooks = {"request": [count]}
    return counts


@pytest.mark.parametrize("query", ["", "collection=pets&projection=m1", "collection=pets&projection=gone"])
def test_read_opening__asks_every_question_once(client, asked, query):
    answers = asyncio.run(read_opening(client, query))

    assert answers[state.PROJECTION]["data"]["id"] == answers[header.Ids.PROJECTION]["value"] == "m1"
    assert asked["/collections/pets/projections"] == 1
    assert set(asked.values()) == {1}


def test_read_opening__map_deleted_meanwhile__is_listed_and_open_or_neither(client, api, asked):
    async def delete_after_it_was_listed(response):
        if response.request.url.path.endswith("/projections"):
            api.projections = []

    client._http.event_hooks |= {"response": [delete_after_it_was_listed]}

    answers = asyncio.run(read_opening(client, ""))

    assert [option["value"] for option in answers[header.Ids.PROJECTION]["data"]] == ["m1"]
    assert answers[state.PROJECTION]["data"]["id"] == "m1"
