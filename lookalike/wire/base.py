"""Wire models that others are made of: names, limits, problems. Pydantic only; nothing here computes."""

from __future__ import annotations

from functools import partial
from types import ModuleType
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

BoxModel = Annotated[list[int], Field(min_length=4, max_length=4, description="left, top, right, bottom; half-open px")]


# Every text, list and number of a request has bounds, so that a request costs what it holds and no more.
_UUID = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"


PointId = Annotated[str, Field(min_length=36, max_length=36, pattern=_UUID, description="uuid of a point")]


IdInPath = Annotated[str, Field(max_length=100, description="uuid of a point; none has another name")]


CollectionName = Annotated[str, Field(max_length=255, description="name of a collection")]


ClassName = Annotated[str, Field(max_length=1000)]


Offset = Annotated[int, Field(ge=0, le=2**53)]


Limit = Annotated[int, Field(ge=1, le=1000)]


ListLimit = Annotated[int, Field(ge=1, le=100_000, description="of answers whose items are small")]


IdempotencyKey = Annotated[str, Field(min_length=8, max_length=200)]
"""Name that a client gives its request, so that it may send it again."""


ONLY_COLLECTION = "~"
"""Stands in paths for the collection of a data directory that has one."""


class WireModel(BaseModel):
    """Base of every wire model: unknown fields in a request are refused.

    What checks values is made when a model is used first: a command uses one or two of them, and must start at once.
    """

    model_config = ConfigDict(extra="forbid", defer_build=True)


class RequestModel(WireModel):
    """Base of what routes take. These need complete models, see ``complete_requests``; clients need few of them."""


def _round(digits: int, value: float) -> float:
    return round(value, digits)


Share = Annotated[float, AfterValidator(partial(_round, 4))]
"""A share that people read."""


Rounded = Annotated[float, AfterValidator(partial(_round, 6))]
"""A score or a similarity, without the digits that say nothing."""


class Problem(WireModel):
    """An error, application/problem+json (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str = Field(default="", description="class of the error in lookalike.errors; empty if it is none of them")


class CountedName(WireModel):
    """A value and how many points have it."""

    name: str
    count: int


def complete_requests(module: ModuleType) -> None:
    """Make what checks the request models of a module, before routes are made of them; else pydantic warns later."""
    for model in vars(module).values():
        if isinstance(model, type) and issubclass(model, RequestModel):
            model.model_config["defer_build"] = False
            model.model_rebuild()
