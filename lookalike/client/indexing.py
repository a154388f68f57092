"""The options of an index run as keyword arguments."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from lookalike.client.paths import server_path
from lookalike.client.problems import make_request
from lookalike.errors import InvalidOptionsError
from lookalike.wire.names import InstanceMode
from lookalike.wire.runs import IndexRun


class IndexOptions(TypedDict, total=False):
    """Options of an index run; what is left out or None has the default of ``lookalike index``.

    Attributes:
        mode: What becomes a point; found out from the source if None.
        padding: Added to every side of an object: pixels (``"8"``, ``"-4"``) or a share (``"0.1"``, ``"10%"``).
        min_size_px: Skip objects narrower or lower than this.
        mask_background: Replace what lies outside an object's shape by a flat colour.
        model: timm name, or ``hf:NAME``; that of the server's settings if None.
        checkpoint: Weights file for the model, on the server's machine.
        device: ``auto``, ``cpu``, ``cuda:N`` or ``mps``.
        batch_size: Crops per forward pass; what suits the device if None.
        datasets: Only these datasets and those in them.
        source_format: A name of ``get_catalogue().source_formats``; found out from the source if None.
        source_key: Identity of the source; its path if None.
        allow_remote: COCO: read images from the addresses that it names.
        include_crowd: COCO: make points of crowd annotations too.
        allow_outside: COCO, YOLO: read images that annotation files name outside the source.
        allow_shrink: Remove points although most images are no longer listed.
        max_pixels: Largest image, width times height.
        force: Embed everything anew.
        full: ``supervisely://``: list everything, also what is known.
    """

    mode: InstanceMode | None
    padding: str | None
    min_size_px: int | None
    mask_background: bool | None
    model: str | None
    checkpoint: str | os.PathLike[str] | None
    device: str | None
    batch_size: int | None
    datasets: Sequence[str] | None
    source_format: str | None
    source_key: str | None
    allow_remote: bool | None
    include_crowd: bool | None
    allow_outside: bool | None
    allow_shrink: bool | None
    max_pixels: int | None
    force: bool | None
    full: bool | None


def to_index_run(
    source: str | os.PathLike[str], collection: str | None, *, keeps_paths: bool, **options: Unpack[IndexOptions]
) -> IndexRun:
    """The request that the options describe.

    Args:
        source: Path of the source, or an address.
        collection: Name of the collection; made of the model's name if None.
        keeps_paths: Whether paths stay as they are said: the run is in this process, or on another machine.
        **options: See ``IndexOptions``.

    Raises:
        InvalidOptionsError: An option has an impossible value.
    """
    if not os.fspath(source).strip():
        raise InvalidOptionsError("the source is empty; name a data set, a folder of images or supervisely://PROJECT")
    fields: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    if "datasets" in fields:
        fields["datasets"] = list(fields["datasets"])
    if "checkpoint" in fields:
        fields["checkpoint"] = server_path(fields["checkpoint"], is_local=not keeps_paths)
    return make_request(IndexRun, source=server_path(source, is_local=not keeps_paths), collection=collection, **fields)
