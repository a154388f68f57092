"""Decisions of change detection, written out and as properties."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from indexer.domain import InstanceMode, SourceImage
from indexer.pipeline.changes import Verdict, diff_payload, is_image_unchanged, is_older, plan_changes
from indexer.points import SourceIdentity, make_image_payload, make_record_fields

OBJECT = {"class_name": "cat", "box": [0, 0, 5, 5], "pixels_hash": "p", "tags": []}
STORED = {**OBJECT, "embedded_at": "2026-01-01T00:00:00+00:00"}


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, Verdict.UNCHANGED),
        ({"class_name": "dog"}, Verdict.PAYLOAD),
        ({"tags": ["night"]}, Verdict.PAYLOAD),
        ({"annotated_by": "ann"}, Verdict.PAYLOAD),
        ({"image_updated_at": "2026-01-02T00:00:00+00:00"}, Verdict.UNCHANGED),
        ({"box": [0, 0, 5, 6]}, Verdict.EMBED),
        ({"pixels_hash": "q"}, Verdict.EMBED),
        ({"class_name": "dog", "box": [1, 0, 5, 5]}, Verdict.EMBED),
    ],
)
def test_plan_changes__one_change(change, verdict):
    plan = plan_changes({"id": {**OBJECT, **change}}, {"id": STORED})

    assert plan.verdicts == {"id": verdict}


def test_plan_changes__new_gone_and_not_yet_embedded():
    plan = plan_changes({"new": OBJECT, "bare": OBJECT}, {"gone": STORED, "bare": OBJECT})

    assert plan.ids(Verdict.EMBED) == ["new", "bare"]
    assert plan.removed == ["gone"]


def test_plan_changes__shape_counts_only_where_the_background_is_masked():
    wanted = {"id": {**OBJECT, "shape": {"polygons": [[[0, 0], [5, 0], [5, 5]]]}}}

    assert plan_changes(wanted, {"id": STORED}).verdicts == {"id": Verdict.PAYLOAD}
    assert plan_changes(wanted, {"id": STORED}, crop_fields=("shape",)).verdicts == {"id": Verdict.EMBED}


def test_plan_changes__older_edit_is_stale_even_with_another_box():
    wanted = {**OBJECT, "box": [1, 1, 2, 2], "object_updated_at": "2026-01-01T00:00:00+00:00"}
    stored = {**STORED, "object_updated_at": "2026-01-01T02:00:01+02:00"}

    assert plan_changes({"id": wanted}, {"id": stored}).verdicts == {"id": Verdict.STALE}


def test_diff_payload__reviews_live_until_class_box_or_pixels_change():
    stored = {**STORED, "review": {"verdict": "skip"}, "annotated_by": "ann"}

    assert diff_payload(OBJECT, stored) == {"annotated_by": None}
    assert diff_payload({**OBJECT, "class_name": "dog"}, stored) == {
        "class_name": "dog",
        "annotated_by": None,
        "review": None,
    }


ACCEPTED = {"verdict": "accept", "given_class": "cat", "class_name": "dog"}


@pytest.mark.parametrize(
    ("have", "change", "kept"),
    [
        ({}, {}, {"review": ACCEPTED}),
        ({}, {"class_name": "dog"}, {"review": ACCEPTED}),
        ({"class_name": "dog"}, {"class_name": "cat"}, {"review": ACCEPTED}),
        ({}, {"class_name": "lynx"}, {}),
        ({"class_name": "dog"}, {"class_name": "lynx"}, {}),
        ({}, {"class_name": "dog", "box": [0, 0, 5, 6]}, {}),
        ({}, {"class_name": "dog", "pixels_hash": "q"}, {}),
    ],
)
def test_plan_changes__accepted_review_lives_while_the_class_is_what_was_given_or_accepted(have, change, kept):
    stored = {**STORED, "review": ACCEPTED, **have}
    wanted = {**OBJECT, **change}
    gone = {} if kept else {"review": None}

    assert plan_changes({"id": wanted}, {"id": stored}, force=True).kept == {"id": kept}
    assert diff_payload(wanted, stored) == {n: v for n, v in change.items() if stored.get(n) != v} | gone


@pytest.mark.parametrize(
    ("candidate", "stored", "expected"),
    [
        (None, "2026-01-01T00:00:00+00:00", False),
        ("2026-01-01T00:00:00+00:00", None, False),
        ("2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00", False),
        ("2025-12-31T23:59:59+00:00", "2026-01-01T00:00:00+00:00", True),
    ],
)
def test_is_older(candidate, stored, expected):
    assert is_older(candidate, stored) is expected


payloads = st.fixed_dictionaries(
    {
        "class_name": st.sampled_from(["cat", "dog"]),
        "box": st.sampled_from([[0, 0, 1, 1], [0, 0, 2, 2]]),
        "pixels_hash": st.sampled_from(["p", "q"]),
    },
    optional={
        "tags": st.just(["x"]),
        "embedded_at": st.just("2026-01-01T00:00:00+00:00"),
        "review": st.sampled_from([{"verdict": "dismiss", "given_class": "cat"}, ACCEPTED]),
    },
)
collections = st.dictionaries(st.sampled_from("abcde"), payloads)


@given(wanted=collections, stored=collections)
def test_plan_changes__applied_it_makes_the_collection_equal_and_a_second_plan_empty(wanted, stored):
    wanted = {key: {k: v for k, v in p.items() if k not in {"embedded_at", "review"}} for key, p in wanted.items()}

    plan = plan_changes(wanted, stored)
    after = {key: dict(value) for key, value in stored.items() if key not in plan.removed}
    for key in plan.ids(Verdict.EMBED):
        after[key] = wanted[key] | plan.kept.get(key, {}) | {"embedded_at": "2026-02-02T00:00:00+00:00"}
    for key, changes in plan.payload_changes.items():
        after[key] = {k: v for k, v in {**after[key], **changes}.items() if v is not None}

    source_view = {key: {k: v for k, v in p.items() if k not in {"embedded_at", "review"}} for key, p in after.items()}
    assert source_view == wanted
    again = plan_changes(wanted, after)
    assert set(again.verdicts.values()) <= {Verdict.UNCHANGED}
    assert not again.removed


IDENTITY = SourceIdentity("key", "project")
IMAGE = SourceImage("a", "a.png", "train", "/a.png", pixels_stamp="1", annotation_stamp="2", class_name="cat")


def record_of(image, mode=InstanceMode.OBJECTS):
    described = make_image_payload(IDENTITY, image, size_hw=(4, 5), pixels_hash="h")
    return described | make_record_fields(image, mode, n_instances=1, skipped={})


def changed_image(**facts):
    return SourceImage(**{**{name: getattr(IMAGE, name) for name in SourceImage.__slots__}, **facts})


def test_is_image_unchanged__same_stamps():
    assert is_image_unchanged(IDENTITY, IMAGE, record_of(IMAGE), InstanceMode.OBJECTS)
    assert not is_image_unchanged(IDENTITY, IMAGE, None, InstanceMode.OBJECTS)
    assert not is_image_unchanged(IDENTITY, IMAGE, record_of(IMAGE), InstanceMode.BOTH)


@pytest.mark.parametrize(
    "facts",
    [
        {"pixels_stamp": "9"},
        {"annotation_stamp": "9"},
        {"dataset": "val"},
        {"locator": "/elsewhere/a.png"},
        {"class_name": None},
        {"class_name": "dog"},
    ],
)
def test_is_image_unchanged__any_fact_that_the_points_carry(facts):
    assert not is_image_unchanged(IDENTITY, changed_image(**facts), record_of(IMAGE), InstanceMode.OBJECTS)
