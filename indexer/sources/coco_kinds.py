"""Kinds of JSON files, told from their two ends: COCO, a relative of it that is not read, or something else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

from indexer.sources.files import peek_ends

_PEEK_BYTES: Final = 1 << 16
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\],:]|[^"{}\[\],:]+', re.DOTALL)
_SECTIONS: Final = frozenset(("images", "annotations", "categories"))
_FRAME: Final = _SECTIONS | {"info", "licenses"}
_OF_AN_IMAGE: Final = re.compile(r'"(?:file_name|coco_url)"\s*:')
_OF_AN_ANNOTATION: Final = re.compile(r'"image_id"\s*:')
_SECTION: Final = re.compile(r'"(images|annotations|categories)"\s*:\s*\[')
_OF_A_RESULT: Final = re.compile(r'"(?:category_id|caption)"\s*:')
_OF_PANOPTIC: Final = re.compile(r'"segments_info"\s*:')
_NO_IMAGES: Final = re.compile(r'"images"\s*:\s*\[\s*\]')
_LINES: Final = re.compile(r"\}\s*\n\s*\{")
_LINES_ENDINGS: Final = (".jsonl", ".ndjson", ".odgt")
_PACKED_ENDINGS: Final = (".json.gz", ".json.bz2", ".json.xz", ".json.zip")


class CocoKind(StrEnum):
    """Kinds of files, each as the end of a sentence that begins with a file's name."""

    COCO = "is a COCO file"
    PANOPTIC = "is a COCO panoptic file, which is not read; export it as COCO instances"
    COCO_TEXT = "is a COCO-Text file ('imgs' and 'anns'), which is not read; export it as COCO instances"
    RESULTS = "is a list of results, not of labelled images; give the COCO file that they belong to"
    LINES = "is JSON Lines, which is not read; export it as COCO"
    PACKED = "is packed, which is not read; unpack it"
    UNREADABLE = "is not JSON"
    OTHER = "is not a COCO file"


REFUSED: Final = frozenset((CocoKind.PANOPTIC, CocoKind.COCO_TEXT, CocoKind.RESULTS, CocoKind.LINES, CocoKind.PACKED))
"""Kinds that are known and not read: better said than passed over."""


def find_kind(path: Path) -> CocoKind:
    """Tell what a file is by its name and its two ends; a file of any length costs two short reads."""
    name = path.name.lower()
    if name.endswith(_PACKED_ENDINGS):
        return CocoKind.PACKED
    if name.endswith(_LINES_ENDINGS):
        return CocoKind.LINES
    head, tail = peek_ends(path, _PEEK_BYTES)
    start = head.lstrip("\ufeff \t\r\n")
    if start.startswith("["):
        return _kind_of_list(start)
    return _kind_of_object(start, tail) if start.startswith("{") else CocoKind.UNREADABLE


def _kind_of_list(head: str) -> CocoKind:
    is_result = _OF_AN_ANNOTATION.search(head) and _OF_A_RESULT.search(head)
    return CocoKind.RESULTS if is_result else CocoKind.OTHER


def _kind_of_object(head: str, tail: str) -> CocoKind:
    members, text = _outer_members(head), head + tail
    if {"imgs", "anns"} <= members.keys():
        return CocoKind.COCO_TEXT
    if _is_coco(members, text, tail):
        return CocoKind.PANOPTIC if _OF_PANOPTIC.search(text) else CocoKind.COCO
    if _LINES.search(head) and not _is_broken(head.partition("\n")[0]):
        return CocoKind.LINES
    return CocoKind.UNREADABLE if not tail and _is_broken(head) else CocoKind.OTHER


def _is_coco(members: Mapping[str, str], text: str, tail: str) -> bool:
    """Whether the outer object has the sections of COCO with what belongs into them.

    Args:
        members: What its beginning shows.
        text: Both ends of the file.
        tail: Its end, empty if the beginning is all. Of a long file not every section shows at the beginning.
    """
    has_images, has_annotations = bool(_OF_AN_IMAGE.search(text)), bool(_OF_AN_ANNOTATION.search(text))
    sections = {name for name in _SECTIONS if members.get(name) == "["}
    if tail:
        seen = {"images": has_images, "annotations": has_annotations}
        sections |= {name for name, is_seen in seen.items() if is_seen} | set(_SECTION.findall(tail))
    known = sections | (_FRAME & members.keys())
    if not _FRAME & members.keys() or not sections - {"categories"} or (not tail and len(known) < 2):
        return False
    return has_images or has_annotations or _NO_IMAGES.search(text) is not None


def _outer_members(text: str) -> dict[str, str]:
    """Name -> first character of the value, of the members of the outer object that a beginning of a file shows."""
    found: dict[str, str] = {}
    depth, position, before, name = 0, 0, "", None
    while match := _TOKEN.match(text, position):
        position, part = match.end(), match[0].strip()
        if not part:
            continue
        if name is not None and before == ":":
            found[name], name = part[0], None
        elif depth == 1 and before in ("{", ",") and part.startswith('"'):
            name = part[1:-1]
        depth += (part in "{[") - (part in "}]")
        before = part
    return found


def _is_broken(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return True
    return False
