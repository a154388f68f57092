"""Data into what is drawn: colours, words and numbers. Pure functions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from dash import html

from explorer.state import ClassCount, OpenCollection
from lookalike.wire.base import CountedName

# Chosen greedily in CIELAB for the largest smallest difference under normal, deuteranopic and protanopic vision. Normal
# vision weighs more, so that hues stay apart too. Lightness is 38 to 84 and chroma over 30. So every colour shows on
# white and on dark paper, and none looks like OTHER_COLOR. tests/unit/explorer/test_figures.py measures it.
CLASS_COLORS: Final = (
    "#2f7fd6", "#e8a317", "#c3003c", "#4be187", "#962d87", "#785aff", "#ffb4ff", "#698700",
    "#008769", "#ff784b", "#d200c3", "#78e1d2", "#ff1e87", "#e1d269", "#695a00", "#3cb4d2",
    "#d28769", "#e1d200", "#f087ff", "#9669a5", "#7887ff", "#69b44b", "#b44b5a", "#1ed2a5",
)  # fmt: skip
OTHER_COLOR: Final = "#9aa0a6"

NO_CLASS: Final = "no class"
LONGEST_COMPARED: Final = 32
"""Characters of a class name below a crop: four lines."""
_MOST_OF_LAST: Final = 0.7
"""Share of them that the last folder of a path may take; else it loses its middle as well."""
_TIMES: Final = "\N{MULTIPLICATION SIGN}"

_FIELD_WORDS: Final = {
    "class_name": "Class",
    "dataset": "Dataset",
    "image_name": "Image",
    "image_size_hw": "Image size",
    "geometry": "Geometry",
    "box": "Box",
    "tags": "Tags",
    "annotated_by": "Annotated by",
    "object_updated_at": "Object edited",
    "image_updated_at": "Image edited",
    "embedded_at": "Embedded",
    "project": "Project",
    "instance": "Instance",
    "object_key": "Object key",
    "image_key": "Image key",
    "source_key": "Source",
    "image_locator": "File",
    "pixels_hash": "Pixels hash",
}
"""Payload fields in the order in which a person wants to read them."""

_SHOWN_ELSEWHERE: Final = frozenset({"shape", "review", "review_verdict"})
"""Drawn into the image, or told in words."""

_TECHNICAL: Final = frozenset(
    {"version", "pixels_hash", "source_key", "image_key", "image_locator", "object_key", "instance", "project"}
)


def class_counts(classes: Iterable[CountedName]) -> list[ClassCount]:
    """Counted classes in the form that stores carry."""
    return [{"name": entry.name, "count": entry.count} for entry in classes]


def class_label(name: str | None) -> str:
    """The name of a class as it is shown; points without a class have one too."""
    return name or NO_CLASS


def breakable(text: str) -> list[Any]:
    """The text of a name, which may break after the marks that names are made of."""
    parts = re.split(r"(?<=[/-])" if re.search("[/-]", text) else r"(?<=_)", text)
    return [part for text in parts if text for part in (html.Wbr(), text)][1:]


def shared_path(names: Iterable[str]) -> str:
    """The folders that all these paths begin with, for example ``food/`` of food/tea and food/pie; empty without."""
    paths = [name.split("/")[:-1] for name in names]
    shared = []
    for parts in zip(*paths, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(f"{parts[0]}/")
    return "".join(shared) if paths else ""


def compared_labels(given: str | None, other: str | None) -> tuple[str, str]:
    """Two class names to be shown one above the other, short, but never so short that they look the same.

    Folders that both are in are dropped, and a long name loses its middle, but keeps the last part of a path.
    """
    whole = class_label(given), class_label(other)
    path = shared_path(whole) if whole[0] != whole[1] else ""
    short = tuple(_without_middle(f"\N{HORIZONTAL ELLIPSIS}/{name[len(path) :]}" if path else name) for name in whole)
    return whole if short[0] == short[1] else (short[0], short[1])


def _without_middle(name: str) -> str:
    if len(name) <= LONGEST_COMPARED:
        return name
    last = len(name) - name.rfind("/")
    n_end = last if "/" in name and last <= LONGEST_COMPARED * _MOST_OF_LAST else (LONGEST_COMPARED - 1) // 2
    return f"{name[: LONGEST_COMPARED - 1 - n_end]}\N{HORIZONTAL ELLIPSIS}{name[-n_end:]}"


def natural_key(name: str) -> list[tuple[int, str]]:
    """Sorting key that puts ``class 9`` before ``class 10``."""
    return [(int(part), "") if part.isdigit() else (-1, part.lower()) for part in re.split(r"(\d+)", name) if part]


def class_colors(classes: Iterable[CountedName]) -> dict[str, str]:
    """A colour for every class name: the largest classes get distinct ones, the rest share a grey.

    More colours than ``CLASS_COLORS`` cannot be told apart, so they would say something that is not there. Colours
    follow the names' order, so that a few relabelled points do not exchange them.
    """
    named = sorted((entry for entry in classes if entry.name), key=lambda entry: (-entry.count, entry.name))
    largest = sorted((entry.name for entry in named[: len(CLASS_COLORS)]), key=natural_key)
    distinct = dict(zip(largest, CLASS_COLORS, strict=False))
    return {entry.name: distinct.get(entry.name, OTHER_COLOR) for entry in named}


def color_of_class(collection: OpenCollection, name: str | None) -> str:
    """The colour of a class, grey for none and for one that the collection does not know."""
    return collection["colors"].get(name or "", OTHER_COLOR)


def dot_size_px(n_points: int) -> float:
    """Diameter at which that many dots neither drown in the map nor fill it: 6 px for 2,000, 2.5 for a million."""
    return min(8.0, max(1.5, round(2 * (10.5 - 1.35 * math.log10(max(n_points, 1)))) / 2))


def count_text(count: int, noun: str) -> str:
    """A number with its noun, for example ``1,797 points``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def age_text(moment: datetime, now: datetime) -> str:
    """Say roughly when something was: ``just now``, ``5 min ago``, ``3 h ago`` or the date."""
    seconds = (now - moment).total_seconds()
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min ago"
    if seconds < 86400:
        return f"{seconds // 3600:.0f} h ago"
    return f"{moment:%d %b %Y}"


def payload_rows(payload: Mapping[str, Any]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """A payload as readable (name, value) rows: what people ask for first, and the technical rest.

    Fields that this version does not know are shown under their own names; empty ones are left out.
    """
    known = [name for name in _FIELD_WORDS if name in payload]
    unknown = sorted(name for name in payload if name not in _FIELD_WORDS)
    plain: list[tuple[str, str]] = []
    technical: list[tuple[str, str]] = []
    for name in known + unknown:
        if name in _SHOWN_ELSEWHERE or payload[name] in (None, "", [], {}):
            continue
        rows = technical if name in _TECHNICAL else plain
        rows.append((_FIELD_WORDS.get(name, name.replace("_", " ")), value_text(name, payload[name])))
    return plain, technical


def value_text(field: str, value: Any) -> str:
    """One payload value as a person reads it."""
    if field == "box":
        left, top, right, bottom = value
        return f"{right - left} {_TIMES} {bottom - top} px at {left}, {top}"
    if field == "image_size_hw":
        height, width = value
        return f"{width} {_TIMES} {height} px"
    if field.endswith("_at"):
        return f"{datetime.fromisoformat(str(value)).astimezone(UTC):%d %b %Y %H:%M} UTC"
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
