"""Whether the api lives."""

from importlib.metadata import PackageNotFoundError, version

from fastapi import APIRouter

from api.schemas import Health

router = APIRouter(tags=["health"])


@router.get("/health")
def get_health() -> Health:
    """Say that the api lives, and which version it is."""
    try:
        return Health(status="ok", version=version("lookalike"))
    except PackageNotFoundError:
        return Health(status="ok", version="unknown: not installed")
