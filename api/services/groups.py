"""Groups of points for the wire: rounded, each point in brief."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from indexer.domain import Point
from indexer.insights.listings import Confusion, ListedCluster, ListedDuplicates, Outlier, Pick
from indexer.payload import PayloadField
from lookalike.wire.groups import ClusterModel, ConfusionCell, DuplicateGroup, OutlierModel, PickModel
from lookalike.wire.groups import Confusion as ConfusionModel
from lookalike.wire.points import PointBrief

_SHOWN = (
    PayloadField.DATASET,
    PayloadField.IMAGE_NAME,
    PayloadField.OBJECT_KEY,
    PayloadField.BOX,
    PayloadField.CLASS_NAME,
)
_DIGITS = 6
_PURITY_DIGITS = 4


def to_cluster_models(clusters: Iterable[ListedCluster]) -> list[ClusterModel]:
    """Clusters."""
    return [
        ClusterModel(
            cluster=cluster.number,
            name=cluster.name,
            size=cluster.size,
            n_matching=cluster.n_matching,
            dominant_class=cluster.dominant_class,
            purity=round(cluster.purity, _PURITY_DIGITS),
            examples=[PointBrief(**_brief(point)) for point in cluster.examples],
        )
        for cluster in clusters
    ]


def to_duplicate_models(groups: Iterable[ListedDuplicates]) -> list[DuplicateGroup]:
    """Groups of points that look the same."""
    return [
        DuplicateGroup(
            size=group.size,
            lowest_similarity=round(group.lowest_similarity, _DIGITS),
            is_exact=group.is_exact,
            has_class_conflict=group.has_class_conflict,
            is_leak=group.is_leak,
            points=[PointBrief(**_brief(point)) for point in group.points],
        )
        for group in groups
    ]


def to_outlier_models(outliers: Iterable[Outlier]) -> list[OutlierModel]:
    """Outliers."""
    return [OutlierModel(**_brief(one.point), score=round(one.score, _DIGITS), reason=one.reason) for one in outliers]


def to_confusion_model(found: Confusion) -> ConfusionModel:
    """Given class against the class of the neighborhood."""
    return ConfusionModel(
        classes=list(found.classes), cells=[ConfusionCell.model_validate(asdict(cell)) for cell in found.cells]
    )


def to_pick_models(picks: Iterable[Pick]) -> list[PickModel]:
    """Picked points."""
    return [PickModel(**_brief(one.point), stands_for=one.stands_for) for one in picks]


def _brief(point: Point) -> dict[str, Any]:
    """The fields of ``PointBrief``."""
    return {"id": point.id, **{name.value: point.payload.get(name) for name in _SHOWN}}
