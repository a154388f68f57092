"""The buttons that give a verdict, wherever a point is shown; ``assets/page/desk.mjs`` listens to them."""

from __future__ import annotations

from dash import html


def verdict_buttons(point_id: str, given_class: str | None, suggested_class: str | None) -> list[html.Button]:
    """Accept, dismiss, skip; a point without a class has nothing to dismiss.

    ``suggested_class`` is what accept gives; where it is not known the api is asked for its suggestion.
    """
    suggested = "what its neighborhood says" if suggested_class is None else suggested_class
    buttons = [_button(point_id, "accept", f"Accept: it is {suggested} (a)", suggested_class)]
    if given_class:
        buttons.append(_button(point_id, "dismiss", f"Dismiss: {given_class} is right (d)"))
    return [*buttons, _button(point_id, "skip", "Skip: decide later (s)")]


def _button(point_id: str, verdict: str, title: str, class_name: str | None = None) -> html.Button:
    data = {"data-verdict": verdict, "data-judged": point_id, "aria-label": title.rsplit(" (", 1)[0]}
    data["aria-keyshortcuts"] = verdict[0]
    if class_name is not None:
        data["data-class-name"] = class_name
    return html.Button(verdict.capitalize(), className=f"verdict is-{verdict}", title=title, **data)
