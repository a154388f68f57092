"""Dependencies of routes, as annotated aliases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar, cast

from fastapi import Depends, Query, Request
from fastapi import Path as InPath

from api.access import Access
from api.middleware.authentication import ACCESS
from api.middleware.metrics import Metrics
from api.middleware.platform_session import HAS_PLATFORM_POWER
from api.roots import find_places, names_place, require_inside
from api.services.points import PointListings, require_point, to_scores, to_selection
from api.services.run_keys import RunKeys
from api.settings import ApiSettings
from indexer.collection.collections import ATTEMPTS
from indexer.domain import Point, PointFilter, Progress, ignore_progress
from indexer.errors import CancelledError, PointNotFoundError, SnapshotOutdatedError
from indexer.insights.facets import ANY_SCORE
from indexer.stores.base import Collection
from indexer.workspace import Workspace
from lookalike.errors import NotAllowedError, OutsideRootsError
from lookalike.parts import part
from lookalike.wire.base import ONLY_COLLECTION, CollectionName, IdInPath
from lookalike.wire.selections import FilterModel

T = TypeVar("T")

UPLOADS: Final = "uploads"
"""Folder of a data directory, for archives that clients send."""

if TYPE_CHECKING:
    from api.services.devices import Devices
    from api.services.downloads import Downloads
    from api.services.map_values import MapValues
    from api.services.maps import ProjectionMaps
    from api.services.runs import Runs
    from api.services.store import IndexBuilds
    from api.services.thumbnails import Thumbnails


@dataclass(frozen=True)
class Services:
    """State that outlives a request, one of each for an app.

    Attributes:
        settings: Limits of the api.
        server_id: Random name of the server.
        workspace: The data directory.
        listings: Pages of points.
        run_keys: Requests that started runs.
        metrics: Counts of requests.
        is_stopping: Set when the server is about to end, so that answers without end come to one.
        on_progress: Told what a long answer does, by an api in the process of the one who asks.
    """

    settings: ApiSettings
    server_id: str
    workspace: Workspace
    listings: PointListings
    run_keys: RunKeys = field(default_factory=RunKeys)
    metrics: Metrics = field(default_factory=Metrics)
    is_stopping: threading.Event = field(default_factory=threading.Event)
    on_progress: Progress = ignore_progress

    @classmethod
    def build(
        cls, settings: ApiSettings, workspace: Workspace, server_id: str = "", on_progress: Progress = ignore_progress
    ) -> Services:
        """Services over one workspace; what a long answer does ends at its next step when the server stops."""
        is_stopping = threading.Event()

        def note_progress(stage: str, done: int, total: int | None) -> None:
            if is_stopping.is_set():
                raise CancelledError("stopped, as the server ends; ask again when it runs")
            on_progress(stage, done, total)

        return cls(
            settings=settings,
            server_id=server_id,
            workspace=workspace,
            listings=PointListings(),
            is_stopping=is_stopping,
            on_progress=note_progress,
        )

    @part
    def runs(self) -> Runs:
        """Work in the background; with workers, runs wait for them in a folder."""
        after = partial(mend_reviews, self.workspace)
        if not self.settings.has_workers:
            from api.services.runs import Runs

            return Runs(after)
        from api.services.run_plans import describe_run
        from api.services.run_queue import RunQueue
        from api.services.shared_runs import SharedRuns

        return SharedRuns(RunQueue(self.workspace.data_dir / "runs"), partial(describe_run, self.maps), after)

    @part
    def downloads(self) -> Downloads:
        """Files of exports that wait to be fetched."""
        from api.services.downloads import Downloads

        return Downloads(self.workspace.data_dir / "downloads")

    @part
    def maps(self) -> ProjectionMaps:
        """Projections as maps."""
        from api.services.maps import ProjectionMaps

        parts = self.workspace
        return ProjectionMaps(parts.collections, parts.suspects, parts.maps, parts.facets)

    @part
    def map_values(self) -> MapValues:
        """Values that the dots of maps are coloured by."""
        from api.services.map_values import MapValues

        parts = self.workspace
        return MapValues(parts.collections, self.maps, parts.suspects, parts.insights)

    @part
    def devices(self) -> Devices:
        """The devices of this machine."""
        from api.services.devices import Devices

        return Devices(self.is_stopping)

    @part
    def index_builds(self) -> IndexBuilds:
        """Search indexes that are being built."""
        from api.services.store import IndexBuilds

        return IndexBuilds()

    @part
    def thumbnails(self) -> Thumbnails:
        """Pictures of points; only who asks for one needs the decoders."""
        from api.services.thumbnails import Thumbnails

        return Thumbnails(self.settings, self.workspace.settings.images.limits)

    def ask(self, collection: Collection, wanted: FilterModel | None, question: Callable[[PointFilter], T]) -> T:
        """Answer a question about the selection that a request's filter describes.

        A span of suspect scores becomes the ids of the points that have them, at one revision of the collection. If
        points are written before the answer is there, scores are asked again.

        Raises:
            UnknownNameError, PointNotFoundError: The filter names what is not there.
            SnapshotOutdatedError: Points were written again and again.
        """
        wanted = wanted or FilterModel()
        selection, scores = to_selection(wanted), to_scores(wanted)
        if scores == ANY_SCORE:
            return question(selection)
        for _ in range(ATTEMPTS):
            revision = collection.revision
            try:
                answer = question(self.workspace.facets.select(collection.name, selection, scores))
            except PointNotFoundError:
                if collection.revision == revision:
                    raise
                continue
            if collection.revision == revision:
                return answer
        raise SnapshotOutdatedError(collection.name)


def mend_reviews(workspace: Workspace) -> None:
    """Give points back verdicts and tags that a run wrote over; the run's own process does not know the newest ones."""
    for name in workspace.collection_names():
        with workspace.collections.unless_deleted(name):
            workspace.mend(name)


def get_services(request: Request) -> Services:
    """The services of the app that answers."""
    return cast("Services", request.app.state.services)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request, as far as it matters.

    Attributes:
        access: What it may do.
        roots: Folders in which it may have the server read and write; None for all.
        uploads: Folder of what clients stored.
        has_platform_power: Whether the Supervisely platform let it in, so that it may work on that server.
    """

    access: Access
    roots: tuple[Path, ...] | None = None
    uploads: Path = Path()
    has_platform_power: bool = False

    def require(self, access: Access, what: str) -> None:
        """Refuse a request of somebody who may not do that.

        Args:
            access: The right that it takes.
            what: What it wants, such as "give verdicts"; the message says so.

        Raises:
            NotAllowedError: It may not.
        """
        if self.access < access:
            raise NotAllowedError(what, access.word)

    def require_local_power(self, what: str) -> None:
        """Refuse a request of somebody who may not have the server read folders or write files.

        Args:
            what: What it wants, such as "write files"; the message says so.

        Raises:
            NotAllowedError: It may not.
        """
        if self.access < Access.ADMIN:
            raise NotAllowedError(what)

    def require_path(self, path: str, what: str) -> None:
        """Refuse what ``require_local_power`` refuses, and paths outside the folders that the caller may name.

        Args:
            path: What the request names.
            what: What the request wants.

        Raises:
            NotAllowedError: It may not.
        """
        self.require_local_power(what)
        if self.roots is not None:
            require_inside(path, self.roots, own=(self.uploads,))

    def require_place(self, place: str, what: str) -> None:
        """Refuse what ``require_path`` refuses, and addresses of other servers if the caller may name folders only.

        Args:
            place: A data directory, or an address.
            what: What the request wants.

        Raises:
            NotAllowedError: It may not.
        """
        self.require_local_power(what)
        if self.roots is not None and "://" in place:  # it would be sent the key of our store
            raise OutsideRootsError(str(root) for root in self.roots)
        self.require_path(place, what)

    def require_model(self, model: str | None, what: str) -> None:
        """Refuse what ``require_path`` refuses, if a model is named by its folder: ``hf:FOLDER``."""
        kind, _, folder = (model or "").partition(":")
        if self.roots is not None and kind == "hf" and names_place(folder):
            self.require_path(folder, what)

    def require_places(self, documents: Iterable[Any], what: str) -> None:
        """Refuse points and events of the review log that would have the server open files outside those folders.

        Args:
            documents: Payloads or events.
            what: What the request wants.

        Raises:
            NotAllowedError: They would.
        """
        if self.roots is not None:
            for place in sorted(find_places(documents)):
                self.require_path(place, what)

    def require_no_outside(self) -> None:
        """Refuse a source whose annotation files may name any file.

        Raises:
            OutsideRootsError: The caller may name files in some folders only.
        """
        if self.roots is not None:
            raise OutsideRootsError(str(root) for root in self.roots)

    def require_platform_power(self, what: str) -> None:
        """Refuse a request of somebody who may not have the server's Supervisely token used. Raises as above."""
        if not self.has_platform_power:
            self.require_local_power(what)


def get_caller(request: Request) -> Caller:
    """The caller of the request that is answered."""
    access = Access(getattr(request.state, ACCESS, Access.NONE))
    services = get_services(request)
    roots, uploads = services.settings.roots, services.workspace.data_dir.resolve() / UPLOADS
    is_from_platform = bool(getattr(request.state, HAS_PLATFORM_POWER, False))
    return Caller(access, None if access is Access.OWNER else roots, uploads, is_from_platform)


CallerDep = Annotated[Caller, Depends(get_caller)]


def needs(access: Access, what: str) -> Any:
    """A dependency of routes that refuses callers with less access, before their request is even checked.

    Args:
        access: The right that it takes.
        what: What the route does, such as "give verdicts".
    """

    def check(caller: CallerDep) -> None:
        caller.require(access, what)

    return Depends(check)


ServicesDep = Annotated[Services, Depends(get_services)]


def get_collection(services: ServicesDep, collection: Annotated[CollectionName, InPath()]) -> Collection:
    """The collection that the path names; 404 if there is none."""
    return open_collection(services, collection)


def open_collection(services: Services, name: str) -> Collection:
    """The collection of that name; ``~`` stands for the only one.

    Raises:
        CollectionNotFoundError: There is none.
        ConfigurationError: ``~`` was said and there are several.
    """
    return services.workspace.collections.open(None if name == ONLY_COLLECTION else name)


CollectionDep = Annotated[Collection, Depends(get_collection)]


def get_point(collection: CollectionDep, point_id: Annotated[IdInPath, InPath()]) -> Point:
    """The point that the path names; 404 if there is none."""
    return require_point(collection, point_id)


PointDep = Annotated[Point, Depends(get_point)]
CropSize = Annotated[int, Query(ge=8, le=2048, description="longest side in px; nothing is enlarged")]
ImageSize = Annotated[int, Query(ge=64, le=4096, description="longest side in px; nothing is enlarged")]
