"""Accepted reviews -> the changes of files in the sources that they came from. Decides everything, writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.domain import SourceImage
from indexer.errors import ConfigurationError, SourceError, SourceUnavailableError, UnknownNameError
from indexer.payload import PayloadField
from indexer.points import make_point_id
from indexer.reviews.own_writes import OwnWrites
from indexer.reviews.review import Review
from indexer.reviews.writers import WRITERS
from indexer.reviews.writers.base import PATCH, ImageState, LabelWriter, Outcome, Relabel, WritePlan
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


def plan_writes(
    collection: Collection, accepted: Iterable[Review], place: SourcePlace, own_writes: OwnWrites
) -> WritePlan:
    """Decide what writing accepted reviews would do to the files of their sources.

    Args:
        collection: Where the reviewed points are.
        accepted: Reviews whose verdict is to accept.
        place: Where the source is.
        own_writes: Changes of earlier runs, which make nothing stale.

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
            return writer.plan(_find_points(collection, reviews), own_writes.figure_states(writer.project))
    if place.path is not None:
        key = _check_key(collection, place.key or str(Path(place.path).expanduser().resolve()))
        by_source = {key: by_source.get(key, [])}
    for key, reviews in sorted(by_source.items()):
        planned = _plan_source(collection, key, reviews, place, own_writes)
        whole.changes += planned.changes
        whole.server_changes += planned.server_changes
        whole.outcomes += planned.outcomes
        whole.images += planned.images
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


def _plan_source(
    collection: Collection, key: str, reviews: Sequence[Review], place: SourcePlace, own_writes: OwnWrites
) -> WritePlan:
    try:
        if place.path is None and is_server_key(key):
            with closing(SuperviselyServerWriter.open_key(key)) as on_server:
                return on_server.plan(_find_points(collection, reviews), own_writes.figure_states(on_server.project))
        return _plan_files(collection, _open_writer(key, place), reviews, own_writes)
    except (SourceError, ConfigurationError) as error:
        plan = WritePlan()
        for review in reviews:
            plan.refuse(Relabel(review, None, has_changed=False), str(error))
        return plan


def _plan_files(
    collection: Collection, writer: LabelWriter, reviews: Sequence[Review], own_writes: OwnWrites
) -> WritePlan:
    relabels = _find_images(collection, writer.source, reviews, own_writes)
    plan = writer.plan(relabels)
    plan.images = _find_states(writer.source.key, relabels, plan)
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
        raise SourceUnavailableError(f"labels cannot be written to {name}; {PATCH}")
    writer: LabelWriter = WRITERS.load(name).open(path, source_key=key)
    return writer


def _find_images(
    collection: Collection, source: ImageSource, reviews: Sequence[Review], own_writes: OwnWrites
) -> list[Relabel]:
    """The reviews with their images as the source has them now, compared with what was indexed."""
    images, moved = _list_images(source, reviews, own_writes)
    records = collection.retrieve([make_point_id(source.key, key, None) for key in images])
    payloads = {point.payload[PayloadField.IMAGE_KEY]: point.payload for point in records}
    changed = {
        key for key, image in images.items() if _has_changed(source.key, image, payloads.get(key, {}), own_writes)
    }
    relabels = []
    for review in reviews:
        key = review.subject[PayloadField.IMAGE_KEY]
        relabels.append(Relabel(review, images.get(key) or moved.get(key), has_changed=key in changed))
    return relabels


def _list_images(
    source: ImageSource, reviews: Sequence[Review], own_writes: OwnWrites
) -> tuple[dict[str, SourceImage], dict[str, SourceImage]]:
    """The reviewed images that are where they were, and those that earlier runs moved, by the key that was reviewed."""
    keys = {review.subject[PayloadField.IMAGE_KEY] for review in reviews}
    places = {str(path): key for key in keys if (path := own_writes.find_moved(source.key, key)) is not None}
    datasets = {review.subject.get(PayloadField.DATASET, "") for review in reviews} & set(source.dataset_names())
    images, moved = {}, {}
    for image in source.list_images(sorted(datasets)):
        if image.key in keys:
            images[image.key] = image
        elif image.locator in places:
            moved[places[image.locator]] = image
    return images, moved


def _has_changed(source_key: str, image: SourceImage, record: Mapping[str, Any], own_writes: OwnWrites) -> bool:
    """Whether anybody else changed an image since its record was written."""
    if record.get(PayloadField.PIXELS_STAMP) != image.pixels_stamp:
        return True
    stamp = record.get(PayloadField.ANNOTATION_STAMP)
    return stamp != image.annotation_stamp and not own_writes.explain(source_key, image.key, stamp)


def _find_states(source_key: str, relabels: Sequence[Relabel], plan: WritePlan) -> list[ImageState]:
    """The images of a plan that has labels to write, with their stamps before."""
    written = {one.review.id: one for one in plan.outcomes if one.outcome is Outcome.WRITTEN}
    states = {}
    for relabel in relabels:
        outcome, image = written.get(relabel.review.id), relabel.image
        if image is not None and outcome is not None:
            path = Path(image.locator) if outcome.moved_to else Path(outcome.path or "")
            states[image.key] = ImageState(source_key, image.key, image.annotation_stamp, path)
    return list(states.values())
