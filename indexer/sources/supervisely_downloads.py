"""Annotations and image files of a Supervisely project, read ahead in bulk for images that are going to be asked for.

Images are asked for one by one, from several threads, roughly in the order in which they were announced. They are
downloaded in batches, a few batches ahead, so that memory is bounded. What comes alone is downloaded alone.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeVar

from indexer.domain import ImageLimits
from indexer.errors import AnnotationFormatError, ImageReadError, SourceError, SourceUnavailableError
from indexer.sources.supervisely_answers import checksum_of
from indexer.sources.supervisely_datasets import count_of
from indexer.sources.supervisely_listing import ImageRow, ProjectLister
from indexer.sources.supervisely_read_ahead import BYTES_PER_REQUEST, IDS_PER_REQUEST, ReadAhead, group_rows
from indexer.sources.supervisely_server import (
    ServerAnswerError,
    ServerFailingError,
    SuperviselyServer,
    in_batches,
)

Annotation = Mapping[str, Any]
T = TypeVar("T")

_KEPT_ANNOTATIONS: Final = 128
_MAX_FAILURES_IN_A_ROW: Final = 3
_ALPHA_MASK: Final = "alpha_mask"
_ANNOTATION_FLAGS: Final = {"withCustomBigData": False, "forceMetadataForLinks": False, "integerCoords": False}


class Downloads:
    """Annotations and files of one project; safe for several threads.

    Args:
        server: Where they are.
        lister: Counts an image's objects anew where an annotation disagrees.
        forbidden: Makes the error for a data set that the token has no rights to.
    """

    def __init__(
        self, server: SuperviselyServer, lister: ProjectLister, forbidden: Callable[[int], SourceUnavailableError]
    ) -> None:
        self._server, self._lister, self._forbidden = server, lister, forbidden
        self._annotations: ReadAhead[Annotation] = ReadAhead(self._download_annotations)
        self._files: ReadAhead[bytes] = ReadAhead(self._download_files)
        self._recent: OrderedDict[int, Annotation] = OrderedDict()
        self._lock = threading.Lock()
        self._n_failures = 0

    def announce(self, rows: Sequence[ImageRow], with_files: Sequence[ImageRow]) -> None:
        """Say which annotations and which files are asked for next; what was announced before the last is dropped."""
        self._annotations.announce(group_rows(rows, max_bytes=None))
        self._files.announce(group_rows([row for row in with_files if row.checksum], max_bytes=BYTES_PER_REQUEST))

    def annotation(self, row: ImageRow) -> Annotation:
        """The annotation of an image, as the server has it now.

        Raises:
            AnnotationFormatError: It is not there or not whole.
            SourceUnavailableError: The server does not answer.
        """
        with self._lock:
            if row.id in self._recent:
                return self._recent[row.id]
        found = self._annotations.take(row)
        with self._lock:
            self._recent[row.id] = found
            while len(self._recent) > _KEPT_ANNOTATIONS:
                self._recent.popitem(last=False)
        return found

    def file(self, row: ImageRow, limits: ImageLimits) -> bytes:
        """The file of an image, verified by its checksum where the server has one.

        Raises:
            ImageReadError: It is not there, damaged or too long.
            SourceUnavailableError: The server does not answer.
        """
        if (row.n_bytes or 0) > limits.max_bytes:
            raise ImageReadError(f"it has {row.n_bytes:,} bytes, and {limits.max_bytes:,} is the most that is read")
        data = self._files.take(row) if row.checksum else self._download_file(row)
        if len(data) > limits.max_bytes:
            raise ImageReadError(f"it has {len(data):,} bytes, and {limits.max_bytes:,} is the most that is read")
        return data

    def forget(self) -> None:
        """Forget the annotations that were read, as the server may have others now."""
        with self._lock:
            self._recent.clear()

    def close(self) -> None:
        """Drop what was announced."""
        self._annotations.close()
        self._files.close()
        self.forget()

    def _download_annotations(self, rows: Sequence[ImageRow]) -> dict[int, Annotation | SourceError]:
        found: dict[int, Annotation | SourceError] = {}
        missing = list(rows)
        for _ in range(2):  # a bulk answer may lack a part
            missing = [row for row in missing if row.id not in found]
            if missing:
                found |= self._ask_annotations(missing)
        found = {row.id: found.get(row.id) or _not_there(row) for row in rows}
        self._add_masks(found)
        return self._doubt_short_ones(rows, found)

    def _ask_annotations(self, rows: Sequence[ImageRow]) -> dict[int, Annotation | SourceError]:
        body = {"datasetId": rows[0].dataset_id, "imageIds": [row.id for row in rows], **_ANNOTATION_FLAGS}
        try:
            return _read_annotations(self._server.ask("annotations.bulk.info", body))
        except ServerAnswerError as error:
            if error.status == HTTPStatus.FORBIDDEN:
                raise self._forbidden(rows[0].dataset_id) from None
            if error.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST):
                raise
            if len(rows) == 1:
                return {rows[0].id: _not_there(rows[0])}
            return self._one_by_one(rows, self._ask_annotations)

    def _one_by_one(self, rows: Iterable[ImageRow], ask: Callable[[Sequence[ImageRow]], dict[int, T]]) -> dict[int, T]:
        found: dict[int, T] = {}
        for row in rows:
            found |= ask([row])
        return found

    def _add_masks(self, found: dict[int, Annotation | SourceError]) -> None:
        """Put alpha masks in, which have a method of their own; an image whose mask does not come is not used."""
        waiting: dict[int, tuple[int, dict[str, Any]]] = {}
        for image_id, annotation in found.items():
            for label in [] if isinstance(annotation, SourceError) else annotation["objects"]:
                figure_id = count_of(label, "id") if _lacks_mask(label) else None
                if figure_id is not None:
                    waiting[figure_id] = (image_id, label)
        for _ in range(2):
            for ids in in_batches(list(waiting), IDS_PER_REQUEST):
                for figure_id, data in self._ask_masks(ids).items():
                    with contextlib.suppress(ValueError):
                        mask = json.loads(data)
                        if figure_id in waiting:
                            waiting.pop(figure_id)[1]["bitmap"] = mask
        for figure_id, (image_id, _) in waiting.items():
            found[image_id] = AnnotationFormatError(f"the server does not give the mask of object {figure_id}")

    def _ask_masks(self, figure_ids: Sequence[int]) -> dict[int, bytes]:
        try:
            return self._server.ask_parts("figures.bulk.download.geometry", {"ids": list(figure_ids)})
        except ServerAnswerError as error:
            if error.status == HTTPStatus.UNAUTHORIZED or len(figure_ids) == 1:
                return {}
        found: dict[int, bytes] = {}
        for figure_id in figure_ids:  # one mask may be why
            found |= self._ask_masks([figure_id])
        return found

    def _doubt_short_ones(
        self, rows: Sequence[ImageRow], found: dict[int, Annotation | SourceError]
    ) -> dict[int, Annotation | SourceError]:
        """Refuse annotations with fewer objects than the server counts, now: their objects would be removed."""
        short = {
            row.id: len(annotation["objects"])
            for row in rows
            if not isinstance(annotation := found[row.id], SourceError)
            and len(annotation["objects"]) < (row.n_labels or 0)
        }
        if short:
            counted = self._lister.n_labels(list(short), rows[0].dataset_id)
            for image_id, n_objects in short.items():
                n_labels = counted.get(image_id) or 0
                if n_objects < n_labels:
                    found[image_id] = AnnotationFormatError(
                        f"the server gives {n_objects} of {n_labels} objects that it counts; the known ones are kept"
                    )
        return found

    def _download_files(self, rows: Sequence[ImageRow]) -> dict[int, bytes | SourceError]:
        found: dict[int, bytes] = {}
        if len(rows) > 1:
            body = {"datasetId": rows[0].dataset_id, "imageIds": [row.id for row in rows]}
            try:
                found = self._server.ask_parts("images.bulk.download", body)
            except ServerAnswerError as error:
                if error.status == HTTPStatus.FORBIDDEN:
                    raise self._forbidden(rows[0].dataset_id) from None
            except ServerFailingError:
                pass  # one file may be why; the others come alone
        verified: dict[int, bytes | SourceError] = {}
        for row in rows:
            data = found.get(row.id)
            try:
                is_sound = data is not None and checksum_of(data) == row.checksum
                verified[row.id] = data if is_sound and data is not None else self._download_file(row)
            except ImageReadError as error:
                verified[row.id] = error
        return verified

    def _download_file(self, row: ImageRow) -> bytes:
        for _ in range(2):  # damaged bytes may come right the second time
            data = self._ask_file(row)
            if row.checksum in (None, checksum_of(data)):
                return data
        raise ImageReadError("its bytes are not those that the server has a checksum of; upload it again")

    def _ask_file(self, row: ImageRow) -> bytes:
        try:
            data = self._server.ask_file("images.download", {"id": row.id})
        except ServerAnswerError as error:
            if error.status == HTTPStatus.FORBIDDEN:
                raise self._forbidden(row.dataset_id) from None
            if error.status == HTTPStatus.UNAUTHORIZED:
                raise
            raise ImageReadError(f"the server does not give its file: {error}") from None
        except ServerFailingError as error:
            with self._lock:
                self._n_failures += 1
                if self._n_failures >= _MAX_FAILURES_IN_A_ROW:
                    raise
            raise ImageReadError(str(error)) from None
        with self._lock:
            self._n_failures = 0
        return data


def _read_annotations(answer: Any) -> dict[int, Annotation | SourceError]:
    """The sound annotations of an answer, by image; one that is not sound costs no other."""
    found: dict[int, Annotation | SourceError] = {}
    for one in answer if isinstance(answer, list) else []:
        with contextlib.suppress(KeyError, TypeError, ValueError):
            annotation = {"objects": [], **one["annotation"]}  # some servers leave out what is empty
            if isinstance(annotation["objects"], list):
                found[int(one["imageId"])] = annotation
    return found


def _lacks_mask(label: Any) -> bool:
    """Whether a label is an alpha mask that does not come with the annotation."""
    if not isinstance(label, dict) or label.get("geometryType") != _ALPHA_MASK:
        return False
    bitmap = label.get("bitmap")
    return not (isinstance(bitmap, dict) and bitmap.get("data"))


def _not_there(row: ImageRow) -> AnnotationFormatError:
    return AnnotationFormatError(
        f"the server gives no annotation of image {row.id}; it may be gone since it was listed"
    )
