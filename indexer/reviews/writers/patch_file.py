"""Accepted reviews as one JSON document, for formats that are not written to and for tools of one's own."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from indexer.atomic_files import write_atomically
from indexer.errors import SourceError
from indexer.payload import PayloadField
from indexer.reviews.review import Review

PATCH_FORMAT: Final = "lookalike relabels"
PATCH_VERSION: Final = 1


def write_patch(path: Path, accepted: Iterable[Review]) -> None:
    """Write accepted reviews as one JSON document that any tool can apply.

    Raises:
        SourceError: The file cannot be written.
    """
    relabels = [_describe(review) for review in accepted]
    document = {"format": PATCH_FORMAT, "version": PATCH_VERSION, "relabels": relabels}
    try:
        write_atomically(path, (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode())
    except OSError as error:
        raise SourceError(f"patch file {path} cannot be written: {error.strerror}; choose another") from error


def _describe(review: Review) -> dict[str, Any]:
    names = (PayloadField.SOURCE_KEY, PayloadField.DATASET, PayloadField.IMAGE_KEY, PayloadField.IMAGE_NAME)
    subject = {name.value: review.subject.get(name) for name in (*names, PayloadField.OBJECT_KEY, PayloadField.BOX)}
    verdict = {"who": review.who, "at": review.at.isoformat(), "note": review.note, "review": review.id}
    return subject | {"from": review.given_class, "to": review.class_name} | verdict
