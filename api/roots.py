"""Folders that clients may name, and nothing outside of them: not even whether it exists."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from lookalike.errors import OutsideRootsError


def require_inside(path: str, roots: Sequence[Path], own: Sequence[Path] = ()) -> None:
    """Refuse a path that lies in none of some folders, also by ``..`` or by a link that leads out of them.

    A path that is written as one outside is refused before the machine is asked about it. So the answer is the same,
    after the same time, whether anything is there or not.

    Args:
        path: As the client says it.
        roots: Folders, without links in their paths.
        own: Further ones, which the message need not name.

    Raises:
        OutsideRootsError: It lies outside. The message is the same for all such paths.
    """
    known = (*roots, *own)
    written = None if "\0" in path else Path(os.path.abspath(os.path.expanduser(path)))  # noqa: PTH100, PTH111 - see above
    if written is not None and _is_inside(written, known) and _is_inside(Path(os.path.realpath(written)), known):
        return
    raise OutsideRootsError(str(root) for root in roots)


def _is_inside(path: Path, roots: Sequence[Path]) -> bool:
    return any(path.is_relative_to(root) for root in roots)
