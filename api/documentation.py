"""The documentation of the api: a page whose scripts this server brings along, and the document that it shows."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from starlette.responses import HTMLResponse

from api.middleware.security_headers import page_policy

STATIC: Final = "static-offline-docs"
_INLINE_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_RUNS: Final = ("IndexRun", "ProjectRun")
_EXAMPLES: Final[Mapping[str, dict[str, Any]]] = {
    "ProjectRequest": {"method": "umap", "metric": "cosine"},
    "ProjectRun": {"kind": "project", "method": "umap", "collection": "products"},
    "IndexRun": {"kind": "index", "source": "/data/photos", "collection": "products"},
    "ExportRequest": {"folder": "/data/exports", "format": "parquet"},
    "ImportRequest": {"folder": "/data/embeddings"},
    "NeighborsRequest": {"ids": ["6f1f9c66-5c37-5e0f-9d0c-3b0f4c6ce0a1"], "limit": 20},
    "TextRequest": {"text": "a red shoe", "limit": 20},
    "ReviewRequest": {
        "ids": ["6f1f9c66-5c37-5e0f-9d0c-3b0f4c6ce0a1"],
        "verdict": "accept",
        "class_name": "boot",
        "who": "ana",
    },
    "UndoRequest": {"who": "ana"},
    "ApplyRequest": {"who": "ana", "dry_run": True},
    "SuspectsQuery": {"class_name": ["shoe"], "limit": 50},
    "PointsQuery": {"dataset": ["train"], "updated_after": "2026-01-31T12:00:00Z", "limit": 100},
    "Problem": {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "no collection 'shoes'; known: products",
        "code": "CollectionNotFoundError",
    },
}
"""An example per model that people write by hand, and of errors."""


def add_documentation(app: FastAPI) -> None:
    """Serve the page at ``/docs``, and complete the document with what the models do not know."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(plain())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's own documentation shows

    @app.get("/docs", include_in_schema=False)
    async def show_documentation() -> HTMLResponse:
        from fastapi.openapi.docs import get_swagger_ui_html

        page = get_swagger_ui_html(  # addresses relative to the page: a proxy may serve it below a path of its own
            openapi_url=str(app.openapi_url).removeprefix("/"),
            title=f"{app.title} - api",
            swagger_js_url=f"{STATIC}/swagger-ui-bundle.js",
            swagger_css_url=f"{STATIC}/swagger-ui.css",
            swagger_favicon_url=f"{STATIC}/favicon.png",
            swagger_ui_parameters={"validatorUrl": None},
        )
        scripts = _INLINE_SCRIPT.findall(bytes(page.body).decode())
        page.headers["Content-Security-Policy"] = page_policy(_hash(script) for script in scripts)
        return page


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    """Say which names exist here, what requests look like, and how one proves who asks."""
    from indexer.exports import EXPORTS
    from indexer.maps.projectors import PROJECTORS
    from indexer.sources import SOURCES

    schemas = document["components"]["schemas"]
    names = {  # packages may add some, so that the models do not list them
        ("ProjectRequest", "method"): PROJECTORS,
        ("ProjectRun", "method"): PROJECTORS,
        ("ExportRequest", "format"): EXPORTS,
        ("ApplyRequest", "source_format"): SOURCES,
    }
    for (model, field), registry in names.items():
        schema = schemas[model]["properties"][field]
        _text_in(schema)["enum"] = list(registry)
    for model in _RUNS:  # each has a default for programs, but a request must say which it is
        schemas[model]["required"] = sorted({*schemas[model].get("required", ()), "kind"})
    for model, example in _EXAMPLES.items():
        if model in schemas:
            schemas[model]["examples"] = [example]
    document["components"]["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "a key of the token file, or server.json's token"}
    }
    document["security"] = [{"key": []}, {}]
    return document


def _text_in(schema: dict[str, Any]) -> dict[str, Any]:
    """The part of an optional text that is the text."""
    return next((part for part in schema.get("anyOf", ()) if part.get("type") == "string"), schema)
