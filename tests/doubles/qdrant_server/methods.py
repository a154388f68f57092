"""What each path answers: the requests of qdrant-client, carried out by its own local mode."""

from __future__ import annotations

import re
import warnings
from typing import Any

from qdrant_client import QdrantClient, models

from tests.doubles.qdrant_server.strict_mode import RefusedError, check_request

VERSION = "1.18.3"
_IN_COLLECTION = re.compile(r"/collections/([^/]+)(?:/(.+))?")


class Tables:
    """The collections of the double.

    Attributes:
        local: Holds points; qdrant-client's local mode.
        schemas: Payload indexes of each collection: field -> type.
        created: What each collection was created with.
        strict: Strict mode of collections that are created from now on.
        strict_of: Strict mode of each collection.
    """

    def __init__(self) -> None:
        self.local = QdrantClient(location=":memory:")
        self.schemas: dict[str, dict[str, str]] = {}
        self.created: dict[str, dict[str, Any]] = {}
        self.strict: dict[str, Any] = {}
        self.strict_of: dict[str, dict[str, Any]] = {}
        self.has_metadata = True

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Any:
        """Carry out a request.

        Raises:
            RefusedError: The server refuses it.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # local mode says that it ignores indexes and search parameters
            try:
                return self._answer(method, path, body)
            except KeyError as error:
                raise RefusedError(f"Not found: No point with id {error} found", 404) from error
            except ValueError as error:
                raise _refusal(str(error)) from error

    def _answer(self, method: str, path: str, body: dict[str, Any]) -> Any:
        if path == "/collections":
            return _dump(self.local.get_collections())
        if path == "/aliases":
            return _dump(self.local.get_aliases())
        if path == "/collections/aliases":
            request = models.ChangeAliasesOperation.model_validate(body)
            return self.local.update_collection_aliases(request.actions)
        found = _IN_COLLECTION.fullmatch(path)
        if found is None:
            raise RefusedError(f"no such path: {path}", 404)
        name, rest = found[1], found[2] or ""
        if rest in {"", "exists"}:
            return self._answer_collection(method, name, rest, body)
        real = self._resolve(name)
        check_request(self.strict_of.get(real, {}), self.schemas[real], rest, body)
        return self._answer_points(method, real, rest, body)

    def _resolve(self, name: str) -> str:
        for alias in self.local.get_aliases().aliases:
            if alias.alias_name == name:
                return alias.collection_name
        if name not in self.schemas:
            raise RefusedError(f"Not found: Collection `{name}` doesn't exist!", 404)
        return name

    def _answer_collection(self, method: str, name: str, rest: str, body: dict[str, Any]) -> Any:
        if rest == "exists":
            return {"exists": name in self.schemas or self._is_alias(name)}
        if method == "PUT":
            return self._create(name, body)
        if method == "DELETE":
            self.schemas.pop(name, None)
            return self.local.delete_collection(name)
        real = self._resolve(name)
        if method == "PATCH":
            if self.has_metadata:
                self.local.update_collection(real, metadata=body.get("metadata"))
            return True
        return self._describe(real)

    def _is_alias(self, name: str) -> bool:
        return any(alias.alias_name == name for alias in self.local.get_aliases().aliases)

    def _create(self, name: str, body: dict[str, Any]) -> bool:
        if name in self.schemas:
            raise RefusedError(f"Wrong input: Collection `{name}` already exists!", 409)
        request = models.CreateCollection.model_validate(body)
        metadata = request.metadata if self.has_metadata else None
        self.local.create_collection(name, request.vectors, metadata=metadata)
        self.schemas[name], self.created[name], self.strict_of[name] = {}, body, dict(self.strict)
        return True

    def _describe(self, name: str) -> Any:
        info = _dump(self.local.get_collection(name))
        info["payload_schema"] = {
            field: {"data_type": kind, "points": info.get("points_count") or 0}
            for field, kind in self.schemas[name].items()
        }
        if self.strict_of.get(name):
            info["config"]["strict_mode_config"] = self.strict_of[name]
        return info

    def _answer_points(self, method: str, name: str, rest: str, body: dict[str, Any]) -> Any:
        if rest == "index":
            self.schemas[name][body["field_name"]] = body["field_schema"]
            return _done()
        if rest == "points" and method == "PUT":
            return self._upsert(name, body)
        if rest == "facet" and body["key"] not in self.schemas[name]:
            raise RefusedError(
                f"Wrong input: No appropriate index for faceting: `{body['key']}`. Please create one", 400
            )
        if rest in _READS:
            return _dump(_READS[rest](self.local, name, body))
        if rest in _WRITES:
            self._write(name, _WRITES[rest](body))
            return _done()
        if rest == "points/batch":
            request = models.UpdateOperations.model_validate(body)
            for operation in request.operations:
                self._write(name, operation)
            return [_done() for _ in request.operations]
        raise RefusedError(f"no such path: {rest}", 404)

    def _write(self, name: str, operation: Any) -> None:
        self.local.batch_update_points(name, [operation])

    def _upsert(self, name: str, body: dict[str, Any]) -> Any:
        request = models.PointsList.model_validate(body)
        self.local.upsert(name, request.points, update_mode=request.update_mode, update_filter=request.update_filter)
        return _done()

    def do_half(self, path: str, body: dict[str, Any]) -> None:
        """Carry out the first half of a batch."""
        word = "operations" if "operations" in body else "points"
        half = body.get(word, [])[: max(1, len(body.get(word, [])) // 2)]
        self.answer("POST" if word == "operations" else "PUT", path, {**body, word: half})


def _scroll(local: QdrantClient, name: str, body: dict[str, Any]) -> Any:
    request = models.ScrollRequest.model_validate(body)
    records, following = local.scroll(
        name,
        scroll_filter=request.filter,
        limit=request.limit or 10,
        offset=request.offset,
        with_payload=_or(request.with_payload, default=True),
        with_vectors=_or(request.with_vector, default=False),
    )
    return models.ScrollResult(points=records, next_page_offset=following)


def _retrieve(local: QdrantClient, name: str, body: dict[str, Any]) -> Any:
    request = models.PointRequest.model_validate(body)
    return local.retrieve(
        name,
        request.ids,
        with_payload=_or(request.with_payload, default=True),
        with_vectors=_or(request.with_vector, default=False),
    )


def _query(local: QdrantClient, name: str, body: dict[str, Any]) -> Any:
    request = models.QueryRequest.model_validate(body)
    return local.query_points(
        name,
        query=request.query.nearest if hasattr(request.query, "nearest") else request.query,
        using=request.using,
        query_filter=request.filter,
        limit=request.limit or 10,
        offset=request.offset or 0,
        with_payload=_or(request.with_payload, default=False),
    )


def _count(local: QdrantClient, name: str, body: dict[str, Any]) -> Any:
    request = models.CountRequest.model_validate(body)
    return local.count(name, request.filter)


def _facet(local: QdrantClient, name: str, body: dict[str, Any]) -> Any:
    request = models.FacetRequest.model_validate(body)
    return local.facet(name, request.key, facet_filter=request.filter, limit=request.limit or 10)


_READS = {
    "points/scroll": _scroll,
    "points": _retrieve,
    "points/query": _query,
    "points/count": _count,
    "facet": _facet,
}
_WRITES = {
    "points/payload": lambda body: models.SetPayloadOperation(set_payload=models.SetPayload.model_validate(body)),
    "points/payload/delete": lambda body: models.DeletePayloadOperation(
        delete_payload=models.DeletePayload.model_validate(body)
    ),
    "points/delete": lambda body: models.DeleteOperation(
        delete=models.PointIdsList.model_validate(body)
        if "points" in body
        else models.FilterSelector.model_validate(body)
    ),
    "points/vectors/delete": lambda body: models.DeleteVectorsOperation(
        delete_vectors=models.DeleteVectors.model_validate(body)
    ),
}


def _or(value: Any, *, default: bool) -> Any:
    return default if value is None else value


def _done() -> Any:
    return {"operation_id": 1, "status": "completed"}


def _dump(answer: Any) -> Any:
    if isinstance(answer, list):
        return [_dump(one) for one in answer]
    return answer.model_dump(mode="json", exclude_none=True) if hasattr(answer, "model_dump") else answer


def _refusal(text: str) -> RefusedError:
    is_missing = "not found" in text.lower() or "doesn't exist" in text
    return RefusedError(text, 404 if is_missing else 409 if "already exists" in text else 400)
