"""An index run that is asked for, as what the indexer takes; the server and the process of a run do the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from indexer.domain import CropOptions, InstanceMode
from indexer.settings import EmbedderSettings, IndexerSettings
from indexer.sources import SOURCES
from indexer.sources.base import ImageSource
from indexer.sources.opening import open_source, recognise_source
from lookalike.wire.runs import IndexRun

if TYPE_CHECKING:
    from indexer.pipeline.report import SyncReport
    from indexer.pipeline.sync import Finish, SyncOptions

    Spread = Callable[[Callable[[], ImageSource], ImageSource, EmbedderSettings, SyncOptions], Finish]
    """Makes what reads and embeds elsewhere, of how a source is opened, the open one, the embedder and the options."""

_OF_FORMATS: Final = ("full", "allow_remote", "include_crowd", "allow_outside")
"""Options that some formats of sources have."""


def open_wanted(request: IndexRun) -> ImageSource:
    """Open the source that is to be indexed.

    Raises:
        InvalidOptionsError: The padding is not valid, or the format has no such option.
        SourceUnavailableError: There is no source, or its format is not recognised.
    """
    read_crops(request)  # a misspelt option is told before anything is read
    return opener_of(request)()


def check_wanted(request: IndexRun) -> None:
    """Refuse an index run that cannot open its source, as far as that can be told without reading all of it.

    Raises:
        InvalidOptionsError: The format has no such option.
        SourceUnavailableError: There is no source, or its format is not recognised.
        AnnotationFormatError: It is not of the format that was asked for.
    """
    place, recognised = recognise_source(request.source, format=request.source_format, options=_switched_on(request))
    is_asked_for = request.source_format is not None and isinstance(place, Path)
    if is_asked_for and SOURCES.load(recognised.format).recognises(place) is None:
        opener_of(request)()  # says what is missing; there is little to read where nothing is recognised


def opener_of(request: IndexRun) -> Callable[[], ImageSource]:
    """Function that opens the source, also in another process."""
    options = _switched_on(request)
    return partial(open_source, request.source, format=request.source_format, source_key=request.source_key, **options)


def _switched_on(request: IndexRun) -> dict[str, bool]:
    return {name: True for name in _OF_FORMATS if getattr(request, name)}


def index_wanted(
    index: Callable[..., SyncReport],
    settings: IndexerSettings,
    request: IndexRun,
    source: ImageSource,
    spread: Spread | None = None,
    **how: Any,
) -> SyncReport:
    """Bring the collection up to date with the open source.

    Args:
        index: ``Workspace.index``.
        settings: The defaults of embedder and images.
        request: What is to be indexed and how.
        source: The open source.
        spread: Makes what reads and embeds on other machines; None does it in this process.
        **how: Further arguments of ``index``, such as ``on_progress``.
    """
    from indexer.pipeline.sync import SyncOptions

    embedder, limits = _choose_embedder(settings.embedder, request), settings.images.limits
    options = SyncOptions(
        mode=None if request.mode is None else InstanceMode(request.mode),
        crops=read_crops(request),
        datasets=None if request.datasets is None else tuple(request.datasets),
        batch_size=embedder.batch_size,  # the embedder may be open since a run with another
        force=request.force,
        limits=limits if request.max_pixels is None else replace(limits, max_pixels=request.max_pixels),
        allow_shrink=request.allow_shrink,
    )
    if spread is not None:
        options = replace(options, finish=spread(opener_of(request), source, embedder, options))
    return index(source, collection_name=request.collection, embedder_settings=embedder, options=options, **how)


def read_crops(request: IndexRun) -> CropOptions:
    """The crop options.

    Raises:
        InvalidOptionsError: The padding is not valid.
    """
    return CropOptions.read(request.padding, min_size_px=request.min_size_px, mask_background=request.mask_background)


def _choose_embedder(default: EmbedderSettings, request: IndexRun) -> EmbedderSettings:
    checkpoint = None if request.checkpoint is None else Path(request.checkpoint)
    chosen = {
        "model": request.model,
        "checkpoint": checkpoint,
        "device": request.device,
        "batch_size": request.batch_size,
    }
    return default.model_copy(update={name: value for name, value in chosen.items() if value is not None})
