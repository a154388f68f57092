"""Counts with their noun, as people write them."""

from __future__ import annotations


def count_text(n: int, one: str, many: str | None = None) -> str:
    """A count with its noun: ``1 point``, ``2,000 points``.

    Args:
        n: The count.
        one: The noun for one.
        many: The noun for any other count; that for one with an s if None.
    """
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"
