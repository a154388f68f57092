"""Whether the api lives."""

from fastapi import APIRouter

from api.dependencies import ServicesDep
from lookalike.version import read_version
from lookalike.wire.health import Health

router = APIRouter(tags=["health"])


@router.get("/health")
def get_health(services: ServicesDep) -> Health:
    """Say that the api lives, which version it is, and which server."""
    return Health(status="ok", version=read_version(), server_id=services.server_id)
