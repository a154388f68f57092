"""COCO data sets as people have them, through the command line: what is read, what is told, what is kept."""

import json

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from indexer.domain import CollectionSpec, CropOptions
from indexer.pipeline.sync import SyncOptions, sync
from indexer.settings import IndexerSettings
from indexer.sources.opening import open_source
from indexer.stores.opening import open_store
from tests.doubles import CountingEmbedder
from tests.source_formats import write_json

CATEGORIES = [{"id": 1, "name": "cup"}, {"id": 2, "name": "plate"}]


def write_images(folder, *names):
    """Noise of 32x24 pixels."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    for name in names:
        Image.fromarray(random.integers(0, 255, (24, 32, 3), np.uint8)).save(folder / name)


def image(number, **facts):
    return {"id": number, "file_name": f"{number}.png", "width": 32, "height": 24, **facts}


def annotation(number, image_id=1, category_id=1, **facts):
    plain = {"id": number, "image_id": image_id, "category_id": category_id, "area": 120, "iscrowd": 0}
    return {**plain, "bbox": [4, 4, 12, 10] if category_id == 1 else [18, 8, 10, 10], **facts}


@pytest.fixture
def data(tmp_path):
    """Write a data set of one JSON file; gives its folder."""

    def write(images, annotations, categories=CATEGORIES):
        root = tmp_path / "set"
        write_images(root / "images", *(one["file_name"] for one in images))
        content = {"images": images, "annotations": annotations, "categories": categories}
        write_json(root / "instances.json", content)
        return root

    return write


@pytest.fixture
def index(tmp_path):
    """Index a folder without the network; gives exit code, report and what is said of a run that failed."""
    store = open_store(IndexerSettings(data_dir=tmp_path / "data"))
    collection = store.create_collection("test", CollectionSpec("fake:mean-colour", "mean", 4, CropOptions().text))

    def run(root, *datasets):
        options = SyncOptions(datasets=datasets or None)
        report = sync(open_source(root), CountingEmbedder(), collection, options)
        return int(report.failure is not None), json.loads(json.dumps(report.to_json())), report.failure

    yield run
    store.close()


def notes(report):
    return {one["kind"]: (one["count"], one["examples"]) for one in report["notes"]}


def test_index__one_odd_annotation_costs_no_sound_one(data, index, capsys):
    odd = [
        annotation(1, 1, segmentation=[[]]),
        annotation(3, 2, bbox=None, segmentation=[[4, 4, 16, 4, 16, 14]]),
        annotation(5, 3, segmentation=[[4, 4, 16, 4, 16, 14, 4]]),
    ]
    sound = [annotation(2 * number, number, 2) for number in (1, 2, 3)]
    root = data([image(number) for number in (1, 2, 3)], [*odd, *sound])

    code, report, _ = index(root)

    assert code == 0
    assert (report["images"]["added"], report["images"]["failed"]) == (3, 0)
    assert (report["instances"]["embedded"], report["instances"]["skipped"]) == (6, 0)
    assert sorted(COCO(str(root / "instances.json")).getAnnIds()) == [1, 2, 3, 4, 5, 6]


def test_index__json_with_a_skipped_object(data, lookalike, tmp_path):
    root = data([image(1)], [annotation(1), annotation(2, 1, 2, bbox=[40, 40, 5, 5])])
    code, out, err = lookalike("index", root, "--data-dir", tmp_path / "data", "--json")
    report = json.loads(out)

    assert code == 0, err
    assert report["skipped_reasons"] == {"outside the image": 1}
    assert (report["instances"]["skipped"], report["instances"]["embedded"]) == (1, 1)


def test_index__broken_annotations_are_counted_and_named_again_and_again(data, index):
    root = data([image(1)], [annotation(1), annotation(2, category_id=9), annotation(3, bbox=[1, 2], area=None)])

    code, report, _ = index(root)
    again = index(root)[1]

    assert code == 0
    assert report["skipped_reasons"] == again["skipped_reasons"] == {"unknown class": 1, "broken annotation": 1}
    count, examples = notes(report)["annotations that cannot be used"]
    assert count == 2
    assert examples[0].startswith("instances.json: annotation 2 of 1.png: its category 9 is not in 'categories'")


def test_index__ids_as_text_and_number(data, index):
    code, report, _ = index(data([image("1")], [annotation(1), annotation(2, category_id=2)]))

    assert (code, report["instances"]["embedded"], report["notes"]) == (0, 2, [])


def test_index__none_of_the_annotations_is_of_an_image(data, index):
    root = data([image(1)], [annotation(1), annotation(2, 1, 2)])
    assert index(root)[1]["instances"]["embedded"] == 2
    path = root / "instances.json"
    path.write_text(path.read_text().replace('"image_id": 1', '"image_id": 8'))

    code, report, err = index(root)

    assert code == 1
    assert notes(report)["annotations of images that the source does not have"] == (
        2,
        ["instances.json: annotation 1 is of image 8", "instances.json: annotation 2 is of image 8"],
    )
    assert report["instances"]["removed"] == report["images"]["removed"] == 0
    assert err.startswith("the only image could not be read")


def test_index__none_of_the_annotations_is_of_an_image_on_the_first_run(data, index):
    code, report, err = index(data([image(1)], [annotation(1, 8)]))

    assert (code, report["images"]["added"]) == (1, 1)
    assert err == "none of the annotations could be used; the first: instances.json: annotation 1 is of image 8"


def test_index__keypoint_files_of_coco_own_layout(index, tmp_path):
    root = tmp_path / "set"
    for number, split in enumerate(("train2020", "val2020")):
        write_images(root / split, f"{number}.png")
        points = annotation(1, number, keypoints=[5, 5, 2, 10, 10, 2], num_keypoints=2)
        content = {"images": [image(number)], "annotations": [points], "categories": [{"id": 1, "name": "person"}]}
        write_json(root / "annotations" / f"person_keypoints_{split}.json", content)

    code, report, _ = index(root)

    assert (code, report["images"]["added"], report["instances"]["embedded"]) == (0, 2, 2)
    assert report["recognised_by"] == (
        "annotations/person_keypoints_train2020.json, annotations/person_keypoints_val2020.json"
    )
    assert index(root, "val2020")[1]["images"]["unchanged"] == 1


def test_index__images_folder_gone_removes_nothing(data, index):
    root = data([image(1), image(2)], [annotation(1), annotation(2, 2)])
    index(root)
    (root / "images").rename(root / "elsewhere")

    code, report, _ = index(root)

    assert (code, report["images"]["failed"]) == (1, 2)
    assert (report["images"]["removed"], report["instances"]["removed"]) == (0, 0)


def test_index__one_of_several_files_broken_keeps_its_points(index, tmp_path):
    root = tmp_path / "set"
    for number, split in enumerate(("train", "val"), 1):
        write_images(root / split, f"{number}.png")
        content = {"images": [image(number)], "annotations": [annotation(1, number)], "categories": CATEGORIES}
        write_json(root / "annotations" / f"{split}.json", content)
    index(root)
    (root / "annotations" / "train.json").write_text("")

    code, report, _ = index(root)

    assert (code, report["images"]["unchanged"], report["images"]["removed"]) == (0, 1, 0)
    assert notes(report)["annotation files that cannot be read"][0] == 1
    assert notes(report)["images kept, as the part of the source that may hold them is not there"][0] == 1


def test_index__broken_width_costs_nothing(data, index):
    code, report, _ = index(data([image(1, width="64px")], [annotation(1)]))

    assert (code, report["instances"]["embedded"]) == (0, 1)


def test_index__image_without_objects_that_are_told_keeps_those_known(data, index):
    root = data([image(1)], [annotation(1)])
    index(root)
    write_json(root / "instances.json", {"images": [image(1)], "categories": CATEGORIES})

    code, report, _ = index(root)

    assert (code, report["images"]["failed"], report["instances"]["removed"]) == (1, 1, 0)
    assert notes(report)["annotation files that tell of no objects"][0] == 1


def test_reviews_apply__new_class_where_ids_are_text(data, lookalike, tmp_path):
    categories = [{"id": "c-1", "name": "cup"}, {"id": "c-2", "name": "plate"}]
    given = annotation("an-1", "im-1", category_id="c-1", bbox=[4, 4, 12, 10])
    root = data([image(1, id="im-1")], [given], categories)
    at = ("--data-dir", tmp_path / "data")
    assert lookalike("index", root, *at)[0] == 0
    (point,) = json.loads(lookalike("pick", 1, "--json", *at)[1])
    judged = ("--verdict", "accept", "--class", "bowl", "--new-class", "--who", "ann")
    assert lookalike("reviews", "add", point["id"], *judged, *at)[0] == 0

    assert lookalike("reviews", "apply", "--dry-run", *at)[0] == 0
    code, _, err = lookalike("reviews", "apply", "--who", "ann", *at)

    assert (code, err.splitlines()[-1].split(",")[0]) == (0, "writing files: 1/1")
    content = json.loads((root / "instances.json").read_text())
    assert content["categories"] == [*categories, {"id": "c-3", "name": "bowl"}]
    assert content["annotations"] == [given | {"category_id": "c-3"}]
    counts = json.loads(lookalike("index", root, *at, "--json")[1])["instances"]
    assert (counts["embedded"], counts["payload_updated"]) == (0, 1)
