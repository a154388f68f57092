"""Notice over a map that is missing or old: what to do, a button that does it, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html, no_update

from explorer import state
from explorer.panels.binding import bind
from explorer.settings import ExplorerSettings
from explorer.state import OpenCollection, OpenProjection
from lookalike.client.asynchronous.client import AsyncClient
from lookalike.counting import count_text
from lookalike.wire.runs import RunInfo

_TITLES = {"project": "Projecting", "index": "Indexing"}
"""The runs that this notice tells of, by kind; exports and imports change no map."""
_OPTIONS: Final = "Method and options\N{HORIZONTAL ELLIPSIS}"


class Ids:
    """Ids of the components of this panel."""

    PANEL = "map-making"
    ADVICE = "map-advice"
    MAKE = "map-make"


def layout(settings: ExplorerSettings) -> html.Section:  # noqa: ARG001 (one form for all panels)
    """The panel as it is before anything is known."""
    return html.Section(
        [html.Div(id=Ids.ADVICE, className="map-advice"), dmc.Button(id=Ids.MAKE, size="xs", display="none")],
        id=Ids.PANEL,
        className="map-making",
        **{"aria-label": "Making the map"},
    )


def register(app: Dash, client: AsyncClient, settings: ExplorerSettings) -> None:  # noqa: ARG001 (one form for all panels)
    """Connect the panel's callbacks."""
    app.callback(
        Output(Ids.ADVICE, "children"),
        Output(Ids.MAKE, "children"),
        Output(Ids.MAKE, "display"),
        Output(Ids.PANEL, "className"),
        Input(state.COLLECTION, "data"),
        Input(state.PROJECTION, "data"),
        Input(state.TICK, "n_intervals"),
        prevent_initial_call=True,
    )(bind(advise, client))
    app.callback(
        Output(state.TICK, "disabled", allow_duplicate=True),
        Input(Ids.MAKE, "n_clicks"),
        State(state.COLLECTION, "data"),
        prevent_initial_call=True,
    )(bind(make_map, client))


async def advise(
    client: AsyncClient, collection: OpenCollection | None, projection: OpenProjection | None, _tick: int | None
) -> tuple[list[Any], str, str, str]:
    """Say what to do or what is being done, the button's text, whether it shows, and whether a map lies below."""
    over = "map-making" if projection is None else "map-making beside"
    if projection is not None and projection["is_current"]:
        return [], "", "none", over
    runs = [run for run in await client.list_runs() if run.kind in _TITLES]
    running = [run for run in runs if run.state == "running"]
    if running:
        return _progress(running[0], collection), "", "none", over
    advice, button = _advice(collection, has_map=projection is not None)
    return [*advice, *_failure(runs)], button, "inline-block" if button else "none", over


async def make_map(client: AsyncClient, n_clicks: int | None, collection: OpenCollection | None) -> Any:
    """Start to project the collection; the page looks from time to time whether that is done."""
    if collection is None or not n_clicks:
        return no_update
    await client.make_projection(collection["name"])
    return False


def _advice(collection: OpenCollection | None, *, has_map: bool) -> tuple[list[Any], str]:
    """Say what to do, with the text of the button that does it; empty if only a command can."""
    if collection is None:
        advice = _command(
            "Nothing is indexed yet", "Index labelled images here, or in a terminal:", "lookalike index FOLDER"
        )
        return [*advice[:2], _job("index", "Index images\N{HORIZONTAL ELLIPSIS}", is_main=True), *advice[2:]], ""
    name, n_points = collection["display_name"], collection["n_points"]
    if n_points == 0:
        text = "Its images have no labelled objects. Index them as whole images:"
        return _command(f"{name} has no points", text, "lookalike index FOLDER --mode images"), ""
    if n_points == 1:
        return _command(f"{name} has one point", "A map takes two. Index more images:", "lookalike index FOLDER"), ""
    if has_map:
        return [html.Span("Points changed since this map was made."), _job("map", _OPTIONS)], "Update it"
    words = html.P(f"{count_text(n_points, 'point')} to project")
    return [html.H2(f"No map of {name} yet"), words, _job("map", _OPTIONS)], "Make the map"


def _failure(runs: Sequence[RunInfo]) -> list[Any]:
    """Why the last run failed, if it did; ``runs`` has the newest first."""
    if not runs or runs[0].state != "failed" or runs[0].error is None:
        return []
    return [html.P(f"The last run failed: {runs[0].error.detail}", className="warning")]


def _command(title: str, text: str, command: str) -> list[Any]:
    hint = "This page notices by itself when that is done."
    return [html.H2(title), html.P(text), html.Code(command), html.P(hint, className="dim")]


def _job(job: str, words: str, *, is_main: bool = False) -> html.Button:
    """A button that opens the form of a job; ``assets/page/jobs`` listens to it."""
    return html.Button(words, className="act is-main" if is_main else "act", **{"data-job": job})


def _progress(run: RunInfo, collection: OpenCollection | None) -> list[Any]:
    title = _TITLES[run.kind]
    is_open = collection is not None and collection["name"] == run.collection
    name = collection["display_name"] if collection is not None and is_open else run.collection or ""
    bar = html.Progress(value=str(run.done), max=str(run.total)) if run.total else html.Progress()
    heading = f"{title} {name}".rstrip()
    cancel = html.Button("Cancel", className="act", **{"data-cancel-run": run.id, "aria-label": f"Cancel {heading}"})
    return [html.H2(heading), bar, html.Span(describe_pace(run), className="dim"), cancel]


def describe_pace(run: RunInfo) -> str:
    """The stage of a run, its speed, and how long it will take."""
    parts = [run.stage]
    if run.rate_per_s:
        parts.append(f"{run.rate_per_s:,.0f} per second" if run.rate_per_s >= 1 else f"{run.rate_per_s:.1f} per second")
    if run.seconds_left is not None:
        minutes, seconds = divmod(round(run.seconds_left), 60)
        parts.append(f"{minutes} min left" if minutes else f"{seconds} s left")
    return ", ".join(parts)
