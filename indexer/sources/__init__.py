"""Where labelled images come from, one module per format."""

from typing import Final

from indexer.registry import Registry

LAST_RESORT: Final = "image_folder"
"""The format of images beside which no annotation is known; never taken where annotations of another format lie."""

SOURCES = Registry(
    "source format",
    {
        "supervisely": "indexer.sources.supervisely_files:SuperviselyFilesSource",
        "supervisely_server": "indexer.sources.supervisely_api:SuperviselyApiSource",
        "coco": "indexer.sources.coco:CocoSource",
        "yolo": "indexer.sources.yolo:YoloSource",
        "pascal_voc": "indexer.sources.pascal_voc:PascalVocSource",
        "image_folder": "indexer.sources.image_folder:ImageFolderSource",
    },
    group="lookalike.sources",
)
"""In the order in which formats are tried on a path: the most particular first."""

SCHEMES: Final = {"supervisely": "supervisely_server"}
"""Formats that are named by an address, such as ``supervisely://11``, instead of lying at a path."""

PATH_FORMATS: Final = tuple(name for name in SOURCES if name not in SCHEMES.values())
"""Formats that lie at a path: a folder or a file."""
