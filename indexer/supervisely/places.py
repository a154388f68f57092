"""Where a collection's points are on their Supervisely server, and who works there."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from indexer.domain import PointFilter
from indexer.errors import ConfigurationError, InvalidOptionsError
from indexer.payload import PayloadField
from indexer.sources.supervisely_address import ADDRESS_VARIABLE, SCHEME, ProjectAddress, read_address
from indexer.sources.supervisely_api import read_project
from indexer.sources.supervisely_datasets import read_datasets, select_below
from indexer.stores.base import Collection
from indexer.supervisely.targets import connect_to, find_targets

_SOURCE_KEY: Final = re.compile(rf"{SCHEME}://([^/]+)/([0-9]{{1,18}})", re.ASCII)
_MEMBERS_PER_PAGE: Final = 1_000
_DATASETS_PER_PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class PointPlace:
    """A point in the platform.

    Attributes:
        url: Address of its image in the labeling tool.
        project_id: The server's id of its project.
        dataset_id: That of its data set.
        image_id: That of its image.
        figure_id: That of its object; None for a whole image.
    """

    url: str
    project_id: int
    dataset_id: int
    image_id: int
    figure_id: int | None


def read_server_address(environment: Mapping[str, str] | None = None) -> str | None:
    """Address of the server that the environment names; None if it names none. Asks nothing."""
    try:
        return read_address((os.environ if environment is None else environment).get(ADDRESS_VARIABLE, ""))
    except ConfigurationError:
        return None


def find_projects(collection: Collection) -> dict[str, list[int]]:
    """Projects that a collection holds points of: host -> ids, sorted."""
    found: dict[str, list[int]] = {}
    for key in collection.facet(PayloadField.SOURCE_KEY):
        match = _SOURCE_KEY.fullmatch(str(key))
        if match is not None:
            found.setdefault(match[1], []).append(int(match[2]))
    return {host: sorted(ids) for host, ids in sorted(found.items())}


def holds(collection: Collection, address: ProjectAddress) -> bool:
    """Whether a collection has points of a project or, if one is meant, of its data set; the latter costs a request.

    Raises:
        ConfigurationError, SourceUnavailableError: The server does not say what the data set is called.
    """
    hosts = [host for host, ids in find_projects(collection).items() if address.project_id in ids]
    if not hosts or address.dataset_id is None:
        return bool(hosts)
    with closing(connect_to(hosts[0])) as server:
        body = {"projectId": address.project_id, "recursive": True, "filter": []}
        datasets = read_datasets(server.list_rows("datasets.list", body, per_page=_DATASETS_PER_PAGE).rows)
    wanted = {datasets[one].path for one in select_below(datasets, address.dataset_id)}
    key = f"{SCHEME}://{hosts[0]}/{address.project_id}"
    known = collection.facet(PayloadField.DATASET, PointFilter(equals_any={PayloadField.SOURCE_KEY.value: (key,)}))
    return not wanted.isdisjoint(str(one) for one in known)


def find_place(collection: Collection, point_id: str) -> PointPlace:
    """Find a point in the platform; costs one request.

    Raises:
        PointNotFoundError, InvalidOptionsError: There is no such point, or it is of another source.
        SourceUnavailableError: The server does not answer, or does not show the project.
    """
    (target,) = find_targets(collection, [point_id])
    with closing(connect_to(target.host)) as server:
        project = read_project(server, target.project_id)
        place = f"{project.get('teamId')}/{project.get('workspaceId')}/{target.project_id}/{target.dataset_id}"
        url = f"{server.address}/app/images/{place}#image-{target.image_id}"
    return PointPlace(url, target.project_id, target.dataset_id, target.image_id, target.figure_id)


def list_members(collection: Collection) -> list[str]:
    """Logins of the people who work in the teams of a collection's projects, sorted.

    Raises:
        InvalidOptionsError: The collection holds no project of a server.
        SourceUnavailableError: The server does not answer, or does not show them.
    """
    projects = find_projects(collection)
    if not projects:
        raise InvalidOptionsError(f"collection '{collection.name}' holds no project of a Supervisely server")
    logins: set[str] = set()
    for host, ids in projects.items():
        with closing(connect_to(host)) as server:
            for team in sorted({int(read_project(server, one)["teamId"]) for one in ids}):
                body = {"teamId": team, "filter": []}
                rows = server.list_rows("members.list", body, per_page=_MEMBERS_PER_PAGE).rows
                logins |= {str(row["login"]) for row in rows.values()}
    return sorted(logins)
