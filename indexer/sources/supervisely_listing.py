"""Lists of a project on a Supervisely server: the cheap facts of images and objects, without geometry.

A whole listing asks for every image and every object, 10,000 and 20,000 per request. Where a whole listing is known,
only what moved since is asked for: images by time stamp, objects newest first. Counts decide whether that is enough.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from indexer.sources.supervisely_answers import Row
from indexer.sources.supervisely_datasets import count_of
from indexer.sources.supervisely_labels import parse_time
from indexer.sources.supervisely_server import Found, ServerAnswerError, SuperviselyServer, in_batches

_IMAGES_PER_PAGE: Final = 10_000
_FIGURES_PER_PAGE: Final = 20_000
_NEW_FIGURES_PER_PAGE: Final = 1_000
_MAX_NEW_PAGES: Final = 20
_IDS_PER_FILTER: Final = 300
_MAX_SINGLE_DATASETS: Final = 4
"""Up to so many data sets are listed one by one; for more the whole project is listed."""
_SLACK: Final = timedelta(seconds=5)
"""Time stamps may be cut to seconds, and be written a little after they were taken."""
_CHEAP_PAGES: Final = 6
"""A project of so few pages is listed whole at every run: it costs no more, and misses nothing."""

_FIGURE_FIELDS: Final = ("id", "updatedAt", "imageId", "classId", "geometryType", "geometryMeta", "tags")
_BLOB_FIELDS: Final = ("relatedDataId", "downloadId", "offsetStart", "offsetEnd")


class ImageRow(NamedTuple):
    """Facts of one image.

    Attributes:
        id: The server's id.
        name: Its name; may repeat and may hold ``/``.
        dataset_id: Its data set.
        updated_at: When it was last edited, as the server writes it.
        pixels: Changes whenever the pixels may have changed; empty while the upload is not finished.
        checksum: Of the file, where the server has it.
        n_bytes: Length of the file, where the server tells it.
        n_labels: How many objects it has, as the server counts.
        tags: Changes with the image's tags.
    """

    id: int
    name: str
    dataset_id: int
    updated_at: str | None
    pixels: str
    checksum: str | None
    n_bytes: int | None
    n_labels: int | None
    tags: str


class ImageFigures(NamedTuple):
    """Facts of the objects of one image.

    Attributes:
        n: How many there are.
        digest: Changes with any of them, whatever their order.
        class_ids: Their classes, sorted.
        tag_ids: Their tags, sorted.
    """

    n: int = 0
    digest: int = 0
    class_ids: tuple[int, ...] = ()
    tag_ids: tuple[int, ...] = ()


class FigureRow(NamedTuple):
    """Facts of one object."""

    image_id: int
    digest: int
    class_id: int
    tag_ids: tuple[int, ...]
    updated_at: str | None


@dataclass(frozen=True, slots=True)
class ProjectListing:
    """The images and objects that a server listed.

    Attributes:
        images: By id.
        figures: By image; images without objects are not in it.
        images_are_whole: Whether the list of images was one list from its beginning to its end.
        figures_are_whole: The same for objects.
        newest_at: The newest time stamp in it.
        n_pages: How many requests a whole listing takes.
    """

    images: dict[int, ImageRow] = field(default_factory=dict)
    figures: dict[int, ImageFigures] = field(default_factory=dict)
    images_are_whole: bool = True
    figures_are_whole: bool = True
    newest_at: datetime | None = None
    n_pages: int = 0

    @property
    def is_cheap(self) -> bool:
        """Whether to list it whole again costs hardly more than to ask what is new."""
        return self.n_pages <= _CHEAP_PAGES


class ProjectLister:
    """Lists one project.

    Args:
        server: Where it is.
        project_id: Its id.
    """

    def __init__(self, server: SuperviselyServer, project_id: int) -> None:
        self._server, self._project_id = server, project_id
        self._lists_figures_of_projects = True

    def list_whole(self, dataset_ids: Sequence[int], *, is_part: bool) -> ProjectListing:
        """List every image and every object.

        Args:
            dataset_ids: Data sets of the project that are wanted.
            is_part: Whether these are not all.

        Raises:
            SourceUnavailableError: A list could not be read.
        """
        scopes: list[dict[str, int]] = [{"projectId": self._project_id}]
        if is_part and len(dataset_ids) <= _MAX_SINGLE_DATASETS:
            scopes = [{"datasetId": one} for one in dataset_ids]
        images = self._list(scopes, self._list_images)
        has_labels = any(row.n_labels for row in images.rows.values())
        figures = self._list_figures(scopes, dataset_ids, has_labels=has_labels)
        rows = {row.id: row for row in images.rows.values() if row.dataset_id in set(dataset_ids)}
        return ProjectListing(
            rows,
            fold_figures(one for one in figures.rows.values() if one.image_id in rows),
            images.is_whole,
            figures.is_whole,
            _newest([*images.rows.values(), *figures.rows.values()]),
            images.n_pages + figures.n_pages,
        )

    def list_new(self, known: ProjectListing) -> ProjectListing | None:
        """The listing now, from the one known and from what moved since; None where only a whole listing can tell.

        Raises:
            SourceUnavailableError: A list could not be read, or the server does not list so.
        """
        if known.newest_at is None:
            return None
        since = known.newest_at - _SLACK
        new_figures = self._find_new_figures(since)
        if new_figures is not None and known.figures and not new_figures[0]:  # it may find none of a project
            self._lists_figures_of_projects = False
            new_figures = None
        images = None if new_figures is None else self._list_images({"projectId": self._project_id}, since)
        if new_figures is None or images is None or not images.is_whole:
            return None
        n_figures, recent = new_figures
        changed = {row.id for row in images.rows.values() if known.images.get(row.id) != row}
        touched = changed | {row.image_id for row in recent.values()}
        rows = {**known.images, **{row.id: row for row in images.rows.values()}}
        if not touched <= rows.keys() or 4 * len(touched) > len(rows):
            return None
        again = self._list_figures_of(sorted(touched))
        figures = {**{key: one for key, one in known.figures.items() if key not in touched}, **fold_figures(again)}
        if sum(one.n for one in figures.values()) != n_figures:
            return None
        newest = _newest([*images.rows.values(), *recent.values()])
        newest_at = max(newest or known.newest_at, known.newest_at)
        return ProjectListing(rows, figures, newest_at=newest_at, n_pages=known.n_pages)

    def n_labels(self, image_ids: Sequence[int], dataset_id: int) -> dict[int, int | None]:
        """Ask how many objects images have now, as the server counts. Raises as ``SuperviselyServer.ask``."""
        condition = {"field": "id", "operator": "in", "value": list(image_ids)}
        body = {"datasetId": dataset_id, "filter": [condition], "forceMetadataForLinks": False}
        found = self._server.list_rows("images.list", body, per_page=_IMAGES_PER_PAGE, reduce=read_image_row)
        return {row.id: row.n_labels for row in found.rows.values()}

    def _list(self, scopes: Iterable[Mapping[str, int]], ask: Callable[[Mapping[str, int]], Found]) -> Found:
        rows: dict[int, Any] = {}
        is_whole, n_pages = True, 0
        for scope in scopes:
            found = ask(scope)
            rows |= found.rows
            is_whole &= found.is_whole
            n_pages += found.n_pages
        return Found(rows, is_whole, n_pages)

    def _list_images(self, scope: Mapping[str, int], since: datetime | None = None) -> Found:
        conditions = [] if since is None else [{"field": "updatedAt", "operator": "gt", "value": _time_text(since)}]
        body = {**scope, "filter": conditions, "forceMetadataForLinks": False, "recursive": "projectId" in scope}
        return self._server.list_rows("images.list", body, per_page=_IMAGES_PER_PAGE, reduce=read_image_row)

    def _list_figures(
        self, scopes: Sequence[Mapping[str, int]], dataset_ids: Sequence[int], *, has_labels: bool
    ) -> Found:
        """List objects; of a project at once, or per data set if the server takes no project or finds nothing in it."""
        is_project = bool(scopes) and "projectId" in scopes[0]
        try:
            if not is_project or self._lists_figures_of_projects:
                found = self._list(scopes, self._list_figures_in)
                if found.rows or not has_labels or not is_project:
                    return found
        except ServerAnswerError as error:
            if error.status == HTTPStatus.UNAUTHORIZED or not is_project:
                raise
        return self._list([{"datasetId": one} for one in dataset_ids], self._list_figures_in)

    def _list_figures_in(self, scope: Mapping[str, int]) -> Found:
        body = {**scope, "fields": list(_FIGURE_FIELDS), "filter": []}
        return self._server.list_rows("figures.list", body, per_page=_FIGURES_PER_PAGE, reduce=read_figure_row)

    def _list_figures_of(self, image_ids: Sequence[int]) -> list[FigureRow]:
        """The objects of some images."""
        rows: list[FigureRow] = []
        for ids in in_batches(image_ids, _IDS_PER_FILTER):
            condition = {"field": "entityId", "operator": "in", "value": list(ids)}
            body = {"projectId": self._project_id, "fields": list(_FIGURE_FIELDS), "filter": [condition]}
            found = self._server.list_rows("figures.list", body, per_page=_FIGURES_PER_PAGE, reduce=read_figure_row)
            rows += found.rows.values()
        return rows

    def _find_new_figures(self, since: datetime) -> tuple[int, dict[int, FigureRow]] | None:
        """Count the objects, and those edited since; None if the server does not tell it so."""
        body: dict[str, Any] = {"projectId": self._project_id, "fields": list(_FIGURE_FIELDS), "filter": []}
        body |= {"sort": "updatedAt", "sort_order": "desc", "per_page": _NEW_FIGURES_PER_PAGE}
        recent: dict[int, FigureRow] = {}
        for number in range(1, _MAX_NEW_PAGES + 1):
            page = self._server.ask_page("figures.list", {**body, "page": number}, read_figure_row)
            times = [at for at in (parse_time(row.updated_at) for _, row in page.rows) if at is not None]
            if page.total is None or len(times) < len(page.rows) or times != sorted(times, reverse=True):
                return None
            recent |= {figure_id: row for (figure_id, row), at in zip(page.rows, times, strict=True) if at > since}
            if not times or times[-1] <= since or len(page.rows) >= page.total:
                return page.total, recent
        return None


def read_image_row(row: Row) -> ImageRow:
    """Take what matters of an image.

    Raises:
        KeyError, TypeError, ValueError: The row is none of an image.
    """
    updated_at, link, checksum = _text_of(row, "updatedAt"), row.get("link"), _text_of(row, "hash")
    blob = [row.get(name) for name in _BLOB_FIELDS]
    if checksum:
        pixels = f"sha256:{checksum}"
    elif link:
        pixels = f"link:{_digest(link)} {updated_at}"  # not the link itself, which may hold a key
    else:
        pixels = f"blob:{_digest(blob)} {updated_at}" if any(one is not None for one in blob) else ""
    tags = sorted((int(tag["tagId"]), str(tag.get("value"))) for tag in row.get("tags") or ())
    return ImageRow(
        int(row["id"]),
        str(row["name"]),
        int(row["datasetId"]),
        updated_at,
        pixels,
        checksum,
        count_of(row, "size"),
        count_of(row, "labelsCount"),
        _digest(tags) if tags else "",
    )


def read_figure_row(row: Row) -> FigureRow:
    """Take what matters of an object.

    Raises:
        KeyError, TypeError, ValueError: The row is none of an object.
    """
    image_id = row.get("entityId")
    tags = sorted((int(tag["tagId"]), str(tag.get("value"))) for tag in row.get("tags") or ())
    facts = [row["id"], row.get("updatedAt"), row["classId"], row.get("geometryType"), row.get("geometryMeta"), tags]
    return FigureRow(
        int(row["imageId"] if image_id is None else image_id),
        int(_digest(facts), 16),
        int(row["classId"]),
        tuple(dict.fromkeys(tag[0] for tag in tags)),
        _text_of(row, "updatedAt"),
    )


def fold_figures(rows: Iterable[FigureRow]) -> dict[int, ImageFigures]:
    """Objects by image."""
    counts: dict[int, list[int]] = {}
    used: dict[int, tuple[set[int], set[int]]] = {}
    for row in rows:
        count = counts.setdefault(row.image_id, [0, 0])
        count[0] += 1
        count[1] = (count[1] + row.digest) & 0xFFFF_FFFF_FFFF_FFFF
        class_ids, tag_ids = used.setdefault(row.image_id, (set(), set()))
        class_ids.add(row.class_id)
        tag_ids.update(row.tag_ids)
    return {
        image_id: ImageFigures(n, digest, tuple(sorted(used[image_id][0])), tuple(sorted(used[image_id][1])))
        for image_id, (n, digest) in counts.items()
    }


def _newest(rows: Iterable[ImageRow | FigureRow]) -> datetime | None:
    """The newest time stamp; texts of one server are compared as they are, as most rows are not the newest."""
    texts = {row.updated_at for row in rows if row.updated_at}
    times = [at for at in map(parse_time, sorted(texts)[-100:]) if at is not None]
    return max(times, default=None)


def _time_text(moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _text_of(row: Row, name: str) -> str | None:
    """A text of a row; anything else counts as none."""
    value = row.get(name)
    return value if isinstance(value, str) and value else None


def _digest(facts: Any) -> str:
    return blake2b(json.dumps(facts).encode(), digest_size=8).hexdigest()
