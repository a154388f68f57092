"""Every name that requests may use."""

from fastapi import APIRouter

from api.services.catalogue import make_catalogue
from lookalike.wire.catalogue import Catalogue

router = APIRouter(tags=["catalogue"])


@router.get("/catalogue")
def get_catalogue() -> Catalogue:
    """List source formats, models, projection methods and export formats."""
    return make_catalogue()
