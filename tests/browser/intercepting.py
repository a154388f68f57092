"""Requests that a test answers, holds back or loses, on a page that is open already."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route

CALLBACKS = re.compile(r"/_dash-update-component\b")
"""Questions of Dash; their addresses may have a query."""
_PROBE = "api/v1/health?probe"
_IS_INTERCEPTED = "probe => fetch(probe).then((answer) => answer.status === 204)"


def intercept(page: Page, pattern: str | re.Pattern[str], handle: Callable[[Route], object]) -> None:
    """Have ``handle`` answer requests of a page from now on.

    For a moment after Chromium was told so, it may send requests past the handler; this waits until none goes past.
    """
    page.route(pattern, lambda route: handle(route))  # noqa: PLW0108 (Playwright marks its handlers)
    page.route(f"**/{_PROBE.replace('?', '[?]')}", lambda route: route.fulfill(status=204))
    page.wait_for_function(_IS_INTERCEPTED, arg=_PROBE)
