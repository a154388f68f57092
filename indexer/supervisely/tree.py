"""Teams, workspaces, projects and data sets of a Supervisely server, one level per request."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final, Literal

from indexer.errors import SourceUnavailableError
from indexer.sources.supervisely_address import SCHEME
from indexer.sources.supervisely_answers import Row
from indexer.sources.supervisely_datasets import count_of, read_datasets
from indexer.sources.supervisely_server import SuperviselyServer

Level = Literal["server", "team", "workspace", "project"]
"""Levels of the tree that hold others."""
EntryKind = Literal["team", "workspace", "project", "dataset"]

_ROWS_PER_PAGE: Final = 1_000
_COUNTS: Final = ("imagesCount", "itemsCount")


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A team, workspace, project or data set.

    Attributes:
        kind: Which of the four.
        id: The server's id.
        name: Its name.
        n_images: How many images it holds, as the server counts; None if the server does not tell.
        parent_id: For a data set, the one that it lies in.
        source: What indexes it, such as ``supervisely://11/22``; None for a team or a workspace.
    """

    kind: EntryKind
    id: int
    name: str
    n_images: int | None = None
    parent_id: int | None = None
    source: str | None = None


def list_level(level: Level, level_id: int | None = None) -> list[TreeEntry]:
    """List the content of one level, sorted by name; for a project all data sets, nested ones too.

    Args:
        level: Whose content.
        level_id: The server's id of it; None for the server itself.

    Raises:
        ConfigurationError: The environment names no server or no token.
        SourceUnavailableError: The server does not answer, or the token may not see it.
    """
    with closing(SuperviselyServer.connect()) as server:
        if level == "project":
            return _list_datasets(server, int(level_id or 0))
        kind, method, body = _REQUESTS[level]
        rows = _list(server, method, {**dict.fromkeys(body, level_id), "filter": []})
    entries = [
        _to_entry(kind, row_id, row) for row_id, row in rows.items() if (row.get("type") or "images") == "images"
    ]
    return sorted(entries, key=lambda one: (one.name.casefold(), one.id))


_REQUESTS: Final[dict[str, tuple[EntryKind, str, tuple[str, ...]]]] = {
    "server": ("team", "teams.list", ()),
    "team": ("workspace", "workspaces.list", ("teamId",)),
    "workspace": ("project", "projects.list", ("workspaceId",)),
}
"""For each level the kind of what it holds, the method that lists it, and how the request names the level."""


def _to_entry(kind: EntryKind, row_id: int, row: Row) -> TreeEntry:
    name = str(row.get("name") or row_id)
    if kind != "project":
        return TreeEntry(kind, row_id, name)
    return TreeEntry(kind, row_id, name, count_of(row, *_COUNTS), source=f"{SCHEME}://{row_id}")


def _list_datasets(server: SuperviselyServer, project_id: int) -> list[TreeEntry]:
    rows = _list(server, "datasets.list", {"projectId": project_id, "recursive": True, "filter": []})
    return [
        TreeEntry(
            "dataset",
            one.id,
            str(rows[one.id].get("name") or one.id),
            one.n_images,
            one.parent_id if one.parent_id in rows else None,
            f"{SCHEME}://{project_id}/{one.id}",
        )
        for one in read_datasets(rows).values()
    ]


def _list(server: SuperviselyServer, method: str, body: dict[str, Any]) -> dict[int, Row]:
    found = server.list_rows(method, body, per_page=_ROWS_PER_PAGE)
    if not found.is_whole:
        raise SourceUnavailableError(f"the lists of {server.address} changed while they were read; try again")
    return found.rows
