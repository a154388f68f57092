"""The page: every panel in its place, the stores that connect them, and where errors are shown."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import dcc, html

from explorer import state
from explorer.panels import PANELS
from explorer.settings import ExplorerSettings

THEME = {
    "primaryColor": "blue",
    # The cool greys of assets/css/1_theme.css; Mantine's own are neutral.
    "colors": {
        "dark": [
            *("#dfe2e7", "#b9bec7", "#a0a7b4", "#5c626d", "#3a3d45"),
            *("#303238", "#25272c", "#1c1d21", "#17181c", "#141518"),
        ]
    },
    "defaultRadius": "sm",
    # The list of options scrolls by itself and can be reached by key; Mantine's frame in it scrolls and cannot.
    "components": {
        "Select": {
            "defaultProps": {"withScrollArea": False, "attributes": {"options": {"tabIndex": 0}}},
            "styles": {"options": {"maxHeight": 220, "overflowY": "auto"}},
        }
    },
    "fontFamily": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Helvetica Neue', Arial, sans-serif",
}


def build_layout(settings: ExplorerSettings) -> dmc.MantineProvider:
    """The whole page. ``assets/css/2_layout.css`` says where a panel goes."""
    return dmc.MantineProvider(
        [
            dcc.Location(id=state.LINK, refresh=False),
            dcc.Interval(id=state.TICK, interval=1000 * settings.poll_seconds),
            dcc.Interval(id=state.WATCH, interval=1000 * settings.watch_seconds),
            *(dcc.Store(id=name) for name in state.STORES),
            html.Div([*(panel.layout(settings) for panel in PANELS), _notice()], className="page"),
        ],
        theme=THEME,
        defaultColorScheme="auto",
    )


def _notice() -> html.Div:
    """A line below the header, seen while it says something."""
    close = html.Button("Close", className="quiet", **{"aria-label": "Close the notice"})
    return html.Div([html.Div(id=state.NOTICE, role="alert"), close], className="notice")
