"""Groups of points that lie close together, with what is in them.

Clusters are communities of the neighbor graph (Louvain modularity, Blondel et al., 2008, by scikit-network) whose
links are scaled to the local density (Zelnik-Manor and Perona, 2004). On 10,000 pictures of Fashion-MNIST the adjusted
Rand index is .58 against .30 for HDBSCAN on a UMAP map. On the 662 stamps it is .33 against .30 at HDBSCAN's best
setting. No point is left out, and no map is needed. A graph of fewer than 20 neighbors splits clouds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from indexer.collection.class_numbers import Names, add_by_number, number_names
from indexer.collection.selections import Mask
from indexer.collection.snapshot import Ids
from indexer.domain import Embeddings, Point
from indexer.errors import InvalidOptionsError
from indexer.insights.base import Insight, Moment
from indexer.neighbors.graph import NeighborGraph
from indexer.neighbors.unit_rows import unit_rows
from indexer.payload import PayloadField
from lookalike.wire import groups as wire

Rows = npt.NDArray[np.int64]

SMALLEST_DISTANCE = np.float32(1e-4)
BLOCK_ROWS = 8_192
SMALLEST_CLUSTER = 5  # points; smaller groups are no cluster
N_EXAMPLES = 9
MOSTLY = 0.5  # purity from which a cluster is named after one class alone


@dataclass(frozen=True)
class Cluster:
    """One cluster.

    Attributes:
        name: Unique among the clusters, after the classes in it.
        size: How many points are in it.
        dominant_class: The class that most of its labelled points have, None when none is labelled.
        purity: That class's share of the labelled points in 0..1, 0 when none is labelled.
    """

    name: str
    size: int
    dominant_class: str | None
    purity: float


@dataclass(frozen=True)
class Clusters:
    """All clusters.

    Attributes:
        labels: int32 (N,), which cluster a point is in, -1 for none.
        clusters: The clusters, largest first; ``labels`` points into it.
        typical: int32 (N,), the rows cluster by cluster, the most typical first; those in none come before all. The
            first of a cluster is its medoid, the point with the highest mean cosine to all members.
    """

    labels: npt.NDArray[np.int32]
    clusters: tuple[Cluster, ...]
    typical: npt.NDArray[np.int32]

    def examples(self, is_selected: Mask, n_examples: int = N_EXAMPLES) -> list[Rows]:
        """The most typical rows of each cluster among those that are selected, none if it has none of them."""
        rows = self.typical[is_selected[self.typical]].astype(np.int64)
        starts = np.searchsorted(self.labels[rows], np.arange(len(self.clusters) + 1))
        return [rows[start : min(start + n_examples, end)] for start, end in pairwise(starts)]


@dataclass(frozen=True, slots=True)
class ListedCluster:
    """A cluster with its most typical points.

    Attributes:
        cluster: Its number, which is its place among all clusters.
        name: Unique among the clusters, after the classes in it.
        size: How many points are in it.
        n_matching: How many of them fit what was asked for.
        dominant_class: The class that most of its labelled points have, None if none is labelled; of all its points.
        purity: That class's share of the labelled points in 0..1, 0 if none is labelled; of all its points.
        examples: Points that fit, the most typical of the cluster first.
    """

    cluster: int
    name: str
    size: int
    n_matching: int
    dominant_class: str | None
    purity: float
    examples: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class ClusterList:
    """Some clusters.

    Attributes:
        clusters: The largest first.
        why_empty: Why there are none, None if there are some.
    """

    clusters: tuple[ListedCluster, ...]
    why_empty: str | None


@dataclass(frozen=True, slots=True)
class ClusterPoints:
    """The points of one cluster.

    Attributes:
        name: The cluster's name.
        size: How many points are in it.
        ids: Ids of those that fit what was asked for, ascending.
    """

    name: str
    size: int
    ids: Ids


def list_clusters(moment: Moment, question: wire.ClustersQuery) -> ClusterList:
    """List clusters of similar points, largest first.

    All points shape the clusters; conditions choose those with a point that fits.

    Raises:
        InvalidOptionsError: There is no cluster that they are to be parts of.
    """
    columns = cluster_columns(moment, question.resolution)
    numbers = columns.labels[moment.is_selected & (columns.labels >= 0)]
    n_matching = np.bincount(numbers, minlength=len(columns.clusters))
    if question.part_of is not None:
        whole = cluster_columns(moment, question.part_of_resolution)
        _require_cluster(whole, question.part_of, question.part_of_resolution)
        n_matching[find_parents(columns, whole) != question.part_of] = 0
    listed = np.flatnonzero(n_matching).tolist()
    found = [columns.clusters[number] for number in listed]
    typical = columns.examples(moment.is_selected)
    examples = moment.show_groups([typical[number] for number in listed])
    clusters = tuple(
        ListedCluster(number, one.name, one.size, int(n_matching[number]), one.dominant_class, one.purity, shown)
        for number, one, shown in zip(listed, found, examples, strict=True)
    )
    why = f"there is no cluster: it takes {SMALLEST_CLUSTER} points that look alike"
    return ClusterList(clusters, None if clusters else why)


def list_points_of_cluster(moment: Moment, cluster: int, resolution: float) -> ClusterPoints:
    """List the points that fit of the cluster with this number at a resolution.

    Raises:
        InvalidOptionsError: There is no cluster of that number.
    """
    found = cluster_columns(moment, resolution)
    _require_cluster(found, cluster, resolution)
    ids = moment.snapshot.ids[moment.is_selected & (found.labels == cluster)]
    return ClusterPoints(found.clusters[cluster].name, found.clusters[cluster].size, ids)


def _require_cluster(found: Clusters, cluster: int, resolution: float) -> None:
    if not 0 <= cluster < len(found.clusters):
        raise InvalidOptionsError(
            f"no cluster {cluster} at resolution {resolution:g}, which makes {len(found.clusters)}; "
            "list the clusters first"
        )


def cluster_columns(moment: Moment, resolution: float = 1.0) -> Clusters:
    """The cluster of every point, row by row the snapshot; a resolution above 1 makes more and smaller ones."""
    snapshot, graph = moment.snapshot, moment.graph()
    return moment.remember(
        ("clusters", resolution),
        lambda: find_clusters(
            graph, snapshot.embeddings(), snapshot.fields[PayloadField.CLASS_NAME], resolution=resolution
        ),
    )


def find_clusters(
    graph: NeighborGraph,
    embeddings: Embeddings,
    class_names: Names | Sequence[str | None],
    *,
    resolution: float = 1.0,
    min_size: int = SMALLEST_CLUSTER,
) -> Clusters:
    """Group the points and describe the groups.

    Args:
        graph: The neighbor graph.
        embeddings: float32 (N, D), for the examples.
        class_names: (N,), None or empty where a point has no class; they name the clusters and do not shape them.
        resolution: Above 1 makes more and smaller clusters.
        min_size: Smaller groups are no cluster.

    Returns:
        The clusters, the same for the same graph.

    Raises:
        InvalidOptionsError: The columns differ in length, or an option is not positive.
    """
    if not len(embeddings) == len(class_names) == graph.n_points:
        raise InvalidOptionsError(
            f"{len(embeddings)} embeddings, {len(class_names)} class names and a graph of {graph.n_points} points "
            "do not belong together"
        )
    if resolution <= 0 or min_size < 1:
        raise InvalidOptionsError(f"resolution {resolution:g} and min_size {min_size} must both be above 0")
    labels = _number_by_size(_find_communities(graph, resolution), min_size)
    classes, given = number_names(class_names)
    n_clusters = int(labels.max(initial=-1)) + 1
    shares = [_share_classes(labels == number, given, classes) for number in range(n_clusters)]
    clusters = tuple(
        Cluster(
            name=name,
            size=int((labels == number).sum()),
            dominant_class=found[0][0] if found else None,
            purity=found[0][1] if found else 0.0,
        )
        for number, (name, found) in enumerate(zip(_name_clusters(shares), shares, strict=True))
    )
    return Clusters(labels.astype(np.int32), clusters, _order_by_typicality(embeddings, labels, n_clusters))


def find_parents(fine: Clusters, coarse: Clusters) -> Rows:
    """Say which coarse cluster each fine one is a part of.

    Args:
        fine: Clusters of some points.
        coarse: Clusters of the same points.

    Returns:
        int64 (number of fine clusters,), the coarse cluster that has most of a fine one's points, the larger one if
        several have as many; -1 if none has any.
    """
    n_coarse = max(1, len(coarse.clusters))
    is_member = (fine.labels >= 0) & (coarse.labels >= 0)
    pairs = fine.labels[is_member].astype(np.int64) * n_coarse + coarse.labels[is_member]
    pairs, counts = np.unique(pairs, return_counts=True)
    parents = np.full(len(fine.clusters), -1, dtype=np.int64)
    for pair in pairs[np.lexsort((-pairs, counts))].tolist():  # what is written last stays: most points, lowest number
        parents[pair // n_coarse] = pair % n_coarse
    return parents


def _find_communities(graph: NeighborGraph, resolution: float) -> Rows:
    """Louvain communities, int64 (N,); every point its own if there are no links."""
    if graph.n_neighbors == 0:
        return np.arange(graph.n_points, dtype=np.int64)
    from scipy.sparse import csr_matrix
    from sknetwork.clustering import Louvain

    distances = np.maximum(1 - graph.similarities, SMALLEST_DISTANCE)
    reach = distances[:, -1]
    affinity = np.exp(-(distances**2) / (reach[:, None] * reach[graph.indices]))
    starts = np.arange(graph.n_points + 1) * graph.n_neighbors
    links = csr_matrix((affinity.ravel(), graph.indices.ravel(), starts), shape=(graph.n_points, graph.n_points))
    communities = Louvain(resolution=resolution, random_state=0).fit_predict(links + links.T)
    return np.asarray(communities, dtype=np.int64)


def _number_by_size(communities: Rows, min_size: int) -> Rows:
    """Number communities by size, then by their lowest row; -1 for those below ``min_size``."""
    _, first, inverse, sizes = np.unique(communities, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    order = order[sizes[order] >= min_size]
    numbers = np.full(len(sizes), -1, dtype=np.int64)
    numbers[order] = np.arange(len(order))
    return numbers[inverse]


def _order_by_typicality(embeddings: Embeddings, labels: Rows, n_clusters: int) -> npt.NDArray[np.int32]:
    """Rows by cluster, then by nearness to its mean direction: the nearest has the highest mean cosine to all of it."""
    if n_clusters == 0:
        return np.arange(len(labels), dtype=np.int32)
    sums = np.zeros((n_clusters, embeddings.shape[1]), dtype=np.float64)
    for start in range(0, len(labels), BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        is_member = labels[block] >= 0
        add_by_number(sums, unit_rows(embeddings[block][is_member]), labels[block][is_member])
    centres = sums.astype(np.float32)
    nearness = np.full(len(labels), -np.inf, dtype=np.float32)
    for start in range(0, len(labels), BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        nearness[block] = np.einsum("bd,bd->b", unit_rows(embeddings[block]), centres[labels[block]])
    return np.lexsort((-nearness, labels)).astype(np.int32)


def _share_classes(is_member: npt.NDArray[np.bool_], given: Rows, classes: tuple[str, ...]) -> list[tuple[str, float]]:
    """Classes and their shares of the labelled members, largest first."""
    labelled = given[is_member & (given >= 0)]
    numbers, counts = np.unique(labelled, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return [(classes[numbers[i]], float(counts[i] / len(labelled))) for i in order]


def _name_clusters(shares: Sequence[list[tuple[str, float]]]) -> list[str]:
    """Name each cluster after its class, or its two most frequent ones; a number makes equal names differ."""
    names: list[str] = []
    seen: dict[str, int] = {}
    for found in shares:
        if not found:
            name = "unlabelled"
        elif found[0][1] >= MOSTLY:
            name = found[0][0]
        else:
            name = " / ".join(class_name for class_name, _ in found[:2])
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


CLUSTERS = Insight(list_clusters, wire.ClustersQuery, wire.Clusters)
