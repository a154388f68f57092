"""Parts of a whole that are made when somebody first asks for them, so that a start imports only what is used."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")

_LOCK: Final = RLock()


class part(Generic[T]):  # noqa: N801 - it decorates, as property does
    """Attribute that the decorated method makes once, in whichever thread asks first.

    Python's ``cached_property`` may make two if two threads ask at the same moment.

    Args:
        make: Makes the part of an object that has a ``__dict__``.
    """

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make, self._name, self.__doc__ = make, make.__name__, make.__doc__

    def __get__(self, whole: Any, kind: type[Any]) -> T:
        """Make the part; later it is found in the object without a call."""
        with _LOCK:
            parts = vars(whole)
            if self._name not in parts:
                parts[self._name] = self._make(whole)
            made: T = parts[self._name]
            return made


def is_made(whole: Any, name: str) -> bool:
    """Whether somebody has asked for a part already.

    Args:
        whole: The object that it is a part of.
        name: Its name.
    """
    return name in vars(whole)
