"""Writes ``docs/openapi.json``, the api's document as it is. Run it after a change of the api, and read the difference.

python -m tests.meta.openapi_document
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from api.app import create_app
from api.settings import ApiSettings
from indexer.settings import IndexerSettings
from indexer.workspace import Workspace

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"


def make_document() -> str:
    """The document as text; the version is that of the product, and says nothing about the api."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Workspace.open(IndexerSettings(data_dir=Path(folder) / "data")) as workspace,
    ):
        document = create_app(ApiSettings(), workspace).openapi()
    document["info"]["version"] = "any"
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(make_document(), encoding="utf-8")
