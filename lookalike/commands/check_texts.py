"""Reports of a check that could not even be asked for."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

from lookalike.visible_text import show_controls


def render_failure(why: str, report_format: str) -> str:
    """Write that nothing could be checked, in the form of ``lookalike check --format``.

    Args:
        why: The reason, one sentence.
        report_format: ``markdown``, ``json`` or ``junit``.
    """
    if report_format == "json":
        return json.dumps({"outcome": "cannot tell", "exit_code": 2, "why": why, "checks": []}, indent=2)
    if report_format == "markdown":
        return f"# Check: cannot tell\n\n{show_controls(why)}"
    suite = ET.Element("testsuite", name="lookalike check", tests="1", failures="0", errors="1")
    case = ET.SubElement(suite, "testcase", classname="lookalike.check", name="check")
    ET.SubElement(case, "error", message=show_controls(why))
    ET.indent(suite)
    text: str = ET.tostring(suite, encoding="us-ascii", xml_declaration=True).decode("ascii")
    return text
