"""The page as it opens: the first answers come with it, so that the map is painted before anything else is there."""

from __future__ import annotations

import asyncio
from typing import Any, Final, cast

from dash import no_update

from explorer import state
from explorer.panels import filters, header, map_making, map_view, reviews
from lookalike.client.asynchronous.client import AsyncClient
from lookalike.errors import LookalikeError

PATIENCE_S: Final = 1.0
"""A page that shows nothing for longer looks broken; the first count of a million points takes some seconds."""


Answers = dict[str, dict[str, Any]]
"""Values of components by id and property. ``assets/page/early.mjs`` and ``assets/bridge.js`` read them."""


class _AskedOnce:
    """The client of one page that opens. What was asked is not asked again, so that the page is of one moment."""

    def __init__(self, client: AsyncClient) -> None:
        self._client, self._answers = client, dict[tuple[str, ...], Any]()

    def __getattr__(self, call: str) -> Any:
        async def ask(*arguments: str) -> Any:
            question = (call, *arguments)
            if question not in self._answers:
                self._answers[question] = await getattr(self._client, call)(*arguments)
            return self._answers[question]

        return ask


async def read_opening(client: AsyncClient, query: str) -> Answers | None:
    """Ask what the page at an address asks first.

    Args:
        client: How the api is asked.
        query: Query of the page's address, without its question mark.

    Returns:
        The answers; None without an answer of the api within ``PATIENCE_S``. The page's clock then asks, and the page
        says what it waits for. When a page opens, no callback runs on the server that others depend on: they would
        wait for it, and might undo what a person did meanwhile.
    """
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await _first_answers(cast("AsyncClient", _AskedOnce(client)), f"?{query}" if query else "")
    except (LookalikeError, TimeoutError):
        return None  # the page asks again, and says what is wrong


async def _first_answers(client: AsyncClient, link: str) -> Answers:
    """Values of components by id and property, each from the callback that else gives it."""
    collections, name, notice = await header.list_collections(client, None, link, None)
    collection, count, selected = await header.open_collection(client, name, None, None, None, link)
    maps, projection_id, is_settled = await header.list_projections(client, collection, None, None, None, link)
    projection = await header.open_projection(client, projection_id, name)
    spec, caption = await map_view.describe_map(projection, collection)
    dot_size, has_contours = await filters.fit_dots(projection)
    advice, button, display, over = await map_making.advise(client, collection, projection, None)
    seen, _ = await reviews.watch(client, None, collection, None)
    answers = {
        header.Ids.COLLECTION: {"data": collections, "value": name},
        header.Ids.COUNT: {"children": count},
        header.Ids.PROJECTION: {"data": maps, "value": projection_id},
        map_view.Ids.CAPTION: {"children": caption},
        filters.Ids.DOT_SIZE: {"value": dot_size},
        filters.Ids.CONTOURS: {"checked": has_contours},
        map_making.Ids.ADVICE: {"children": advice},
        map_making.Ids.MAKE: {"children": button, "display": display},
        map_making.Ids.PANEL: {"className": over},
        state.NOTICE: {"children": notice},
        state.COLLECTION: {"data": collection},
        state.SELECTED: {"data": selected if selected is not no_update and selected["id"] else no_update},
        state.PROJECTION: {"data": projection},
        state.MAP: {"data": spec},
        state.REVIEWS: {"data": seen},
        state.TICK: {"disabled": is_settled},
    }
    told = {
        component: {prop: value for prop, value in values.items() if value is not no_update}
        for component, values in answers.items()
    }
    return {component: values for component, values in told.items() if values}
