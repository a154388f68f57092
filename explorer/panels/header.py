"""The page's head: what is open, search by image, in whose name verdicts are given, and the colour scheme."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update

from explorer import state
from explorer.figures import age_text, class_counts
from explorer.panels.binding import bind
from explorer.settings import ExplorerSettings
from explorer.state import FoundMap, OpenCollection, OpenProjection, Selected
from lookalike.class_colors import OTHER_COLOR, natural_key
from lookalike.client.asynchronous.client import AsyncClient
from lookalike.counting import count_text
from lookalike.wire.collections import CollectionInfo
from lookalike.wire.maps import ProjectionInfo

Options = list[dict[str, str]]


class Ids:
    """Ids of the components of this panel."""

    COLLECTION = "header-collection"
    COUNT = "header-count"
    PROJECTION = "header-projection"
    FACTS = "header-facts"
    SEARCH = "header-search"
    JOBS = "header-jobs"
    HELP = "header-help"
    LOG_OUT = "header-log-out"
    UPLOAD = "header-upload"


def layout(settings: ExplorerSettings) -> html.Header:
    """The panel as it is before anything is known."""
    upload = html.Div(
        html.Button(
            html.Span(className="icon icon-image"),
            className="act",
            title="Choose an image to find what looks like it; or drop or paste one anywhere",
            **{"aria-label": "Find by image"},
        ),
        id=Ids.UPLOAD,
        className="header-upload",
    )
    scheme = dmc.ColorSchemeToggle(
        lightIcon=html.Span(className="icon icon-sun"),
        darkIcon=html.Span(className="icon icon-moon"),
        variant="default",
        size=30,
        **{"aria-label": "Light or dark"},
    )
    return html.Header(
        [
            html.Span(className="brand-mark", **{"aria-hidden": "true"}),
            html.H1("Lookalike", className="brand"),
            _select(Ids.COLLECTION, "Collection", width=260),
            html.Div(id=Ids.FACTS, className="header-facts"),
            _select(Ids.PROJECTION, "Projection", width=230),
            html.Span(id=Ids.COUNT, className="count"),
            html.Span(className="spacer"),
            html.Div(
                [
                    html.Div(id=Ids.SEARCH, className="header-search"),
                    upload,
                    html.Div(id=Ids.JOBS, className="header-jobs"),
                    html.Div(id=Ids.HELP, className="header-jobs"),
                    _menu(_reviewer(settings), scheme),
                ],
                className="header-actions",
            ),
        ],
        className="header",
    )


def _menu(reviewer: dmc.TextInput, scheme: dmc.ColorSchemeToggle) -> html.Details:
    """Whatever one sets once: who gives verdicts, and light or dark."""
    label = {"aria-label": "Menu: your name, light or dark"}
    rows = [
        html.Div([html.Span("Verdicts are given by", className="dim"), reviewer], className="menu-row"),
        html.Div([html.Span("Light or dark", className="dim"), scheme], className="menu-row"),
        html.Form(  # a script shows it to those who have logged in
            [html.Span("You are logged in", className="dim"), html.Button("Log out", type="submit", className="act")],
            id=Ids.LOG_OUT,
            method="post",
            action="logout",
            className="menu-row",
            hidden=True,
        ),
    ]
    summary = html.Summary(
        html.Span(className="icon icon-person"), className="act", title="Your name, light or dark", **label
    )
    return html.Details([summary, html.Div(rows, className="menu-body")], className="menu")


def _reviewer(settings: ExplorerSettings) -> dmc.TextInput:
    """In whose name verdicts are, kept by the browser."""
    return dmc.TextInput(
        id=state.REVIEWER,
        value=settings.reviewer,
        size="xs",
        w=150,
        debounce=True,
        persistence=True,
        persistence_type="local",
        className="reviewer",
        **{"aria-label": "Your name, kept with your verdicts"},
    )


def _select(component_id: str, label: str, *, width: int) -> dmc.Select:
    return dmc.Select(
        id=component_id, placeholder=label, data=[], size="xs", maw=width, allowDeselect=False, **{"aria-label": label}
    )


def register(app: Dash, client: AsyncClient, settings: ExplorerSettings) -> None:  # noqa: ARG001 (one form for all panels)
    """Connect the panel's callbacks."""
    app.clientside_callback(  # else a slow line never sees the end of a question: the next one takes its place
        ClientsideFunction(state.SCRIPTS, "stopClock"),
        Output(state.TICK, "disabled", allow_duplicate=True),
        Input(state.TICK, "n_intervals"),
        prevent_initial_call=True,
    )
    app.callback(
        Output(Ids.COLLECTION, "data"),
        Output(Ids.COLLECTION, "value"),
        Output(state.NOTICE, "children", allow_duplicate=True),
        Input(state.TICK, "n_intervals"),
        State(state.LINK, "search"),
        State(Ids.COLLECTION, "value"),
        prevent_initial_call=True,
    )(bind(list_collections, client))
    app.callback(
        Output(state.COLLECTION, "data"),
        Output(Ids.COUNT, "children"),
        Output(state.SELECTED, "data", allow_duplicate=True),
        Input(Ids.COLLECTION, "value"),
        Input(state.TICK, "n_intervals"),
        State(state.COLLECTION, "data"),
        State(state.SELECTED, "data"),
        State(state.LINK, "search"),
        prevent_initial_call=True,
    )(bind(open_collection, client))
    app.callback(
        Output(Ids.PROJECTION, "data"),
        Output(state.FOUND_MAP, "data"),
        Output(state.TICK, "disabled"),
        Input(state.COLLECTION, "data"),
        Input(state.TICK, "n_intervals"),
        State(Ids.PROJECTION, "data"),
        State(state.PROJECTION, "data"),
        State(state.LINK, "search"),
        prevent_initial_call=True,
    )(bind(find_projection, client))
    app.clientside_callback(  # only the browser knows what was chosen meanwhile
        ClientsideFunction(state.SCRIPTS, "openFound"),
        Output(Ids.PROJECTION, "value"),
        Input(state.FOUND_MAP, "data"),
        State(Ids.PROJECTION, "value"),
        State(Ids.PROJECTION, "data"),
        prevent_initial_call=True,
    )
    app.callback(
        Output(state.PROJECTION, "data"),
        Input(Ids.PROJECTION, "value"),
        State(Ids.COLLECTION, "value"),
        prevent_initial_call=True,
    )(bind(open_projection, client))


async def list_collections(
    client: AsyncClient, _tick: int | None, link: str | None, chosen: str | None
) -> tuple[Any, Any, Any]:
    """The collections, which is open (the chosen one, the link's, or the first), and what to say of a wrong link."""
    if link is None:
        return no_update, no_update, no_update  # the page does not know its own address yet
    infos = {info.name: info for info in await client.list_collections()}
    names = sorted(infos, key=lambda name: (natural_key(infos[name].display_name or name), name))
    options = _collection_options([infos[name] for name in names])
    if chosen in names:
        return options, no_update, no_update
    wanted = link_value(link, "collection")
    opened = _first_known(names, wanted)
    if opened is None:
        return options, opened, no_update
    if wanted not in (None, opened):
        shown = infos[opened].display_name or opened
        return options, opened, _notice(f"There is no collection '{wanted}', which the link names; this is '{shown}'")
    return options, opened, await _tell_unknown_map(client, infos[opened], link_value(link, "projection"))


async def open_collection(
    client: AsyncClient,
    name: str | None,
    _tick: int | None,
    opened: OpenCollection | None,
    selected: Selected | None,
    link: str | None,
) -> tuple[Any, Any, Any]:
    """The open collection with its size, and what is selected in it: at first the link's point, later nothing."""
    if name is None:
        return None, "", no_update
    info = await client.get_collection(name)
    is_same = opened is not None and opened["name"] == name
    if is_same and opened is not None and opened["revision"] == info.revision:
        return no_update, no_update, no_update
    counts = f"{count_text(info.n_points, 'point')} · {count_text(info.n_images, 'image')}"
    return _to_open_collection(info), counts, no_update if is_same else _selected_at_first(name, selected, link)


async def list_projections(
    client: AsyncClient,
    collection: OpenCollection | None,
    _tick: int | None,
    listed: Options | None,
    opened: OpenProjection | None,
    link: str | None,
) -> tuple[Options, Any, bool]:
    """The projections of the open collection, newest first, which to open, and whether to stop looking for one."""
    if collection is None:
        return [], None, False
    infos = await client.list_projections(collection["name"])
    now = datetime.now(UTC)
    options = [{"value": info.id, "label": _projection_label(info, now)} for info in infos]
    is_busy = any(run.state == "running" for run in await client.list_runs())
    if opened is None or opened["collection"] != collection["name"]:
        chosen: Any = _first_known([info.id for info in infos], link_value(link, "projection"))
    else:
        chosen = _newer_projection(infos, {option["value"] for option in listed or []}, opened)
    return options, chosen, bool(infos) and not is_busy


async def find_projection(
    client: AsyncClient,
    collection: OpenCollection | None,
    tick: int | None,
    listed: Options | None,
    opened: OpenProjection | None,
    link: str | None,
) -> tuple[Options, Any, bool]:
    """The projections of the open collection, which to open instead of the open one, and whether to stop looking."""
    options, found, is_settled = await list_projections(client, collection, tick, listed, opened, link)
    if found is no_update:
        return options, no_update, is_settled
    return options, FoundMap(id=found, before=None if opened is None else opened["id"]), is_settled


async def open_projection(
    client: AsyncClient, projection_id: str | None, collection: str | None
) -> OpenProjection | None:
    """The open projection."""
    if projection_id is None or collection is None:
        return None
    infos = {info.id: info for info in await client.list_projections(collection)}
    if projection_id not in infos:
        return None  # deleted meanwhile; the list is read again at the next change
    info = infos[projection_id]
    return {
        "collection": collection,
        "id": info.id,
        "version": info.version,
        "method": info.method,
        "metric": info.metric,
        "has_scores": info.has_scores,
        "note": info.note,
        "is_current": info.is_current,
        "n_points": info.n_points,
        "classes": class_counts(info.classes),
    }


def link_value(link: str | None, name: str) -> str | None:
    """One value of the page's address, for example ``id`` of ``?collection=digits&id=...``."""
    return parse_qs((link or "").removeprefix("?")).get(name, [None])[0]


def _first_known(known: Sequence[str], wanted: str | None) -> str | None:
    return wanted if wanted in known else next(iter(known), None)


async def _tell_unknown_map(client: AsyncClient, opened: CollectionInfo, wanted: str | None) -> Any:
    """Return what to say of a link to a map that the open collection does not have, such as one that was deleted."""
    known = [] if wanted is None else [info.id for info in await client.list_projections(opened.name)]
    if wanted is None or wanted in known:
        return no_update
    instead = "this is the newest one" if known else "none was made yet"
    shown = opened.display_name or opened.name
    return _notice(f"There is no map '{wanted}' of '{shown}', which the link names; {instead}")


def _notice(text: str) -> html.Div:
    return html.Div(text, className="notice-text")


def _collection_options(infos: Sequence[CollectionInfo]) -> Options:
    """Collections by their display names; those that have the same are told apart by their own."""
    shown = [info.display_name or info.name for info in infos]
    return [
        {"value": info.name, "label": label if shown.count(label) == 1 else f"{label} ({info.name})"}
        for info, label in zip(infos, shown, strict=True)
    ]


def _newer_projection(infos: Sequence[ProjectionInfo], listed: set[str], opened: OpenProjection) -> Any:
    """Which projection takes the open one's place: one that was made meanwhile, or itself in a new version."""
    if not infos:
        return None
    if infos[0].id not in listed:
        return infos[0].id
    versions = {info.id: info.version for info in infos}
    if opened["id"] not in versions:
        return infos[0].id
    return no_update if versions[opened["id"]] == opened["version"] else opened["id"]


def _to_open_collection(info: CollectionInfo) -> OpenCollection:
    return {
        "name": info.name,
        "display_name": info.display_name or info.name,
        "revision": info.revision,
        "n_points": info.n_points,
        "classes": sorted((entry.name for entry in info.classes if entry.name), key=natural_key),
        "datasets": sorted((entry.name for entry in info.datasets if entry.name), key=natural_key),
        "colors": dict(info.class_colors),
        "otherColor": OTHER_COLOR,
    }


def _selected_at_first(collection: str, selected: Selected | None, link: str | None) -> Selected:
    point_id = link_value(link, "id")
    if selected is None and point_id is not None and link_value(link, "collection") in (None, collection):
        return {"id": point_id, "by": "link"}
    return {"id": None, "by": "link"}


def _projection_label(info: ProjectionInfo, now: datetime) -> str:
    return f"{info.method.upper()} · {info.metric} · {age_text(info.created_at, now)}"
