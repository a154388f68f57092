"""The payload of a point: field names, schema version, and which fields are indexed as what."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

PAYLOAD_VERSION: Final = 1


class PayloadField(StrEnum):
    """Every payload field; nothing else names one."""

    VERSION = "version"
    SOURCE_KEY = "source_key"
    PROJECT = "project"
    DATASET = "dataset"
    IMAGE_KEY = "image_key"
    IMAGE_NAME = "image_name"
    IMAGE_LOCATOR = "image_locator"
    IMAGE_SIZE_HW = "image_size_hw"
    INSTANCE = "instance"
    OBJECT_KEY = "object_key"
    CLASS_NAME = "class_name"
    GEOMETRY = "geometry"
    BOX = "box"
    SHAPE = "shape"
    TAGS = "tags"
    ANNOTATED_BY = "annotated_by"
    IMAGE_UPDATED_AT = "image_updated_at"
    OBJECT_UPDATED_AT = "object_updated_at"
    EMBEDDED_AT = "embedded_at"
    PIXELS_HASH = "pixels_hash"

    # Only on a source image's own point: what change detection compares, and what the run left out.
    PIXELS_STAMP = "pixels_stamp"
    ANNOTATION_STAMP = "annotation_stamp"
    INSTANCE_MODE = "instance_mode"
    N_INSTANCES = "n_instances"
    SKIPPED = "skipped"

    # Written by people; kept by re-indexing until class, box or pixels change.
    REVIEW = "review"
    REVIEW_VERDICT = "review.verdict"  # a path into the review, for filters and facets


RECORD_FIELDS: Final = frozenset(
    {
        PayloadField.PIXELS_STAMP,
        PayloadField.ANNOTATION_STAMP,
        PayloadField.INSTANCE_MODE,
        PayloadField.N_INSTANCES,
        PayloadField.SKIPPED,
    }
)
"""Fields that only a source image's own point has."""

INDEXED_FIELDS: Final[dict[PayloadField, str]] = {
    PayloadField.SOURCE_KEY: "keyword",
    PayloadField.DATASET: "keyword",
    PayloadField.IMAGE_KEY: "keyword",
    PayloadField.IMAGE_NAME: "keyword",
    PayloadField.INSTANCE: "keyword",
    PayloadField.CLASS_NAME: "keyword",
    PayloadField.TAGS: "keyword",
    PayloadField.ANNOTATED_BY: "keyword",
    PayloadField.OBJECT_UPDATED_AT: "datetime",
    PayloadField.REVIEW_VERDICT: "keyword",
}
"""Fields that filters and facets use, each with the type it really has. An index costs a sync to disk at creation."""
