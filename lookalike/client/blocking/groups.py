"""Groups that the points form: clusters, duplicates, outliers, confused classes, picks."""

from __future__ import annotations

from typing import Any, Unpack
from urllib.parse import quote

from lookalike.client.blocking.sender import Sender
from lookalike.client.paths import collection_path
from lookalike.client.problems import make_request
from lookalike.client.selecting import Where, clean, to_fields, to_question
from lookalike.client.tables import OutlierRows, Rows
from lookalike.wire.groups import (
    ClusterModel,
    Clusters,
    ClustersQuery,
    Confusion,
    ConfusionQuery,
    DuplicateGroup,
    Duplicates,
    DuplicatesQuery,
    Outliers,
    OutliersQuery,
    PickModel,
    Picks,
    PicksQuery,
)


class GroupCalls(Sender):
    """Questions about groups of points."""

    def insight(self, name: str, collection: str | None = None, **question: Any) -> dict[str, Any]:
        """Ask an insight that a package adds to the server.

        Args:
            name: Name of the insight.
            collection: Name of the collection; may be left out if there is only one.
            **question: Its options, and conditions as in ``Where``.

        Returns:
            Its answer as JSON types.

        Example:
            >>> answer = client.insight("purity", "products", n_neighbors=5)
            >>> answer["class_names"]
            ['boot', 'shoe']
        """
        path = f"{collection_path(collection)}/{quote(name, safe='')}"
        return self._ask(dict[str, Any], "POST", path, json=to_fields(question))

    def list_clusters(
        self,
        collection: str | None = None,
        *,
        resolution: float = 1.0,
        part_of: int | None = None,
        part_of_resolution: float = 1.0,
        **where: Unpack[Where],
    ) -> Rows[ClusterModel]:
        """List clusters of similar points, largest first.

        Args:
            collection: Name of the collection; may be left out if there is only one.
            resolution: Above 1 makes more and smaller clusters.
            part_of: Only parts of the cluster of this number, which coarser clusters have.
            part_of_resolution: Resolution of those coarser clusters.
            **where: Conditions, see ``Where``; all points shape the clusters, those with one that fits are listed.

        Example:
            >>> for cluster in client.list_clusters("products"):
            ...     print(cluster.name, cluster.size, f"{cluster.purity:.0%}")
            >>> parts = client.list_clusters("products", resolution=2, part_of=0)
        """
        wanted = {"resolution": resolution, "part_of": part_of, "part_of_resolution": part_of_resolution}
        query = make_request(ClustersQuery, **wanted, **clean(where))
        found = self._ask(Clusters, path=f"{collection_path(collection)}/clusters", **to_question(query))
        return Rows(found.clusters, why_empty=found.why_empty)

    def list_duplicates(
        self,
        collection: str | None = None,
        *,
        threshold: float | None = None,
        limit: int = 100,
        **where: Unpack[Where],
    ) -> Rows[DuplicateGroup]:
        """List groups of points that look the same; those with conflicting classes or in several datasets come first.

        Args:
            collection: Name of the collection; may be left out if there is only one.
            threshold: Lowest cosine similarity; the server's default if None.
            limit: How many at most.
            **where: Conditions, see ``Where``; a group is listed whole if one of its points fits.

        Example:
            >>> groups = client.list_duplicates("products")
            >>> [group.size for group in groups if group.is_leak]
            [2, 2]
        """
        query = make_request(DuplicatesQuery, threshold=threshold, limit=limit, **clean(where))
        found = self._ask(Duplicates, path=f"{collection_path(collection)}/duplicates", **to_question(query))
        return Rows(found.groups, total=found.n_groups, why_empty=found.why_empty)

    def list_outliers(self, collection: str | None = None, *, limit: int = 50, **where: Unpack[Where]) -> OutlierRows:
        """List the points most unlike all others, strangest first.

        Example:
            >>> table = client.list_outliers("products", limit=20)
            >>> table.n_outliers  # of them stand apart; the others are only the strangest of the rest
            7
            >>> table[0].reason
            'its nearest is farther than that of 99 % of the points'
        """
        query = make_request(OutliersQuery, limit=limit, **clean(where))
        found = self._ask(Outliers, path=f"{collection_path(collection)}/outliers", **to_question(query))
        return OutlierRows(found)

    def compare_classes(self, collection: str | None = None, **where: Unpack[Where]) -> Confusion:
        """Compare given classes with the classes of the neighborhood.

        Example:
            >>> confusion = client.compare_classes("products")
            >>> [(cell.given, cell.neighborhood, cell.count) for cell in confusion.cells if cell.ids]
            [('shoe', 'boot', 3)]
        """
        query = make_request(ConfusionQuery, **clean(where))
        return self._ask(Confusion, path=f"{collection_path(collection)}/confusion", **to_question(query))

    def pick_points(
        self, n: int, collection: str | None = None, *, diverse: bool = False, **where: Unpack[Where]
    ) -> Rows[PickModel]:
        """Pick points that represent a collection or a selection of it, or that differ most from each other.

        Example:
            >>> picks = client.pick_points(3, "products")
            >>> [pick.stands_for for pick in picks]
            [800, 600, 397]
        """
        query = make_request(PicksQuery, n=n, diverse=diverse, **clean(where))
        found = self._ask(Picks, path=f"{collection_path(collection)}/picks", **to_question(query))
        return Rows(found.picks, why_empty=found.why_empty)
