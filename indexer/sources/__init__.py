"""Where labelled images come from, one module a format."""

from indexer.registry import Registry

SOURCES = Registry(
    "source format",
    {
        "supervisely": "indexer.sources.supervisely_files:SuperviselyFilesSource",
        "coco": "indexer.sources.coco:CocoSource",
        "yolo": "indexer.sources.yolo:YoloSource",
        "pascal_voc": "indexer.sources.pascal_voc:PascalVocSource",
        "image_folder": "indexer.sources.image_folder:ImageFolderSource",
    },
)
"""In the order in which formats are tried on a path: the most particular first."""
