"""Accepted reviews written back to where the labels came from, one module a format."""

from indexer.registry import Registry

WRITERS = Registry(
    "format that labels can be written to",
    {
        "supervisely": "indexer.reviews.writers.supervisely_files:SuperviselyFilesWriter",
        "supervisely_server": "indexer.reviews.writers.supervisely_server:SuperviselyServerWriter",
        "coco": "indexer.reviews.writers.coco:CocoWriter",
        "image_folder": "indexer.reviews.writers.image_folder:ImageFolderWriter",
    },
)
"""By the names of ``indexer.sources.SOURCES``; for any other format there is the patch file.

Formats that lie at a path have a ``LabelWriter``. A server's writer plans changes of objects instead of files.
"""
