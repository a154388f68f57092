from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from indexer.insights.suspects import SuspectColumns, describe_suspect


def make_columns(evidence: list[int], *, suggested: int, given: int = 0) -> SuspectColumns:
    neighbors = [1] * 9 + [0] * 3 + [3] * 4
    return SuspectColumns(
        classes=("7", "3", "2", "5"),
        given=np.array([given, *neighbors], dtype=np.int32),
        score=np.ones(17, dtype=np.float32),
        ridge_margin=np.ones(17, dtype=np.float32),
        relative_distance=np.ones(17, dtype=np.float32),
        suggested=np.full(17, suggested, dtype=np.int32),
        evidence=np.array([evidence + [-1] * (10 - len(evidence))], dtype=np.int32),
        has_witness=np.ones(17, dtype=bool),
        is_clumped=np.zeros(17, dtype=bool),
        group=np.full(17, -1, dtype=np.int32),
    )


@pytest.mark.parametrize(
    ("evidence", "suggested", "reason"),
    [
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 1, "9 of its 10 nearest are 3"),
        ([1, 10], 1, "1 of its 2 nearest is 3"),
        ([1, 2, 3], 2, "none of its 3 nearest are 7, and all points together say 2"),
        ([1, 2, 3, 13, 14, 15, 16, 10], 1, "3 of its 8 nearest are 3, 1 is 7, and all points together say 3"),
        ([1, 13, 14, 15, 16], 1, "1 of its 5 nearest is 3, none is 7, and all points together say 3"),
        ([13], 2, "its nearest is not 7, and all points together say 2"),
        ([10, 11, 1], 2, "2 of its 3 nearest are 7, but all points together say 2"),
        ([10, 11, 1], -1, "2 of its 3 nearest are 7"),
        ([1], 1, "its nearest is 3"),
        ([], 1, "none of its nearest can tell about it"),
    ],
)
def test_describe_suspect__counts_its_evidence(evidence: list[int], suggested: int, reason: str) -> None:
    assert describe_suspect(make_columns(evidence, suggested=suggested), 0) == reason


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        ([1, 2, 10], "2 of its 3 nearest are 3, but they are copies of it or from its image"),
        ([10], "its nearest is 7, but it is a copy of it or from its image"),
    ],
)
def test_describe_suspect__says_that_copies_are_no_witnesses(evidence: list[int], reason: str) -> None:
    columns = replace(make_columns(evidence, suggested=2), has_witness=np.zeros(17, dtype=bool))

    assert describe_suspect(columns, 0) == reason


def test_describe_suspect__says_that_a_whole_group_is_wrong() -> None:
    columns = make_columns([1, 2, 3], suggested=1)
    columns.group[[0, 10, 11]] = 4

    assert describe_suspect(columns, 0) == "a whole group of 3 similar objects seems to be labelled 7 instead of 3"


def test_describe_suspect__says_that_similar_ones_are_as_doubtful() -> None:
    columns = make_columns([1, 2, 3], suggested=1)
    columns.is_clumped[0] = True

    assert describe_suspect(columns, 0) == "3 of its 3 nearest are 3, leaving out similar ones that are as doubtful"
