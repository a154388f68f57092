"""Commands of the insights that packages add; options and help follow from the insight's model."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from lookalike.commands.application import AsJson, CollectionName, Place, app, takes_place
from lookalike.commands.selecting import Selection, takes_selection
from lookalike.console import print_json, print_line
from lookalike.errors import ConfigurationError

if TYPE_CHECKING:
    from indexer.insights.base import Insight

GROUP: Final = "lookalike.insights"
_COMMON: Final = {"selection": Selection, "place": Place, "collection": CollectionName, "as_json": AsJson}


def add_commands(wanted: str | None) -> None:
    """Add the commands of insights, unless the command that is wanted is one of ours.

    Args:
        wanted: The first word of the command line; None if there is none.

    Raises:
        ConfigurationError: It is an insight of a package that cannot be imported.
    """
    ours = {one.name or getattr(one.callback, "__name__", "") for one in app.registered_commands}
    ours |= {str(one.name) for one in app.registered_groups}
    if wanted in ours:
        return
    for entry in entry_points(group=GROUP):
        if entry.name not in ours:
            _add(entry, is_wanted=entry.name == wanted)


def _add(entry: EntryPoint, *, is_wanted: bool) -> None:
    try:
        insight: Insight = entry.load()
    except (ImportError, AttributeError) as error:
        if not is_wanted:
            return
        text = " ".join(str(error).split())
        raise ConfigurationError(
            f"the insight '{entry.name}' is not at {entry.value} ({text}); repair or remove the package that brings it"
        ) from error
    command = takes_place(takes_selection(_make_command(entry.name, insight)))
    app.command(name=entry.name, help=insight.summary)(command)


def _make_command(name: str, insight: Insight) -> Callable[..., None]:
    """The command, with an option per field of the question."""
    from lookalike.client.problems import make_request
    from lookalike.wire.selections import FilterModel

    fields = {
        name: field for name, field in insight.question.model_fields.items() if name not in FilterModel.model_fields
    }

    def ask(*, selection: Selection, place: Place, collection: str | None, as_json: bool, **options: Any) -> None:
        from lookalike.client.selecting import clean

        question = make_request(insight.question, **options, **clean(selection))
        with place.connect(name) as client:
            answer = client.insight(name, collection, **question.model_dump(mode="json", exclude_none=True))
        if as_json or insight.describe is None:
            print_json(answer)
            return
        for line in insight.describe(insight.answer.model_validate(answer)):
            print_line(line)

    keyword = inspect.Parameter.KEYWORD_ONLY
    common = [
        inspect.Parameter(name, keyword, annotation=kind, default=_default_of(name)) for name, kind in _COMMON.items()
    ]
    own = [
        inspect.Parameter(
            name,
            keyword,
            annotation=Annotated[field.annotation, typer.Option(help=field.description)],
            default=inspect.Parameter.empty if field.is_required() else field.get_default(call_default_factory=True),
        )
        for name, field in fields.items()
    ]
    ask.__signature__ = inspect.Signature([*common, *own])  # type: ignore[attr-defined]
    return ask


def _default_of(name: str) -> Any:
    return {"collection": None, "as_json": False}.get(name, inspect.Parameter.empty)
