"""Errors over HTTP: the one table of status codes, and every error as a problem document (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, cast
from urllib.parse import unquote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from lookalike import errors
from lookalike.errors import (
    BodyLengthError,
    BodyTooLargeError,
    CancelledError,
    CollectionMismatchError,
    CollectionNotFoundError,
    ConfigurationError,
    EmbedderError,
    FileGoneError,
    ForeignOriginError,
    ImageReadError,
    IndexerError,
    NotAllowedError,
    NotFromPlatformError,
    PointNotFoundError,
    ProjectionError,
    ReviewConflictError,
    RunActiveError,
    SnapshotOutdatedError,
    SourceError,
    StoreError,
    StoreLockedError,
    TokenError,
    TooManyTriesError,
    UnknownHostError,
    UnknownPathNameError,
)
from lookalike.value_faults import describe_faults
from lookalike.wire.base import Problem

_log = logging.getLogger(__name__)
_MAX_DETAIL_CHARS: Final = 2000
INTERNAL_DETAIL: Final = "the api failed unexpectedly; its log has the details"


STATUS_BY_ERROR: Final[Mapping[type[IndexerError], HTTPStatus]] = {
    ConfigurationError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownPathNameError: HTTPStatus.NOT_FOUND,
    FileGoneError: HTTPStatus.NOT_FOUND,
    RunActiveError: HTTPStatus.CONFLICT,
    NotAllowedError: HTTPStatus.FORBIDDEN,
    NotFromPlatformError: HTTPStatus.FORBIDDEN,
    TokenError: HTTPStatus.UNAUTHORIZED,
    TooManyTriesError: HTTPStatus.TOO_MANY_REQUESTS,
    ForeignOriginError: HTTPStatus.FORBIDDEN,
    UnknownHostError: HTTPStatus.MISDIRECTED_REQUEST,
    BodyTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    BodyLengthError: HTTPStatus.LENGTH_REQUIRED,
    SourceError: HTTPStatus.UNPROCESSABLE_ENTITY,
    ImageReadError: HTTPStatus.NOT_FOUND,
    EmbedderError: HTTPStatus.SERVICE_UNAVAILABLE,
    ProjectionError: HTTPStatus.CONFLICT,
    StoreError: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreLockedError: HTTPStatus.CONFLICT,
    CollectionNotFoundError: HTTPStatus.NOT_FOUND,
    PointNotFoundError: HTTPStatus.NOT_FOUND,
    CollectionMismatchError: HTTPStatus.CONFLICT,
    SnapshotOutdatedError: HTTPStatus.CONFLICT,
    ReviewConflictError: HTTPStatus.CONFLICT,
    CancelledError: HTTPStatus.CONFLICT,
    IndexerError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The nearest base class that is listed decides."""

_PROBLEM: Final = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
PROBLEM_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    "4XX": {"description": "The request cannot be answered; the problem says why", "content": _PROBLEM},
    "5XX": {"description": "The api, the store or the network failed", "content": _PROBLEM},
}
"""Failures that every route has, for the documentation."""


def status_of(error: IndexerError) -> HTTPStatus:
    """The status code that answers ``error``."""
    return next(STATUS_BY_ERROR[base] for base in type(error).__mro__ if base in STATUS_BY_ERROR)


def code_of(error: IndexerError) -> str:
    """The name of the nearest class of ``error`` that clients know, too."""
    return next(base.__name__ for base in type(error).__mro__ if base.__module__ == errors.__name__)


def to_problem(error: Exception) -> Problem:
    """Describe ``error`` for the wire; what was not raised on purpose keeps its text to itself."""
    if isinstance(error, IndexerError):
        return make_problem(status_of(error), str(error), code=code_of(error))
    return make_problem(HTTPStatus.INTERNAL_SERVER_ERROR, INTERNAL_DETAIL)


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with ``problem``."""
    return JSONResponse(
        problem.model_dump(), status_code=problem.status, headers=headers, media_type="application/problem+json"
    )


def add_error_handlers(app: FastAPI) -> None:
    """Make every error of ``app`` a problem document."""
    app.add_exception_handler(IndexerError, _answer_indexer_error)
    app.add_exception_handler(RequestValidationError, _answer_validation_error)
    app.add_exception_handler(HTTPException, _answer_http_error)
    app.add_exception_handler(Exception, _answer_unexpected_error)


def make_problem(status: int, detail: str, *, code: str = "") -> Problem:
    """A problem document with one line of detail."""
    # A lone surrogate in a request comes back in the message, and cannot be encoded.
    text = " ".join(detail.encode("utf-8", "backslashreplace").decode().split())
    return Problem(title=HTTPStatus(status).phrase, status=status, detail=text[:_MAX_DETAIL_CHARS], code=code)


async def _answer_indexer_error(_request: Request, error: Exception) -> Response:
    problem = to_problem(error)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("%s: %s", type(error).__name__, problem.detail)
    return problem_response(problem)


async def _answer_validation_error(_request: Request, error: Exception) -> Response:
    faults = cast("RequestValidationError", error).errors()
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return problem_response(
        make_problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"{describe_faults(list(faults))}{more}",
            code="InvalidOptionsError",
        )
    )


async def _answer_http_error(request: Request, error: Exception) -> Response:
    fault = cast("HTTPException", error)
    details = {
        HTTPStatus.NOT_FOUND: _describe_absence(request),
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.url.path} does not take {request.method}",
    }
    detail = details.get(HTTPStatus(fault.status_code), fault.detail)
    headers = dict(fault.headers or {})
    if fault.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods_of(request))
    return problem_response(make_problem(fault.status_code, detail), headers)


def _describe_absence(request: Request) -> str:
    """Say what is not there; a name with an encoded slash fits no route, so it is no address that is wrong."""
    parts = bytes(request.scope.get("raw_path") or b"").decode("ascii", "replace").split("/")
    if names := [unquote(part) for part in parts if "%2f" in part.lower()]:
        return f"there is no '{names[0]}'; no collection, map or run has a name with '/'"
    hint = f"; see {request.scope['root_path']}/docs" if request.app.openapi_url else ""
    return f"there is nothing at {request.url.path}{hint}"


def _methods_of(request: Request) -> list[str]:
    """Every method that the path takes; the router itself names those of the first route alone."""
    methods: set[str] = set()
    for route in request.app.router.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            methods |= getattr(route, "methods", None) or set()
    return sorted(methods)


async def _answer_unexpected_error(_request: Request, error: Exception) -> Response:
    return problem_response(to_problem(error))  # the server logs the traceback: Starlette raises the error again
