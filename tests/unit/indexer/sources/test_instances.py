"""What of an image becomes a point, and what is skipped why."""

from collections import Counter

import hypothesis.strategies as st
import pytest
from hypothesis import given

from indexer.domain import Box, CropOptions, InstanceKind, InstanceMode, SkipReason, SourceImage, SourceObject
from indexer.sources.instances import make_instances

IMAGE = SourceImage("a/1.png", "1.png", "a", "/a/1.png", "s", "t", class_name="street", tags=("night",))
SIZE_HW = (50, 100)


def make_object(key, box, **facts):
    return SourceObject(key, "cat", "rectangle", None if box is None else Box(*box), **facts)


def split(objects, mode=InstanceMode.OBJECTS, **options):
    return make_instances(IMAGE, objects, mode=mode, size_hw=SIZE_HW, options=CropOptions(**options))


def test_make_instances__image_instance_is_the_whole_image():
    instances, skipped = split([make_object("1", (0, 0, 5, 5))], InstanceMode.IMAGES)

    assert [(one.kind, one.object_key, one.class_name, one.box) for one in instances] == [
        (InstanceKind.IMAGE, None, "street", Box(0, 0, 100, 50))
    ]
    assert instances[0].tags == ("night",)
    assert not skipped


def test_make_instances__both_gives_the_image_first():
    instances, _ = split([make_object("1", (0, 0, 5, 5), annotated_by="ann")], InstanceMode.BOTH)

    assert [one.kind for one in instances] == [InstanceKind.IMAGE, InstanceKind.OBJECT]
    assert (instances[1].object_key, instances[1].class_name, instances[1].annotated_by) == ("1", "cat", "ann")


@pytest.mark.parametrize(
    ("box", "options", "outcome"),
    [
        ((90, 40, 120, 60), {}, Box(90, 40, 100, 50)),
        ((-5, -5, 1, 1), {}, Box(0, 0, 1, 1)),
        ((100, 0, 110, 10), {}, SkipReason.OUTSIDE),
        ((0, -10, 10, 0), {}, SkipReason.OUTSIDE),
        ((5, 5, 5, 9), {}, SkipReason.TOO_SMALL),
        ((5, 5, 8, 9), {"min_size_px": 4}, SkipReason.TOO_SMALL),
        ((5, 5, 9, 9), {"min_size_px": 4}, Box(5, 5, 9, 9)),
        ((98, 5, 120, 30), {"min_size_px": 4}, SkipReason.TOO_SMALL),
        (None, {}, SkipReason.UNKNOWN_GEOMETRY),
    ],
)
def test_make_instances__box_is_clipped_or_skipped(box, options, outcome):
    instances, skipped = split([make_object("1", box)], **options)

    if isinstance(outcome, SkipReason):
        assert (instances, skipped) == ([], Counter([outcome]))
    else:
        assert ([one.box for one in instances], skipped) == ([outcome], Counter())


def test_make_instances__the_sources_reason_is_counted():
    objects = [
        make_object("1", None, skip_reason=SkipReason.CROWD),
        make_object("2", None, skip_reason=SkipReason.CROWD),
    ]

    assert split(objects) == ([], Counter({SkipReason.CROWD: 2}))


def test_make_instances__repeated_keys_are_numbered_also_past_skipped_ones():
    box = (0, 0, 5, 5)
    objects = [make_object("k", box), make_object("k", None, skip_reason=SkipReason.CROWD), make_object("k", box)]

    assert [one.object_key for one in split(objects)[0]] == ["k", "k#3"]


@given(
    boxes=st.lists(st.tuples(*[st.integers(-150, 150)] * 4), max_size=20),
    min_size_px=st.integers(1, 20),
)
def test_make_instances__every_object_is_an_instance_inside_or_counted(boxes, min_size_px):
    objects = [make_object(",".join(map(str, box)), box) for box in boxes]
    instances, skipped = split(objects, min_size_px=min_size_px)

    assert len(instances) + skipped.total() == len(objects)
    assert len({one.object_key for one in instances}) == len(instances)
    for one in instances:
        assert one.box == one.box.clipped_to(SIZE_HW)
        assert min(one.box.width, one.box.height) >= min_size_px
