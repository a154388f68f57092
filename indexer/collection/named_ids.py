"""Lists of point ids by name, kept in a file that several processes may change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from indexer.atomic_files import write_atomically
from indexer.errors import InvalidOptionsError, StoreUnavailableError
from lookalike.visible_text import show_reason

MOST_NAMES = 1000
MAX_NAME_CHARS = 200


class NamedIds:
    """A file of lists of ids by name; it changes as a whole.

    Args:
        path: The file; made with the first list.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, list[str]]:
        """Name -> ids, in the order in which they were kept.

        Raises:
            StoreUnavailableError: The file cannot be read, or somebody broke it.
        """
        try:
            found = json.loads(self.path.read_bytes())
            return {str(name): [str(one) for one in ids] for name, ids in found.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError, TypeError) as error:
            raise StoreUnavailableError(
                f"{self.path} cannot be read ({show_reason(error)}); correct or remove it"
            ) from error

    @contextmanager
    def changing(self) -> Iterator[dict[str, list[str]]]:
        """Give the lists to be changed, and keep them.

        Raises:
            StoreUnavailableError: The file cannot be read or written.
            InvalidOptionsError: There are too many names.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self.path.with_suffix(".lock")):
                lists = self.read()
                yield lists
                if len(lists) > MOST_NAMES:
                    raise InvalidOptionsError(f"there are {MOST_NAMES:,} names already; delete one first")
                write_atomically(self.path, json.dumps(lists).encode())
        except OSError as error:
            raise StoreUnavailableError(f"{self.path} cannot be written: {error.strerror}") from error


def check_name(name: str, what: str) -> str:
    """The name without the space around it.

    Raises:
        InvalidOptionsError: Nothing is left of it, or it is too long.
    """
    text = name.strip()
    if not text:
        raise InvalidOptionsError(f"the name of the {what} is empty; give it one")
    if len(text) > MAX_NAME_CHARS:
        raise InvalidOptionsError(f"the name of the {what} has {len(text)} characters; {MAX_NAME_CHARS} are the most")
    return text
