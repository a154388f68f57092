"""New classes and odd files of COCO: a free id of the right type, or a refusal in words."""

import json

import pytest

from indexer.domain import Point
from indexer.reviews.review import Review, ReviewVerdict
from indexer.reviews.writers.base import STALE, Relabel
from indexer.reviews.writers.coco import CocoWriter
from tests.source_formats import write_json, write_text

CATEGORIES = ({"id": 1, "name": "cup"}, {"id": 2, "name": "plate"})


def content(categories=CATEGORIES, category_id=1, image_id=1, **facts):
    annotation = {"id": 1, "image_id": image_id, "category_id": category_id, "bbox": [4, 4, 12, 10], **facts}
    images = [{"id": image_id, "file_name": "1.png", "width": 32, "height": 24}]
    return {"images": images, "annotations": [annotation], "categories": list(categories)}


def plan(writer, wanted, object_key="4,4,16,14"):
    """Plan one relabel of the one image."""
    (image,) = writer.source.list_images()
    payload = {"image_key": image.key, "object_key": object_key}
    review = Review.of(Point("point", payload), ReviewVerdict.ACCEPT, who="ann", class_name=wanted)
    return writer.plan([Relabel(review, image, has_changed=False)])


def write(tmp_path, wanted, data):
    """The content of a file after one relabel."""
    path = write_json(tmp_path / "instances.json", data) if isinstance(data, dict) else tmp_path / "instances.json"
    if isinstance(data, bytes):
        path.write_bytes(data)
    planned = plan(CocoWriter.open(path, source_key="s"), wanted)
    assert [(one.outcome, one.reason) for one in planned.outcomes] == [("written", "")]
    (change,) = planned.changes
    return change.after


@pytest.mark.parametrize(
    ("ids", "added"),
    [
        (["c-1", "c-2"], "c-3"),
        ([1.0, 2.0], 3.0),
        ([1, 2], 3),
        (["1", "2"], "3"),
        (["cup", "plate"], "bowl"),
        ([3, 90], 91),
    ],
)
def test_plan__new_category_has_an_id_of_the_others_type(tmp_path, ids, added):
    categories = [{"id": one, "name": name} for one, name in zip(ids, ("cup", "plate"), strict=True)]
    after = json.loads(write(tmp_path, "bowl", content(categories, ids[0], image_id="im-1")))

    assert after["categories"] == [*categories, {"id": added, "name": "bowl"}]
    assert type(after["categories"][2]["id"]) is type(added)
    assert after["annotations"][0]["category_id"] == added


def test_plan__id_of_the_second_of_two_categories_of_one_name_is_taken_too(tmp_path):
    categories = [*CATEGORIES, {"id": 3, "name": "cup"}]
    after = json.loads(write(tmp_path, "bowl", content(categories)))

    assert [one["id"] for one in after["categories"]] == [1, 2, 3, 4]


def test_plan__id_that_other_annotations_name_is_taken_too(tmp_path):
    data = content()
    data["annotations"].append({"id": 2, "image_id": 1, "category_id": 3, "bbox": [0, 0, 2, 2]})
    after = json.loads(write(tmp_path, "bowl", data))

    assert [one["category_id"] for one in after["annotations"]] == [4, 3]


@pytest.mark.parametrize(
    "odd", [None, 5, {"id": 3}, {"name": "bowl"}, {"id": None, "name": "bowl"}, {"id": [1], "name": "bowl"}]
)
def test_plan__odd_categories_are_left_alone(tmp_path, odd):
    after = json.loads(write(tmp_path, "bowl", content([odd, *CATEGORIES])))

    assert after["categories"][0] == odd
    assert after["categories"][3]["name"] == "bowl"
    assert after["annotations"][0]["category_id"] == after["categories"][3]["id"]


def test_plan__name_that_two_ids_share_is_written_with_one_that_means_it(tmp_path):
    categories = [{"id": 1, "name": "cup"}, {"id": 5, "name": "plate"}, {"id": 5, "name": "bowl"}]
    categories += [{"id": 6, "name": "bowl"}]
    after = json.loads(write(tmp_path, "bowl", content(categories)))

    assert after["annotations"][0]["category_id"] == 6


def test_plan__annotations_that_are_none_do_not_shift_the_others(tmp_path):
    data = content()
    data["annotations"] = [None, {"id": 9, "image_id": 77}, [], *data["annotations"]]
    after = json.loads(write(tmp_path, "plate", data))

    assert after["annotations"][:3] == data["annotations"][:3]
    assert after["annotations"][3]["category_id"] == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_plan__encoding_and_odd_numbers_stay_as_they_were(tmp_path, encoding):
    long = "9" * 5000
    text = json.dumps(content(area=0, note="ü"), ensure_ascii=False)
    text = text.replace('"area": 0', f'"area": 1e400, "x": NaN, "y": 1.50, "z": {long}, "id": 7')
    text = text.replace('"categories"', '"info": {"a": 1, "a": 2},\r\n\t"categories"')
    after = write(tmp_path, "plate", text.encode(encoding))

    assert after == text.replace('"category_id": 1', '"category_id": 2').encode(encoding)


def test_plan__file_that_changed_after_it_was_read_is_refused(tmp_path):
    path = write_json(tmp_path / "instances.json", content())
    writer = CocoWriter.open(path, source_key="s")
    other = content()
    other["annotations"].insert(0, {"id": 2, "image_id": 1, "category_id": 2, "bbox": [0, 0, 2, 2]})
    for changed in (other, content(bbox=[0, 0, 2, 2])):
        write_json(path, changed)

        planned = plan(writer, "plate")

        assert planned.changes == []
        assert [one.reason for one in planned.outcomes] == [STALE]


def test_plan__nan_in_the_annotation_is_no_change(tmp_path):
    text = json.dumps(content(area=0)).replace('"area": 0', '"area": NaN')

    assert b'"category_id": 2' in write(tmp_path, "plate", text.encode())


@pytest.mark.parametrize("text", ["", "[]", '{"images": []}', "[" * 50_000])
def test_plan__file_that_is_no_coco_any_more(tmp_path, text):
    from indexer.errors import SourceError

    path = write_json(tmp_path / "instances.json", content())
    writer = CocoWriter.open(path, source_key="s")
    write_text(path, text)

    with pytest.raises(SourceError, match=r"instances\.json"):
        plan(writer, "plate")
