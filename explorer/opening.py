"""The page as it opens: its layout with the first answers in it, so that the map waits for no more of them."""

from __future__ import annotations

import asyncio
from typing import Any, Final
from urllib.parse import urlsplit

from dash import no_update
from dash.development.base_component import Component

from explorer import state
from explorer.panels import filters, header, map_making, map_view, reviews
from lookalike.client.asynchronous.client import AsyncClient
from lookalike.errors import LookalikeError

PATIENCE_S: Final = 1.0
"""A page that shows nothing for longer looks broken; the first count of a million points takes some seconds."""


async def open_layout(layout: Component, client: AsyncClient, address: str) -> None:
    """Fill the answers of the panels' first questions into a layout.

    Without the page's address or an answer of the api within ``PATIENCE_S``, the page's clock is set going instead. The
    page then asks by itself, and says what it waits for. When a page opens, the server runs no callback that others
    depend on. They would wait for it, and might undo what a person did meanwhile.

    Args:
        layout: The whole page, as ``build_layout`` gives it; it is changed.
        client: How the api is asked.
        address: The page's address, as the browser names it with its request; empty if it does not.
    """
    layout[state.TICK].disabled = False
    if not address:
        return
    query = urlsplit(address).query
    try:
        async with asyncio.timeout(PATIENCE_S):
            answers = await _first_answers(client, f"?{query}" if query else "")
    except (LookalikeError, TimeoutError):
        return  # the page asks again, and says what is wrong
    for (component, name), value in answers.items():
        if value is not no_update:
            setattr(layout[component], name, value)


async def _first_answers(client: AsyncClient, link: str) -> dict[tuple[str, str], Any]:
    """Values of components by id and property, each from the callback that else gives it."""
    collections, name, notice = await header.list_collections(client, None, link, None)
    collection, count, selected = await header.open_collection(client, name, None, None, None, link)
    maps, projection_id, is_settled = await header.list_projections(client, collection, None, None, None, link)
    projection = await header.open_projection(client, projection_id, name)
    spec, caption = await map_view.describe_map(projection, collection)
    dot_size, has_contours = await filters.fit_dots(projection)
    advice, button, display, over = await map_making.advise(client, collection, projection, None)
    seen, _ = await reviews.watch(client, None, collection, None)
    return {
        (header.Ids.COLLECTION, "data"): collections,
        (header.Ids.COLLECTION, "value"): name,
        (header.Ids.COUNT, "children"): count,
        (header.Ids.PROJECTION, "data"): maps,
        (header.Ids.PROJECTION, "value"): projection_id,
        (map_view.Ids.CAPTION, "children"): caption,
        (filters.Ids.DOT_SIZE, "value"): dot_size,
        (filters.Ids.CONTOURS, "checked"): has_contours,
        (map_making.Ids.ADVICE, "children"): advice,
        (map_making.Ids.MAKE, "children"): button,
        (map_making.Ids.MAKE, "display"): display,
        (map_making.Ids.PANEL, "className"): over,
        (state.NOTICE, "children"): notice,
        (state.COLLECTION, "data"): collection,
        (state.SELECTED, "data"): selected if selected is not no_update and selected["id"] else no_update,
        (state.PROJECTION, "data"): projection,
        (state.MAP, "data"): spec,
        (state.REVIEWS, "data"): seen,
        (state.TICK, "disabled"): is_settled,
    }
