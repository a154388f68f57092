"""Commands that judge what is in a collection: suspects and projections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from lookalike.commands.application import AsJson, CollectionName, Limit, Place, app, takes_place, wait_for
from lookalike.commands.selecting import Selection, takes_selection
from lookalike.console import print_found, print_json, print_line
from lookalike.counting import count_text
from lookalike.wire.names import PROJECTION_METHODS, Metric, SuspectMethod, join_names

if TYPE_CHECKING:
    from lookalike.wire.maps import ProjectionInfo
    from lookalike.wire.suspects import SuspectModel


@app.command()
@takes_place
@takes_selection
def suspects(
    selection: Selection,
    place: Place,
    limit: Limit = 50,
    method: Annotated[
        SuspectMethod, typer.Option(help="For experts: combined, or ridge without the nearest points.")
    ] = "combined",
    collection: CollectionName = None,
    as_json: AsJson = False,
) -> None:
    """List the labels that their neighborhood contradicts, most suspicious first."""
    with place.connect("suspects") as client:
        found = client.list_suspects(collection, limit=limit, method=method, **selection)
    print_found(
        found.suspects,
        _describe_suspect,
        as_json=as_json,
        why_empty=found.why_empty or "",
        n_all=found.n_matching,
        to_json=lambda suspect: suspect.model_dump(mode="json"),
    )


def _describe_suspect(suspect: SuspectModel) -> str:
    """One line for people; it says who did not decide on it."""
    skipped = f"  [skipped by {suspect.review['who']}]" if suspect.review else ""
    others = f" and {len(suspect.group) - 1} more" if suspect.group else ""
    return (
        f"{suspect.score:.4f}  {suspect.class_name} -> {suspect.suggested_class}  "
        f"{suspect.image_name} {suspect.box}  {suspect.reason}  {suspect.id}{others}{skipped}"
    )


@app.command()
@takes_place
def project(
    place: Place,
    method: Annotated[str, typer.Option(help=f"{join_names(PROJECTION_METHODS)}.")] = "umap",
    metric: Annotated[Metric, typer.Option(help=f"{join_names(get_args(Metric))}.")] = "cosine",
    refit: Annotated[bool, typer.Option("--refit", help="Make a new map although there is one.")] = False,
    collection: CollectionName = None,
    as_json: AsJson = False,
) -> None:
    """Make the 2D map of a collection."""
    with place.connect_and_show("project", is_killable=True) as (client, on_progress):
        made: ProjectionInfo = wait_for(
            lambda: client.make_projection(collection, method=method, metric=metric, refit=refit), on_progress
        )
    if as_json:
        print_json(_to_json(made))
        return
    print_line(f"projection {made.id}: {count_text(made.n_points, 'point')} by {made.method}")
    if made.mean_trust is not None:
        print_line(f"{made.mean_trust:.0%} of a point's nearest neighbors are its nearest on the map, on average")
    if made.note:
        print_line(made.note)


def _to_json(made: ProjectionInfo) -> dict[str, Any]:
    names = ("id", "n_points", "method", "requested_method", "metric", "seed", "revision")
    facts = {name: getattr(made, name) for name in names}
    return {
        **facts,
        "created_at": made.created_at.isoformat(),
        "note": made.note or "",
        "parameters": made.parameters,
        "mean_trust": made.mean_trust,
    }
