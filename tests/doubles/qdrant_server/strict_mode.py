"""What strict mode refuses: the checks of a real server, in its words."""

from __future__ import annotations

from typing import Any

KINDS = {
    "match": {"keyword", "integer", "bool", "uuid"},
    "range": {"integer", "float"},
    "datetime_range": {"datetime"},
}


class RefusedError(Exception):
    """A request that the server refuses.

    Args:
        text: Its words.
        status: Status of the answer.
    """

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


def check_request(config: dict[str, Any], schema: dict[str, str], method: str, body: dict[str, Any]) -> None:
    """Refuse what strict mode does not allow.

    Args:
        config: The strict mode of the collection.
        schema: The payload indexes: field -> type.
        method: Last words of the path, such as ``points/scroll``.
        body: The request.

    Raises:
        RefusedError: It is not allowed.
    """
    if not config.get("enabled"):
        return
    is_update = method not in {"points", "points/scroll", "points/query", "points/count", "facet"}
    wanted = body.get("filter")
    which = "unindexed_filtering_update" if is_update else "unindexed_filtering_retrieve"
    if wanted:
        if config.get(which) is False:
            _check_indexes(wanted, schema)
        _check_sizes(config, wanted)
    if not is_update:
        _check_reading(config, body)
    n_points = len(body.get("points", ())) if method == "points" else 0
    _check_limit(n_points, config.get("upsert_max_batchsize"), "upsert limit")


def _check_reading(config: dict[str, Any], body: dict[str, Any]) -> None:
    params = body.get("params") or {}
    _check_limit(body.get("limit"), config.get("max_query_limit"), "limit")
    if config.get("search_allow_exact") is False and (body.get("exact") or params.get("exact")):
        raise _refusal("Exact search disabled!", "Set exact=false.")
    _check_limit(params.get("hnsw_ef"), config.get("search_max_hnsw_ef"), "hnsw_ef")
    oversampling = (params.get("quantization") or {}).get("oversampling")
    _check_limit(oversampling, config.get("search_max_oversampling"), "oversampling")


def _check_indexes(wanted: dict[str, Any], schema: dict[str, str]) -> None:
    for condition in conditions_of(wanted):
        key = condition.get("key")
        if key is None:
            continue
        bounds = condition.get("range") or {}
        is_date = any(isinstance(bound, str) for bound in bounds.values())
        kinds = KINDS["datetime_range" if is_date else "range" if bounds else "match"]
        if schema.get(key) not in kinds:
            raise _refusal(
                f'Index required but not found for "{key}" of one of the following types: [{", ".join(sorted(kinds))}]',
                "Create an index for this key or use a different filter.",
            )


def _check_sizes(config: dict[str, Any], wanted: dict[str, Any]) -> None:
    conditions = list(conditions_of(wanted))
    most = config.get("filter_max_conditions")
    if most is not None and len(conditions) > most:
        raise _refusal(f"Filter condition limit reached ({len(conditions)} > {most})", "Reduce the amount.")
    most = config.get("condition_max_size")
    size = max((_size_of(condition) for condition in conditions), default=0)
    if most is not None and size > most:
        raise _refusal(f"Condition size limit reached ({size} > {most})", "Reduce the size of your condition.")


def _size_of(condition: dict[str, Any]) -> int:
    match = condition.get("match") or {}
    return len(condition.get("has_id") or match.get("any") or match.get("except") or ())


def conditions_of(wanted: dict[str, Any]) -> Any:
    """The conditions of a filter, also those inside others."""
    for word in ("must", "should", "must_not"):
        for condition in wanted.get(word) or ():
            if any(inner in condition for inner in ("must", "should", "must_not")):
                yield from conditions_of(condition)
            else:
                yield condition


def _check_limit(value: float | None, limit: float | None, name: str) -> None:
    if value is not None and limit is not None and value > limit:
        raise _refusal(f'Limit exceeded {value} > {limit} for "{name}"', f'Reduce the "{name}" parameter.')


def _refusal(text: str, remedy: str) -> RefusedError:
    return RefusedError(f"Bad request: {text} Help: {remedy}")
