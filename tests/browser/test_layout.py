"""The page in every state: at every width nothing is covered, cut or out of reach, and axe-core finds nothing serious.

One page is opened once, on names of forty letters and more and 121 classes, and walks through all states.
"""

from __future__ import annotations

import json
import urllib.request

import pytest

from tests.browser import states
from tests.browser.serving import MAP_IS_PAINTED, serve
from tests.browser.test_accessibility import SIZES, axe, faults_at  # noqa: F401 (axe is a fixture)
from tests.copies import copy_data

WHO = "Annemarie Schwarzenbacher-Lindenmeyer"
NO_TRANSITIONS = "*, *::before, *::after { transition: none !important; }"


@pytest.fixture(scope="module")
def long_names_server(stamps, tmp_path_factory):
    """A server of its own, where somebody has judged four points."""
    with serve(copy_data(stamps, tmp_path_factory.mktemp("layout") / "data")) as url:
        suspects = _ask(url, "suspects?limit=24")["suspects"][-4:]
        for suspect, verdict in zip(suspects, ("accept", "dismiss", "skip", "accept"), strict=True):
            _ask(url, "reviews", {"ids": [suspect["id"]], "verdict": verdict, "who": WHO})
        yield url


def _ask(url, path, body=None):
    address = f"{url}/api/v1/collections/tf_efficientnet_lite0/{path}"
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(address, data, {"content-type": "application/json"})) as answer:
        return json.load(answer)


@pytest.fixture
def page(browser, long_names_server):
    context = browser.new_context(viewport=states.DESKTOP, color_scheme="light", reduced_motion="reduce")
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    opened.goto(long_names_server)
    opened.wait_for_function(MAP_IS_PAINTED)
    opened.add_style_tag(content=NO_TRANSITIONS)
    yield opened
    context.close()


def test_page__has_room_for_long_names_and_no_serious_violation_in_any_state(page, axe):  # noqa: F811 (a fixture)
    found = []
    for state in states.walk(page):
        for width, height in SIZES:
            states.show(page, state, {"width": width, "height": height})
            found += [f"{state.name} {fault}" for fault in faults_at(page, axe, (width, height), state.part)]
    assert found == []
