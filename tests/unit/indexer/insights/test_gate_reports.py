"""Reports of the gate on names that nobody expects."""

import json
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from indexer.insights.gate import Check, GateReport, Limit, Outcome
from indexer.insights.gate_reports import render_json, render_junit, render_markdown

ODD = "".join(map(chr, range(32))) + "\x7f\x85\u2028\ud800\ufffe\udfff\uffff"


def report(*, why=""):
    found = Check("suspects", Outcome.EXCEEDED, 9, Limit(0), (np.array([0]),))
    unknown = Check("leaks", Outcome.CANNOT_TELL, 9, Limit(0), (), why)
    return GateReport((found, unknown))


def render(how, name):
    return how(report(why=f"no {name}"), {"suspects": [f"a.png ({name})"], "leaks": []}, precision="Measured.")


@pytest.mark.parametrize("name", [*ODD, ODD, "猫", "a]]>b", "<b>&amp;"])
def test_render_junit__any_name__is_xml_and_shows_it(name):
    text = render(render_junit, name)
    assert text.isascii()
    suite = ET.fromstring(text)
    failure, error = suite.find("testcase/failure").text, suite.find("testcase/error").attrib["message"]
    assert (failure, error) == (f"a.png ({shown(name)})", f"no {shown(name)}")


def shown(name):
    """Names as people see them: what has no picture is an escape."""
    return "".join(
        character if character not in ODD else character.encode("unicode_escape").decode() for character in name
    )


def test_render_junit__report_of_nothing__any_reason_is_xml():
    suite = ET.fromstring(render_junit(GateReport((), why=f"no '{ODD}'"), {}, precision="Measured."))
    assert suite.find("testcase/error").attrib["message"] == f"no '{shown(ODD)}'"


@pytest.mark.parametrize("name", [ODD, "猫", '"'])
def test_render_json__any_name__is_ascii_and_comes_back(name):
    text = render(render_json, name)
    assert text.isascii()
    assert json.loads(text)["checks"][0]["examples"] == [f"a.png ({name})"]


@pytest.mark.parametrize(
    ("name", "markdown"),
    [
        ("a|b", r"a\|b"),
        ("__background__", r"\_\_background\_\_"),
        ("traffic_light", "traffic_light"),
        ("<img src=x>", r"\<img src=x>"),
        ("![](http://host)", r"!\[](http://host)"),
        ("`*~&lt;", r"\`\*\~\&lt;"),
        ("two\nlines", r"two\nlines"),
    ],
)
def test_render_markdown__any_name__is_shown_as_it_is(name, markdown):
    text = render(render_markdown, name)
    assert f"- a.png ({markdown})\n" in text
    assert f"| leaks | 0 | 9 | 0 | cannot tell: no {markdown} |\n" in text
