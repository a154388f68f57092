"""Commands that bring collections up to date."""

from __future__ import annotations

import json
import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lookalike.commands.application import AsJson, CollectionName, DataDir, app, settings_for
from lookalike.commands.parameters import takes
from lookalike.console import EXIT_FAILURE, print_error, print_json, print_line, print_text, show_progress
from lookalike.errors import (
    InvalidOptionsError,
    RunActiveError,
    SourceUnavailableError,
    StoreLockedError,
    StoreUnavailableError,
)
from lookalike.wire.names import InstanceMode

if TYPE_CHECKING:
    from indexer.pipeline.report import SyncReport
    from lookalike.wire.runs import IndexRun


def parse_duration(text: str) -> float:
    """Read a duration such as ``60s``, ``5m`` or ``1h``, in seconds; a bare number is seconds.

    Raises:
        InvalidOptionsError: It is none, or not positive.
    """
    units = {"s": 1.0, "m": 60.0, "h": 3600.0}
    number, unit = (text[:-1], units[text[-1]]) if text and text[-1] in units else (text, 1.0)
    try:
        seconds = float(number) * unit
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < math.inf:
        raise InvalidOptionsError(f"duration '{text}' is none; say for example 60s, 5m or 1h")
    return seconds


Source = Annotated[
    str,
    typer.Argument(
        help="Supervisely, COCO, YOLO or Pascal VOC data set, folder of images, or supervisely://PROJECT[/DATASET]."
    ),
]
Mode = Annotated[
    InstanceMode | None, typer.Option(help="What becomes a point [default: objects, or images for image folders]")
]
Padding = Annotated[str, typer.Option(help="Added to every side: pixels (8, -4) or a share (0.1, 10%).")]
MinSize = Annotated[int, typer.Option(min=1, help="Skip objects narrower or lower than this, in pixels.")]
MaskBackground = Annotated[
    bool, typer.Option("--mask-background", help="Replace what lies outside an object's shape by a flat colour.")
]
Model = Annotated[str | None, typer.Option(help="timm name, or hf:NAME [default: bundled EfficientNet-Lite0]")]
Checkpoint = Annotated[Path | None, typer.Option(help="Weights file for the model.")]
Device = Annotated[str | None, typer.Option(help="auto, cpu, cuda:N or mps.")]
BatchSize = Annotated[int | None, typer.Option(min=1, max=4096, help="Crops a forward pass.")]
Datasets = Annotated[list[str] | None, typer.Option("--dataset", help="Only this dataset and those in it; repeatable.")]
SourceFormat = Annotated[str | None, typer.Option("--format", help="Format, if it is not recognised.")]
SourceKey = Annotated[str | None, typer.Option(help="Identity of the source [default: its path]")]
AllowRemote = Annotated[bool, typer.Option("--allow-remote", help="Read images from the addresses that COCO names.")]

AllowOutside = Annotated[
    bool, typer.Option("--allow-outside", help="COCO, YOLO: read images that annotation files name outside SOURCE.")
]
AllowShrink = Annotated[
    bool, typer.Option("--allow-shrink", help="Remove points though the source lists fewer than half of its images.")
]
MaxPixels = Annotated[
    int | None,
    typer.Option(min=1, max=2**40, help="Largest image, width times height [default: 200 million, or the setting]"),
]
Full = Annotated[bool, typer.Option("--full", help="supervisely://: list everything, also what is known.")]
IncludeCrowd = Annotated[bool, typer.Option("--include-crowd", help="Make points of COCO's crowd annotations too.")]


@dataclass(frozen=True, slots=True)
class IndexRequest:
    """Request to ``index`` or ``watch``.

    Attributes:
        run: What is indexed and how.
        data_dir: The data directory; that of the environment if None.
    """

    run: IndexRun
    data_dir: Path | None

    def carry_out(self, command: str, *, full: bool, force: bool = False, ray_address: str | None = None) -> SyncReport:
        """Bring the collection up to date once."""
        from lookalike.run_worker import run_index

        run = self.run.model_copy(update={"full": full, "force": force})
        with show_progress() as on_progress:
            return run_index(
                run,
                settings_for(self.data_dir),
                owner=f"lookalike {command}",
                on_progress=on_progress,
                ray_address=ray_address,
            )


def read_request(
    source: Source,
    mode: Mode = None,
    padding: Padding = "0",
    min_size: MinSize = 1,
    mask_background: MaskBackground = False,
    model: Model = None,
    checkpoint: Checkpoint = None,
    device: Device = None,
    batch_size: BatchSize = None,
    dataset: Datasets = None,
    source_format: SourceFormat = None,
    source_key: SourceKey = None,
    allow_remote: AllowRemote = False,
    include_crowd: IncludeCrowd = False,
    allow_outside: AllowOutside = False,
    allow_shrink: AllowShrink = False,
    max_pixels: MaxPixels = None,
    collection: CollectionName = None,
    data_dir: DataDir = None,
) -> IndexRequest:
    """The request that the options describe.

    Raises:
        InvalidOptionsError: An option has an impossible value.
    """
    from lookalike.connecting import require_own_folders

    require_own_folders()
    from lookalike.client.indexing import to_index_run

    run = to_index_run(
        source,
        collection,
        keeps_paths=True,
        mode=mode,
        padding=padding,
        min_size_px=min_size,
        mask_background=mask_background,
        model=model,
        checkpoint=checkpoint,
        device=device,
        batch_size=batch_size,
        datasets=dataset or None,
        source_format=source_format,
        source_key=source_key,
        allow_remote=allow_remote,
        include_crowd=include_crowd,
        allow_outside=allow_outside,
        allow_shrink=allow_shrink,
        max_pixels=max_pixels,
    )
    return IndexRequest(run, data_dir)


takes_request = takes("request", read_request)
"""Gives a command the options of `read_request`; it is called with their result as ``request``."""


@app.command()
@takes_request
def index(
    request: IndexRequest,
    full: Full = False,
    force: Annotated[bool, typer.Option("--force", help="Embed everything anew.")] = False,
    ray: Annotated[
        str | None,
        typer.Option("--ray", metavar="ADDRESS", help="Read and embed on a Ray cluster: HOST:6379, auto or local."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring a collection up to date with labelled images; only what changed is embedded."""
    report = request.carry_out("index", full=full, force=force, ray_address=ray)
    if as_json:
        print_json(report.to_json())
    else:
        _print_report(report)
    if report.failure is not None:
        print_error(report.failure)
        raise SystemExit(EXIT_FAILURE)


@app.command()
@takes_request
def watch(
    request: IndexRequest,
    every: Annotated[str, typer.Option(help="Pause between two looks: 60s, 5m or 1h.")] = "60s",
    full_every: Annotated[
        str | None, typer.Option(help="supervisely://: how often to list everything: 1h. The first look does.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Keep a collection equal to its source until stopped; --json prints one line a look."""
    pause_s = parse_duration(every)
    full_pause_s = None if full_every is None else parse_duration(full_every)
    is_first, full_at = True, -math.inf
    while True:
        try:
            is_full = full_pause_s is not None and time.monotonic() - full_at >= full_pause_s
            report = request.carry_out("watch", full=is_full)
            full_at = time.monotonic() if is_full else full_at
            if as_json:
                print_text(json.dumps(report.to_json()))
            elif is_first or report.has_changed:
                _print_report(report)
            if report.failure is not None:
                print_error(f"{report.failure} (looking again in {every})")
        except (SourceUnavailableError, StoreLockedError, StoreUnavailableError, RunActiveError) as error:
            if is_first:
                raise
            print_error(f"{error} (looking again in {every})")
        is_first = False
        sys.stdout.flush()
        time.sleep(pause_s)


def _print_report(report: SyncReport) -> None:
    images, instances = report.images, report.instances
    print_line(f"read as {report.format}: {report.recognised_by}")
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
    for kind, note in report.notes.items():
        print_line(f"  noted     {note.count}: {kind}")
        for example in note.examples:
            print_line(f"            {example}")
    if images.seen == 0:
        print_line("  the source holds no images, so there is nothing to embed")
