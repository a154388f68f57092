"""Keeps projections on disk, one file each, with the exact points it was made of.

A file is a NumPy ``.npz`` without pickles; its header is JSON text among the arrays. It is written beside its place
and renamed into it, so that a reader finds all of a projection or none.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.array_files import Arrays, DamagedFileError, open_arrays
from indexer.atomic_files import replace_file
from indexer.errors import ProjectionError
from indexer.maps.projectors.base import Coordinates, Metric, Projection
from lookalike.visible_text import show_reason

FORMAT_VERSION: Final = 1
_SUFFIX: Final = ".npz"
_STAMP: Final = "%Y%m%dT%H%M%S%fZ"
_COLUMNS: Final[Mapping[str, tuple[str, tuple[int, ...]]]] = {
    "point_ids": ("U", ()), "coordinates": ("f", (2,)), "trust": ("f", ()), "embedded_at": ("S", ()),
}  # fmt: skip
_HEADER_TYPES: Final[Mapping[str, type]] = {
    "id": str, "n_points": int, "method": str, "requested_method": str, "metric": str, "seed": int, "revision": str,
    "note": str, "parameters": dict,
}  # fmt: skip
_ID_PATTERN: Final = re.compile(r"[0-9TZ]+-[a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class ProjectionHeader:
    """Facts about a stored projection that are known without reading its arrays.

    Attributes:
        id: Name of the projection; later ones sort behind earlier ones, also if the clock went back in between.
        n_points: How many points it shows.
        method: Method that made the coordinates; ``pca`` where PCA stood in.
        requested_method: Method that was asked for.
        metric: ``cosine`` or ``euclidean``.
        seed: Seed of everything random.
        revision: The collection's revision when the points were read.
        created_at: When it was stored, aware UTC.
        note: One sentence for people where the result is not what was asked for, else empty.
        parameters: What else shaped the map, by name.
    """

    id: str
    n_points: int
    method: str
    requested_method: str
    metric: Metric
    seed: int
    revision: str
    created_at: datetime
    note: str = ""
    parameters: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredProjection:
    """A projection as it is on disk.

    Attributes:
        header: How it came about.
        point_ids: Unicode array (N,), the exact points it was made of.
        coordinates: float32 (N, 2), row by row ``point_ids``.
        trust: float32 (N,) in 0..1, see ``trust.measure_trust``, or None where it was not measured.
        embedded_at: UTF-8 bytes (N,), when the embedding of each point was made; None in files of older versions.
    """

    header: ProjectionHeader
    point_ids: npt.NDArray[np.str_]
    coordinates: Coordinates
    trust: npt.NDArray[np.float32] | None = None
    embedded_at: npt.NDArray[np.bytes_] | None = None

    @property
    def mean_trust(self) -> float | None:
        """Mean trust of all points, None where it was not measured."""
        return None if self.trust is None else float(self.trust.mean(dtype=np.float64))


def save_projection(
    folder: Path,
    projection: Projection,
    *,
    point_ids: npt.NDArray[np.str_],
    revision: str,
    trust: npt.NDArray[np.float32] | None = None,
    embedded_at: npt.NDArray[np.bytes_] | None = None,
) -> str:
    """Store a projection.

    Args:
        folder: Where the collection's projections are; made if need be.
        projection: The map of N points.
        point_ids: Unicode array (N,), row by row the coordinates.
        revision: The collection's revision when the points were read.
        trust: float32 (N,), if it was measured.
        embedded_at: UTF-8 bytes (N,), which embedding of each point the map was made of.

    Returns:
        The new projection's id.

    Raises:
        ProjectionError: The columns differ in length, or the file cannot be written.
    """
    n_points = len(projection.coordinates)
    optional = {name: column for name, column in (("trust", trust), ("embedded_at", embedded_at)) if column is not None}
    for name, column in {"ids": point_ids, **optional}.items():
        if len(column) != n_points:
            message = f"a map of {n_points} points cannot be stored with {len(column)} {name}; make it again"
            raise ProjectionError(message)
    created_at = datetime.now(UTC)
    header = ProjectionHeader(
        id=f"{_next_stamp(folder, created_at)}-{projection.method}",
        n_points=n_points,
        method=projection.method,
        requested_method=projection.requested_method,
        metric=projection.metric,
        seed=projection.seed,
        revision=revision,
        created_at=created_at,
        note=projection.note,
        parameters=projection.parameters,
    )
    arrays = {"header": np.array(_header_text(header)), "coordinates": projection.coordinates, **optional}
    arrays["point_ids"] = np.char.encode(point_ids, "utf-8")  # a quarter of the size of NumPy's text
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replace_file(_path(folder, header.id)) as partial, partial.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
    except OSError as error:
        raise ProjectionError(f"cannot store the projection in '{folder}': {show_reason(error)}") from error
    return header.id


def list_projections(folder: Path) -> list[ProjectionHeader]:
    """Headers of the projections in ``folder`` that can be read, newest first; empty if there is no such folder.

    A damaged file is left out, so that it stops nobody from making or seeing other maps; ``load_projection`` names it.
    """
    headers = []
    for projection_id in list_projection_ids(folder):
        # One that is deleted while others are read is none of them.
        with (
            contextlib.suppress(FileNotFoundError, DamagedFileError),
            open_arrays(_path(folder, projection_id)) as arrays,
        ):
            headers.append(_parse_header(arrays, projection_id))
    return headers


def list_projection_ids(folder: Path) -> list[str]:
    """Ids of the projections in ``folder``, newest first, without a file being opened."""
    ids = (path.stem for path in folder.glob(f"*{_SUFFIX}"))
    return sorted((one for one in ids if _ID_PATTERN.fullmatch(one)), reverse=True)


def load_projection(folder: Path, projection_id: str) -> StoredProjection:
    """Read a projection.

    Raises:
        ProjectionError: There is no such projection, or its file is damaged.
    """
    try:
        if _ID_PATTERN.fullmatch(projection_id):
            return _read(_path(folder, projection_id))
    except FileNotFoundError:
        pass
    except DamagedFileError as error:
        path = _path(folder, projection_id)
        raise ProjectionError(
            f"projection file '{path}' is damaged ({error}); delete it and make the map again"
        ) from error
    known = ", ".join(list_projection_ids(folder)) or "none yet"
    raise ProjectionError(f"no projection '{projection_id}'; known: {known}")


def delete_projection(folder: Path, projection_id: str) -> None:
    """Delete a projection, also a damaged one; one that is not there is no error.

    Raises:
        ProjectionError: The file cannot be deleted.
    """
    if _ID_PATTERN.fullmatch(projection_id):
        path = _path(folder, projection_id)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise ProjectionError(f"cannot delete '{path}': {error.strerror}; delete it by hand") from error


def delete_replaced(folder: Path, newest: ProjectionHeader) -> None:
    """Delete what a new projection replaces: those that were asked for with the same method and metric.

    Its predecessor stays, for a page that still shows it.
    """
    asked_for = (newest.requested_method, newest.metric)
    same = [one for one in list_projections(folder) if (one.requested_method, one.metric) == asked_for]
    for old in [one for one in same if one.id < newest.id][1:]:
        delete_projection(folder, old.id)


def _next_stamp(folder: Path, now: datetime) -> str:
    """The time for the next id: now, or just after the newest if the clock was ahead when that was made."""
    stamp = f"{now:{_STAMP}}"
    newest = next(iter(list_projection_ids(folder)), "").partition("-")[0]
    if stamp > newest:
        return stamp
    try:
        return f"{datetime.strptime(newest, _STAMP).replace(tzinfo=UTC) + timedelta(microseconds=1):{_STAMP}}"
    except (ValueError, OverflowError):  # nothing that was ever a time
        return stamp


def _path(folder: Path, projection_id: str) -> Path:
    return folder / f"{projection_id}{_SUFFIX}"


def _read(path: Path) -> StoredProjection:
    with open_arrays(path) as arrays:
        stored = StoredProjection(
            header=_parse_header(arrays, path.stem),
            point_ids=np.char.decode(arrays["point_ids"], "utf-8"),
            coordinates=arrays["coordinates"],
            trust=arrays.get("trust"),
            embedded_at=arrays.get("embedded_at"),
        )
        _check_columns(stored)
    return stored


def _check_columns(stored: StoredProjection) -> None:
    """Refuse columns that do not belong together.

    Raises:
        ValueError: They do not.
    """
    n_points, columns = stored.header.n_points, {"point_ids": stored.point_ids, "coordinates": stored.coordinates}
    if stored.trust is not None:
        columns["trust"] = stored.trust
    if stored.embedded_at is not None:
        columns["embedded_at"] = stored.embedded_at
    for name, column in columns.items():
        kind, shape = _COLUMNS[name]
        if column.dtype.kind != kind or column.shape != (n_points, *shape):
            raise ValueError(f"{name} of shape {column.shape} and type {column.dtype} for {n_points} points")
        if kind == "f" and not np.isfinite(column).all():
            raise ValueError(f"{name} are not finite")


def _header_text(header: ProjectionHeader) -> str:
    fields: dict[str, Any] = {name: getattr(header, name) for name in ProjectionHeader.__slots__}
    fields |= {"created_at": header.created_at.isoformat(), "parameters": dict(header.parameters)}
    return json.dumps({"version": FORMAT_VERSION, **fields})


def _parse_header(arrays: Arrays, projection_id: str) -> ProjectionHeader:
    fields = json.loads(str(arrays["header"]))
    version = fields.pop("version")
    if version != FORMAT_VERSION:
        raise ValueError(f"format version {version} instead of {FORMAT_VERSION}")
    fields["created_at"] = datetime.fromisoformat(fields["created_at"])
    header = ProjectionHeader(**fields)
    for name, kind in _HEADER_TYPES.items():
        if type(getattr(header, name)) is not kind:
            raise TypeError(f"its {name} is {getattr(header, name)!r}")
    if header.id != projection_id or header.created_at.tzinfo is None:
        raise ValueError(f"it is projection '{header.id}' of {header.created_at}")
    return header
