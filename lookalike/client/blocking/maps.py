"""Maps of collections, which paths name projections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from lookalike.client.blocking.run import Progress, Run
from lookalike.client.blocking.sender import Sender
from lookalike.client.paths import collection_path, projection_path
from lookalike.client.problems import make_request
from lookalike.client.selecting import Where, clean
from lookalike.wire.maps import MapRow, MatchesQuery, ProjectionInfo, ProjectRequest, RowOfPoint, RowsRequest
from lookalike.wire.names import MapColumn, Metric
from lookalike.wire.runs import RunInfo


class MapCalls(Sender):
    """Questions about maps."""

    def list_projections(self, collection: str | None = None) -> list[ProjectionInfo]:
        """List the maps of a collection, newest first.

        Example:
            >>> maps = client.list_projections("products")
            >>> maps[0].method
            'umap'
        """
        return self._ask(list[ProjectionInfo], "GET", f"{collection_path(collection)}/projections")

    def get_projection(self, projection: str, collection: str | None = None) -> ProjectionInfo:
        """Describe one map.

        Example:
            >>> info = client.get_projection(maps[0].id)
            >>> info.is_current
            True
        """
        return self._ask(ProjectionInfo, "GET", projection_path(collection, projection))

    def make_projection(
        self,
        collection: str | None = None,
        *,
        method: str = "umap",
        metric: Metric = "cosine",
        refit: bool = False,
        on_progress: Progress | None = None,
    ) -> Run[ProjectionInfo]:
        """Start to make a map of a collection, or to bring its newest one up to date.

        Args:
            collection: Name of the collection; may be left out if there is only one.
            method: A name of ``get_catalogue().projection_methods``.
            metric: What is near.
            refit: Whether to make a new map although one can be brought up to date.
            on_progress: Told how far it is while somebody waits.

        Example:
            >>> run = client.make_projection("products", on_progress=print)
            >>> run.wait().mean_trust
            0.62
        """
        request = make_request(ProjectRequest, method=method, metric=metric, refit=refit)
        path = f"{collection_path(collection)}/projections"
        info = self._ask(RunInfo, "POST", path, json=request.model_dump(mode="json"))
        return Run(self, info, ProjectionInfo, on_progress=on_progress)

    def get_map(self, projection: str, collection: str | None = None) -> bytes:
        """Give the binary map of a projection, as ``lookalike.wire`` describes it.

        Example:
            >>> data = client.get_map(maps[0].id)
            >>> data[:4]
            b'LKM1'
        """
        return self._read(f"{projection_path(collection, projection)}/map")

    def get_map_column(
        self, projection: str, name: MapColumn, collection: str | None = None, *, resolution: float = 1.0
    ) -> bytes:
        """Give a value per row of a map, as ``lookalike.wire`` describes it.

        Args:
            projection: Id of the map.
            name: Which values: ``score``, ``trust``, ``outlier``, ``edited``, ``dataset`` or ``cluster``.
            collection: Name of the collection; may be left out if there is only one.
            resolution: For clusters: above 1 makes more and smaller ones.

        Example:
            >>> column = client.get_map_column(maps[0].id, "trust")
            >>> column[:4]
            b'LKC1'
        """
        path = f"{projection_path(collection, projection)}/columns/{name}"
        return self._read(path, params={"resolution": resolution})

    def get_map_positions(
        self, projection: str, rows_of: str, collection: str | None = None, *, rows_of_collection: str | None = None
    ) -> bytes:
        """Give where a map has the points of another one, as ``lookalike.wire`` describes it.

        Args:
            projection: Id of the map.
            rows_of: Id of the other map, whose rows are asked for.
            collection: Name of the collection; may be left out if there is only one.
            rows_of_collection: Name of the other map's collection, if that is another one.

        Example:
            >>> body = client.get_map_positions(maps[0].id, rows_of=maps[1].id)
            >>> body[:4]
            b'LKP1'
        """
        query = {"rows_of": rows_of} | ({"rows_of_collection": rows_of_collection} if rows_of_collection else {})
        return self._read(f"{projection_path(collection, projection)}/positions", params=query)

    def get_map_renumbering(self, projection: str, rows_of: str, collection: str | None = None) -> bytes:
        """Give which row a map has for each row of another one of its collection, int32; -1 for points that it lacks.

        Example:
            >>> body = client.get_map_renumbering(maps[0].id, rows_of=maps[1].id)
            >>> rows = np.frombuffer(body, "<i4")
        """
        return self._read(f"{projection_path(collection, projection)}/renumbering", params={"rows_of": rows_of})

    def get_map_density(
        self, projection: str, collection: str | None = None, *, size_px: int = 800, colors: Sequence[str] = ()
    ) -> bytes:
        """Give a picture of a map as PNG with a transparent ground: the more points, the more opaque.

        Args:
            projection: Id of the map.
            collection: Name of the collection; may be left out if there is only one.
            size_px: Width and height.
            colors: Colours such as ``2f7fd6`` of the classes, most frequent first; the rest are grey.

        Example:
            >>> data = client.get_map_density(maps[0].id, colors=["2f7fd6", "e8a317"])
            >>> n_bytes = Path("map.png").write_bytes(data)
        """
        path = f"{projection_path(collection, projection)}/density"
        return self._read(path, params={"size": size_px, "colors": ",".join(colors)})

    def get_map_matches(self, projection: str, collection: str | None = None, **where: Unpack[Where]) -> bytes:
        """Tell which rows of a map fit a filter, one bit each, the lowest bit of a byte first.

        Example:
            >>> bits = client.get_map_matches(maps[0].id, class_name="shoe")
            >>> fits = np.unpackbits(np.frombuffer(bits, np.uint8), bitorder="little")
        """
        query = make_request(MatchesQuery, **clean(where))
        path = f"{projection_path(collection, projection)}/matches"
        return self._read(path, method="POST", json=query.model_dump(mode="json", exclude_none=True))

    def get_points_of_rows(self, projection: str, rows: Sequence[int], collection: str | None = None) -> list[MapRow]:
        """Show the points behind rows of a map, at most 1000; rows of deleted points are left out.

        Example:
            >>> shown = client.get_points_of_rows(maps[0].id, [0, 1])
            >>> shown[0].point.class_name
            'shoe'
        """
        query = {"rows": ",".join(map(str, rows))}
        return self._ask(list[MapRow], "GET", f"{projection_path(collection, projection)}/rows", params=query)

    def get_rows_of_points(
        self, projection: str, ids: Sequence[str], collection: str | None = None
    ) -> list[RowOfPoint]:
        """Find the rows of points in a map; a point that the map does not show is left out.

        Example:
            >>> places = client.get_rows_of_points(maps[0].id, [suspect.id])
            >>> places[0].row
            17
        """
        request = make_request(RowsRequest, ids=list(ids))
        path = f"{projection_path(collection, projection)}/rows"
        return self._ask(list[RowOfPoint], "POST", path, json=request.model_dump(mode="json"))

    def get_crop_of_row(self, projection: str, row: int, collection: str | None = None, *, size_px: int = 256) -> bytes:
        """Give what the point of a row was embedded from as JPEG.

        Example:
            >>> data = client.get_crop_of_row(maps[0].id, 17)
            >>> n_bytes = Path("crop.jpg").write_bytes(data)
        """
        path = f"{projection_path(collection, projection)}/rows/{row}/crop"
        return self._read(path, params={"size": size_px})
