"""Every name that requests may use."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import ServicesDep
from api.services.catalogue import make_catalogue
from lookalike.wire.catalogue import Catalogue, ModelInfo, Models

router = APIRouter(tags=["catalogue"])


@router.get("/models")
def list_models(
    *,
    services: ServicesDep,
    with_devices: Annotated[
        bool, Query(description="also list the devices of the server's machine, which takes seconds the first time")
    ] = False,
) -> Models:
    """List recommended models, and whether they are on the server's machine."""
    from indexer.embedders.catalogue import recommended_models
    from indexer.embedders.devices import describe_engines

    asks_devices = with_devices and not services.settings.has_workers  # those of workers are on other machines
    return Models(
        models=[ModelInfo(**model) for model in recommended_models()],
        engines=describe_engines(),
        devices=services.devices.names() if asks_devices else None,
    )


@router.get("/catalogue")
def get_catalogue() -> Catalogue:
    """List source formats, models, projection methods and export formats."""
    return make_catalogue()
