"""Commands for people's work on a Supervisely server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from lookalike.commands.application import AsJson, CollectionName, Place, app, takes_place
from lookalike.commands.parameters import parse_path
from lookalike.commands.selecting import read_ids
from lookalike.console import print_json, print_line
from lookalike.counting import count_text
from lookalike.errors import InvalidOptionsError, UnknownNameError
from lookalike.wire.names import TagOwner

if TYPE_CHECKING:
    from lookalike.wire.supervisely import LabelingJobs

PointIds = Annotated[list[str] | None, typer.Argument(metavar="[POINT]...", help="Ids of points.")]
IdsFile = Annotated[
    Path | None,
    typer.Option(
        "--ids",
        parser=parse_path,
        metavar="PATH",
        help="File of ids (- for stdin): one per line, or what --json printed.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
Project = Annotated[str, typer.Argument(metavar="supervisely://PROJECT", help="The project, by its id.")]

supervisely = typer.Typer(help="Tags, jobs, collections and embeddings on a Supervisely server.", no_args_is_help=True)
app.add_typer(supervisely, name="supervisely")


@supervisely.command()
@takes_place
def tag(
    name: Annotated[str, typer.Argument(metavar="TAG", help="The tag; made if the project has none.")],
    place: Place,
    point_ids: PointIds = None,
    ids: IdsFile = None,
    on: Annotated[str | None, typer.Option(help="object or image [default: what the points are]")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the tag off.")] = False,
    dry_run: DryRun = False,
    collection: CollectionName = None,
    as_json: AsJson = False,
) -> None:
    """Put a tag on the objects or images of points, or take it off."""
    owner = _parse_owner(on)
    wanted = _choose_ids(point_ids, ids)
    with place.connect("supervisely tag") as client:
        done = client.tag_points(wanted, name, collection, on=owner, remove=remove, dry_run=dry_run)
    if as_json:
        print_json(done.model_dump(mode="json"))
        return
    changed = f"{done.removed} untagged" if remove else f"{done.added} tagged"
    print_line(f"{'would be: ' if dry_run else ''}{changed}, {done.already} already so  ({done.on}s, '{done.tag}')")
    _print_run(done.run)


@supervisely.command()
@takes_place
def undo(
    run: Annotated[str, typer.Argument(help="The run that 'tag' or 'job' printed.")],
    place: Place,
    as_json: AsJson = False,
) -> None:
    """Take back what a run of tags or jobs did."""
    with place.connect("supervisely undo") as client:
        done = client.undo_supervisely(run)
    if as_json:
        print_json(done.model_dump(mode="json"))
    else:
        print_line(f"{done.undone} undone")


@supervisely.command()
@takes_place
def job(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the jobs.")],
    assign: Annotated[list[str], typer.Option(metavar="LOGIN", help="Who labels; repeatable.")],
    place: Place,
    point_ids: PointIds = None,
    ids: IdsFile = None,
    reviewer: Annotated[str | None, typer.Option(metavar="LOGIN", help="Who reviews.")] = None,
    dry_run: DryRun = False,
    collection: CollectionName = None,
    as_json: AsJson = False,
) -> None:
    """Make a labeling job per data set for the images of points; none is made twice for the same images."""
    wanted = _choose_ids(point_ids, ids)
    with place.connect("supervisely job") as client:
        done = client.make_jobs(wanted, name, assign, collection, reviewer=reviewer, dry_run=dry_run)
    if as_json:
        print_json(done.model_dump(mode="json"))
    else:
        _print_jobs(done, is_dry_run=dry_run)


@supervisely.command(name="collection")
@takes_place
def collection_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the collection on the server.")],
    place: Place,
    point_ids: PointIds = None,
    ids: IdsFile = None,
    collection: CollectionName = None,
    as_json: AsJson = False,
) -> None:
    """Put the images of points into a collection of the platform."""
    wanted = _choose_ids(point_ids, ids)
    with place.connect("supervisely collection") as client:
        done = client.collect_images(wanted, name, collection)
    if as_json:
        print_json(done.model_dump(mode="json"))
        return
    missing = f", {done.missing} no longer on the server" if done.missing else ""
    print_line(
        f"collection {done.collection_id}: {count_text(done.added, 'image')} added, "
        f"{done.already} already in it{missing}"
    )


@supervisely.command()
@takes_place
def save(project: Project, place: Place, collection: CollectionName = None, as_json: AsJson = False) -> None:
    """Keep the embeddings of a project in Team Files, where the platform's app finds them."""
    with place.connect("supervisely save") as client:
        done = client.save_to_supervisely(project, collection)
    if as_json:
        print_json(done.model_dump(mode="json"))
    else:
        print_line(
            f"{done.folder}: {count_text(done.points, 'point')} in {count_text(len(done.files), 'file')}; {done.url}"
        )


@supervisely.command(name="import")
@takes_place
def import_(
    project: Project,
    place: Place,
    model: Annotated[str | None, typer.Option(help="Which embeddings, if those of several models are kept.")] = None,
    collection: CollectionName = None,
    as_json: AsJson = False,
) -> None:
    """Bring embeddings that are kept in Team Files into a collection, without embedding anything."""
    with place.connect("supervisely import") as client:
        done = client.import_from_supervisely(project, collection, model=model)
    if as_json:
        print_json(done.model_dump(mode="json"))
        return
    removed = f", {done.n_removed} removed that are no longer kept" if done.n_removed else ""
    print_line(f"collection {done.collection}: {count_text(done.n_points, 'point')} imported{removed}")


def _choose_ids(point_ids: list[str] | None, file: Path | None) -> list[str]:
    """The points that a command is about.

    Raises:
        InvalidOptionsError: They are named twice or not at all.
    """
    if bool(point_ids) == (file is not None):
        raise InvalidOptionsError("name points, or a file of their ids with --ids FILE; one of the two")
    if point_ids == ["-"]:
        file = Path("-")
    return read_ids(file) if file is not None else list(point_ids or ())


def _parse_owner(text: str | None) -> TagOwner | None:
    if text is not None and text not in get_args(TagOwner):
        raise UnknownNameError("owner of tags", text, get_args(TagOwner))
    owner: TagOwner | None = text  # type: ignore[assignment]
    return owner


def _print_jobs(done: LabelingJobs, *, is_dry_run: bool) -> None:
    for one in done.jobs:
        print_line(f"job {one.id or '(new)'}  data set {one.dataset_id}  {count_text(one.images, 'image')}")
    print_line(f"{'would be: ' if is_dry_run else ''}{done.created} created, {done.existing} existing")
    _print_run(done.run)


def _print_run(run: str | None) -> None:
    if run is not None:
        print_line(f"run {run}: 'lookalike supervisely undo {run}' takes it back")
