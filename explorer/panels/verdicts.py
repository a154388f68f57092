"""The buttons that give a verdict, wherever a point is shown; ``assets/page/suspect_list.mjs`` listens to them."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html


def verdict_buttons(
    point_id: str, given_class: str | None, suggested_class: str | None, group: Sequence[str] = ()
) -> list[html.Button]:
    """Accept, dismiss, skip; a point without a class has nothing to dismiss.

    Args:
        point_id: The point.
        given_class: Its class.
        suggested_class: What accept gives; the api is asked for its suggestion if None.
        group: All points that the verdict is on, if there are several.
    """
    whom = f" all {len(group)}" if group else ""
    suggested = "what its neighborhood says" if suggested_class is None else suggested_class
    buttons = [_button(point_id, "accept", f"Accept{whom}: it is {suggested} (a)", group, suggested_class)]
    if given_class:
        buttons.append(_button(point_id, "dismiss", f"Dismiss{whom}: {given_class} is right (d)", group))
    return [*buttons, _button(point_id, "skip", f"Skip{whom}: decide later (s)", group)]


def _button(
    point_id: str, verdict: str, title: str, group: Sequence[str], class_name: str | None = None
) -> html.Button:
    data = {"data-verdict": verdict, "data-judged": point_id, "aria-label": title.rsplit(" (", 1)[0]}
    data["aria-keyshortcuts"] = verdict[0]
    if group:
        data["data-group"] = " ".join(group)
    if class_name is not None:
        data["data-class-name"] = class_name
    text = f"{verdict.capitalize()} {len(group)}" if group else verdict.capitalize()
    return html.Button(text, className=f"verdict is-{verdict}", title=title, **data)
