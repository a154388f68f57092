"""A small change of the page does not make the browser style the whole page anew."""

from __future__ import annotations

import json

CHANGE_EACH_PANEL = """() => {
  for (const panel of document.querySelectorAll('.page > *')) {
    const added = panel.appendChild(document.createElement('span'));
    document.body.offsetHeight; // which styles what is to be styled anew
    added.remove();
    document.body.offsetHeight;
  }
  return document.querySelectorAll('.page *').length;
}"""


def test_page__a_change_in_a_panel_does_not_style_the_whole_page_anew(explorer, tmp_path):
    """A rule that begins with ``.page:has(…)`` has that effect, and cost 5 to 25 ms at each change."""
    browser, trace = explorer.context.browser, tmp_path / "trace.json"
    explorer.wait_for_timeout(500)
    browser.start_tracing(page=explorer, path=trace, categories=["devtools.timeline"])
    n_elements = explorer.evaluate(CHANGE_EACH_PANEL)
    browser.stop_tracing()
    events = json.loads(trace.read_text())["traceEvents"]
    styled = [event["args"]["elementCount"] for event in events if event["name"] == "UpdateLayoutTree"]
    assert len(styled) > 10
    assert max(styled) < n_elements / 4
