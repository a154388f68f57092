"""What tests of judging share: what is listed, what stands, and waiting for it."""

from __future__ import annotations

import time

COLLECTION = "collections/tf_efficientnet_lite0"
LISTED = "() => [...document.querySelectorAll('.suspect')].map(card => card.dataset.pointId)"
SELECTED = "lookalike.selected.id"


def reviews(page, server) -> list[dict[str, object]]:
    return page.request.get(f"{server}/api/v1/{COLLECTION}/reviews").json()["reviews"]


def wait_for_reviews(page, server, expected: list[object], say=lambda review: review) -> None:
    """Wait until these reviews stand: the page shows a verdict before the server has it."""
    deadline = time.monotonic() + 20
    while (found := [say(review) for review in reviews(page, server)]) != expected and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert found == expected, f"{found} stand, not {expected}"


def wait_until(page, is_so) -> None:
    """Wait until something holds that Playwright tells of, such as a request that a test holds back."""
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)


def claim(card) -> tuple[str, str]:
    """Given and suggested class of a card."""
    return card.locator(".is-given").inner_text(), card.locator(".is-suggested").inner_text()


def wait_for_list(page, first: list[str]) -> None:
    """Wait until the list begins with these points and nothing of it is only hidden.

    A verdict lets close neighbors in the ranking change places, so the order among them may differ.
    """
    begins = f"""ids => {{
        const listed = ({LISTED})().slice(0, ids.length + 3);
        return ids.includes(listed[0]) && ids.every((id) => listed.includes(id));
    }}"""
    page.wait_for_function(begins, arg=first)
    page.wait_for_function("() => lookalike.queue.gone.size === 0")
