"""Commands that record what people decide about points, and write it to where the labels came from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from indexer.errors import InvalidOptionsError
from lookalike.commands.application import AsJson, CollectionName, DataDir, Limit, app, open_workspace
from lookalike.console import EXIT_FAILURE, print_error, print_found, print_json, print_line, show_progress
from lookalike.wire.names import Verdict, join_names

if TYPE_CHECKING:
    from indexer.reviews.apply_reviews import Applied
    from indexer.reviews.review import Review
    from indexer.reviews.reviews import LoggedReview
    from indexer.reviews.writers.file_changes import Restored

Who = Annotated[str | None, typer.Option("--who", help="Who says so [default: the user of this computer].")]

reviews = typer.Typer(help="Record verdicts on labels, and write accepted classes to the source.", no_args_is_help=True)
app.add_typer(reviews, name="reviews")


@reviews.command("list")
def list_reviews(
    verdict: Annotated[
        list[str] | None, typer.Option(help=f"Only {join_names(get_args(Verdict))}; repeatable.")
    ] = None,
    log: Annotated[
        bool, typer.Option("--log", help="Every review ever made, also those taken back and of points that are gone.")
    ] = False,
    limit: Limit = 50,
    collection: CollectionName = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List the reviews that stand, newest first."""
    from indexer.reviews.review import ReviewVerdict

    wanted = [ReviewVerdict.parse(text) for text in verdict or ()]
    with open_workspace(data_dir, "reviews list") as workspace:
        if log:
            logged = workspace.reviews.logged(collection, *wanted)
            found = [(one.to_json(), _describe(one.review) + _describe_fate(one)) for one in logged]
        else:
            standing = workspace.reviews.standing(collection, *wanted)
            found = [(review.to_json(), _describe(review)) for review in standing]
    named = f" with verdict {' or '.join(wanted)}" if wanted else ""
    print_found(
        found[:limit],
        lambda one: one[1],
        as_json=as_json,
        why_empty=f"there is no review{named}" if log else f"no review{named} stands",
        n_all=len(found),
        to_json=lambda one: one[0],
    )


@reviews.command()
def add(
    point_ids: Annotated[list[str], typer.Argument(metavar="POINT...", help="Ids of points.")],
    verdict: Annotated[str, typer.Option(help="accept (another class), dismiss (its class is right) or skip.")],
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
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Give a verdict on points: all of them, or none if one cannot have it."""
    from indexer.reviews.reviews import Judgement

    judgement = Judgement(verdict, _name(who), class_name, new_class, note, is_one_entry=group)
    with show_progress() as on_progress, open_workspace(data_dir, "reviews add") as workspace:
        ids = workspace.suspects.group_of(point_ids, collection) if group else point_ids
        added = workspace.reviews.add(
            collection, ids, judgement, suggest=workspace.suspects.suggest, on_progress=on_progress
        )
    if as_json:
        print_json([review.to_json() for review in added])
        return
    for review in added:
        print_line(_describe(review))


@reviews.command()
def undo(
    review: Annotated[str | None, typer.Argument(help="Id of a review [default: the last that stands]")] = None,
    applied: Annotated[
        str | None, typer.Option(metavar="RUN", help="Give the files that 'reviews apply' changed their bytes back.")
    ] = None,
    who: Who = None,
    collection: CollectionName = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Take back a review, or what a run of 'reviews apply' wrote."""
    if review is not None and applied is not None:
        raise InvalidOptionsError("say either which review or which run (--applied) is to be undone")
    with open_workspace(data_dir, "reviews undo") as workspace:
        if applied is not None:
            _print_restored(workspace.reviews.restore(applied, who=_name(who)), as_json=as_json)
            return
        undone, standing = workspace.reviews.undo(collection, review, who=_name(who))
    if as_json:
        print_json({"undone": undone.to_json(), "standing": standing and standing.to_json()})
        return
    print_line(f"undone: {_describe(undone)}{', and the others of its group' if undone.entry else ''}")
    if standing is not None:
        print_line(f"stands: {_describe(standing)}")


def _print_restored(restored: Restored, *, as_json: bool) -> None:
    if as_json:
        kept = [{"path": str(path), "reason": reason} for path, reason in restored.kept.items()]
        print_json({"restored": [str(path) for path in restored.paths], "kept": kept})
    else:
        n_restored = len(restored.paths)
        if n_restored:
            files = "1 file" if n_restored == 1 else f"{n_restored} files"
            print_line(f"{files} restored; run 'lookalike index' to have the points follow")
        elif not restored.kept:
            print_line("nothing to restore: every file is as it was before that run")
        for path, reason in restored.kept.items():
            print_line(f"kept      {path}: {reason}")
    if restored.kept and not restored.paths:
        print_error("no file could be restored")
        raise SystemExit(EXIT_FAILURE)


@reviews.command()
def apply(
    source: Annotated[
        Path | None, typer.Argument(help="The source [default: every source whose key is its path]")
    ] = None,
    source_key: Annotated[str | None, typer.Option(help="Identity of the source [default: its path]")] = None,
    source_format: Annotated[str | None, typer.Option("--format", help="Format, if it is not recognised.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be written.")] = False,
    patch: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a JSON file instead, and leave the source alone.")
    ] = None,
    who: Who = None,
    collection: CollectionName = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Write accepted classes to Supervisely folders, COCO files and image folders, with a backup to undo it by."""
    from indexer.reviews.apply_reviews import ApplyOptions
    from indexer.reviews.writers.planning import SourcePlace

    if source is None and (source_key is not None or source_format is not None):
        raise InvalidOptionsError("--source-key and --format go with the path of a source")
    options = ApplyOptions(SourcePlace(source, source_key, source_format), patch, dry_run)
    with open_workspace(data_dir, "reviews apply") as workspace:
        applied = workspace.reviews.apply(collection, options, who=_name(who))
    if as_json:
        print_json(applied.to_json())
    else:
        _print_applied(applied, is_dry_run=dry_run)
    if applied.has_failed:
        print_error("nothing could be written; the first reason: " + applied.outcomes[0].reason)
        raise SystemExit(EXIT_FAILURE)


def _print_applied(applied: Applied, *, is_dry_run: bool) -> None:
    for one in applied.outcomes:
        name = one.review.subject.get("image_key")
        place = one.reason or one.path
        print_line(f"{one.outcome:10} {one.review.given_class} -> {one.review.class_name}  {name}  {place}")
    counts = ", ".join(f"{count} {outcome}" for outcome, count in applied.counts.items())
    print_line(f"{'would be: ' if is_dry_run else ''}{counts}")
    if applied.run is not None:
        print_line(
            f"run {applied.run}: 'lookalike index' has the points follow, 'reviews undo --applied' takes it back"
        )


def _describe(review: Review) -> str:
    """One line for people."""
    change = f"{review.given_class} -> {review.class_name}" if review.class_name else f"{review.given_class}"
    note = f"  ({review.note})" if review.note else ""
    image = review.subject.get("image_key")
    when = f"{review.at:%Y-%m-%d %H:%M}"
    return f"{review.id}  {when}  {review.who}  {review.verdict:8} {change}  {image}  {review.point_id}{note}"


def _describe_fate(one: LoggedReview) -> str:
    """What became of a review, for the end of its line."""
    written = f"  [written by run {one.run}]" if one.run else ""
    return written if one.stands else f"{written}  [does not stand]"


def _name(who: str | None) -> str:
    """The person: the one named, or the user of this computer."""
    if who is not None:
        return who
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:
        raise InvalidOptionsError("this computer does not tell who you are; say --who NAME") from error
