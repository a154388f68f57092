"""Limits and what was found, for continuous integration. Pydantic only; nothing here computes."""

from __future__ import annotations

from pydantic import Field

from lookalike.wire.base import WireModel
from lookalike.wire.names import GateOutcome


class CheckModel(WireModel):
    """One limit and what was found."""

    name: str
    outcome: GateOutcome
    n_found: int
    n_points: int
    limit: str
    why: str
    examples: list[str] = Field(description="the first findings in words; the copies of a group are joined by ' = '")


class ClearSuspects(WireModel):
    """When a suspect counts for the check: where both scores speak clearly against its class."""

    ridge_margin: float
    relative_distance: float
    precision: str = Field(description="what was measured about suspects above both")


class ClearCopies(WireModel):
    """When objects count as copies for the check."""

    similarity: float
    precision: str = Field(description="what was measured about pairs above it")


class CheckText(WireModel):
    """A check as text, also of a check that could not look."""

    text: str
    exit_code: int = Field(description="0 the limits hold, 1 one is exceeded, 2 cannot tell")
    why: str = Field(description="why nothing could be checked, else empty")


class CheckReport(WireModel):
    """Whether a collection holds its limits, as ``lookalike check --json`` prints it."""

    outcome: GateOutcome
    exit_code: int
    why: str = Field(default="", description="why nothing could be checked, else empty")
    checks: list[CheckModel]
    clear_suspects: ClearSuspects
    clear_copies: ClearCopies
