"""The version of the installed product."""

from importlib.metadata import PackageNotFoundError, version


def read_version() -> str:
    """The version of the installed product, or that it runs from a folder of sources."""
    try:
        return version("lookalike")
    except PackageNotFoundError:
        return "not installed"
