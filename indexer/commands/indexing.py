"""Commands that bring collections up to date and show what they hold."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from indexer.commands.application import AsJson, CollectionName, DataDir, app, open_workspace
from indexer.console import EXIT_FAILURE, print_error, print_json, print_line, show_progress
from indexer.domain import CropOptions, InstanceMode
from indexer.errors import InvalidOptionsError

if TYPE_CHECKING:
    from indexer.report import SyncReport
    from indexer.workspace import Workspace


def parse_padding(text: str) -> tuple[float, bool]:
    """Read a padding: pixels (``8``, ``-4``, ``8px``) or a share of the longer side (``0.1``, ``10%``).

    Returns:
        The number and whether it is a fraction.

    Raises:
        InvalidOptionsError: It is neither.
    """
    stripped = text.strip()
    try:
        if stripped.endswith("%"):
            return float(stripped[:-1]) / 100, True
        value = float(stripped.removesuffix("px"))
    except ValueError:
        raise InvalidOptionsError(f"padding '{text}' is neither pixels (8, -4) nor a fraction (0.1, 10%)") from None
    return value, not value.is_integer()


@app.command()
def index(
    source: Annotated[Path, typer.Argument(help="Supervisely project, COCO JSON or folder, or folder of images.")],
    mode: Annotated[
        InstanceMode | None, typer.Option(help="What becomes a point [default: objects, or images for image folders]")
    ] = None,
    padding: Annotated[str, typer.Option(help="Added to every side: pixels (8, -4) or a share (0.1, 10%).")] = "0",
    min_size: Annotated[int, typer.Option(min=1, help="Skip objects narrower or lower than this, in pixels.")] = 1,
    mask_background: Annotated[
        bool, typer.Option("--mask-background", help="Replace what lies outside an object's shape by a flat colour.")
    ] = False,
    model: Annotated[
        str | None, typer.Option(help="timm name, or hf:NAME [default: bundled EfficientNet-Lite0]")
    ] = None,
    checkpoint: Annotated[Path | None, typer.Option(help="Weights file for the model.")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda:N or mps.")] = None,
    batch_size: Annotated[int | None, typer.Option(min=1, max=4096, help="Crops a forward pass.")] = None,
    dataset: Annotated[list[str] | None, typer.Option(help="Only this dataset and those in it; repeatable.")] = None,
    source_format: Annotated[str | None, typer.Option("--format", help="Format, if it is not recognised.")] = None,
    source_key: Annotated[str | None, typer.Option(help="Identity of the source [default: its path]")] = None,
    force: Annotated[bool, typer.Option("--force", help="Embed everything anew.")] = False,
    collection: CollectionName = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Bring a collection up to date with labelled images; only what changed is embedded."""
    from indexer.pipeline import SyncOptions
    from indexer.sources.opening import open_source

    padding_value, is_fraction = parse_padding(padding)
    options = SyncOptions(
        mode=mode,
        crops=CropOptions(padding_value, is_fraction, min_size, mask_background),
        datasets=tuple(dataset) if dataset else None,
        force=force,
    )
    changes = {"model": model, "checkpoint": checkpoint, "device": device, "batch_size": batch_size}
    with show_progress() as on_progress:
        opened = open_source(source, format=source_format, source_key=source_key)
        with open_workspace(data_dir, "index") as workspace:
            embedder = workspace.settings.embedder.model_copy(
                update={name: value for name, value in changes.items() if value is not None}
            )
            report = workspace.index(
                opened,
                collection_name=collection,
                embedder_settings=embedder,
                options=options,
                on_progress=on_progress,
            )
    if as_json:
        print_json(asdict(report))
    else:
        _print_report(report)
    if report.has_failed:
        print_error(f"none of the {report.images.seen} images could be read; the first: {report.failures[0]['reason']}")
        raise SystemExit(EXIT_FAILURE)


def _print_report(report: SyncReport) -> None:
    images, instances = report.images, report.instances
    print_line(f"collection {report.collection}: {report.seconds:.1f} s")
    print_line(
        f"  images    {images.seen} seen: {images.added} added, {images.updated} updated, "
        f"{images.unchanged} unchanged, {images.failed} failed; {images.removed} removed"
    )
    print_line(
        f"  instances {instances.embedded} embedded, {instances.payload_updated} relabelled, "
        f"{instances.unchanged} unchanged, {instances.removed} removed, {instances.skipped} skipped"
    )
    for reason, count in sorted(report.skipped_reasons.items()):
        print_line(f"  skipped   {count}: {reason}")
    for failure in report.failures:
        print_line(f"  failed    {failure['image']}: {failure['reason']}")
    if images.seen == 0:
        print_line("  the source holds no images, so there is nothing to embed")


@app.command()
def status(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show the collections and what they hold."""
    with open_workspace(data_dir, "status") as workspace:
        found = [_describe(workspace, name) for name in workspace.collection_names()]
        where = str(workspace.data_dir)
    if as_json:
        print_json({"data_dir": where, "collections": found})
        return
    if not found:
        print_line(f"{where}: no collection yet; run 'lookalike index SOURCE' or 'lookalike demo'")
    for one in found:
        print_line(f"{one['name']}: {one['points']} points of {one['images']} images")
        print_line(f"  model {one['embedder']}, {one['dimension']} dimensions, {one['crops']}")
        print_line(
            f"  {len(one['classes'])} classes, {len(one['datasets'])} datasets, projections: "
            + (", ".join(one["projections"]) or "none")
        )


def _describe(workspace: Workspace, name: str) -> dict[str, Any]:
    described = workspace.describe(name)
    return {
        "name": name,
        "embedder": described.spec.embedder,
        "dimension": described.spec.dimension,
        "crops": described.spec.crops,
        "points": described.n_points,
        "images": described.n_images,
        "classes": described.classes,
        "datasets": described.datasets,
        "projections": [header.id for header in workspace.maps.headers(name)],
    }


@app.command()
def models(as_json: AsJson = False) -> None:
    """List recommended models, and whether they are on this machine."""
    from indexer.embedders.catalogue import recommended_models

    found = recommended_models()
    if as_json:
        print_json(found)
        return
    for one in found:
        print_line(f"{one['name']:45} {one['dimension']:>5}  {one['license']:12} {one['purpose']}")
