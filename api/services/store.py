"""The store as other processes see it: frames in, frames out, and search indexes built in the background."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotDoneError
from threading import Lock
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ValidationError

from indexer.domain import Point, PointFilter
from indexer.stores.base import Collection
from lookalike.errors import InvalidOptionsError
from lookalike.frames import pack_frame, unpack_frame
from lookalike.value_faults import describe_faults
from lookalike.wire.store import ScrollRequest, StoredFilter, StoredPoints

_FLOAT: Final = np.dtype("<f4")
_WAIT_S: Final = 0.5

Document = TypeVar("Document", bound=BaseModel)


def read_frame(frame: bytes, model: type[Document]) -> tuple[Document, npt.NDArray[np.float32]]:
    """Read a body: its document and its numbers, float32 (N,).

    Raises:
        InvalidOptionsError: It is no frame, or another document is in it.
    """
    try:
        document, content = unpack_frame(frame)
        return model.model_validate_json(document), np.frombuffer(content, _FLOAT).astype(np.float32)
    except ValidationError as error:
        raise InvalidOptionsError(f"the body is no {model.__name__}: {describe_faults(error.errors())}") from error
    except ValueError as error:
        raise InvalidOptionsError(f"the body cannot be read: {error}") from error


def read_points(frame: bytes, dimension: int) -> list[Point]:
    """Read a body of points.

    Raises:
        InvalidOptionsError: It has another number of vectors than its points say.
    """
    document, numbers = read_frame(frame, StoredPoints)
    n_vectors = sum(point.has_embedding for point in document.points)
    if len(numbers) != n_vectors * dimension:
        raise InvalidOptionsError(
            f"the body has {len(numbers)} numbers for {n_vectors} vectors of {dimension}; send {n_vectors * dimension}"
        )
    vectors = iter(numbers.reshape(n_vectors, dimension))
    return [Point(one.id, one.payload, next(vectors) if one.has_embedding else None) for one in document.points]


def pack_points(points: Sequence[Point]) -> bytes:
    """Write points as one frame."""
    document = {"points": [_describe(point) for point in points]}
    vectors = [point.embedding for point in points if point.embedding is not None]
    content = np.stack(vectors).astype(_FLOAT).tobytes() if vectors else b""
    return pack_frame(json.dumps(document).encode(), content)


def _describe(point: Point) -> dict[str, Any]:
    return {"id": point.id, "payload": point.payload, "has_embedding": point.embedding is not None}


def to_filter(where: StoredFilter | None) -> PointFilter | None:
    """Conditions as the indexer has them."""
    if where is None:
        return None
    return PointFilter(
        equals_any={name: tuple(values) for name, values in where.equals_any.items()},
        none_of={name: tuple(values) for name, values in where.none_of.items()},
        ranges=dict(where.ranges),
        ids=None if where.ids is None else tuple(where.ids),
        without_ids=tuple(where.without_ids),
        has_embedding=where.has_embedding,
    )


def scroll_frames(collection: Collection, request: ScrollRequest) -> Iterator[bytes]:
    """Yield matching points, a frame per page."""
    pages = collection.scroll(
        to_filter(request.where),
        fields=request.fields,
        with_embeddings=request.with_embeddings,
        page_size=request.page_size,
    )
    return map(pack_points, pages)


class IndexBuilds:
    """Search indexes that are being built, one at a time; the requests that ask for one do not wait for its end."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._builds: dict[str, Future[None]] = {}
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="search index")

    def build(self, collection: Collection) -> bool:
        """Build the search index of a collection, or look after the build that was started.

        Returns:
            Whether it is done; ask again if not.

        Raises:
            StoreUnavailableError: It failed.
        """
        name = collection.name
        with self._lock:
            build = self._builds.get(name)
            if build is None:
                build = self._builds[name] = self._executor.submit(collection.optimize)
        try:
            build.result(_WAIT_S)
        except NotDoneError:
            if not build.done():
                return False
            raise
        finally:
            if build.done():
                with self._lock:
                    self._builds.pop(name, None)
        return True
