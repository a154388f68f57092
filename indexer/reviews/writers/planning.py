"""Accepted reviews -> the changes of files in the sources that they came from. Decides everything, writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.errors import ConfigurationError, SourceError, SourceUnavailableError, UnknownNameError
from indexer.payload import PayloadField
from indexer.points import make_point_id
from indexer.reviews.review import Review
from indexer.reviews.writers import WRITERS
from indexer.reviews.writers.base import LabelWriter, Relabel, WritePlan
from indexer.reviews.writers.supervisely_server import ReviewedPoint, SuperviselyServerWriter, is_server_key
from indexer.sources import SCHEMES
from indexer.sources.base import ImageSource
from indexer.stores.base import Collection


@dataclass(frozen=True, slots=True)
class SourcePlace:
    """Where a source is, if its key does not tell.

    Attributes:
        path: Its path or its address; without one, every source whose key tells where it is is written to.
        key: Its key; its resolved path if None.
        format: A name in ``SOURCES``; found out from the path if None.
    """

    path: Path | str | None = None
    key: str | None = None
    format: str | None = None

    @property
    def address(self) -> str | None:
        """The address, where the source is on a server."""
        is_address = isinstance(self.path, str) and self.path.partition("://")[0].lower() in SCHEMES
        return str(self.path) if is_address else None


def plan_writes(collection: Collection, accepted: Iterable[Review], place: SourcePlace) -> WritePlan:
    """Decide what writing accepted reviews would do to the files of their sources.

    Args:
        collection: Where the reviewed points are.
        accepted: Reviews whose verdict is to accept.
        place: Where the source is.

    Raises:
        UnknownNameError: The collection has no such source.
    """
    by_source: dict[str, list[Review]] = {}
    for review in accepted:
        by_source.setdefault(review.subject[PayloadField.SOURCE_KEY], []).append(review)
    whole = WritePlan()
    if place.address is not None:
        with closing(open_server_writer(place.address, source_key=place.key)) as writer:
            reviews = by_source.get(_check_key(collection, writer.source_key), [])
            return writer.plan(_find_points(collection, reviews))
    if place.path is not None:
        key = _check_key(collection, place.key or str(Path(place.path).expanduser().resolve()))
        by_source = {key: by_source.get(key, [])}
    for key, reviews in sorted(by_source.items()):
        planned = _plan_source(collection, key, reviews, place)
        whole.changes += planned.changes
        whole.server_changes += planned.server_changes
        whole.outcomes += planned.outcomes
    return whole


def _check_key(collection: Collection, key: str) -> str:
    known = collection.facet(PayloadField.SOURCE_KEY)
    if key not in known:
        raise UnknownNameError("source", key, known)
    return key


def open_server_writer(address: str, *, source_key: str | None) -> SuperviselyServerWriter:
    """The writer of a project by its address.

    Raises:
        ConfigurationError: The address or the environment is wrong.
        SourceUnavailableError: The server does not answer.
    """
    writer: type[SuperviselyServerWriter] = WRITERS.load(SCHEMES[address.partition(":")[0].lower()])
    return writer.open(address, source_key=source_key)


def _plan_source(collection: Collection, key: str, reviews: Sequence[Review], place: SourcePlace) -> WritePlan:
    try:
        if place.path is None and is_server_key(key):
            with closing(SuperviselyServerWriter.open_key(key)) as on_server:
                return on_server.plan(_find_points(collection, reviews))
        writer = _open_writer(key, place)
        return writer.plan(_find_images(collection, writer.source, reviews))
    except (SourceError, ConfigurationError) as error:
        plan = WritePlan()
        for review in reviews:
            plan.refuse(Relabel(review, None, has_changed=False), str(error))
        return plan


def _find_points(collection: Collection, reviews: Sequence[Review]) -> list[ReviewedPoint]:
    """The reviews with what the collection holds of their objects and images."""
    records = [
        make_point_id(review.subject[PayloadField.SOURCE_KEY], review.subject[PayloadField.IMAGE_KEY], None)
        for review in reviews
    ]
    wanted = [*dict.fromkeys([*(review.point_id for review in reviews), *records])]
    payloads = {point.id: point.payload for point in collection.retrieve(wanted)}
    return [
        ReviewedPoint(review, payloads.get(review.point_id, {}), payloads.get(record, {}))
        for review, record in zip(reviews, records, strict=True)
    ]


def _open_writer(key: str, place: SourcePlace) -> LabelWriter:
    path = Path(place.path or key).expanduser()
    if not path.exists():
        raise SourceUnavailableError(f"no source is at '{path}'; say where: reviews apply PATH --source-key '{key}'")
    from indexer.sources.opening import recognise_format  # it imports every source

    name = place.format or recognise_format(path).format
    if name not in WRITERS:
        raise SourceUnavailableError(f"labels cannot be written to {name}; write a patch file with --patch FILE")
    writer: LabelWriter = WRITERS.load(name).open(path, source_key=key)
    return writer


def _find_images(collection: Collection, source: ImageSource, reviews: Sequence[Review]) -> list[Relabel]:
    """The reviews with their images as the source has them now, compared with what was indexed."""
    keys = {review.subject[PayloadField.IMAGE_KEY] for review in reviews}
    datasets = {review.subject.get(PayloadField.DATASET, "") for review in reviews} & set(source.dataset_names())
    images = {image.key: image for image in source.list_images(sorted(datasets)) if image.key in keys}
    records = collection.retrieve([make_point_id(source.key, key, None) for key in images])
    stamps = {point.payload[PayloadField.IMAGE_KEY]: _stamps(point.payload) for point in records}
    changed = {key for key, image in images.items() if stamps.get(key) != (image.pixels_stamp, image.annotation_stamp)}
    relabels = []
    for review in reviews:
        key = review.subject[PayloadField.IMAGE_KEY]
        relabels.append(Relabel(review, images.get(key), has_changed=key in changed))
    return relabels


def _stamps(record: Mapping[str, Any]) -> tuple[Any, Any]:
    return record.get(PayloadField.PIXELS_STAMP), record.get(PayloadField.ANNOTATION_STAMP)
