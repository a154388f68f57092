"""Formats that are not read are named, so that their images are not taken for an image folder; all else is none."""

import json
import time

import pytest

from indexer.errors import SourceUnavailableError
from indexer.sources.opening import open_source, recognise_format
from indexer.sources.unread_formats import find_unread
from tests.source_formats import sly_annotation, write_image, write_json, write_supervisely, write_text

CVAT = (
    '<?xml version="1.0"?>\n<annotations>\n <version>1.1</version>\n <image id="0" name="1.png"></image></annotations>'
)
VIA_CSV = (
    "#filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes\n1.png,1\n"
)
LABEL_STUDIO = [{"id": 1, "annotations": [{"result": [{"from_name": "a", "type": "rectanglelabels"}]}], "data": {}}]
CREATE_ML = [
    {"image": "1.png", "annotations": [{"label": "cup", "coordinates": {"x": 9, "y": 8, "width": 5, "height": 4}}]}
]
OPEN_IMAGES = "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax\n1,xclick,/m/01,1,0.1,0.2,0.3,0.4\n"
KITTI = "Car 0.00 0 -1.57 599.41 156.40 629.75 189.25 2.85 2.63 12.34 0.47 1.49 69.44 -1.56\n"
DOTA = "imagesource:GoogleEarth\ngsd:0.146\n2753 2408 2861 2385 2888 2468 2805 2502 plane 0\n"
MOT = "1,-1,794.27,247.59,71.245,174.88,-1,-1,-1,-1\n2,-1,1648.1,119.61,66.504,163.24,-1,-1,-1,-1\n"
FIFTYONE = {"classes": ["cup", "plate"], "labels": {"1": [{"label": 0, "bounding_box": [0.1, 0.1, 0.3, 0.3]}]}}
FIFTYONE_SAMPLES = {"samples": [{"filepath": "data/1.png", "tags": [], "ground_truth": {"_cls": "Detections"}}]}
HUGGING_FACE = '{"file_name": "1.png", "objects": {"bbox": [[1, 2, 3, 4]], "categories": [0]}}\n'
WIDER = "0--Parade/1.jpg\n1\n449 330 122 149 0 0 0 0 0 0\n"

UNREAD = {
    "CVAT's XML": ("annotations.xml", CVAT),
    "Datumaro's JSON": ("annotations/default.json", {"info": {}, "categories": {"label": {"labels": []}}, "items": []}),
    "LabelMe's JSON": ("images/1.json", {"version": "5", "shapes": [{"points": []}], "imagePath": "1.png"}),
    "VGG Image Annotator's JSON": ("via.json", {"1.png9": {"regions": [{"shape_attributes": {}}]}}),
    "VGG Image Annotator's CSV": ("via.csv", VIA_CSV),
    "Label Studio's JSON": ("tasks.json", LABEL_STUDIO),
    "CreateML's JSON": ("images/_annotations.createml.json", CREATE_ML),
    "Labelbox's export": ("export.ndjson", '{"data_row": {"id": "c"}, "projects": {}}\n'),
    "VoTT's JSON": ("x-asset.json", {"asset": {"name": "1.png"}, "regions": [], "version": "2.1"}),
    "V7 Darwin's JSON": ("a.json", {"image": {}, "annotations": [{"bounding_box": {"x": 1}, "name": "cup"}]}),
    "BDD100K's JSON": ("a.json", [{"name": "1.png", "labels": [{"category": "car", "box2d": {"x1": 1}}]}]),
    "Cityscapes' JSON": ("gt/1_gtFine_polygons.json", {"imgHeight": 20, "imgWidth": 30, "objects": []}),
    "COCO's results": ("r.json", [{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}]),
    "COCO": ("deep/deeper/deepest/odd.json", {"images": [], "annotations": [], "categories": []}),
    "Ground Truth's manifest": ("output.manifest", '{"source-ref": "s3://bucket/1.png", "boxes": {}}\n'),
    "Open Images' CSV": ("train-annotations-bbox.csv", OPEN_IMAGES),
    "a table of boxes": ("images/_annotations.csv", "filename,class,xmin,ymin,xmax,ymax\n1.png,cup,1,2,3,4\n"),
    "a table of masks": ("train.csv", "ImageId,EncodedPixels\n1.png,1 3 10 5\n"),
    "Roboflow's list of masks": ("images/_classes.csv", "Pixel Value, Class\n0, background\n1, cup\n"),
    "Label Studio's CSV": ("tasks.csv", 'id,image,label\n1,/data/1.png,"[{""x"":1,""rectanglelabels"":[""cup""]}]"\n'),
    "a YOLO label": ("ground_truth/1.txt", "0 0.5 0.5 0.25 0.25\n1 .1 .1 1e-3 1.0\n"),
    "KITTI's label": ("label_2/1.txt", KITTI),
    "DOTA's label": ("labelTxt/1.txt", DOTA),
    "WIDER FACE's list": ("wider_face_split/wider_face_train_bbx_gt.txt", WIDER),
    "the label of Open Images' toolkit": ("images/Label/1.txt", "Wine glass 4.0 4.0 16.5 14.0\n"),
    "a Keras list": ("images/_annotations.txt", "1.png 4,4,16,14,0 5,5,9,9,1\na b.png 4,4,16,14,0\n"),
    "MOT's list": ("gt/gt.txt", MOT),
    "FiftyOne's JSON": ("labels.json", FIFTYONE),
    "Hugging Face's metadata": ("images/metadata.jsonl", HUGGING_FACE),
    "a TFRecord": ("train.tfrecord-00000-of-00002", "\0\1"),
}  # fmt: skip


def write_any(path, content):
    return write_text(path, content) if isinstance(content, str) else write_json(path, content)


@pytest.mark.parametrize("name", UNREAD)
def test_open_source__images_beside_annotations_that_are_not_read_are_refused(tmp_path, name):
    write_image(tmp_path / "images" / "1.png")
    file_name, content = UNREAD[name]
    path = write_any(tmp_path / file_name, content)

    with pytest.raises(SourceUnavailableError) as caught:
        open_source(tmp_path)

    message = str(caught.value)
    assert message.startswith(f"{path} looks like {name}, ")
    assert message.endswith("; --format image_folder reads the images without annotations")
    assert "\n" not in message
    assert open_source(tmp_path, format="image_folder").count_images() == 1
    assert find_unread(path).startswith(f"{path} looks like {name}, ")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("FiftyOne's JSON", FIFTYONE_SAMPLES),
        ("LabelMe's JSON", {"imageData": "A" * 100_000, "shapes": [], "imagePath": "1.png"}),
    ],
)
def test_find_unread__other_shapes_of_a_format(tmp_path, name, content):
    path = write_json(tmp_path / "a.json", content)
    assert find_unread(path).startswith(f"{path} looks like {name}, ")


def test_find_unread__a_few_formats_say_what_to_do_instead_of_converting(tmp_path):
    path = write_any(tmp_path / "annotations.xml", CVAT)
    assert find_unread(path) == f"{path} looks like CVAT's XML, which is not read; export it as COCO"

    path = write_any(tmp_path / "1.txt", UNREAD["a YOLO label"][1])
    assert find_unread(path).endswith("names splits and classes; give the folder that has one, or write one")


FOREIGN = {
    "data.yaml": "title: my holidays\nplaces: [here, there]\n",
    "meta.json": {"author": "ann", "year": 2024},
    "package.json": {"name": "photos", "version": "1.0.0", "files": []},
    "metadata.csv": "file_name,text\ncups/1.png,a cup\n",
    "metadata.jsonl": '{"file_name": "cups/1.png", "text": "a cup"}\n',
    "README.md": "# Cups\n\nxmin ymin\n",
    "README.txt": "Photos of cups\n",
    "classes.txt": "cups\nplates\n",
    "1.txt": "a photo of a cup on a table, 4k\n",
    "labels.csv": "image,label\n1.png,cups\n",
    "annotations/notes.json": {"text": "images and annotations follow"},
    "annotations/more.json": [1, 2, 3],
    "cups/1.json": {"title": "a cup", "tags": ["white"], "width": 30, "height": 20},
    "cups/1.xml": "<metadata><camera>x</camera></metadata>",
    "broken.json": "{",
    "numbers.txt": "1 2\n3 4\n",
    "val_annotations.txt": "val_0.JPEG\tn03444034\t0\t32\t44\t62\n",
    "n01443537_boxes.txt": "n01443537_0.JPEG\t0\t10\t63\t58\n",
    "table.txt": "1,2,3\n4,5,6\n",
    "image_list.txt": "cups/1.png 0\nplates/2.png 1\n",
    "names.json": {"labels": {"0": "cups"}},
}


def test_recognise_format__files_of_no_known_kind_do_not_stop_an_image_folder(tmp_path):
    for name, content in FOREIGN.items():
        write_any(tmp_path / name, content)
    write_image(tmp_path / "cups" / "1.png")
    write_image(tmp_path / "plates" / "2.png")

    assert recognise_format(tmp_path).format == "image_folder"
    source = open_source(tmp_path)
    assert [image.class_name for image in source.list_images()] == ["cups", "plates"]


@pytest.mark.parametrize("name", FOREIGN)
def test_find_unread__a_file_of_no_known_kind(tmp_path, name):
    assert find_unread(write_any(tmp_path / name, FOREIGN[name])) is None


def test_open_source__foreign_data_yaml(tmp_path):
    write_image(tmp_path / "cups" / "1.png")
    write_image(tmp_path / "plates" / "2.png")
    write_text(tmp_path / "data.yaml", "title: a list of what is in the cupboard\n")

    assert [image.class_name for image in open_source(tmp_path).list_images()] == ["cups", "plates"]


def test_find_unread__a_dataset_of_a_supervisely_project_names_the_project(tmp_path):
    root = write_supervisely(tmp_path / "project")
    for given in (root / "train", root / "train" / "img", root):
        if given == root:
            (root / "meta.json").unlink()
        with pytest.raises(SourceUnavailableError) as caught:
            open_source(given)
        advice = (
            "whose meta.json is not there; restore it, or export the project again"
            if given == root
            else f"give the project's folder {root}, which has meta.json"
        )
        assert "train looks like a dataset of a Supervisely project" in str(caught.value)
        assert advice in str(caught.value)


def test_find_unread__project_without_a_dataset_folder(tmp_path):
    write_json(tmp_path / "meta.json", {"classes": [], "tags": []})
    write_image(tmp_path / "img" / "1.png")
    write_json(tmp_path / "ann" / "1.png.json", sly_annotation((20, 30), []))

    with pytest.raises(SourceUnavailableError, match="looks like a dataset of a Supervisely project"):
        open_source(tmp_path)


@pytest.mark.parametrize(("folder", "suffix"), [("labels", ".txt"), ("Annotations", ".xml"), ("annotations", ".xml")])
def test_find_unread__the_images_of_a_data_set_were_given_alone(tmp_path, folder, suffix):
    write_image(tmp_path / "images" / "train" / "1.png")
    path = write_text(tmp_path / folder / "train" / f"1{suffix}", "")

    with pytest.raises(SourceUnavailableError) as caught:
        open_source(tmp_path / "images")
    assert str(caught.value).startswith(f"{path} looks like the annotation of ")
    assert f"give the folder {tmp_path}" in str(caught.value)


def test_find_unread__masks_beside_images(tmp_path):
    for name in ("images/1.png", "masks/1.png"):
        write_image(tmp_path / name)

    with pytest.raises(SourceUnavailableError, match=r"masks holds masks of the images in .*images, which is not read"):
        open_source(tmp_path)
    assert open_source(tmp_path / "images").count_images() == 1


@pytest.mark.parametrize(
    ("images", "masks"),
    [
        ("train/1.png", "trainannot/1.png"),
        ("train/1.png", "train_masks/1_mask.png"),
        ("val/1.png", "val_labels/1_L.png"),
        ("data/1.png", "labels/1.png"),
        ("test/dent/1.png", "ground_truth/dent/1_mask.png"),
    ],
)
def test_find_unread__masks_beside_a_split(tmp_path, images, masks):
    for name in (images, masks, "test/bent/0.png"):
        write_image(tmp_path / "bottle" / name)

    with pytest.raises(SourceUnavailableError, match="holds masks of the images in ") as caught:
        open_source(tmp_path)
    assert str(tmp_path / "bottle" / masks.split("/")[0]) in str(caught.value)


def test_find_unread__classes_called_like_masks_are_classes(tmp_path):
    for name in ("face/1.png", "face_mask/1.png", "mask/1.png", "no_mask/1.png"):
        write_image(tmp_path / name)

    assert recognise_format(tmp_path).format == "image_folder"


def test_find_unread__an_empty_annotation_folder_may_be_a_disk_that_is_not_mounted(tmp_path):
    write_image(tmp_path / "images" / "1.png")
    (tmp_path / "annotations").mkdir()

    with pytest.raises(SourceUnavailableError, match=r"annotations is empty although there are images in .*images"):
        open_source(tmp_path)


def test_open_source__file_that_its_format_refuses_is_named_by_what_it_looks_like(tmp_path):
    path = write_json(tmp_path / "tasks.json", LABEL_STUDIO)
    with pytest.raises(SourceUnavailableError, match=r"tasks\.json looks like Label Studio's JSON, which is not read"):
        open_source(path)


@pytest.mark.parametrize(
    "head",
    [
        "xmin " * 20_000,
        "1 " + "0.5 " * 20_000 + "x",
        "[" * 100_000,
        '{"images": [' * 10_000,
        '"categories"' + " " * 100_000,
        "<annotation" * 10_000,
        "a," * 50_000,
        "\0" * 100_000,
    ],
    ids=lambda head: head[:12],
)
@pytest.mark.parametrize("extension", ["txt", "csv", "json", "xml"])
def test_find_unread__hostile_heads_take_no_time(tmp_path, head, extension):
    path = write_text(tmp_path / f"a.{extension}", head)
    started = time.process_time()
    find_unread(path)

    assert time.process_time() - started < 1


def test_find_unread__looks_at_few_files(tmp_path, monkeypatch):
    looked_at = []
    monkeypatch.setattr("indexer.sources.unread_formats.peek", lambda path, n_bytes: looked_at.append(path) or "")
    for number in range(500):
        write_text(tmp_path / f"{number:03}.json", json.dumps({}))
    find_unread(tmp_path)

    assert len(looked_at) == 8
