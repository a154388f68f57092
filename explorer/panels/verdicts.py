"""The buttons that give a verdict, beside the point; ``assets/page/inspector.mjs`` listens to them.

They say what the page shows: another class or another person's verdict by then is refused by the api.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html

from explorer.figures import breakable, class_label


@dataclass(frozen=True, slots=True)
class Judged:
    """The points that a verdict is on, as they are shown.

    Attributes:
        collection: The point's collection.
        point_id: The point.
        given_class: Its class as it is shown.
        group: All points that the verdict is on, if there are several.
    """

    collection: str
    point_id: str
    given_class: str | None
    group: Sequence[str] = ()

    def to_data(self) -> dict[str, str]:
        """Attributes of a button that gives a verdict or takes one back."""
        data = {"data-judged": self.point_id, "data-collection": self.collection}
        if self.given_class is not None:
            data["data-given-class"] = self.given_class
        if self.group:
            data["data-group"] = " ".join(self.group)
        return data


def verdict_buttons(judged: Judged, suggested_class: str | None) -> list[html.Button]:
    """Accept, dismiss, skip, in the words of what they do; a point without a class has nothing to dismiss.

    Args:
        judged: What they are about.
        suggested_class: What accept gives; the api is asked for its suggestion if None.
    """
    suggested = "what its neighbors are" if suggested_class is None else class_label(suggested_class)
    n_members = f", all {len(judged.group)}" if judged.group else ""
    words = {
        "accept": f"\N{RIGHTWARDS ARROW} {suggested}{n_members}",
        "dismiss": f"keep {class_label(judged.given_class)}{n_members}",
        "skip": "later",
    }
    return [
        html.Button([html.Span(breakable(words[verdict])), html.Kbd(verdict[0], **{"aria-hidden": "true"})], **button)
        for verdict, button in _buttons(judged, suggested_class).items()
    ]


def _buttons(judged: Judged, suggested_class: str | None) -> dict[str, dict[str, str]]:
    """Properties of each verdict's button."""
    whom = f" all {len(judged.group)}" if judged.group else ""
    suggested = "what its neighborhood says" if suggested_class is None else suggested_class
    buttons = {"accept": _button(judged, "accept", f"Accept{whom}: it is {suggested} (a)", suggested_class)}
    if judged.given_class:
        buttons["dismiss"] = _button(judged, "dismiss", f"Dismiss{whom}: {judged.given_class} is right (d)")
    return buttons | {"skip": _button(judged, "skip", f"Skip{whom}: decide later (s)")}


def _button(judged: Judged, verdict: str, title: str, class_name: str | None = None) -> dict[str, str]:
    data = judged.to_data() | {"data-verdict": verdict}
    if class_name is not None:
        data["data-class-name"] = class_name
    return data | {"aria-keyshortcuts": verdict[0], "className": f"verdict is-{verdict}", "title": title}
