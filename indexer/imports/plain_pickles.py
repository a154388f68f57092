"""Pickles read as descriptions: what they would call is named and nothing is called.

A pickle is a program. This reader knows the few steps that an array or a tensor needs, and takes no other. What a step
would build is only noted, so that neither code nor memory of the pickle's choice is ever used.
"""

from __future__ import annotations

import pickletools
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

_MAX_STEPS: Final = 1000  # an array takes fewer than 60


class NotPlainError(Exception):
    """A pickle does more than describe an array."""


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """Something that the pickle refers to by its name, for example ``numpy.ndarray``."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """Data that lies outside the pickle.

    Attributes:
        key: What says where.
    """

    key: Any


@dataclass(slots=True, eq=False)
class Built:
    """The value that a call would give.

    Attributes:
        name: What would be called.
        arguments: With which values.
        state: What the result would be told afterwards, or None.
    """

    name: str
    arguments: tuple[Any, ...]
    state: Any = None


_MARK: Final = object()


class _Reader:
    """Takes the steps of one pickle."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def pop(self, n_values: int) -> tuple[Any, ...]:
        if n_values > len(self.stack):
            raise NotPlainError("it takes more than it has")
        if not n_values:
            return ()
        values = tuple(self.stack[-n_values:])
        del self.stack[-n_values:]
        return values

    def pop_to_mark(self) -> tuple[Any, ...]:
        for n_values, value in enumerate(reversed(self.stack)):
            if value is _MARK:
                values = self.pop(n_values)
                self.pop(1)
                return values
        raise NotPlainError("it ends what it has not begun")

    def remember(self, place: int) -> None:
        (self.memo[place],) = self.pop(1)
        self.push(self.memo[place])

    def recall(self, place: int) -> None:
        if place not in self.memo:
            raise NotPlainError("it refers to nothing")
        self.push(self.memo[place])

    def name(self, module: Any, attribute: Any) -> None:
        if not (isinstance(module, str) and isinstance(attribute, str)):
            raise NotPlainError("it names by something else than text")
        self.push(Named(f"{module}.{attribute}"))

    def call(self) -> None:
        called, arguments = self.pop(2)
        if not (isinstance(called, Named) and isinstance(arguments, tuple)):
            raise NotPlainError("it calls what has no name")
        self.push(Built(called.name, arguments))

    def tell(self) -> None:
        built, state = self.pop(2)
        if not isinstance(built, Built) or built.state is not None:
            raise NotPlainError("it changes what it has not built")
        built.state = state
        self.push(built)


_STEPS: Final[dict[str, Callable[[_Reader, Any], None]]] = {
    **dict.fromkeys(("PROTO", "FRAME"), lambda _reader, _: None),
    "MARK": lambda reader, _: reader.push(_MARK),
    "NONE": lambda reader, _: reader.push(None),
    "NEWTRUE": lambda reader, _: reader.push(True),  # noqa: FBT003 - the value itself
    "NEWFALSE": lambda reader, _: reader.push(False),  # noqa: FBT003
    "EMPTY_TUPLE": lambda reader, _: reader.push(()),
    "TUPLE": lambda reader, _: reader.push(reader.pop_to_mark()),
    "TUPLE1": lambda reader, _: reader.push(reader.pop(1)),
    "TUPLE2": lambda reader, _: reader.push(reader.pop(2)),
    "TUPLE3": lambda reader, _: reader.push(reader.pop(3)),
    "GLOBAL": lambda reader, name: reader.name(*name.split(" ", 1)),
    "STACK_GLOBAL": lambda reader, _: reader.name(*reader.pop(2)),
    "BINPERSID": lambda reader, _: reader.push(Stored(*reader.pop(1))),
    "REDUCE": lambda reader, _: reader.call(),
    "BUILD": lambda reader, _: reader.tell(),
    "MEMOIZE": lambda reader, _: reader.remember(len(reader.memo)),
    **dict.fromkeys(("BINPUT", "LONG_BINPUT"), lambda reader, place: reader.remember(place)),
    **dict.fromkeys(("BINGET", "LONG_BINGET"), lambda reader, place: reader.recall(place)),
    **dict.fromkeys(
        (
            *("BININT", "BININT1", "BININT2", "LONG1"),
            *("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
            *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
        ),
        lambda reader, value: reader.push(value),
    ),
}


def describe_pickle(data: bytes) -> Any:
    """The one value that a pickle describes: texts, numbers, tuples, and `Named`, `Stored` and `Built` things.

    Raises:
        NotPlainError: It is damaged, or takes a step that no array needs.
    """
    reader = _Reader()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a text with a wrong escape is no step of an array, so it is refused here
            return _follow_steps(data, reader)
    except (ValueError, TypeError) as error:  # what pickletools and a missing part say of damage
        raise NotPlainError(str(error)) from error


def _follow_steps(data: bytes, reader: _Reader) -> Any:
    for n_steps, (step, value, _) in enumerate(pickletools.genops(data)):
        if step.name == "STOP":
            (described,) = reader.pop(1)
            return described
        if n_steps >= _MAX_STEPS or step.name not in _STEPS:
            raise NotPlainError("it takes a step that no array needs")
        _STEPS[step.name](reader, value)
    raise NotPlainError("it does not end")
