"""Commands about groups of points: clusters, duplicates, outliers, confused classes, picks, and the gate for CI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from lookalike.commands.application import AsJson, CollectionName, Limit, Place, app, takes_place
from lookalike.commands.selecting import Selection, takes_selection
from lookalike.console import EXIT_USAGE, print_error, print_found, print_json, print_line, print_note, print_text
from lookalike.errors import InvalidOptionsError, LookalikeError
from lookalike.wire.names import ReportFormat

if TYPE_CHECKING:
    from pydantic import BaseModel

    from lookalike.wire.groups import ClusterModel, Confusion, DuplicateGroup, PickModel
    from lookalike.wire.points import PointBrief


@app.command()
@takes_place
@takes_selection
def clusters(
    selection: Selection,
    place: Place,
    resolution: Annotated[float, typer.Option(min=0.01, max=100, help="Above 1: more and smaller clusters.")] = 1.0,
    part_of: Annotated[
        str | None,
        typer.Option(metavar="NUMBER[@RESOLUTION]", help="Only parts of this cluster, such as 0 or 3@0.5."),
    ] = None,
    collection: CollectionName = None,
    as_json: AsJson = False,
) -> None:
    """List clusters of similar objects: number, size, purity, dominant class and typical examples.

    All objects shape them. A selection lists the clusters of its objects, with how many of each they are.
    """
    with place.connect("clusters") as client:
        found = client.list_clusters(collection, resolution=resolution, **_parse_part(part_of), **selection)
    print_found(
        found,
        _describe_cluster,
        as_json=as_json,
        why_empty=found.why_empty or "",
        to_json=_to_json,
    )


def _parse_part(text: str | None) -> dict[str, Any]:
    """Words of the client for ``3`` or ``3@0.5``: a cluster's number, and the resolution that made it."""
    if text is None:
        return {}
    number, separator, resolution = text.partition("@")
    try:
        return {"part_of": int(number), "part_of_resolution": float(resolution) if separator else 1.0}
    except ValueError:
        raise InvalidOptionsError(
            f"'{text}' names no cluster; say its number and maybe its resolution, such as 3 or 3@0.5"
        ) from None


@app.command()
@takes_place
@takes_selection
def duplicates(
    selection: Selection,
    place: Place,
    threshold: Annotated[
        float | None, typer.Option(min=0.5, max=1, help="Lowest cosine similarity [default: 0.975]")
    ] = None,
    limit: Limit = 100,
    collection: CollectionName = None,
    as_json: AsJson = False,
) -> None:
    """List groups of objects that look the same; conflicting classes and leaks between datasets come first.

    A selection lists the groups of its objects, each of them whole.
    """
    with place.connect("duplicates") as client:
        found = client.list_duplicates(collection, threshold=threshold, limit=limit, **selection)
    print_found(
        found,
        _describe_group,
        as_json=as_json,
        why_empty=found.why_empty or "",
        n_all=found.total,
        to_json=_to_json,
    )


@app.command()
@takes_place
@takes_selection
def outliers(
    selection: Selection,
    place: Place,
    limit: Limit = 50,
    collection: CollectionName = None,
    as_json: AsJson = False,
) -> None:
    """List the objects most unlike all others, strangest first."""
    with place.connect("outliers") as client:
        found = client.list_outliers(collection, limit=limit, **selection)
    print_found(
        found,
        lambda one: f"{one.score:.4f}  {_brief(one)}  {one.reason}",
        as_json=as_json,
        why_empty=found.why_empty or "",
        to_json=_to_json,
    )
    if found:
        print_note(_count_outliers(found.n_outliers))


def _count_outliers(n_outliers: int) -> str:
    if n_outliers == 0:
        return "none stands apart from all others; these are only the strangest"
    verb = "stands" if n_outliers == 1 else "stand"
    return f"{n_outliers:,} {verb} apart from all others; those after are only ranked"


@app.command()
@takes_place
@takes_selection
def confusion(selection: Selection, place: Place, collection: CollectionName = None, as_json: AsJson = False) -> None:
    """Compare given classes with the classes of the neighborhood; each cell lists its objects.

    All objects are neighbors. A selection says which are counted.
    """
    with place.connect("confusion") as client:
        found = client.compare_classes(collection, **selection)
    confused = [cell for cell in found.cells if cell.given != cell.neighborhood]
    if as_json:
        print_json(_to_json(found))
    for cell in () if as_json else confused:
        print_line(f"{cell.count:>7}  {cell.given} among {cell.neighborhood}")
    if not confused:
        (print_note if as_json else print_line)(_explain_no_confusion(found))


@app.command()
@takes_place
@takes_selection
def pick(
    n_picks: Annotated[int, typer.Argument(min=1, max=100_000, help="How many.", metavar="N")],
    selection: Selection,
    place: Place,
    diverse: Annotated[bool, typer.Option("--diverse", help="Objects that differ, not that represent.")] = False,
    collection: CollectionName = None,
    as_json: AsJson = False,
) -> None:
    """Pick objects that represent a collection or a selection of it, or that differ most from each other."""
    with place.connect("pick") as client:
        found = client.pick_points(n_picks, collection, diverse=diverse, **selection)
    print_found(found, _describe_pick, as_json=as_json, why_empty=found.why_empty or "", to_json=_to_json)


@app.command()
@takes_place
def check(
    place: Place,
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
    as_json: AsJson = False,
) -> None:
    """Check limits, for continuous integration. Exit code: 0 they hold, 1 one is exceeded, 2 cannot tell."""
    report_format = "json" if as_json else report_format
    limits = {"max_suspects": max_suspects, "max_duplicate_conflicts": max_duplicate_conflicts, "max_leaks": max_leaks}
    try:
        with place.connect("check") as client:
            report = client.report_check(collection, report_format=report_format, **limits)
        text, exit_code, why = report.text, report.exit_code, report.why
    except LookalikeError as error:
        # A gate that could not look must not be taken for one that found something, nor for one that did not run.
        from lookalike.commands.check_texts import render_failure

        text, exit_code, why = render_failure(str(error), report_format), EXIT_USAGE, str(error)
    if why:
        print_error(why)
    print_text(text.rstrip("\n"))
    raise SystemExit(exit_code)


def _to_json(model: BaseModel) -> dict[str, Any]:
    """A model as JSON types; picks that stand for nothing do not say for how many they do. Stderr says why none is."""
    document = model.model_dump(mode="json", exclude={"why_empty"})
    if document.get("stands_for", 0) is None:
        del document["stands_for"]
    return document


def _brief(point: PointBrief) -> str:
    return f"{point.class_name or '-'}  {point.image_name} {point.box}  {point.id}"


def _describe_cluster(cluster: ClusterModel) -> str:
    fitting = f"{cluster.n_matching} of " if cluster.n_matching < cluster.size else ""
    return f"{cluster.cluster:>4}  {fitting + str(cluster.size):>7}  purity {cluster.purity:.2f}  {cluster.name}"


_MARKS: Final = {"is_exact": "exact copies", "has_class_conflict": "conflicting classes", "is_leak": "leak"}


def _describe_group(group: DuplicateGroup) -> str:
    marks = [words for name, words in _MARKS.items() if getattr(group, name)]
    names = ", ".join(f"{point.image_name} ({point.class_name})" for point in group.points[:5])
    return f"{group.size:>5} from {group.lowest_similarity:.4f}  {', '.join(marks) or '-'}  {names}"


def _describe_pick(point: PickModel) -> str:
    stands_for = "" if point.stands_for is None else f"stands for {point.stands_for}"
    return f"{_brief(point)}  {stands_for}".rstrip()


def _explain_no_confusion(found: Confusion) -> str:
    if found.why_empty is not None:
        return found.why_empty
    n_compared = sum(cell.count for cell in found.cells)
    return f"no class is confused: each of the {n_compared:,} points lies among its own class"
