"""Whether the api lives."""

from importlib.metadata import PackageNotFoundError, version

from fastapi import APIRouter

from lookalike.wire.health import Health

router = APIRouter(tags=["health"])


@router.get("/health")
def get_health() -> Health:
    """Say that the api lives, and which version it is."""
    return Health(status="ok", version=read_version())


def read_version() -> str:
    """The version of the installed product, or that it runs from a folder of sources."""
    try:
        return version("lookalike")
    except PackageNotFoundError:
        return "not installed"
