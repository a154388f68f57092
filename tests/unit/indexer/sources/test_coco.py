"""COCO: layouts, segmentations, crowds, what is missing, what is remote."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from indexer.domain import Box, SkipReason
from indexer.errors import AnnotationFormatError, ImageReadError, SourceUnavailableError
from indexer.sources.coco import CocoSource
from indexer.sources.files import MISSING
from indexer.sources.notes import NoteKind
from tests.source_formats import write_image, write_json, write_text


def coco(images, annotations=(), categories=({"id": 1, "name": "cat"}, {"id": 7, "name": "dog"})):
    return {"images": list(images), "annotations": list(annotations), "categories": list(categories)}


def image_entry(file_name="a.png", image_id=1, **facts):
    return {"id": image_id, "file_name": file_name, "width": 30, "height": 20, **facts}


def annotation(**facts):
    return {"id": 5, "image_id": 1, "category_id": 1, "bbox": [2, 3, 8, 5], **facts}


def read(tmp_path, *annotations, **options):
    """The objects of the one image of a JSON file with these annotations."""
    path = write_json(tmp_path / "a.json", coco([image_entry()], annotations))
    source = CocoSource.open(path, **options)
    return source.read_objects(next(source.list_images()))


LAYOUTS = {
    "annotations/instances_train2017.json": ("images/train2017/a.png", "train2017"),
    "annotations/instances_val.json": ("val/a.png", "val"),
    "annotations/train.json": ("images/a.png", "train"),
    "annotations/instances.json": ("images/a.png", ""),
    "train/_annotations.coco.json": ("train/a.png", "train"),
    "_annotations.coco.json": ("a.png", ""),
    "labels.json": ("data/a.png", ""),
    "result.json": ("images/a.png", ""),
}


@pytest.mark.parametrize("json_name", LAYOUTS)
def test_open__finds_json_and_images(tmp_path, json_name):
    image_name, dataset = LAYOUTS[json_name]
    write_json(tmp_path / json_name, coco([image_entry()]))
    path = write_image(tmp_path / image_name)
    assert CocoSource.recognises(tmp_path)
    source = CocoSource.open(tmp_path)
    (image,) = source.list_images()

    assert source.dataset_names() == [dataset]
    assert (image.key, image.dataset, image.locator) == (f"{dataset}/a.png".lstrip("/"), dataset, str(path))
    assert source.read_bytes(image) == path.read_bytes()


def test_open__original_layout_leaves_captions_and_keypoints_out(tmp_path):
    for name in ("instances_val", "captions_val", "person_keypoints_val"):
        write_json(tmp_path / "annotations" / f"{name}.json", coco([image_entry()]))

    assert CocoSource.open(tmp_path).dataset_names() == ["val"]


def test_open__single_file(tmp_path):
    path = write_json(tmp_path / "annotations" / "instances_val.json", coco([image_entry()]))
    source = CocoSource.open(path)

    assert CocoSource.recognises(path)
    assert (source.key, source.project, source.dataset_names()) == (str(path), "instances_val", ["val"])


@pytest.mark.parametrize(
    "file_name", ["sub/a.png", "images/sub/a.png", "train/sub/a.png", "images/train/sub/a.png", "sub\\a.png"]
)
def test_list_images__key_is_free_of_the_exporters_folders(tmp_path, file_name):
    write_json(tmp_path / "annotations" / "instances_train.json", coco([image_entry(file_name)]))
    (image,) = CocoSource.open(tmp_path).list_images()

    assert (image.key, image.name) == ("train/sub/a.png", "a.png")


def test_list_images__facts_of_the_json(tmp_path):
    images = [image_entry(), image_entry("b.png", 2, width=0), {"id": 3, "file_name": "c.png"}]
    source = CocoSource.open(write_json(tmp_path / "a.json", coco(images)))

    assert [image.size_hw for image in source.list_images()] == [(20, 30), None, None]
    assert source.count_images() == 3


def test_list_images__missing_file_is_listed_and_fails_when_read(tmp_path):
    source = CocoSource.open(write_json(tmp_path / "a.json", coco([image_entry()], [annotation()])))
    (image,) = source.list_images()

    assert image.pixels_stamp == MISSING
    assert len(source.read_objects(image)) == 1
    with pytest.raises(ImageReadError, match=r"a\.png: No such file or directory"):
        source.read_bytes(image)


def test_list_images__absolute_file_name(tmp_path):
    path = write_image(tmp_path / "elsewhere" / "a.png")
    json_path = write_json(tmp_path / "data" / "a.json", coco([image_entry(str(path))]))
    source = CocoSource.open(json_path, allow_outside=True)
    (image,) = source.list_images()

    assert (image.locator, image.name) == (str(path), "a.png")
    assert source.read_bytes(image) == path.read_bytes()


def test_list_images__annotation_stamp_follows_what_the_objects_are(tmp_path):
    def stamps(*annotations, **facts):
        images = [image_entry(), image_entry("b.png", 2)]
        path = write_json(tmp_path / "a.json", coco(images, annotations, **facts))
        return [image.annotation_stamp for image in CocoSource.open(path).list_images()]

    first = stamps(annotation())
    assert stamps(annotation()) == first
    assert [new == old for new, old in zip(stamps(annotation(bbox=[2, 3, 8, 6])), first, strict=True)] == [False, True]
    renamed = stamps(annotation(), categories=[{"id": 1, "name": "kitten"}])
    assert [new == old for new, old in zip(renamed, first, strict=True)] == [False, True]


def test_list_images__one_image_listed_twice_is_one(tmp_path):
    images = [image_entry(), image_entry(image_id=2)]
    annotations = [annotation(), annotation(image_id=2, bbox=[0, 0, 5, 5])]
    source = CocoSource.open(write_json(tmp_path / "a.json", coco(images, annotations)))
    (image,) = source.list_images()

    assert [found.key for found in source.read_objects(image)] == ["2,3,10,8", "0,0,5,5"]


def test_read_objects__box_and_class(tmp_path):
    first, second = read(tmp_path, annotation(), annotation(category_id=7, bbox=[0.4, 0.6, 9.2, 9.2]))

    assert (first.key, first.class_name, first.geometry, first.box) == (
        "2,3,10,8",
        "cat",
        "rectangle",
        Box(2, 3, 10, 8),
    )
    assert (second.class_name, second.box) == ("dog", Box(0, 0, 10, 10))


def test_read_objects__key_outlives_another_numbering(tmp_path):
    assert read(tmp_path, annotation(id=5))[0].key == read(tmp_path, annotation(id=6))[0].key


def test_read_objects__polygons(tmp_path):
    one, two, bare = read(
        tmp_path,
        annotation(segmentation=[[2, 3, 10, 3, 10, 8]]),
        annotation(segmentation=[[2, 3, 10, 3, 10, 8], [1, 1, 2, 1, 2, 2]]),
        {"id": 3, "image_id": 1, "category_id": 1, "segmentation": [[2.5, 3, 9.5, 3, 9, 7.5]]},
    )

    assert (one.geometry, one.shape) == ("polygon", {"polygons": [[[2, 3], [10, 3], [10, 8]]]})
    assert two.geometry == "multipolygon"
    assert bare.box == Box(2, 3, 10, 8)


@pytest.mark.parametrize("is_compressed", [True, False])
def test_read_objects__run_lengths(tmp_path, is_compressed):
    inside = np.zeros((20, 30), np.uint8)
    inside[3:8, 2:10] = 1
    packed = coco_mask.encode(np.asfortranarray(inside))
    counts = packed["counts"].decode() if is_compressed else [43, *[5, 15] * 7, 5, 412]
    runs = {"size": [20, 30], "counts": counts}
    (found,) = read(tmp_path, {"id": 3, "image_id": 1, "category_id": 1, "segmentation": runs})

    assert (found.geometry, found.box) == ("bitmap", Box(2, 3, 10, 8))
    assert found.shape == {"rle": {"size": [5, 8], "counts": [0, 40], "origin": [2, 3]}}


def test_read_objects__unreadable_mask_is_skipped_unless_there_is_a_box(tmp_path):
    runs = {"size": [20, 30], "counts": "~~~"}
    boxed, bare = read(
        tmp_path,
        annotation(segmentation=runs),
        {"id": 3, "image_id": 1, "category_id": 1, "segmentation": runs},
    )

    assert (boxed.box, boxed.shape, boxed.skip_reason) == (Box(2, 3, 10, 8), {}, None)
    assert bare.skip_reason is SkipReason.UNREADABLE_MASK


def test_read_objects__keypoints_that_are_visible(tmp_path):
    nodes = [0, 0, 0, 4, 5, 1, 8, 9, 2]
    (found,) = read(tmp_path, {"id": 3, "image_id": 1, "category_id": 1, "keypoints": nodes})

    assert (found.geometry, found.box, found.shape) == ("keypoints", Box(4, 5, 8, 9), {"points": [[4, 5], [8, 9]]})


def test_read_objects__crowd_is_skipped_unless_wanted(tmp_path):
    assert read(tmp_path, annotation(iscrowd=1))[0].skip_reason is SkipReason.CROWD
    assert read(tmp_path, annotation(iscrowd=1), include_crowd=True)[0].skip_reason is None


def test_read_objects__nothing_to_see_is_skipped(tmp_path):
    (found,) = read(tmp_path, {"id": 3, "image_id": 1, "category_id": 1})
    assert found.skip_reason is SkipReason.UNKNOWN_GEOMETRY


@pytest.mark.parametrize(
    ("facts", "reason", "told"),
    [
        ({"category_id": 99}, SkipReason.UNKNOWN_CLASS, "its category 99 is not in 'categories'"),
        ({"category_id": [1]}, SkipReason.UNKNOWN_CLASS, "its category a list is not in 'categories'"),
        ({"bbox": [1, 2, 3]}, SkipReason.BROKEN, "its bbox is [1, 2, 3], and no other part tells a box"),
        ({"bbox": [5, 5, -3, None]}, SkipReason.BROKEN, "its bbox is [5, 5, -3, null], and no other part tells a box"),
        ({"bbox": "all of it"}, SkipReason.BROKEN, "its bbox is 'all of it'"),
        ({"bbox": None, "segmentation": {"size": [20, 30]}}, SkipReason.UNREADABLE_MASK, "its mask is damaged"),
    ],
)
def test_read_objects__broken_annotation_costs_itself_and_is_named(tmp_path, facts, reason, told):
    path = write_json(tmp_path / "a.json", coco([image_entry()], [annotation(**facts), annotation(id=6)]))
    source = CocoSource.open(path)
    broken, sound = source.read_objects(next(source.list_images()))

    assert (broken.skip_reason, sound.skip_reason, sound.box) == (reason, None, Box(2, 3, 10, 8))
    (example,) = source.notes.collected()[NoteKind.BROKEN_ANNOTATION].examples
    assert example.startswith(f"a.json: annotation 5 of a.png: {told}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not valid JSON"),
        ("", "is not valid JSON"),
        ("[]", "is no COCO file: it has neither 'annotations' nor 'categories'"),
        ('{"images": []}', "is no COCO file: it has neither 'annotations' nor 'categories'"),
        ('{"categories": []}', "is no COCO file: it has no 'images'"),
        ('{"images": {}, "annotations": [], "categories": []}', "its 'images' is an object, not a list"),
        ('{"images": [], "annotations": null, "categories": []}', "its 'annotations' is null, not a list"),
        ('{"images": [], "annotations": [], "categories": {"1": "cat"}}', "its 'categories' is an object, not a list"),
        ('{"images": [], "annotations": [{"category_id": 1}]}', "it has no 'categories'"),
        ("[" * 100_000, "is nested too deep"),
    ],
)
def test_open__broken_file_is_refused(tmp_path, text, message):
    with pytest.raises(AnnotationFormatError, match=message):
        CocoSource.open(write_text(tmp_path / "a.json", text))


def test_open__no_coco_files(tmp_path):
    write_json(tmp_path / "annotations" / "a.json", {"shapes": []})

    assert not CocoSource.recognises(tmp_path)
    with pytest.raises(SourceUnavailableError, match="is no COCO data set"):
        CocoSource.open(tmp_path)


@contextmanager
def serving(status, body):
    """A web server on this machine that answers everything alike; yields its address and the paths asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def open_remote(tmp_path, url, **options):
    source = CocoSource.open(write_json(tmp_path / "a.json", coco([image_entry(coco_url=url)])), **options)
    return source, next(source.list_images())


def test_read_bytes__url_is_not_asked_unless_allowed(tmp_path):
    with serving(200, b"pixels") as (address, asked):
        source, image = open_remote(tmp_path, f"{address}/a.png")
        with pytest.raises(ImageReadError, match="it has a URL, which is read only with the option allow_remote"):
            source.read_bytes(image)

    assert asked == []


def test_read_bytes__url_is_read_where_allowed(tmp_path):
    with serving(200, b"pixels") as (address, asked):
        source, image = open_remote(tmp_path, f"{address}/a.png", allow_remote=True)

        assert (image.locator, image.pixels_stamp) == (f"{address}/a.png", f"{address}/a.png")
        assert source.read_bytes(image) == b"pixels"
    assert asked == ["/a.png"]


def test_read_bytes__file_on_disk_wins_over_the_url(tmp_path):
    path = write_image(tmp_path / "a.png")
    source, image = open_remote(tmp_path, "http://127.0.0.1:1/a.png", allow_remote=True)

    assert source.read_bytes(image) == path.read_bytes()


def test_read_bytes__what_the_server_refuses_is_told(tmp_path):
    with serving(404, b"") as (address, _):
        source, image = open_remote(tmp_path, f"{address}/a.png", allow_remote=True)
        with pytest.raises(ImageReadError, match="404"):
            source.read_bytes(image)
    with pytest.raises(ImageReadError, match="cannot read image"):
        source.read_bytes(image)
