"""XML files of Pascal VOC -> our objects. They come from anybody: nothing is expanded, everything has a limit.

Corners count pixels from one and include both ends (VOC development kit, section 4.2): ``xmin=1, xmax=10`` is our
``left=0, right=10``. Tools that descend from it add a ``<polygon>`` in the same coordinates (Roboflow, LabelMe's web
tool) or a ``<robndbox>``, whose centre is continuous (roLabelImg).
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from indexer.domain import SkipReason, SourceObject
from indexer.errors import AnnotationFormatError
from indexer.sources import geometry
from indexer.sources.files import read_annotation_file
from indexer.sources.geometry import Geometry, box_key

_FLAGS: Final = ("difficult", "truncated", "occluded")
_MAX_BYTES: Final = 64 << 20
_DECLARATION: Final = re.compile(rb"""\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
)
_REFUSED_CODECS: Final = frozenset(("idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-7", "undefined"))
"""Text codecs of Python that are no character sets; some take quadratic time."""


def read_xml(path: Path) -> ET.Element:
    """The root element of an annotation file.

    Raises:
        AnnotationFormatError: It cannot be read, is no XML, declares entities, or is no annotation.
    """
    text = _decode(path, read_annotation_file(path, max_bytes=_MAX_BYTES))
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise AnnotationFormatError(f"{path} declares a document type or entities, which are not read; remove them")
    try:
        root = ET.fromstring(text)  # noqa: S314 - without entities there is nothing to expand
    except (ET.ParseError, ValueError) as error:
        raise AnnotationFormatError(f"{path} is not valid XML: {error}; restore or export it again") from error
    except (MemoryError, RecursionError) as error:
        raise AnnotationFormatError(f"{path} needs more memory than there is; export it again") from error
    if root.tag != "annotation":
        raise AnnotationFormatError(f"{path} is no annotation: it begins with <{root.tag[:40]}>, not <annotation>")
    return root


def read_size_hw(root: ET.Element) -> tuple[int, int] | None:
    """Height and width that an annotation states; None if it states none that an image can have."""
    size = root.find("size")
    if size is None:
        return None
    try:
        height, width = _number(size, "height"), _number(size, "width")
    except ValueError:
        return None
    is_possible = height.is_integer() and width.is_integer() and height >= 1 and width >= 1
    return (int(height), int(width)) if is_possible else None


def read_objects(root: ET.Element, on_broken: Callable[[str], None]) -> list[SourceObject]:
    """The objects of an annotation, without those marked as deleted.

    Args:
        root: The annotation.
        on_broken: Told which object cannot be used and why.
    """
    objects = []
    for number, element in enumerate(root.iterfind("object"), 1):
        if _has_flag(element, "deleted"):
            continue
        try:
            objects.append(_make_object(element))
        except (ValueError, OverflowError) as error:
            class_name = _text(element, "name")
            on_broken(f"object {number} ({class_name or 'without a name'}): {error}")
            objects.append(_make_broken_object(class_name))
    return objects


def _decode(path: Path, content: bytes) -> str:
    """The file's text in the encoding that its first bytes or its declaration name; UTF-8 if neither does."""
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    if encoding is None:
        declared = _DECLARATION.match(content)
        encoding = "utf-8" if declared is None else _find_codec(path, declared[1].decode("ascii"))
    try:
        text = content.decode(encoding)
    except (UnicodeError, LookupError) as error:
        reason = f"is not {encoding.removesuffix('-sig').upper()} text"
        place = f" (byte {error.start})" if isinstance(error, UnicodeDecodeError) else ""
        raise AnnotationFormatError(f"{path} {reason}{place}; save it as UTF-8, or declare its encoding") from error
    return text.removeprefix("\ufeff")


def _find_codec(path: Path, declared: str) -> str:
    """The codec of a declared encoding."""
    try:
        name = codecs.lookup(declared).name
    except LookupError:
        name = "undefined"
    if name.replace("_", "-") in _REFUSED_CODECS:
        raise AnnotationFormatError(f"{path} declares the encoding '{declared}', which is not known; save it as UTF-8")
    # A declaration that can be read as ASCII is no UTF-16, though some programs declare it.
    return "utf-8" if name.startswith(("utf-16", "utf-32")) else name


def _make_object(element: ET.Element) -> SourceObject:
    class_name = _text(element, "name")
    if not class_name:
        raise ValueError("it has no <name>")
    parsed = _parse_geometry(element)
    return SourceObject(
        key=box_key(parsed.box),
        class_name=class_name,
        geometry=parsed.name,
        box=parsed.box,
        tags=tuple(sorted(flag for flag in _FLAGS if _has_flag(element, flag))),
        shape=parsed.shape,
        skip_reason=parsed.skip_reason,
    )


def _make_broken_object(class_name: str) -> SourceObject:
    return SourceObject(box_key(None), class_name, "unknown", None, skip_reason=SkipReason.BROKEN)


def _parse_geometry(element: ET.Element) -> Geometry:
    """The box, with the polygon if there is one; else the box around the polygon or the oriented box."""
    box, polygon, oriented = (element.find(tag) for tag in ("bndbox", "polygon", "robndbox"))
    if oriented is not None:
        return _parse_oriented_box(oriented)
    if box is None:
        return _parse_polygon(polygon) if polygon is not None else _skip_unknown()
    left, top, right, bottom = (_number(box, name) for name in ("xmin", "ymin", "xmax", "ymax"))
    if right < left or bottom < top:
        raise ValueError(f"its corners are swapped: xmin {left:g}, ymin {top:g}, xmax {right:g}, ymax {bottom:g}")
    boxed = geometry.rectangle(left - 1, top - 1, right, bottom)
    if polygon is None:
        return boxed
    try:
        return _parse_polygon(polygon)._replace(box=boxed.box)
    except (ValueError, OverflowError):
        return boxed


def _skip_unknown() -> Geometry:
    return geometry.skipped("unknown", SkipReason.UNKNOWN_GEOMETRY)


def _parse_polygon(element: ET.Element) -> Geometry:
    """Corners as ``<x1>``, ``<y1>``, ``<x2>``, ... or as ``<pt>`` with ``<x>`` and ``<y>``."""
    points = [(_number(pt, "x"), _number(pt, "y")) for pt in element.iterfind("pt")]
    if not points:
        n_corners = sum(re.fullmatch(r"x[0-9]{1,9}", child.tag) is not None for child in element)
        numbers = {child.tag: child for child in element}
        places = [place for place in range(n_corners + 1) if f"x{place}" in numbers]
        points = [(_number(element, f"x{place}"), _number(element, f"y{place}")) for place in places]
    if len(points) < 3:
        raise ValueError(f"its polygon has {len(points)} corners")
    # A corner names a pixel, counted from one; the middle of the first pixel is .5.
    return geometry.polygons([[[x - 0.5, y - 0.5] for x, y in points]])


def _parse_oriented_box(element: ET.Element) -> Geometry:
    """A box turned about its centre; the angle is in radians, clockwise as seen on the screen."""
    middle_x, middle_y, width, height, angle = (_number(element, name) for name in ("cx", "cy", "w", "h", "angle"))
    if width <= 0 or height <= 0:
        raise ValueError(f"its oriented box is {width:g} x {height:g}")
    cos, sin = math.cos(angle), math.sin(angle)
    corners = [
        [middle_x + x * cos - y * sin, middle_y + x * sin + y * cos]
        for x, y in (
            (-width / 2, -height / 2),
            (width / 2, -height / 2),
            (width / 2, height / 2),
            (-width / 2, height / 2),
        )
    ]
    return geometry.polygons([corners], name="oriented_box")


def _text(element: ET.Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


def _has_flag(element: ET.Element, name: str) -> bool:
    return _text(element, name).lower() in ("1", "true")


def _number(element: ET.Element, name: str) -> float:
    text = element.findtext(name)
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        shown = "nothing" if text is None else repr(text[:40])
        raise ValueError(f"<{element.tag}> has no number <{name}>, but {shown}")
    return value
