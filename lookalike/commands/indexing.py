"""Commands that bring collections up to date."""

from __future__ import annotations

import json
import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from lookalike.commands.application import (
    AsJson,
    DataDir,
    Place,
    Server,
    app,
    read_place,
    settings_for,
    wait_for,
)
from lookalike.commands.parameters import parse_path, takes
from lookalike.console import EXIT_FAILURE, print_error, print_json, print_line, print_text, show_progress
from lookalike.errors import (
    InvalidOptionsError,
    LookalikeError,
    RunActiveError,
    ServerUnreachableError,
    SourceUnavailableError,
    StoreLockedError,
    StoreUnavailableError,
)
from lookalike.stopping import sleep
from lookalike.wire.names import InstanceMode

if TYPE_CHECKING:
    from lookalike.client.blocking.run import Run
    from lookalike.wire.runs import IndexRun


_PASSING: Final = (
    *(SourceUnavailableError, StoreLockedError, StoreUnavailableError),
    *(RunActiveError, ServerUnreachableError),
)
"""Errors that may be over at the next look."""


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
Checkpoint = Annotated[Path | None, typer.Option(parser=parse_path, metavar="PATH", help="Weights file for the model.")]
Device = Annotated[str | None, typer.Option(help="auto, cpu, cuda:N or mps.")]
BatchSize = Annotated[
    int | None, typer.Option(min=1, max=4096, help="Crops per forward pass; suits the device if unset.")
]
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


_MADE: Final = ("embedded", "payload_updated", "unchanged", "skipped")
"""Counts of a report, one of which is not zero if a source has objects."""

CollectionToWrite = Annotated[
    str | None, typer.Option("--collection", help="Where to write [default: one per model and crop setting]")
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """End of an index run.

    Attributes:
        report: What it did, as ``lookalike index --json`` prints it.
        failure: Why it has failed as a whole; None if it has not.
    """

    report: dict[str, Any]
    failure: str | None = None

    @property
    def has_changed(self) -> bool:
        """Whether the run wrote anything, or failed at anything."""
        return any(self.report["images"][name] for name in ("added", "updated", "removed", "failed"))


@dataclass(frozen=True, slots=True)
class IndexRequest:
    """Request to ``index`` or ``watch``.

    Attributes:
        run: What is indexed and how.
        place: Where: a data directory, or a server that reads paths of its own machine.
    """

    run: IndexRun
    place: Place

    def carry_out(self, command: str, *, full: bool, force: bool = False, ray_address: str | None = None) -> Outcome:
        """Bring the collection up to date once."""
        run = self.run.model_copy(update={"full": full, "force": force})
        if self.place.server is None:
            return self._index_here(run, command, ray_address)
        if ray_address is not None:
            raise InvalidOptionsError("--ray and --server contradict each other; use one of them")
        return self._index_there(run, command)

    def _index_here(self, run: IndexRun, command: str, ray_address: str | None) -> Outcome:
        """Read and embed in this process."""
        from lookalike.connecting import require_own_folders

        require_own_folders()
        from lookalike.run_worker import run_index

        with show_progress() as on_progress:
            settings = settings_for(self.place.data_dir)
            owner = f"lookalike {command}"
            report = run_index(run, settings, owner=owner, on_progress=on_progress, ray_address=ray_address)
        return Outcome(report.to_json(), report.failure)

    def _index_there(self, run: IndexRun, command: str) -> Outcome:
        """Have the server read and embed."""
        options = run.model_dump(exclude={"kind", "source", "collection"}, exclude_none=True)
        started: Run[dict[str, Any]] | None = None
        with self.place.connect_and_show(command) as (client, on_progress):

            def start() -> Run[dict[str, Any]]:
                nonlocal started
                started = client.index(run.source, run.collection, **options)
                return started

            try:
                return Outcome(wait_for(start, on_progress))
            except LookalikeError as error:
                if started is None or started.info.result is None:
                    raise
                return Outcome(started.info.result, str(error))


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
    collection: CollectionToWrite = None,
    data_dir: DataDir = None,
    server: Server = None,
) -> IndexRequest:
    """The request that the options describe.

    Raises:
        InvalidOptionsError: An option has an impossible value.
    """
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
    return IndexRequest(run, read_place(data_dir, server))


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
    outcome = request.carry_out("index", full=full, force=force, ray_address=ray)
    if as_json:
        print_json(outcome.report)
    else:
        _print_report(outcome.report)
    if outcome.failure is not None:
        print_error(outcome.failure)
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
    """Keep a collection equal to its source until stopped; --json prints one line per look."""
    pause_s = parse_duration(every)
    full_pause_s = None if full_every is None else parse_duration(full_every)
    is_first, full_at = True, -math.inf
    while True:
        try:
            is_full = full_pause_s is not None and time.monotonic() - full_at >= full_pause_s
            outcome = request.carry_out("watch", full=is_full)
            full_at = time.monotonic() if is_full else full_at
            if as_json:
                print_text(json.dumps(outcome.report))
            elif is_first or outcome.has_changed:
                _print_report(outcome.report)
            if outcome.failure is not None:
                print_error(f"{outcome.failure} (looking again in {every})")
        except _PASSING as error:
            if is_first:
                raise
            print_error(f"{error} (looking again in {every})")
        is_first = False
        sys.stdout.flush()
        sleep(pause_s)


def _print_report(report: dict[str, Any]) -> None:
    images, instances = report["images"], report["instances"]
    print_line(f"read as {report['format']}: {report['recognised_by']}")
    print_line(f"collection {report['collection']}: {report['seconds']:.1f} s")
    print_line(
        "  images    {seen} seen: {added} added, {updated} updated, {unchanged} unchanged, {failed} failed; "
        "{removed} removed".format_map(images)
    )
    print_line(
        "  instances {embedded} embedded, {payload_updated} relabelled, {unchanged} unchanged, {removed} removed, "
        "{skipped} skipped".format_map(instances)
    )
    for reason, count in sorted(report["skipped_reasons"].items()):
        print_line(f"  skipped   {count}: {reason}")
    for failure in report["failures"]:
        print_line(f"  failed    {failure['image']}: {failure['reason']}")
    for note in report["notes"]:
        print_line(f"  noted     {note['count']}: {note['kind']}")
        for example in note["examples"]:
            print_line(f"            {example}")
    if images["seen"] == 0:
        print_line("  the source holds no images, so there is nothing to embed")
    elif not images["failed"] and not any(instances[name] for name in _MADE):
        print_line("  no image has an object, so no point was made; --mode images makes one of each whole image")
