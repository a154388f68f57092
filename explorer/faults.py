"""Requests to Dash that its page never sends: answered and logged as everything else is."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Final

from dash.exceptions import DashException, InvalidResourceError, PreventUpdate
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lookalike.wire.base import Problem

logger = logging.getLogger(__name__)
_OF_DASH: Final = "/_dash-"
_CALLBACKS: Final = "/_dash-update-component"
_SCRIPTS: Final = "/_dash-component-suites/"


class DashFaults:
    """ASGI middleware inside of Dash's, which answers 500 to whatever it does not expect, and logs nothing.

    Args:
        app: Routes of Dash.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or not scope["path"].startswith(_OF_DASH):
            await self._app(scope, receive, send)
            return
        is_answered = False

        async def note(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        try:
            await self._app(scope, receive, note)
        except PreventUpdate:
            raise
        except Exception as error:  # a request of any shape goes straight into Dash
            if is_answered:
                raise
            await _answer(scope["path"], error)(scope, receive, send)


def _answer(path: str, error: Exception) -> Response:
    """The answer to an error. Those of callbacks do not come here; ``report_error`` tells of them."""
    if path.startswith(_SCRIPTS) and isinstance(error, (DashException, InvalidResourceError)):
        return _problem(HTTPStatus.NOT_FOUND, "the page has no such script")
    if path == _CALLBACKS and isinstance(error, (LookupError, TypeError, AttributeError, ValueError)):
        logger.warning("a request is none that the page sends (%s: %s)", type(error).__name__, error)
        return _problem(HTTPStatus.BAD_REQUEST, "the page does not send such a request; load the page again")
    logger.error("the explorer failed unexpectedly", exc_info=error)
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the explorer failed unexpectedly; its log has the details")


def _problem(status: HTTPStatus, detail: str) -> Response:
    problem = Problem(title=status.phrase, status=status, detail=detail, code="")
    return Response(problem.model_dump_json(), status, media_type="application/problem+json")
