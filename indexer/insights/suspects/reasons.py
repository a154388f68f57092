"""Reasons against a label, in words; they say what the score saw."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from indexer.insights.suspects.columns import SuspectColumns


def describe_suspect(columns: SuspectColumns, i: int) -> str:
    """Say in words what speaks against the class of point ``i``, for example "9 of its 10 nearest are 3"."""
    if columns.why_empty is not None:
        return columns.why_empty
    if columns.given[i] < 0:
        return "it has no class"
    if np.isnan(columns.score[i]):
        return "a person confirmed its class"
    return _describe_group(columns, i) if columns.group[i] >= 0 else _describe_evidence(columns, i)


def _describe_evidence(columns: SuspectColumns, i: int) -> str:
    spoken = columns.given[columns.evidence[i][columns.evidence[i] >= 0]]
    if not len(spoken):
        return "none of its nearest can tell about it"
    if not columns.has_witness[i]:
        return _count_copies(columns, spoken)
    votes = _count_votes(columns, i, spoken)
    return f"{votes}, leaving out similar ones that are as doubtful" if columns.is_clumped[i] else votes


def _describe_group(columns: SuspectColumns, i: int) -> str:
    size = int((columns.group == columns.group[i]).sum())
    given, suggested = columns.classes[columns.given[i]], columns.classes[columns.suggested[i]]
    return f"a whole group of {size} similar objects seems to be labelled {given} instead of {suggested}"


def _count_votes(columns: SuspectColumns, i: int, spoken: npt.NDArray[np.int32]) -> str:
    own, suggested = columns.given[i], columns.suggested[i]
    n_own, n_suggested = int((spoken == own).sum()), int((spoken == suggested).sum())
    if suggested < 0 or n_own > n_suggested:
        told = _count_nearest(n_own, len(spoken), columns.classes[own])
        return told if suggested < 0 else f"{told}, but all points together say {columns.classes[suggested]}"
    if not n_suggested:
        told = _count_nearest(n_own, len(spoken), columns.classes[own])
        return f"{told}, and all points together say {columns.classes[suggested]}"
    told = _count_nearest(n_suggested, len(spoken), columns.classes[suggested])
    if 2 * n_suggested >= len(spoken):
        return told
    counted = f"{n_own or 'none'} {'is' if n_own <= 1 else 'are'} {columns.classes[own]}"
    return f"{told}, {counted}, and all points together say {columns.classes[suggested]}"


def _count_copies(columns: SuspectColumns, spoken: npt.NDArray[np.int32]) -> str:
    most = int(np.bincount(spoken).argmax())
    told = _count_nearest(int((spoken == most).sum()), len(spoken), columns.classes[most])
    return f"{told}, but {'it is a copy' if len(spoken) == 1 else 'they are copies'} of it or from its image"


def _count_nearest(n_counted: int, n_nearest: int, name: str) -> str:
    if n_nearest == 1:
        return f"its nearest is {'' if n_counted else 'not '}{name}"
    counted = "none" if n_counted == 0 else str(n_counted)
    return f"{counted} of its {n_nearest} nearest {'is' if n_counted == 1 else 'are'} {name}"
