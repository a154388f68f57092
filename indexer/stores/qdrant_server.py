"""A Qdrant server through qdrant-client: the same contract as the embedded store, for data that outgrows a laptop."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Self, TypeVar

from qdrant_client import QdrantClient, models

from indexer.domain import CollectionSpec
from indexer.errors import CollectionNotFoundError, InvalidOptionsError, StoreUnavailableError
from indexer.payload import INDEXED_FIELDS
from indexer.settings import StoreSettings
from indexer.stores.collection_files import check_collection_name, check_same_spec
from indexer.stores.columns import VECTOR
from indexer.stores.server_about import (
    INDEXED_ABOUT,
    METADATA_KEY,
    About,
    describe_collection,
    find_metadata,
    note_in_metadata,
    parse_described,
)
from indexer.stores.server_calls import is_conflict, is_forbidden, is_missing
from indexer.stores.server_collection import ServerCollection
from indexer.stores.server_connection import Connection
from indexer.stores.server_growth import describe_layout
from indexer.stores.server_limits import Limits

_INDEXES: Final = {field.value: kind for field, kind in INDEXED_FIELDS.items()} | dict(INDEXED_ABOUT)
_FOREIGN_S: Final = 30.0
"""Time for which a collection of another program is taken for one, without being asked again."""

T = TypeVar("T")


class ServerStore:
    """Collections of a Qdrant server; see ``indexer.stores.base.VectorStore``. What others keep there is left alone.

    Args:
        client: An open client, so that tests and callers choose how to connect.
        settings: Time limits, retries, sizes and layouts.
        sleep: Waits so many seconds before a request is repeated.
    """

    def __init__(
        self,
        client: QdrantClient,
        settings: StoreSettings | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connection = Connection(client, settings, sleep=sleep)
        self._client = client
        self._ours: set[str] = set()
        self._foreign: dict[str, float] = {}

    @classmethod
    def connect(cls, settings: StoreSettings, *, sleep: Callable[[float], None] = time.sleep) -> Self:
        """Connect to a server.

        Raises:
            InvalidOptionsError: The address or the key cannot be one.
            StoreUnavailableError: The server does not answer, or refuses the key.
        """
        connection = Connection.open(settings, sleep=sleep)
        store = cls(connection.client, settings, sleep=sleep)
        try:
            connection.call(connection.client.get_collections, is_first=True)
        except BaseException:
            store.close()
            raise
        return store

    def _call(self, operation: Callable[[], T]) -> T:
        return self._connection.call(operation)

    def collection_names(self) -> list[str]:
        """Names of all collections that Lookalike made, sorted; unfinished copies and aliases are none."""
        names = self._all_names()
        self._ours &= names
        now = time.monotonic()
        for name in names - self._ours:
            if self._foreign.get(name, 0.0) > now:
                continue
            try:
                found = self._read_spec(name)
            except StoreUnavailableError as error:
                if not is_missing(error.__cause__):
                    raise
                continue  # deleted meanwhile
            if found is None:
                self._foreign[name] = now + _FOREIGN_S
            elif not found[1]:
                self._ours.add(name)
        return sorted(self._ours)

    def _all_names(self) -> set[str]:
        return {found.name for found in self._call(self._client.get_collections).collections}

    def _find_spec(self, name: str) -> tuple[str, bool] | None:
        """The answer of ``_read_spec``; None, too, if somebody has deleted the collection meanwhile."""
        try:
            return self._read_spec(name)
        except StoreUnavailableError as error:
            if is_missing(error.__cause__):
                return None
            raise

    def _read_spec(self, name: str) -> tuple[str, bool] | None:
        """The spec as it was written, and whether the collection is unfinished; None if Lookalike did not make it."""
        return About(self._connection, name).read_spec() or find_metadata(self._read_info(name).config)

    def _read_info(self, name: str) -> Any:
        return self._call(lambda: self._client.get_collection(name))

    def _find_alias(self, name: str) -> str | None:
        """The collection that an alias stands for."""
        aliases = self._call(self._client.get_aliases).aliases
        return next((one.collection_name for one in aliases if one.alias_name == name), None)

    def create_collection(self, name: str, spec: CollectionSpec) -> ServerCollection:
        """Create an empty collection with its payload indexes; one that a killed process began is completed."""
        return self._create(name, spec, is_draft=False)

    def _create(self, name: str, spec: CollectionSpec, *, is_draft: bool) -> ServerCollection:
        check_collection_name(name)
        if name in self._all_names():
            if not self._is_begun(name, spec):
                raise InvalidOptionsError(self._explain_taken(name))
        elif (real := self._find_alias(name)) is not None:
            raise InvalidOptionsError(f"'{name}' is an alias of '{real}' on the server; choose another name")
        else:
            self._make(name, spec, is_draft=is_draft)
        About(self._connection, name).make(describe_collection(spec, is_draft=is_draft))
        self._foreign.pop(name, None)
        return self._open(name, spec)

    def _make(self, name: str, spec: CollectionSpec, *, is_draft: bool) -> None:
        layout = describe_layout(self._connection, spec.dimension)
        metadata = {METADATA_KEY: describe_collection(spec, is_draft=is_draft)}

        def create() -> None:
            try:
                self._client.create_collection(name, metadata=metadata, **layout)
            except Exception as error:
                # Another process was faster, or the answer to our own first try got lost.
                if not is_conflict(error) or not self._is_begun(name, spec):
                    raise InvalidOptionsError(self._explain_taken(name)) if is_conflict(error) else error from error

        self._call(create)

    def _explain_taken(self, name: str) -> str:
        found = self._find_spec(name)
        if found is None:
            return f"collection '{name}' is another program's on the server; choose another name"
        if found[1]:
            return (
                f"collection '{name}' is the unfinished copy of a restore or a move; run that again, or delete it with "
                f"'lookalike delete {name}'"
            )
        return f"collection '{name}' exists already; choose another name"

    def _is_begun(self, name: str, spec: CollectionSpec) -> bool:
        """Whether a collection is what a process leaves that was killed while it created one like that."""
        if About(self._connection, name).read_spec() is not None:
            return False
        info = self._read_info(name)
        noted = find_metadata(info.config)
        if noted is not None:
            return not info.points_count and parse_described(name, noted[0]) == spec
        vectors = info.config.params.vectors
        is_like_ours = isinstance(vectors, dict) and set(vectors) == {VECTOR} and not info.points_count
        return is_like_ours and vectors[VECTOR].size == spec.dimension

    def open_collection(self, name: str, *, spec: CollectionSpec | None = None) -> ServerCollection:
        """Open a collection, comparing ``spec`` with the stored one when given; an alias opens what it stands for."""
        real = name if name in self._all_names() else self._find_alias(name)
        if real is None:
            raise CollectionNotFoundError(name, self.collection_names())
        found = self._find_spec(real)
        if found is None:
            raise StoreUnavailableError(f"collection '{name}' was not made by Lookalike; choose another name")
        if found[1]:
            raise StoreUnavailableError(self._explain_taken(real))
        stored = parse_described(real, found[0])
        if spec is not None:
            check_same_spec(real, stored, spec)
        About(self._connection, real).make(describe_collection(stored, is_draft=False))
        return self._open(real, stored)

    def _open(self, name: str, spec: CollectionSpec) -> ServerCollection:
        """Open a collection that is ours, and add the payload indexes that it has not."""
        info = self._read_info(name)
        settings = self._connection.settings
        limits = Limits.of(
            getattr(info.config, "strict_mode_config", None),
            name=name,
            page_bytes=settings.page_bytes,
            is_grpc=settings.grpc,
        )
        if not self._connection.is_local:
            self._add_indexes(name, info.payload_schema or {})
        return ServerCollection(self._connection, name, spec, limits)

    def _add_indexes(self, name: str, known: dict[str, Any]) -> None:
        """Add the indexes that a collection has not, all at once: a server takes a fifth of a second for each."""
        wanted = {field: models.PayloadSchemaType(kind) for field, kind in _INDEXES.items()}
        missing = [field for field, kind in wanted.items() if field not in known or known[field].data_type != kind]
        if not missing:
            return
        with ThreadPoolExecutor(len(missing)) as pool:
            added = [pool.submit(self._add_index, name, field, wanted[field]) for field in missing]
        for one in added:
            one.result()

    def _add_index(self, name: str, field: str, kind: models.PayloadSchemaType) -> None:
        try:
            self._call(lambda: self._client.create_payload_index(name, field, kind))
        except StoreUnavailableError as error:
            if not is_forbidden(error.__cause__):  # a key that may only read; filters work, if more slowly
                raise

    def delete_collection(self, name: str) -> None:
        """Delete a collection and everything in it; one that Lookalike did not make counts as missing."""
        names = self._all_names()
        if name not in names and (real := self._find_alias(name)) is not None:
            raise InvalidOptionsError(f"'{name}' is an alias of '{real}' on the server; delete '{real}' instead")
        if name not in names or self._find_spec(name) is None:
            raise CollectionNotFoundError(name, self.collection_names())
        self._ours.discard(name)
        self._call(lambda: self._client.delete_collection(name))

    def open_draft(self, name: str, spec: CollectionSpec, *, keeps: bool) -> ServerCollection:
        """Open the unfinished collection of a name, or create it; see ``indexer.stores.base.DraftStore``."""
        if name in self._all_names():
            found = self._find_spec(name)
            if found is None or not found[1]:
                raise InvalidOptionsError(self._explain_taken(name))
            if keeps and parse_described(name, found[0]) == spec:
                return self._open(name, spec)
            self._call(lambda: self._client.delete_collection(name))
        return self._create(name, spec, is_draft=True)

    def publish(self, name: str) -> None:
        """Make an unfinished collection a finished one."""
        about = About(self._connection, name)
        found = about.read_spec() or find_metadata(self._read_info(name).config)
        if found is None:
            raise CollectionNotFoundError(name, self.collection_names())
        described = describe_collection(parse_described(name, found[0]), is_draft=False)
        about.finish(described)
        note_in_metadata(self._connection, name, described)

    def drop_draft(self, name: str) -> None:
        """Remove the unfinished collection of a name; see ``indexer.stores.base.DraftStore``."""
        if name in self._all_names() and (found := self._find_spec(name)) is not None and found[1]:
            self._call(lambda: self._client.delete_collection(name))

    def close(self) -> None:
        """Close the connection; closing twice is fine."""
        self._connection.close()
