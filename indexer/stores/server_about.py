"""The point that tells about a collection on a server: its spec, its revisions, and who writes to it.

It lives in the collection itself, so that every process and machine reads the same. It has no vector, and filters
leave it out. The spec is in the collection's metadata too, which comes into being with the collection in one step.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from qdrant_client import models

from indexer.domain import CollectionSpec
from indexer.errors import StoreUnavailableError
from indexer.payload import PAYLOAD_VERSION
from indexer.stores.collection_files import check_same_spec, parse_spec
from indexer.stores.leases import Lease, refuse
from indexer.stores.server_connection import Connection

ABOUT_ID: Final = str(uuid.uuid5(uuid.NAMESPACE_URL, "lookalike:about"))
METADATA_KEY: Final = "lookalike"
INDEXED_ABOUT: Final[Mapping[str, str]] = {"lease.token": "keyword", "lease.expires_at": "float"}
"""Fields that the lease is taken by; a server with strict mode asks for their indexes."""
REVISION: Final = "revision"
REVIEW_REVISION: Final = "review_revision"
_SPEC: Final = "spec"
_IS_DRAFT: Final = "is_draft"
_NO_LEASE: Final = {"token": "", "owner": "", "expires_at": 0.0, "process": ""}


def describe_collection(spec: CollectionSpec, *, is_draft: bool) -> dict[str, Any]:
    """Facts that are kept of a collection, in its metadata and in the point."""
    return {_SPEC: json.dumps(asdict(spec) | {"version": PAYLOAD_VERSION}), _IS_DRAFT: is_draft}


def parse_described(name: str, text: str) -> CollectionSpec:
    """Read the spec of a collection as it was written.

    Raises:
        CollectionMismatchError: Another version of Lookalike wrote the payloads, in another way.
        StoreUnavailableError: It is broken.
    """
    try:
        return parse_spec(name, json.loads(text))
    except (ValueError, TypeError, RecursionError) as error:
        raise StoreUnavailableError(
            f"collection '{name}': its spec on the server is broken ({error}); delete it with "
            f"'lookalike delete {name}' and index again"
        ) from error


class About:
    """The point that tells about one collection.

    Args:
        connection: The server.
        name: Name of the collection.
        described: What ``describe_collection`` gives, if the point shall come back after somebody deleted it.
    """

    def __init__(self, connection: Connection, name: str, described: Mapping[str, Any] | None = None) -> None:
        self._connection, self._name, self._described = connection, name, described

    def read(self, *fields: str) -> dict[str, Any] | None:
        """Fields of the point, None if there is no such point.

        Raises:
            StoreUnavailableError: The server does not answer, or there is no such collection.
        """
        client, name = self._connection.client, self._name
        records = self._connection.call(lambda: client.retrieve(name, [ABOUT_ID], with_payload=list(fields)))
        return dict(records[0].payload or {}) if records else None

    def read_spec(self) -> tuple[str, bool] | None:
        """The spec as it was written and whether the collection is unfinished; None if there is no such point."""
        found = self.read(_SPEC, _IS_DRAFT)
        return None if found is None or not isinstance(found.get(_SPEC), str) else (found[_SPEC], _is_true(found))

    def make(self, described: Mapping[str, Any]) -> None:
        """Write the point, unless another process has written it meanwhile.

        Its revisions are new ones, so that nothing that was read before counts as being of now.
        """
        revisions = {REVISION: _new(), REVIEW_REVISION: _new()}
        point = models.PointStruct(id=ABOUT_ID, vector={}, payload={**described, **revisions, "lease": _NO_LEASE})
        client, mode = self._connection.client, models.UpdateMode.INSERT_ONLY
        if self.read(_SPEC) is None:
            self._connection.call(
                lambda: client.upsert(self._name, [point], wait=True, ordering=_STRONG, update_mode=mode)
            )

    def finish(self, described: Mapping[str, Any]) -> None:
        """Note that the collection is complete."""
        self._set({**described, REVISION: _new(), REVIEW_REVISION: _new()})

    def read_revisions(self) -> dict[str, str]:
        """Both revisions; new ones if somebody deleted the point, which make void all that is known.

        Raises:
            CollectionMismatchError: A newer Lookalike wrote to the collection, or somebody made it anew.
            StoreUnavailableError: Somebody deleted it.
        """
        which = (REVISION, REVIEW_REVISION)
        found = self.read(*which, _SPEC)
        if found is None:
            described = find_metadata(self._read_config())
            self._require_same(None if described is None else described[0])
            self.make(self._described or {})
            found = self.read(*which) or {}
        else:
            self._require_same(found.get(_SPEC))
        return {name: str(found.get(name, "")) for name in which}

    def _read_config(self) -> Any:
        client = self._connection.client
        return self._connection.call(lambda: client.get_collection(self._name)).config

    def _require_same(self, told: Any) -> None:
        """Check that the collection is the one that was opened."""
        known = (self._described or {}).get(_SPEC)
        if known is not None and told is not None and told != known:
            check_same_spec(self._name, parse_described(self._name, told), parse_described(self._name, known))

    def note_write(self, which: str) -> None:
        """Set a revision to one that never was."""
        try:
            self._set({which: _new()})
        except StoreUnavailableError:
            if self._described is None or self.read(which) is not None:
                raise
            self.make(self._described)  # somebody deleted the point; its revisions are new ones, too

    def hold(self, lease: Lease) -> None:
        """Take the lease or renew it, in one step of the server; that of a killed process of this machine is free.

        Raises:
            StoreLockedError: Somebody else holds it.
        """
        held = self._try_to_hold(lease, lease.token)
        if held.token != lease.token and held.is_of_the_dead:
            held = self._try_to_hold(lease, held.token)
        if held.token != lease.token:
            raise refuse(self._name, held)

    def _try_to_hold(self, lease: Lease, instead_of: str) -> Lease:
        """Take the lease if it is free or has a certain token; gives the one that is held then."""
        is_free = models.FieldCondition(key="lease.expires_at", range=models.Range(lt=time.time()))
        is_that = models.FieldCondition(key="lease.token", match=models.MatchValue(value=instead_of))
        wanted = {**asdict(lease), "expires_at": lease.expires_at.timestamp()}
        self._set_if({"lease": wanted}, models.Filter(should=[is_free, is_that]))
        held = (self.read("lease") or {}).get("lease")
        if not isinstance(held, dict) or "expires_at" not in held:
            raise StoreUnavailableError(
                f"collection '{self._name}': somebody changed its point {ABOUT_ID} on the server; delete that point "
                "and run the command again, which makes it anew"
            )
        until = datetime.fromtimestamp(float(held["expires_at"]), UTC)
        return Lease(str(held["token"]), str(held["owner"]), until, str(held.get("process", "")))

    def release(self, token: str) -> None:
        """Give the lease back; one that is not held is no error."""
        is_ours = models.FieldCondition(key="lease.token", match=models.MatchValue(value=token))
        self._set_if({"lease": _NO_LEASE}, models.Filter(must=[is_ours]))

    def _set(self, payload: dict[str, Any]) -> None:
        client, name = self._connection.client, self._name
        self._connection.call(lambda: client.set_payload(name, payload, points=[ABOUT_ID], wait=True))

    def _set_if(self, payload: dict[str, Any], condition: models.Filter) -> None:
        """Set fields if the point fits a condition; the server looks and writes in one step."""
        client, name = self._connection.client, self._name
        which = models.Filter(must=[models.HasIdCondition(has_id=[ABOUT_ID]), condition])
        self._connection.call(lambda: client.set_payload(name, payload, points=which, wait=True, ordering=_STRONG))


_STRONG: Final = models.WriteOrdering.STRONG


def find_metadata(config: Any) -> tuple[str, bool] | None:
    """Read the facts in a collection's metadata; None if it is not ours, or the server is old."""
    found = (getattr(config, "metadata", None) or {}).get(METADATA_KEY)
    if not isinstance(found, dict) or not isinstance(found.get(_SPEC), str):
        return None
    return found[_SPEC], _is_true(found)


def note_in_metadata(connection: Connection, name: str, described: Mapping[str, Any]) -> None:
    """Bring the metadata up to date; an old server has none, and the point decides anyway."""
    with suppress(StoreUnavailableError):
        connection.call(lambda: connection.client.update_collection(name, metadata={METADATA_KEY: dict(described)}))


def _is_true(found: Mapping[str, Any]) -> bool:
    return found.get(_IS_DRAFT) is True


def _new() -> str:
    return uuid.uuid4().hex[:16]
