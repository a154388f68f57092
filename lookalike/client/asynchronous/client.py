# Made of lookalike/client/blocking by `python -m tests.meta.async_client`; change it there.

"""Everything that a program asks of Lookalike, as one object."""

from __future__ import annotations

from lookalike.client.asynchronous.backups import BackupCalls
from lookalike.client.asynchronous.catalogue import CatalogueCalls
from lookalike.client.asynchronous.check import CheckCalls
from lookalike.client.asynchronous.collections import CollectionCalls
from lookalike.client.asynchronous.exports import ExportCalls
from lookalike.client.asynchronous.facets import FacetCalls
from lookalike.client.asynchronous.gallery import GalleryCalls
from lookalike.client.asynchronous.groups import GroupCalls
from lookalike.client.asynchronous.maps import MapCalls
from lookalike.client.asynchronous.neighbors import NeighborCalls
from lookalike.client.asynchronous.points import PointCalls
from lookalike.client.asynchronous.reviews import ReviewCalls
from lookalike.client.asynchronous.runs import RunCalls
from lookalike.client.asynchronous.selections import SelectionCalls
from lookalike.client.asynchronous.supervisely import SuperviselyCalls
from lookalike.client.asynchronous.suspects import SuspectCalls


class AsyncClient(
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
    """One server, or the api in this process; ``lookalike.connect_async`` makes it.

    Example:
        >>> async with lookalike.connect_async() as client:
        ...     listing = await client.suspects(limit=50)
        ...     suspects = await listing.to_list()
    """
