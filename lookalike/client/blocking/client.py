"""Everything that a program asks of Lookalike, as one object."""

from __future__ import annotations

from lookalike.client.blocking.backups import BackupCalls
from lookalike.client.blocking.catalogue import CatalogueCalls
from lookalike.client.blocking.check import CheckCalls
from lookalike.client.blocking.collections import CollectionCalls
from lookalike.client.blocking.exports import ExportCalls
from lookalike.client.blocking.facets import FacetCalls
from lookalike.client.blocking.gallery import GalleryCalls
from lookalike.client.blocking.groups import GroupCalls
from lookalike.client.blocking.maps import MapCalls
from lookalike.client.blocking.neighbors import NeighborCalls
from lookalike.client.blocking.points import PointCalls
from lookalike.client.blocking.reviews import ReviewCalls
from lookalike.client.blocking.runs import RunCalls
from lookalike.client.blocking.selections import SelectionCalls
from lookalike.client.blocking.supervisely import SuperviselyCalls
from lookalike.client.blocking.suspects import SuspectCalls


class Client(
    CatalogueCalls,
    CollectionCalls,
    PointCalls,
    NeighborCalls,
    SuspectCalls,
    FacetCalls,
    GalleryCalls,
    GroupCalls,
    SelectionCalls,
    CheckCalls,
    ReviewCalls,
    MapCalls,
    RunCalls,
    ExportCalls,
    BackupCalls,
    SuperviselyCalls,
):
    """One server, or the api in this process; ``lookalike.connect`` makes it.

    Example:
        >>> with lookalike.connect() as client:
        ...     suspects = client.suspects(limit=50).to_list()
    """
