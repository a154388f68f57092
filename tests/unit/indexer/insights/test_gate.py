from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from indexer.errors import InvalidOptionsError
from indexer.insights.duplicates import DuplicateColumns
from indexer.insights.gate import (
    CLEAR_SIMILARITY,
    GateReport,
    Limit,
    Limits,
    Outcome,
    decide,
    find_clear_suspects,
    parse_limit,
)
from indexer.insights.gate_reports import render_json, render_junit, render_markdown
from indexer.insights.suspects import SuspectColumns

PRECISION = "Ninety-five of a hundred were errors."


def make_suspects(*scores: tuple[float, float], why_empty: str | None = None) -> SuspectColumns:
    margin, distance = np.array(scores, dtype=np.float32).reshape(-1, 2).T
    nobody = np.zeros(len(scores), dtype=np.int32)
    strength = (margin + distance).astype(np.float32)
    classes = ("cat", "dog")
    evidence = np.full((len(scores), 10), -1, dtype=np.int32)
    has_witness = np.ones(len(scores), dtype=bool)
    scores_and_words = strength, margin, distance, nobody, evidence, has_witness
    return SuspectColumns(classes, nobody, *scores_and_words, ~has_witness, nobody - 1, why_empty)


def make_duplicates(group: list[int], *, conflicts: list[bool], leaks: list[bool]) -> DuplicateColumns:
    numbers = np.array(group, dtype=np.int32)
    n_groups = len(conflicts)
    return DuplicateColumns(
        group=numbers,
        size=np.bincount(numbers[numbers >= 0], minlength=n_groups).astype(np.int32),
        lowest_similarity=np.ones(n_groups, dtype=np.float32),
        is_exact=np.ones(n_groups, dtype=bool),
        has_class_conflict=np.array(conflicts, dtype=bool),
        is_leak=np.array(leaks, dtype=bool),
    )


CLEAN = make_suspects(*[(-0.5, -1)] * 4)
NO_DUPLICATES = make_duplicates([-1] * 4, conflicts=[], leaks=[])


def test_find_clear_suspects__both_scores_must_speak() -> None:
    suspects = make_suspects((0.6, 0.6), (0.9, 0.4), (0.4, 0.9), (0.9, 0.9), (np.nan, np.nan))

    np.testing.assert_array_equal(find_clear_suspects(suspects), [3, 0])


def test_find_clear_suspects__a_class_of_three_cannot_speak_for_itself() -> None:
    suspects = replace(make_suspects(*[(0.9, 0.9)] * 7), given=np.array([0, 0, 0, 1, 1, 1, 1], dtype=np.int32))

    np.testing.assert_array_equal(find_clear_suspects(suspects), [3, 4, 5, 6])


def test_decide__only_points_that_could_be_judged_make_a_share() -> None:
    suspects = replace(
        make_suspects((0.9, 0.9), (0, 0), (0, 0), (0, 0), (0.9, 0.9)), given=np.array([0, 0, 0, 0, 1], dtype=np.int32)
    )

    (check,) = decide(suspects, NO_DUPLICATES, Limits(Limit(25, is_share=True), None, None)).checks

    assert (check.outcome, check.n_found, check.n_points) == (Outcome.HOLDS, 1, 4)


def test_decide__small_classes_alone_cannot_tell() -> None:
    (check,) = decide(make_suspects(*[(0.9, 0.9)] * 3), NO_DUPLICATES, Limits(Limit(0), None, None)).checks

    assert (check.outcome, check.why) == (Outcome.CANNOT_TELL, "no class has more than 3 members")


def test_decide__what_a_person_found_wrong_is_a_certain_suspect() -> None:
    suspects = make_suspects((0, 0), (0.9, 0.9), (np.nan, np.nan), (0, 0))

    (check,) = decide(suspects, NO_DUPLICATES, Limits(Limit(1), None, None), known_wrong=np.array([2])).checks

    assert check.outcome is Outcome.EXCEEDED
    assert [rows.tolist() for rows in check.findings] == [[2], [1]]
    assert check.n_points == 4


def test_decide__what_a_person_found_wrong_is_told_where_nothing_can_be_ranked() -> None:
    suspects = make_suspects((np.nan, np.nan), why_empty="all 1 points with a class are 'cat'")

    report = decide(suspects, NO_DUPLICATES, Limits(Limit(0), None, None), known_wrong=np.array([0]))

    assert report.outcome is Outcome.EXCEEDED


def test_decide__holds() -> None:
    report = decide(CLEAN, NO_DUPLICATES, Limits(), n_datasets=2)

    assert [check.outcome for check in report.checks] == [Outcome.HOLDS] * 3
    assert report.exit_code == 0


@pytest.mark.parametrize(
    ("limit", "outcome"), [("25%", Outcome.HOLDS), ("24.9%", Outcome.EXCEEDED), ("0", Outcome.EXCEEDED)]
)
def test_decide__suspects_against_share_and_count(limit: str, outcome: Outcome) -> None:
    suspects = make_suspects((0.9, 0.9), (0, 0), (0, 0), (0, 0))

    report = decide(suspects, NO_DUPLICATES, Limits(parse_limit(limit), None, None))

    assert report.outcome == outcome
    assert [rows.tolist() for rows in report.checks[0].findings] == [[0]]


def test_decide__planted_conflict_and_leak() -> None:
    duplicates = make_duplicates([1, 0, 0, 1], conflicts=[True, False], leaks=[False, True])

    report = decide(CLEAN, duplicates, Limits(), n_datasets=2)

    assert [(check.name, [rows.tolist() for rows in check.findings]) for check in report.checks] == [
        ("suspects", []),
        ("duplicate conflicts", [[1, 2]]),
        ("leaks", [[0, 3]]),
    ]
    assert report.exit_code == 1


def test_decide__cannot_tell() -> None:
    report = decide(make_suspects(why_empty="there are no points"), NO_DUPLICATES, Limits())

    assert [check.outcome for check in report.checks] == [Outcome.CANNOT_TELL, Outcome.HOLDS, Outcome.CANNOT_TELL]
    assert report.exit_code == 2


def test_decide__an_exceeded_limit_outweighs_what_cannot_be_told() -> None:
    duplicates = make_duplicates([0, 0, -1, -1], conflicts=[True], leaks=[False])

    assert decide(make_suspects(why_empty="none"), duplicates, Limits()).exit_code == 1


def test_gate_report__nothing_checked_cannot_tell() -> None:
    assert GateReport(()).exit_code == 2


@pytest.mark.parametrize(("text", "limit"), [("0.5%", Limit(0.5, is_share=True)), (" 3 ", Limit(3)), ("0", Limit(0))])
def test_parse_limit__reads(text: str, limit: Limit) -> None:
    assert parse_limit(text) == limit


@pytest.mark.parametrize("text", ["", "some", "-1", "5%%", "1e3"])
def test_parse_limit__refuses(text: str) -> None:
    with pytest.raises(InvalidOptionsError, match="write a count such as 3 or a share"):
        parse_limit(text)


@pytest.mark.parametrize(
    ("leaks", "n_datasets", "expected"),
    [(None, 1, None), (None, 2, Limit(0)), ("3", 1, Limit(3)), ("3", 2, Limit(3))],
)
def test_limits_parse__leaks_are_looked_for_where_there_can_be_some_or_who_asks(
    leaks: str | None, n_datasets: int, expected: Limit | None
) -> None:
    limits = Limits.parse(leaks=leaks, n_datasets=n_datasets)
    assert limits == Limits(Limit(0.5, is_share=True), Limit(0), expected)


def test_limits_parse__reads_what_is_set() -> None:
    limits = Limits.parse(suspects="2%", duplicate_conflicts="1", n_datasets=1)
    assert limits == Limits(Limit(2, is_share=True), Limit(1), None)


def exceeded_report() -> GateReport:
    suspects = make_suspects(*[(0.9, 0.9)] * 22)
    return decide(suspects, make_duplicates([-1] * 22, conflicts=[], leaks=[]), Limits(Limit(1), Limit(0), Limit(0)))


EXAMPLES = {"suspects": [f"img<{row}>\x01.png" for row in range(20)], "duplicate conflicts": [], "leaks": []}


def test_render_markdown__table_and_examples() -> None:
    text = render_markdown(exceeded_report(), EXAMPLES, precision=PRECISION)

    assert text.startswith("# Check: exceeded\n")
    assert "| suspects | 22 | 22 | 1 | exceeded |\n" in text
    assert "| leaks | 0 | 22 | 0 | cannot tell: all points lie in one dataset; a leak takes two |\n" in text
    assert PRECISION in text
    assert "copies from a similarity of 0.985" in text
    assert text.count("\n- img\\<") == 20
    assert text.endswith("- and 2 more\n")


def test_render_json__can_be_read_back() -> None:
    content = json.loads(render_json(exceeded_report(), EXAMPLES, precision=PRECISION))

    assert content["outcome"] == "exceeded"
    assert content["exit_code"] == 1
    assert content["checks"][0]["n_found"] == 22
    assert len(content["checks"][0]["examples"]) == 20
    assert content["clear_suspects"]["precision"] == PRECISION
    assert content["clear_copies"]["similarity"] == CLEAR_SIMILARITY


def test_render_junit__failure_and_error() -> None:
    suite = ET.fromstring(render_junit(exceeded_report(), EXAMPLES, precision=PRECISION))

    assert suite.attrib == {"name": "lookalike check", "tests": "3", "failures": "1", "errors": "1"}
    failure = suite.find("testcase[@name='suspects']/failure")
    assert failure is not None
    assert failure.attrib["message"] == "22 of 22, limit 1"
    assert (failure.text or "").startswith("img<0>\\x01.png\nimg<1>\\x01.png\n")
    assert suite.find("testcase[@name='leaks']/error") is not None


BROKEN = GateReport((), why="no collection 'nope'; known: 'a'")


def test_render_markdown__says_why_nothing_was_checked() -> None:
    assert (
        render_markdown(BROKEN, {}, precision=PRECISION) == "# Check: cannot tell\n\nno collection 'nope'; known: 'a'\n"
    )


def test_render_json__says_why_nothing_was_checked() -> None:
    content = json.loads(render_json(BROKEN, {}, precision=PRECISION))

    assert (content["outcome"], content["exit_code"], content["checks"]) == ("cannot tell", 2, [])
    assert content["why"] == "no collection 'nope'; known: 'a'"


def test_render_junit__says_why_nothing_was_checked() -> None:
    suite = ET.fromstring(render_junit(BROKEN, {}, precision=PRECISION))

    assert (suite.attrib["tests"], suite.attrib["errors"]) == ("1", "1")
    error = suite.find("testcase/error")
    assert error is not None
    assert error.attrib["message"] == "no collection 'nope'; known: 'a'"
