"""Stores of the page, which all panels share, and the forms of what is in them.

A panel never writes another panel's components. It writes a store, and every panel that cares listens to it:

    COLLECTION   the open collection                        header -> everybody
    FOUND_MAP    a projection that is to be opened          header -> the browser
    PROJECTION   the open projection of it                  header -> filter, map
    MAP          what the renderer needs to load the map    map -> the browser
    SELECTED     the point that is looked at                the browser, a link -> the browser
    VIEW         where the map is looked at from            the browser -> the browser (the link)
    REVIEWS      that verdicts changed, by any person       the browser, reviews -> the browser, map
    RELABELS     rows with an accepted class                map -> the browser
    TICK         looks again while there is nothing to show, or something changes
    WATCH        looks from time to time whether something changed
"""

from __future__ import annotations

from typing import Final, Literal, NotRequired, TypedDict

COLLECTION: Final = "store-collection"
FOUND_MAP: Final = "store-found-map"
PROJECTION: Final = "store-projection"
MAP: Final = "store-map"
SELECTED: Final = "store-selected"
VIEW: Final = "store-view"
REVIEWS: Final = "store-reviews"
RELABELS: Final = "store-relabels"

STORES: Final = (COLLECTION, FOUND_MAP, PROJECTION, MAP, SELECTED, VIEW, REVIEWS, RELABELS)

REVIEWER: Final = "reviewer"
"""In whose name verdicts are; the browser keeps it."""
TICK: Final = "tick"
WATCH: Final = "watch"
LINK: Final = "link"
"""The page's address; its query is read once, when the page opens."""
NOTICE: Final = "notice"
"""Where errors are shown."""

SCRIPTS: Final = "explorer"
"""Namespace of the clientside functions in ``assets/bridge.js``."""


class ClassCount(TypedDict):
    """A class of the open projection; its place in the list is its number in the binary map."""

    name: str
    count: int


class OpenCollection(TypedDict):
    """Store COLLECTION; ``colors`` has a colour for every class name, the same wherever the class is shown.

    ``otherColor`` is that of no class, and of one that the collection does not know.
    """

    name: str
    display_name: str
    revision: str
    n_points: int
    classes: list[str]
    datasets: list[str]
    colors: dict[str, str]
    otherColor: str


class FoundMap(TypedDict):
    """Store FOUND_MAP: which projection takes the place of the one that was open when it was looked for."""

    id: str | None
    before: str | None


class OpenProjection(TypedDict):
    """Store PROJECTION."""

    collection: str
    id: str
    version: str
    method: str
    metric: str
    has_scores: bool
    note: str | None
    is_current: bool
    n_points: int
    classes: list[ClassCount]


class MapSpec(TypedDict):
    """Store MAP: all that the renderer needs, in the browser's words.

    ``classNames`` and ``colors`` go by the numbers of the binary map, ``palette`` by those of other categories.
    Scores are fetched if the map does not carry them, and after verdicts; other columns when dots are coloured by them.
    """

    collection: str
    id: str
    url: str
    columnsUrl: str
    hasScores: bool
    rowUrl: str
    classNames: list[str]
    colors: list[str]
    palette: list[str]
    otherColor: str


class Selected(TypedDict):
    """Store SELECTED; an id of None means that nothing is selected any more.

    ``by`` says what chose it: from a list, the map moves there. A place in the map and a link's view stay as they are.
    An upload takes the selection away, because its neighbors are shown instead.

    ``n`` numbers the browser's choices. The browser shows such a one already, and may have gone on to another.
    """

    id: str | None
    by: Literal["map", "list", "link"]
    n: NotRequired[int]


class ReviewsSeen(TypedDict):
    """Store REVIEWS; the revision changes with every verdict."""

    collection: str
    revision: str


class Relabels(TypedDict):
    """Store RELABELS: rows of a projection's map, and the number of the class that each was given by a person."""

    projection: str
    rows: list[int]
    classes: list[int]
