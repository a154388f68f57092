"""The options of writing accepted classes back, as keyword arguments."""

from __future__ import annotations

import os
from typing import Any, TypedDict, Unpack

from lookalike.client.paths import server_path, user_name
from lookalike.client.problems import make_request
from lookalike.wire.reviews import ApplyRequest


class ApplyOptions(TypedDict, total=False):
    """Options of a write-back; what is left out or None has its default.

    Attributes:
        source_key: Identity of the source at the path; its path if None.
        source_format: Its format, if it is not recognised.
        patch: File to write instead, leaving the source alone. Needs local power.
        idempotency_key: The same key again gives the same run, as long as the server runs.
    """

    source_key: str | None
    source_format: str | None
    patch: str | os.PathLike[str] | None
    idempotency_key: str | None


def to_apply_request(
    source: str | os.PathLike[str] | None,
    who: str | None,
    *,
    is_local: bool,
    dry_run: bool = False,
    **options: Unpack[ApplyOptions],
) -> ApplyRequest:
    """The request that the options describe.

    Args:
        source: Path of a source, or an address; None for every source whose key tells where it is.
        who: Who writes; the user of this computer if None.
        is_local: Whether the server is on this machine.
        dry_run: Whether only to tell what would be written.
        **options: See ``ApplyOptions``.

    Raises:
        InvalidOptionsError: An option has an impossible value.
    """
    fields: dict[str, Any] = {**options, "path": source}
    for name in ("path", "patch"):
        if fields.get(name) is not None:
            fields[name] = server_path(fields[name], is_local=is_local)
    return make_request(ApplyRequest, who=who or user_name(), dry_run=dry_run, **fields)
