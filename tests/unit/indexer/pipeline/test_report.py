"""When a run has failed, and what its report says in JSON."""

import json

import pytest

from indexer.pipeline.report import SyncReport
from indexer.sources.notes import MAX_EXAMPLES, NoteKind, SourceNotes


def report_with(*, notes=(), **counts):
    report = SyncReport("test", "/data", "coco", "instances.json")
    for name, value in counts.items():
        setattr(report.images if hasattr(report.images, name) else report.instances, name, value)
    collected = SourceNotes()
    for kind, example in notes:
        collected.add(kind, example)
    report.notes |= collected.collected()
    return report


def test_to_json__every_field_filled_is_json():
    report = report_with(seen=1, embedded=1, notes=[(NoteKind.UNKNOWN_IMAGE, "annotation 7 of image 'x'")])
    report.add_skipped({"outside the image": 1})
    report.add_skipped({"outside the image": 2, "too small": 1})
    report.add_failure("/data/1.png", "it is empty")

    written = json.loads(json.dumps(report.to_json()))

    assert written["skipped_reasons"] == {"outside the image": 3, "too small": 1}
    assert written["instances"]["skipped"] == 4
    assert written["failures"] == [{"image": "/data/1.png", "reason": "it is empty"}]
    assert written["notes"] == [
        {
            "kind": "annotations of images that the source does not have",
            "count": 1,
            "examples": ["annotation 7 of image 'x'"],
        }
    ]
    assert (written["format"], written["recognised_by"]) == ("coco", "instances.json")


@pytest.mark.parametrize(
    ("counts", "notes", "failure"),
    [
        ({"seen": 2, "failed": 1}, [], None),
        ({"seen": 0}, [], None),
        (
            {"seen": 0},
            [(NoteKind.MISSING_PART, "folder /d/images of 'train'")],
            "there are no images: folder /d/images",
        ),
        ({"seen": 0}, [(NoteKind.NO_IMAGES, "there are no images in /d")], "there are no images in /d"),
        ({"seen": 1, "embedded": 1}, [(NoteKind.MISSING_PART, "folder /d/images of 'test'")], None),
        ({"seen": 1, "failed": 1}, [], "the only image could not be read: broken"),
        ({"seen": 2, "failed": 2}, [], "none of the 2 images could be read; the first: broken"),
        ({"seen": 1}, [(NoteKind.UNKNOWN_IMAGE, "annotation 7")], "none of the annotations could be used"),
        ({"seen": 1, "payload_updated": 1}, [(NoteKind.UNKNOWN_IMAGE, "annotation 7")], None),
        ({"seen": 9, "embedded": 9}, [(NoteKind.SHRUNK, "the source lists 9 images")], "the source lists 9 images"),
    ],
)
def test_failure__only_if_nothing_is_left(counts, notes, failure):
    report = report_with(notes=notes, **counts)
    if counts.get("failed"):
        report.failures.append({"image": "1.png", "reason": "broken"})

    assert (report.failure or "").startswith(failure or "")
    assert (report.failure is None) == (failure is None)


def test_failure__every_annotation_is_broken():
    report = report_with(seen=2)
    report.add_skipped({"broken annotation": 3, "unknown class": 1, "too small": 5})

    assert report.failure == "none of the annotations could be used: 3 with broken annotation, 1 with unknown class"
    report.instances.unchanged = 1
    assert report.failure is None


def test_notes__all_are_counted_and_the_first_kept():
    notes = SourceNotes()
    for number in range(100):
        notes.add(NoteKind.NO_LABEL_FILE, f"{number}.png")

    note = notes.collected()[NoteKind.NO_LABEL_FILE]

    assert note.count == 100
    assert note.examples == [f"{number}.png" for number in range(MAX_EXAMPLES)]


def test_is_incomplete__a_dataset_those_in_it_and_all_of_a_source_without_datasets():
    notes = SourceNotes()
    notes.mark_incomplete("train")

    assert [notes.is_incomplete(name) for name in ("train", "train/day", "trains", "val")] == [True, True, False, False]
    notes.mark_incomplete("")
    assert notes.is_incomplete("val")
