"""Commands about groups of points: clusters, duplicates, outliers, confused classes, picks, and the gate for CI."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from indexer.collection.selections import explain_empty_selection
from indexer.domain import PointFilter
from indexer.errors import IndexerError
from lookalike.commands.application import AsJson, CollectionName, DataDir, Limit, app, open_workspace
from lookalike.commands.selecting import takes_selection
from lookalike.console import print_error, print_found, print_json, print_line, print_note, print_text, show_progress
from lookalike.wire.names import ReportFormat

if TYPE_CHECKING:
    from pydantic import BaseModel


@app.command()
def clusters(
    resolution: Annotated[float, typer.Option(min=0.01, max=100, help="Above 1: more and smaller clusters.")] = 1.0,
    collection: CollectionName = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List clusters of similar objects: size, dominant class, purity and typical examples."""
    from api.services.groups import to_cluster_models
    from indexer.insights.clusters import SMALLEST_CLUSTER

    with show_progress() as on_progress, open_workspace(data_dir, "clusters") as workspace:
        listed = workspace.groups.clusters(collection, resolution=resolution, on_progress=on_progress)
        found = _to_json(to_cluster_models(listed))
    print_found(
        found,
        lambda one: f"{one['size']:>7}  purity {one['purity']:.2f}  {one['name']}",
        as_json=as_json,
        why_empty=f"there is no cluster: it takes {SMALLEST_CLUSTER} points that keep company",
    )


@app.command()
def duplicates(
    threshold: Annotated[
        float | None, typer.Option(min=0.5, max=1, help="Lowest cosine similarity [default: 0.975]")
    ] = None,
    limit: Limit = 100,
    collection: CollectionName = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List groups of objects that look the same; conflicting classes and leaks between datasets come first."""
    from api.services.groups import to_duplicate_models
    from indexer.insights.duplicates import DEFAULT_THRESHOLD

    threshold = DEFAULT_THRESHOLD if threshold is None else threshold
    with show_progress() as on_progress, open_workspace(data_dir, "duplicates") as workspace:
        found = workspace.groups.duplicates(collection, threshold=threshold, limit=limit, on_progress=on_progress)
    print_found(
        _to_json(to_duplicate_models(found.groups)),
        _describe_group,
        as_json=as_json,
        why_empty=f"no two objects are as similar as {threshold:g}",
        n_all=found.n_groups,
    )


@app.command()
@takes_selection
def outliers(
    selection: PointFilter,
    limit: Limit = 50,
    collection: CollectionName = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List the objects most unlike all others, strangest first."""
    from api.services.groups import to_outlier_models

    with show_progress() as on_progress, open_workspace(data_dir, "outliers") as workspace:
        listed = workspace.groups.outliers(collection, limit=limit, selection=selection, on_progress=on_progress)
        found = _to_json(to_outlier_models(listed))
        why_empty = "" if found else explain_empty_selection(workspace.collections, collection, selection)
    print_found(
        found,
        lambda one: f"{one['score']:.4f}  {_brief(one)}  {one['reason']}",
        as_json=as_json,
        why_empty=why_empty or "there is no other point to compare with; an outlier takes at least two points",
    )


@app.command()
def confusion(collection: CollectionName = None, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Compare given classes with the classes of the neighborhood; each cell lists its objects."""
    from api.services.groups import to_confusion_model

    with show_progress() as on_progress, open_workspace(data_dir, "confusion") as workspace:
        found = to_confusion_model(workspace.groups.confusion(collection, on_progress=on_progress)).model_dump()
    confused = [cell for cell in found["cells"] if cell["given"] != cell["neighborhood"]]
    if as_json:
        print_json(found)
    for cell in () if as_json else confused:
        print_line(f"{cell['count']:>7}  {cell['given']} among {cell['neighborhood']}")
    if not confused:
        (print_note if as_json else print_line)(_explain_no_confusion(found))


@app.command()
@takes_selection
def pick(
    n_picks: Annotated[int, typer.Argument(min=1, max=100_000, help="How many.", metavar="N")],
    selection: PointFilter,
    diverse: Annotated[bool, typer.Option("--diverse", help="Objects that differ, not that represent.")] = False,
    collection: CollectionName = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Pick objects that represent a collection or a selection of it, or that differ most from each other."""
    from api.services.groups import to_pick_models

    with open_workspace(data_dir, "pick") as workspace:
        listed = workspace.groups.pick(collection, n_picks, is_diverse=diverse, selection=selection)
        found = [one.model_dump(exclude={"stands_for"} if diverse else None) for one in to_pick_models(listed)]
        why_empty = "" if found else explain_empty_selection(workspace.collections, collection, selection)
    print_found(found, _describe_pick, as_json=as_json, why_empty=why_empty or "there are no points to pick from")


@app.command()
def check(
    max_suspects: Annotated[
        str | None, typer.Option(help="Clear suspects allowed: a count or a share [default: 0.5%]")
    ] = None,
    max_duplicate_conflicts: Annotated[
        str | None, typer.Option(help="Groups of copies with several classes allowed [default: 0]")
    ] = None,
    max_leaks: Annotated[
        str | None, typer.Option(help="Groups of copies across datasets allowed [default: 0 with several datasets]")
    ] = None,
    report_format: Annotated[ReportFormat, typer.Option("--format", help="How to report.")] = "markdown",
    collection: CollectionName = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Check limits, for continuous integration. Exit code: 0 they hold, 1 one is exceeded, 2 cannot tell."""
    from indexer.insights.gate import GateReport, Limits
    from indexer.insights.gate_reports import (
        MEASURED_PRECISION,
        render_json,
        render_junit,
        render_markdown,
    )

    examples: dict[str, list[str]] = {}
    try:
        with show_progress() as on_progress, open_workspace(data_dir, "check") as workspace:
            checked = workspace.gate.check(
                collection,
                lambda n_datasets: Limits.parse(
                    suspects=max_suspects,
                    duplicate_conflicts=max_duplicate_conflicts,
                    leaks=max_leaks,
                    n_datasets=n_datasets,
                ),
                on_progress=on_progress,
            )
            report, examples = checked.report, checked.examples
    except IndexerError as error:
        # A gate that could not look must not be taken for one that found something, nor for one that did not run.
        print_error(error)
        report = GateReport((), why=str(error))
    renderers: dict[ReportFormat, Callable[..., str]] = {
        "markdown": render_markdown,
        "json": render_json,
        "junit": render_junit,
    }
    render = renderers["json" if as_json else report_format]
    print_text(render(report, examples, precision=MEASURED_PRECISION).rstrip("\n"))
    raise SystemExit(report.exit_code)


def _to_json(models: Sequence[BaseModel]) -> list[dict[str, Any]]:
    return [model.model_dump() for model in models]


def _brief(point: dict[str, Any]) -> str:
    return f"{point['class_name'] or '-'}  {point['image_name']} {point['box']}  {point['id']}"


def _describe_group(group: dict[str, Any]) -> str:
    marks = [name for name in ("is_exact", "has_class_conflict", "is_leak") if group[name]]
    names = ", ".join(f"{point['image_name']} ({point['class_name']})" for point in group["points"][:5])
    return f"{group['size']:>5} from {group['lowest_similarity']:.4f}  {' '.join(marks) or '-'}  {names}"


def _describe_pick(point: dict[str, Any]) -> str:
    stands_for = f"stands for {point['stands_for']}" if "stands_for" in point else ""
    return f"{_brief(point)}  {stands_for}"


def _explain_no_confusion(found: dict[str, Any]) -> str:
    if not found["classes"]:
        return "no point has a class to compare"
    n_compared = sum(cell["count"] for cell in found["cells"])
    if not n_compared:
        return "no point has a neighbor with a class from another image to compare with"
    return f"no class is confused: each of the {n_compared:,} points lies among its own class"
