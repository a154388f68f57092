"""Every name that requests may use."""

from fastapi import APIRouter

from api.services.catalogue import make_catalogue
from lookalike.wire.catalogue import Catalogue, ModelInfo, Models

router = APIRouter(tags=["catalogue"])


@router.get("/models")
def list_models() -> Models:
    """List recommended models, and whether they are on the server's machine."""
    from indexer.embedders.catalogue import recommended_models
    from indexer.embedders.devices import describe_engines

    return Models(models=[ModelInfo(**model) for model in recommended_models()], engines=describe_engines())


@router.get("/catalogue")
def get_catalogue() -> Catalogue:
    """List source formats, models, projection methods and export formats."""
    return make_catalogue()
