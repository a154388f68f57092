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
            *("#dfe2e7", "#b9bec7", "#8f96a3", "#5c626d", "#3a3d45"),
            *("#303238", "#25272c", "#1c1d21", "#17181c", "#141518"),
        ]
    },
    "defaultRadius": "sm",
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
            html.Div([panel.layout(settings) for panel in PANELS], className="page"),
            html.Div(id=state.NOTICE, className="notice", role="alert"),
        ],
        theme=THEME,
        defaultColorScheme="auto",
    )
