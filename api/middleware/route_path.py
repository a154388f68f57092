"""The path of a request as routes see it."""

from __future__ import annotations

from starlette.types import Scope


def route_path(scope: Scope) -> str:
    """The path of a request below the place at which this app is mounted."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    below = path.removeprefix(root) if root else path
    return (below if below.startswith("/") else path) if below else "/"
