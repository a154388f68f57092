"""Supervisely's labels and tags -> source objects; one reading for project folders and for the server."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from indexer.domain import SkipReason, SourceObject
from indexer.sources.geometry import box_key
from indexer.sources.supervisely_geometry import parse_geometry

NoteBroken = Callable[[str], None]
"""Told why something of an annotation cannot be used."""

_MAX_SIDE_PX: Final = 1 << 31
_COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_PLACES: Final = ("points", "bitmap", "nodes", "vertices")
"""Members of a label that may say where it is."""


def make_objects(
    labels: Sequence[Any], class_shapes: Mapping[str, str | None], note_broken: NoteBroken
) -> list[SourceObject]:
    """The objects of one annotation; a label that cannot be used costs no other.

    Args:
        labels: ``objects`` of the annotation.
        class_shapes: Shapes by class, for labels that do not name theirs.
        note_broken: Told of labels and tags that cannot be used.
    """
    objects = []
    for position, label in enumerate(labels):
        try:
            objects.append(_make_object(label, class_shapes, note_broken))
        except Exception as error:  # noqa: BLE001 - whatever a label makes a decoder raise costs that label
            note_broken(f"objects[{position}]: {_explain(error, label)}")
            objects.append(_make_broken_object(label))
    return objects


def _make_object(
    label: Mapping[str, Any], class_shapes: Mapping[str, str | None], note_broken: NoteBroken
) -> SourceObject:
    class_name = _parse_class_name(label)
    geometry = parse_geometry(label, class_shape=class_shapes.get(class_name))
    return SourceObject(
        key=_parse_id(label.get("id")) or box_key(geometry.box),
        class_name=class_name,
        geometry=geometry.name,
        box=geometry.box,
        tags=parse_tags(label, note_broken),
        updated_at=parse_time(label.get("updatedAt")),
        annotated_by=_parse_name(label.get("labelerLogin")),
        shape=geometry.shape,
        skip_reason=geometry.skip_reason,
    )


def parse_tags(owner: Mapping[str, Any], note_broken: NoteBroken) -> tuple[str, ...]:
    """Tags of an image or an object as sorted texts, ``name`` or ``name=value``; odd ones are noted."""
    tags, texts = owner.get("tags"), []
    for tag in tags if isinstance(tags, list) else [] if tags is None else [tags]:
        name = _parse_name(tag.get("name")) if isinstance(tag, dict) else None
        if name is None:
            note_broken(f"the tag {show_value(tag)} has no name")
            continue
        value = tag.get("value")
        texts.append(name if value in (None, "") else f"{name}={value}")
    return tuple(sorted(texts))


def parse_class_colors(classes: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Class name -> ``#rrggbb`` of the classes of a project's meta; a colour of another form is left out."""
    colors = {str(one["title"]): str(one.get("color", "")) for one in classes}
    return {name: color.lower() for name, color in colors.items() if _COLOR.fullmatch(color)}


def name_by_meta(owner: Any, class_names: Mapping[int, str], tag_names: Mapping[int, str]) -> Any:
    """An annotation or a label with the names that the server left out, as the project's meta has them.

    Args:
        owner: The annotation or the label; one that breaks its format is left to who reads it.
        class_names: Classes by id.
        tag_names: Tags by id.
    """
    if not isinstance(owner, dict):
        return owner
    found: dict[str, Any] = {}
    if owner.get("classTitle") is None and owner.get("classId") in class_names:
        found["classTitle"] = class_names[owner["classId"]]
    tags = owner.get("tags")
    if isinstance(tags, list) and any(isinstance(tag, dict) and tag.get("name") is None for tag in tags):
        found["tags"] = [_name_tag(tag, tag_names) for tag in tags]
    return {**owner, **found}


def _name_tag(tag: Any, tag_names: Mapping[int, str]) -> Any:
    is_known = isinstance(tag, dict) and tag.get("name") is None and tag.get("tagId") in tag_names
    return {**tag, "name": tag_names[tag["tagId"]]} if is_known else tag


def _make_broken_object(label: Any) -> SourceObject:
    is_label = isinstance(label, dict)
    class_name = _parse_name(label.get("classTitle")) if is_label else None
    key = _parse_id(label.get("id")) if is_label else None
    return SourceObject(key or box_key(None), class_name or "", "unknown", box=None, skip_reason=SkipReason.BROKEN)


def _parse_class_name(label: Mapping[str, Any]) -> str:
    if not isinstance(label, dict):
        raise ValueError(f"{show_value(label)} is no label")  # noqa: TRY004 - of the file, not of a caller
    class_name = _parse_name(label.get("classTitle"))
    if class_name is None:
        raise ValueError(f"its classTitle is {show_value(label.get('classTitle'))}")
    return class_name


def _parse_name(value: Any) -> str | None:
    """A name as text: a number is taken for one, anything else is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value) or None


def _parse_id(value: Any) -> str | None:
    return None if isinstance(value, float) else _parse_name(value)


def parse_size_hw(size: Any) -> tuple[int, int] | None:
    """Height and width where an image can have them."""
    sides = [size.get(name) for name in ("height", "width")] if isinstance(size, dict) else []
    numbers = [side for side in sides if isinstance(side, int | float) and not isinstance(side, bool)]
    whole = [int(side) for side in numbers if 0 < side < _MAX_SIDE_PX and side % 1 == 0]
    return (whole[0], whole[1]) if len(whole) == 2 else None


def parse_time(text: Any) -> datetime | None:
    """A time of edit in UTC, None where it is none."""
    if not isinstance(text, str) or not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _explain(error: Exception, label: Any) -> str:
    """Why a label cannot be used, in one line of words for people."""
    if isinstance(error, KeyError):
        return f"it has no {error}"
    if isinstance(error, ValueError | OverflowError | MemoryError):
        return " ".join(f"{error}"[:200].split()) or "it needs more memory than there is"
    places = next((label[name] for name in _PLACES if name in label), None)
    return f"its places are not those of a {show_value(label.get('geometryType'))}: {show_value(places)}"


def show_value(value: Any) -> str:
    """A value of a file, short enough for a line."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
