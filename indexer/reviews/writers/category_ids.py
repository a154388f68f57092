"""Ids for new categories of COCO files."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import count
from typing import Any, Final

from indexer.sources.coco_ids import unify_id

_MAX_NUMBER: Final = 1 << 53
"""Larger numbers are not kept by tools that read them as floats."""
_NUMBERED: Final = re.compile(r"(.*[^0-9]|)([0-9]{1,18})", re.DOTALL)


def choose_id(like: Any, taken: Iterable[Any], class_name: str) -> int | float | str:
    """An id that is of one type with another and equal to none that is taken, however it is spelled.

    A number is the next one. A text goes on with the numbers that those taken end in (``c-1``, ``c-2``: ``c-3``),
    or is the name of the class.

    Args:
        like: The id of another category.
        taken: The ids of all categories, and those that annotations name.
        class_name: Name of the new category.
    """
    ids = list(taken)
    unified = {unify_id(one) for one in ids}
    texts = [one for one in ids if isinstance(one, str)]
    candidates = _texts(like, texts, class_name) if isinstance(like, str) else _numbers(unified)
    number = next(one for one in candidates if unify_id(one) not in unified)
    return float(number) if isinstance(like, float) else number


def _numbers(unified: Collection[int | str | None]) -> Iterator[int]:
    following = 1 + max([0, *(one for one in unified if isinstance(one, int))])
    return count(following if following <= _MAX_NUMBER else 1)


def _texts(like: str, texts: Iterable[str], class_name: str) -> Iterator[str]:
    found = [_NUMBERED.fullmatch(text) for text in texts]
    numbered = [match for match in found if match is not None]
    if len(numbered) < len(found) or len({match[1] for match in numbered}) != 1:
        return (class_name if number == 1 else f"{class_name}-{number}" for number in count(1))
    prefix, digits = numbered[0][1], like[len(numbered[0][1]) :]
    width = len(digits) if digits.startswith("0") else 0
    return (f"{prefix}{number:0{width}}" for number in count(1 + max(int(match[2]) for match in numbered)))
