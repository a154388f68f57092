"""Commands that judge what is in a collection: suspects and projections."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from indexer.domain import PointFilter
from indexer.payload import PayloadField
from lookalike.commands.application import AsJson, CollectionName, DataDir, Limit, app, open_workspace
from lookalike.commands.selecting import takes_selection
from lookalike.console import print_found, print_json, print_line, show_progress
from lookalike.wire.names import PROJECTION_METHODS, Metric, SuspectMethod, join_names

if TYPE_CHECKING:
    from indexer.insights.suspects.suspects import Suspect


@app.command()
@takes_selection
def suspects(
    selection: PointFilter,
    limit: Limit = 50,
    method: Annotated[
        SuspectMethod, typer.Option(help="For experts: combined, or ridge without the nearest points.")
    ] = "combined",
    collection: CollectionName = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List the labels that their neighborhood contradicts, most suspicious first."""
    with show_progress() as on_progress, open_workspace(data_dir, "suspects") as workspace:
        found = workspace.suspects.find(
            collection, limit=limit, selection=selection, method=method, on_progress=on_progress
        )
    print_found(
        found.suspects,
        _describe_suspect,
        as_json=as_json,
        why_empty=found.why_empty or "",
        n_all=found.n_matching,
        to_json=lambda suspect: suspect.to_json(),
    )


def _describe_suspect(suspect: Suspect) -> str:
    """One line for people; it says who did not decide on it."""
    payload = suspect.point.payload
    review = payload.get(PayloadField.REVIEW)
    skipped = f"  [skipped by {review['who']}]" if review else ""
    others = f" and {len(suspect.group) - 1} more" if suspect.group else ""
    return (
        f"{suspect.score:.4f}  {payload['class_name']} -> {suspect.suggested_class}  "
        f"{payload['image_name']} {payload.get('box')}  {suspect.reason}  {suspect.point.id}{others}{skipped}"
    )


@app.command()
def project(
    method: Annotated[str, typer.Option(help=f"{join_names(PROJECTION_METHODS)}.")] = "umap",
    metric: Annotated[str, typer.Option(help=f"{join_names(get_args(Metric))}.")] = "cosine",
    refit: Annotated[bool, typer.Option("--refit", help="Make a new map although there is one.")] = False,
    collection: CollectionName = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make the 2D map of a collection."""
    with show_progress() as on_progress, open_workspace(data_dir, "project") as workspace:
        made = workspace.maps.make(collection, method=method, metric=metric, refit=refit, on_progress=on_progress)
    if as_json:
        print_json(
            {**asdict(made.header), "created_at": made.header.created_at.isoformat(), "mean_trust": made.mean_trust}
        )
        return
    print_line(f"projection {made.header.id}: {made.header.n_points} points by {made.header.method}")
    if made.mean_trust is not None:
        print_line(f"{made.mean_trust:.0%} of a point's nearest neighbors are its nearest on the map, on average")
    if made.header.note:
        print_line(made.header.note)
