"""Faults of the page's layout: things that are covered, cut, squeezed, or beyond the window."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from playwright.sync_api import Page

_SCRIPT: Final = Path(__file__).with_suffix(".js").read_text()
_COMPARED: Final = (
    ".is-given, .is-suggested, .point-class, .point-claim strong, .verdict-buttons span, .review-class h3"
)
"""Names of classes that somebody compares: they are never cut."""
_SETTLE: Final = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"


def layout_faults(page: Page, part: str = "body") -> list[str]:
    """Find faults of the page or a part of it, one line per fault; ``layout.js`` lists the kinds."""
    page.evaluate(_SETTLE)
    found: list[str] = page.evaluate(_SCRIPT, {"compared": _COMPARED, "part": part})
    return found
