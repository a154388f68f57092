"""Does anything overlap, stick out or get cut? One check for every state and width of the page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

SCRIPT = (Path(__file__).parent / "layout.js").read_text(encoding="utf-8").split("\n", 1)[1]
"""What is wrong: texts and controls that overlap or stick out, texts cut without a title, names that look alike."""


def faults(page: Page) -> list[str]:
    """What is wrong with the page as it is, one line each."""
    found: list[str] = page.evaluate(SCRIPT)
    return found
