"""A gate report as Markdown for people, JSON for programs, JUnit for continuous integration."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.etree import ElementTree as ET

from indexer.insights.gate import CLEAR_DISTANCE, CLEAR_MARGIN, CLEAR_SIMILARITY, Check, GateReport, Outcome
from indexer.insights.suspects import SMALL_CLASS
from lookalike.visible_text import show_controls

N_EXAMPLES = 20
CLEARLY = (
    f"A suspect counts where the ridge margin is above {CLEAR_MARGIN:g} and the relative distance above "
    f"{CLEAR_DISTANCE:g}; a class of at most {SMALL_CLASS} cannot speak for itself and is left out. What a person "
    "found wrong counts until the source has the right class; what a person found right does not."
)
"""Sentence of the reports about which suspects count."""
MEASURED_COPIES = (
    f"Objects count as copies from a similarity of {CLEAR_SIMILARITY:g}. Of 790 different stamps 5 pairs reach it, of "
    "1797 handwritten digits none. `python -m benchmarks.duplicates` measures it again."
)
"""Sentence of the reports about copies."""

# Underscores within a word mean nothing in Markdown.
_MARKS = re.compile(r"[`*<|\[&~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")

Examples = Mapping[str, Sequence[str]]
"""Name of a check -> its first ``N_EXAMPLES`` findings in words."""

MEASURED_PRECISION = (
    "With 5 % of the labels of Fashion-MNIST and of stamps made wrong, 95 to 100 of 100 counted suspects were errors, "
    "and 89 to 93 if whole groups were called by the class next door; of clean labels about 1 in 1000 was counted. "
    "`python -m benchmarks.label_noise` measures it again."
)
"""Sentence of the reports about clear suspects."""


def render_markdown(report: GateReport, examples: Examples, *, precision: str) -> str:
    """Write the report as Markdown.

    Args:
        report: What was decided.
        examples: What was found, in words.
        precision: What was measured about clear suspects, one sentence.
    """
    lines = [f"# Check: {report.outcome}", ""]
    if report.why:
        return "\n".join([*lines, _as_markdown(report.why)]) + "\n"
    lines += ["| check | found | of | limit | outcome |", "|---|---|---|---|---|"]
    for check in report.checks:
        outcome = f"{check.outcome}: {check.why}" if check.why else str(check.outcome)
        lines.append(f"| {check.name} | {check.n_found} | {check.n_points} | {check.limit} | {_as_markdown(outcome)} |")
    lines += ["", f"{CLEARLY} {precision}", "", MEASURED_COPIES]
    for check in report.checks:
        if check.outcome is Outcome.EXCEEDED:
            lines += [
                "",
                f"## {check.name}",
                "",
                *(f"- {_as_markdown(line)}" for line in _list_examples(check, examples)),
            ]
    return "\n".join(lines) + "\n"


def to_document(report: GateReport, examples: Examples, *, precision: str) -> dict[str, Any]:
    """The report as JSON types, for the command line and the api; the arguments are those of `render_markdown`."""
    return {
        "outcome": report.outcome.value,
        "exit_code": report.exit_code,
        "why": report.why,
        "checks": [
            {
                "name": check.name,
                "outcome": check.outcome.value,
                "n_found": check.n_found,
                "n_points": check.n_points,
                "limit": str(check.limit),
                "why": check.why,
                "examples": list(examples[check.name]),
            }
            for check in report.checks
        ],
        "clear_suspects": {
            "ridge_margin": CLEAR_MARGIN,
            "relative_distance": CLEAR_DISTANCE,
            "precision": precision,
        },
        "clear_copies": {"similarity": CLEAR_SIMILARITY, "precision": MEASURED_COPIES},
    }


def render_json(report: GateReport, examples: Examples, *, precision: str) -> str:
    """Write the report as JSON in ASCII, for any stream; the arguments are those of `render_markdown`."""
    return json.dumps(to_document(report, examples, precision=precision), indent=2) + "\n"


def render_junit(report: GateReport, examples: Examples, *, precision: str) -> str:
    """Write the report as JUnit XML, where exceeded is a failure and "cannot tell" an error; see `render_markdown`.

    It is in ASCII, so that it is what its first line says on any stream, and shows what XML cannot carry as escapes.
    """
    outcomes = [check.outcome for check in report.checks]
    n_broken = int(bool(report.why))  # a suite without a case passes, so that what broke it is one
    suite = ET.Element(
        "testsuite",
        name="lookalike check",
        tests=str(len(outcomes) + n_broken),
        failures=str(outcomes.count(Outcome.EXCEEDED)),
        errors=str(outcomes.count(Outcome.CANNOT_TELL) + n_broken),
    )
    if report.why:
        case = ET.SubElement(suite, "testcase", classname="lookalike.check", name="check")
        ET.SubElement(case, "error", message=show_controls(report.why))
    for check in report.checks:
        case = ET.SubElement(suite, "testcase", classname="lookalike.check", name=check.name)
        if check.outcome is Outcome.EXCEEDED:
            message = f"{check.n_found} of {check.n_points}, limit {check.limit}"
            shown = "\n".join(map(show_controls, _list_examples(check, examples)))
            ET.SubElement(case, "failure", message=message).text = shown
        elif check.outcome is Outcome.CANNOT_TELL:
            ET.SubElement(case, "error", message=show_controls(check.why))
    ET.SubElement(suite, "system-out").text = f"{CLEARLY} {precision}\n{MEASURED_COPIES}"
    ET.indent(suite)
    text: str = ET.tostring(suite, encoding="us-ascii", xml_declaration=True).decode("ascii")
    return text + "\n"


RENDERERS: Final = {"markdown": render_markdown, "json": render_json, "junit": render_junit}
"""Name of a format -> what writes it."""


def _list_examples(check: Check, examples: Examples) -> list[str]:
    lines = list(examples[check.name])
    n_more = check.n_found - len(lines)
    return [*lines, f"and {n_more} more"] if n_more else lines


def _as_markdown(text: str) -> str:
    """Text in one line that Markdown shows as it is: no table cell ends, nothing becomes bold, a link or HTML."""
    return _MARKS.sub(r"\\\g<0>", show_controls(text))
