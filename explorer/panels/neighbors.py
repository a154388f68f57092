"""Points similar to the selected one, or to an image. ``assets/page/similar`` asks the api and fills the panel."""

from __future__ import annotations

from dash import Dash, html

from explorer.settings import ExplorerSettings
from lookalike.client.asynchronous.client import AsyncClient


class Ids:
    """Ids of the components of this panel; the scripts of the page use them too."""

    HOST = "similar"


def layout(settings: ExplorerSettings) -> html.Section:
    """The panel, empty until something is selected."""
    return html.Section(
        id=Ids.HOST,
        className="neighbors",
        **{"aria-label": "Nearest neighbors", "data-limit": str(settings.n_neighbors)},
    )


def register(app: Dash, client: AsyncClient, settings: ExplorerSettings) -> None:
    """Nothing to connect: the panel lives in the browser."""
