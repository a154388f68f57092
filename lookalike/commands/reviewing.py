"""Commands that record what people decide about points, and write it to where the labels came from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from lookalike.commands.application import AsJson, CollectionName, Limit, Place, app, takes_place, wait_for
from lookalike.commands.parameters import parse_path
from lookalike.commands.review_texts import describe, describe_fate, to_json
from lookalike.console import EXIT_FAILURE, print_error, print_found, print_json, print_line, print_note
from lookalike.counting import count_text
from lookalike.errors import InvalidOptionsError, UnknownNameError
from lookalike.wire.names import Verdict, join_names

if TYPE_CHECKING:
    from lookalike.client.applying import ApplyOptions
    from lookalike.wire.reviews import AppliedReviews, RestoredFiles

Who = Annotated[str | None, typer.Option("--who", help="Who says so [default: the user of this computer].")]

reviews = typer.Typer(help="Record verdicts on labels, and write accepted classes to the source.", no_args_is_help=True)
app.add_typer(reviews, name="reviews")


@reviews.command("list")
@takes_place
def list_reviews(
    place: Place,
    verdict: Annotated[
        list[str] | None, typer.Option(help=f"Only {join_names(get_args(Verdict))}; repeatable.")
    ] = None,
    log: Annotated[
        bool, typer.Option("--log", help="Every review ever made, also those taken back and of points that are gone.")
    ] = False,
    limit: Limit = 50,
    collection: CollectionName = None,
    as_json: AsJson = False,
) -> None:
    """List the reviews that stand, newest first."""
    wanted = [_parse_verdict(text) for text in verdict or ()]
    with place.connect("reviews list") as client:
        if log:
            listing = client.review_log(collection, *wanted, limit=limit)
            n_all, found = listing.total, [(to_json(one), describe(one) + describe_fate(one)) for one in listing]
        else:
            standing = client.reviews(collection, *wanted, limit=limit)
            n_all, found = standing.total, [(to_json(one), describe(one)) for one in standing]
    named = f" with verdict {' or '.join(wanted)}" if wanted else ""
    print_found(
        found,
        lambda one: one[1],
        as_json=as_json,
        why_empty=f"there is no review{named}" if log else f"no review{named} stands",
        n_all=n_all,
        to_json=lambda one: one[0],
    )


@reviews.command()
@takes_place
def add(
    point_ids: Annotated[list[str], typer.Argument(metavar="POINT...", help="Ids of points.")],
    verdict: Annotated[str, typer.Option(help="accept (another class), dismiss (its class is right) or skip.")],
    place: Place,
    class_name: Annotated[
        str | None, typer.Option("--class", help="With accept: the right class [default: the suggested one]")
    ] = None,
    new_class: Annotated[bool, typer.Option("--new-class", help="The class may be a new one.")] = False,
    note: Annotated[str | None, typer.Option(help="Anything else worth keeping.")] = None,
    group: Annotated[
        bool, typer.Option("--group", help="Also on the similar points that 'suspects' lists with one of them.")
    ] = False,
    who: Who = None,
    collection: CollectionName = None,
    as_json: AsJson = False,
) -> None:
    """Give a verdict on points: all of them, or none if one cannot have it."""
    chosen = _parse_verdict(verdict)
    with place.connect("reviews add") as client:
        ids = client.find_group(point_ids, collection) if group else point_ids
        added = client.add_reviews(
            ids,
            chosen,
            collection,
            class_name=class_name,
            allows_new_class=new_class,
            is_one_entry=group,
            note=note,
            who=_name(who),
        )
    if as_json:
        print_json([to_json(review) for review in added])
        return
    for review in added:
        print_line(describe(review))


@reviews.command()
@takes_place
def undo(
    place: Place,
    review: Annotated[str | None, typer.Argument(help="Id of a review [default: the last that stands]")] = None,
    applied: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Take back what a run of 'reviews apply' changed."),
    ] = None,
    who: Who = None,
    collection: CollectionName = None,
    as_json: AsJson = False,
) -> None:
    """Take back a review, or what a run of 'reviews apply' wrote."""
    if review is not None and applied is not None:
        raise InvalidOptionsError("say either which review or which run (--applied) is to be undone")
    with place.connect_and_show("reviews undo") as (client, on_progress):
        if applied is not None:
            restored = wait_for(lambda: client.restore_files(applied, who=_name(who)), on_progress)
            _print_restored(restored, as_json=as_json)
            return
        found = client.undo_review(review, collection, who=_name(who))
    undone, standing = found.undone, found.standing
    if as_json:
        print_json({"undone": to_json(undone), "standing": None if standing is None else to_json(standing)})
        return
    print_line(f"undone: {describe(undone)}{', and the others of its group' if undone.entry else ''}")
    if standing is not None:
        print_line(f"stands: {describe(standing)}")


def _print_restored(restored: RestoredFiles, *, as_json: bool) -> None:
    if as_json:
        print_json({"restored": restored.paths, "kept": [one.model_dump() for one in restored.kept]})
    else:
        n_objects = sum(path.startswith("supervisely://") for path in restored.paths)
        counts = {"file": len(restored.paths) - n_objects, "object": n_objects}
        shown = [count_text(count, what) for what, count in counts.items() if count]
        if shown:
            print_line(f"{' and '.join(shown)} restored; run 'lookalike index' to have the points follow")
        elif not restored.kept:
            print_line("nothing to restore: all is as it was before that run")
        for one in restored.kept:
            print_line(f"kept      {one.path}: {one.reason}")
    if restored.kept and not restored.paths:
        print_error(f"nothing could be restored; the first reason: {restored.kept[0].reason}")
        raise SystemExit(EXIT_FAILURE)


@reviews.command()
@takes_place
def apply(
    place: Place,
    source: Annotated[
        str | None,
        typer.Argument(help="Path or supervisely://PROJECT [default: every source whose key tells it]"),
    ] = None,
    source_key: Annotated[str | None, typer.Option(help="Identity of the source [default: its path]")] = None,
    source_format: Annotated[str | None, typer.Option("--format", help="Format, if it is not recognised.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be written.")] = False,
    patch: Annotated[
        Path | None,
        typer.Option(parser=parse_path, metavar="FILE", help="Write a JSON file instead, and leave the source alone."),
    ] = None,
    who: Who = None,
    collection: CollectionName = None,
    as_json: AsJson = False,
) -> None:
    """Write accepted classes to Supervisely servers and folders, COCO files and image folders; it can be undone."""
    if source is None and (source_key is not None or source_format is not None):
        raise InvalidOptionsError("--source-key and --format go with the path of a source")
    options: ApplyOptions = {"source_key": source_key, "source_format": source_format, "patch": patch}
    with place.connect_and_show("reviews apply") as (client, on_progress):
        if dry_run:
            applied = client.preview_apply(source, collection, who=_name(who), **options)
        else:
            applied = wait_for(lambda: client.apply_reviews(source, collection, who=_name(who), **options), on_progress)
    if not applied.outcomes:
        print_note("no accepted class waits to be written; 'lookalike reviews add ID --verdict accept' accepts one")
    if as_json:
        print_json(_applied_to_json(applied))
    else:
        _print_applied(applied, is_dry_run=dry_run)
    if applied.outcomes and applied.n_refused == len(applied.outcomes):
        print_error("nothing could be written; the first reason: " + applied.outcomes[0].reason)
        raise SystemExit(EXIT_FAILURE)


def _print_applied(applied: AppliedReviews, *, is_dry_run: bool) -> None:
    for one in applied.outcomes:
        place = one.reason or one.path
        print_line(f"{one.outcome:10} {one.given_class} -> {one.class_name}  {one.image}  {place}")
    counts = f"{applied.n_written} written, {applied.n_already} already so, {applied.n_refused} refused"
    print_line(f"{'would be: ' if is_dry_run else ''}{counts}")
    if applied.run is not None:
        print_line(
            f"run {applied.run}: 'lookalike index' has the points follow, 'reviews undo --applied' takes it back"
        )


def _applied_to_json(applied: AppliedReviews) -> dict[str, Any]:
    return {
        "run": applied.run,
        "patch": applied.patch,
        "written": applied.n_written,
        "already": applied.n_already,
        "refused": applied.n_refused,
        "files": [one.model_dump(exclude_none=True) for one in applied.files],
        "outcomes": [
            {
                "review": one.review_id,
                "point_id": one.point_id,
                "image": one.image_key,
                "object_key": one.object_key,
                "from": one.given_class,
                "to": one.class_name,
                "outcome": one.outcome,
                "path": one.path,
                "reason": one.reason,
            }
            for one in applied.outcomes
        ],
    }


def _parse_verdict(text: str) -> Verdict:
    """The verdict of that name.

    Raises:
        UnknownNameError: There is none.
    """
    if text not in get_args(Verdict):
        raise UnknownNameError("verdict", text, get_args(Verdict))
    verdict: Verdict = text  # type: ignore[assignment]
    return verdict


def _name(who: str | None) -> str:
    """The person: the one named, or the user of this computer."""
    if who is not None:
        return who
    from lookalike.client.paths import user_name

    try:
        return user_name()
    except InvalidOptionsError as error:
        raise InvalidOptionsError("this computer does not tell who you are; say --who NAME") from error
