"""The buttons that give a verdict, wherever a point is shown; ``assets/page/suspect_list.mjs`` listens to them.

They say what the page shows: another class or another person's verdict by then is refused by the api.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html


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
    """Accept, dismiss, skip; a point without a class has nothing to dismiss.

    Args:
        judged: What they are about.
        suggested_class: What accept gives; the api is asked for its suggestion if None.
    """
    whom = f" all {len(judged.group)}" if judged.group else ""
    suggested = "what its neighborhood says" if suggested_class is None else suggested_class
    buttons = [_button(judged, "accept", f"Accept{whom}: it is {suggested} (a)", suggested_class)]
    if judged.given_class:
        buttons.append(_button(judged, "dismiss", f"Dismiss{whom}: {judged.given_class} is right (d)"))
    return [*buttons, _button(judged, "skip", f"Skip{whom}: decide later (s)")]


def _button(judged: Judged, verdict: str, title: str, class_name: str | None = None) -> html.Button:
    data = judged.to_data() | {"data-verdict": verdict, "aria-label": title.rsplit(" (", 1)[0]}
    data["aria-keyshortcuts"] = verdict[0]
    if class_name is not None:
        data["data-class-name"] = class_name
    text = f"{verdict.capitalize()} {len(judged.group)}" if judged.group else verdict.capitalize()
    return html.Button(text, className=f"verdict is-{verdict}", title=title, **data)
