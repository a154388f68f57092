"""Every name that a request may use, taken from the registries."""

from __future__ import annotations

import inspect

from indexer.embedders import EMBEDDERS
from indexer.exports import EXPORTS
from indexer.maps.projectors import PROJECTORS
from indexer.registry import Registry
from indexer.sources import SOURCES
from lookalike.wire.catalogue import Catalogue, CatalogueEntry, ModelInfo


def make_catalogue() -> Catalogue:
    """List all names with a sentence each."""
    from indexer.embedders.catalogue import recommended_models
    from indexer.embedders.devices import describe_engines

    return Catalogue(
        source_formats=_entries(SOURCES),
        embedders=_entries(EMBEDDERS),
        models=[ModelInfo(**model) for model in recommended_models()],
        engines=describe_engines(),
        projection_methods=_entries(PROJECTORS),
        export_formats=_entries(EXPORTS),
    )


def _entries(registry: Registry) -> list[CatalogueEntry]:
    return [CatalogueEntry(name=name, description=_first_line(registry.load(name))) for name in registry]


def _first_line(entry: object) -> str:
    """The first line of a docstring, for people."""
    return (inspect.getdoc(entry) or "").partition("\n")[0].replace("``", "")
