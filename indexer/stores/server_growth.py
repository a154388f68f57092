"""The needs of a growing collection: its layout on the server, and how its small copies are searched."""

from __future__ import annotations

from typing import Any

from qdrant_client import models

from indexer.domain import PointFilter
from indexer.errors import InvalidOptionsError
from indexer.settings import GrowthSettings
from indexer.stores.columns import VECTOR
from indexer.stores.server_connection import Connection
from indexer.stores.server_filters import count_conditions
from indexer.stores.server_limits import Limits

ACORN_VERSION = (1, 16)
TURBO_VERSION = (1, 18)
_CONDITIONS_FOR_ACORN = 2


def describe_layout(connection: Connection, dimension: int) -> dict[str, Any]:
    """Arguments of ``create_collection``.

    Args:
        connection: The server and its settings.
        dimension: Length of a vector.

    Raises:
        InvalidOptionsError: The server is too old for what the settings ask for.
    """
    growth = connection.settings.growth
    vector = models.VectorParams(
        size=dimension, distance=models.Distance.COSINE, on_disk=True if growth.vectors_on_disk else None
    )
    hnsw = models.HnswConfigDiff(m=growth.hnsw_m, ef_construct=growth.hnsw_ef_construct, on_disk=growth.hnsw_on_disk)
    layout = {
        "shard_number": growth.shard_number,
        "replication_factor": growth.replication_factor,
        "write_consistency_factor": growth.write_consistency_factor,
        "on_disk_payload": growth.payload_on_disk,
        "hnsw_config": hnsw if hnsw.model_dump(exclude_none=True) else None,
        "quantization_config": _describe_quantization(connection, growth),
    }
    wanted = {name: value for name, value in layout.items() if value is not None}
    return {"vectors_config": {VECTOR: vector}, **wanted}


def _describe_quantization(connection: Connection, growth: GrowthSettings) -> Any:
    match growth.quantization:
        case "scalar":
            scalar = models.ScalarQuantizationConfig(type=models.ScalarType.INT8, quantile=0.99, always_ram=True)
            return models.ScalarQuantization(scalar=scalar)
        case "binary":
            return models.BinaryQuantization(binary=models.BinaryQuantizationConfig(always_ram=True))
        case "turbo":
            if not connection.has(*TURBO_VERSION):
                raise InvalidOptionsError(
                    f"LOOKALIKE_STORE__GROWTH__QUANTIZATION turbo needs Qdrant {_text(TURBO_VERSION)}, and this server "
                    f"is {_text(connection.version)}; use scalar or binary"
                )
            bits = models.TurboQuantBitSize(f"bits{growth.turbo_bits.replace('.', '_')}")
            return models.TurboQuantization(turbo=models.TurboQuantQuantizationConfig(always_ram=True, bits=bits))
        case _:
            return None


def describe_search(
    connection: Connection, limits: Limits, *, limit: int, exact: bool, where: PointFilter | None
) -> models.SearchParams:
    """Parameters of a search.

    Args:
        connection: The server and its settings.
        limits: What the collection's strict mode allows.
        limit: Points wanted.
        exact: Whether every vector is compared.
        where: Conditions of the search.
    """
    growth = connection.settings.growth
    params = models.SearchParams(exact=exact, hnsw_ef=limits.cap_ef(max(128, 2 * limit)))
    if growth.quantization != "none" and not exact:
        params.quantization = models.QuantizationSearchParams(
            rescore=growth.rescore, oversampling=limits.cap_oversampling(growth.oversampling)
        )
    has_conditions = not exact and count_conditions(where) >= _CONDITIONS_FOR_ACORN
    if growth.acorn and has_conditions and not connection.is_local and connection.has(*ACORN_VERSION):
        params.acorn = models.AcornSearchParams(enable=True)
    return params


def _text(version: tuple[int, int]) -> str:
    return ".".join(str(part) for part in version)
