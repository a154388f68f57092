"""One small data set, written by hand in every format: the only place where tests know how a format looks on disk."""

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

CLASSES = ["cat", "dog"]


@dataclass(frozen=True)
class Labelled:
    """An image (dataset, path within it, height and width) and its objects: class and half-open box."""

    dataset: str
    path: str
    size_hw: tuple[int, int]
    objects: tuple[tuple[str, tuple[int, int, int, int]], ...]


IMAGES = (
    Labelled("train", "a.png", (40, 60), (("cat", (0, 0, 10, 20)), ("dog", (30, 5, 60, 40)))),
    Labelled("train", "b.png", (37, 53), (("dog", (7, 11, 8, 12)),)),
    Labelled("train", "empty.png", (20, 20), ()),
    Labelled("val", "a.png", (333, 777), (("cat", (101, 99, 776, 301)),)),
)


def write_image(path, size_hw=(20, 30), color=(200, 100, 50)):
    """A PNG of one colour (red, green, blue)."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((*size_hw, 3), color[::-1], np.uint8)
    path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    return path


def write_text(path, text):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def write_json(path, content):
    return write_text(path, json.dumps(content))


def sly_rectangle(class_name, box, **facts):
    left, top, right, bottom = box
    corners = [[left, top], [right - 1, bottom - 1]]
    points = {"exterior": corners, "interior": []}
    return {"classTitle": class_name, "geometryType": "rectangle", "points": points, "tags": [], **facts}


def sly_annotation(size_hw, objects, tags=()):
    return {"size": {"height": size_hw[0], "width": size_hw[1]}, "tags": list(tags), "objects": list(objects)}


def write_supervisely(root, images=IMAGES):
    write_json(root / "meta.json", {"classes": [{"title": name, "shape": "any"} for name in CLASSES], "tags": []})
    for image in images:
        folder = root / "/datasets/".join(image.dataset.split("/"))
        write_image(folder / "img" / image.path, image.size_hw)
        if image.objects:
            labels = [sly_rectangle(name, box) for name, box in image.objects]
            write_json(folder / "ann" / f"{image.path}.json", sly_annotation(image.size_hw, labels))
    return root


def write_coco(root, images=IMAGES):
    for dataset in sorted({image.dataset for image in images}):
        content = {"categories": [{"id": index + 1, "name": name} for index, name in enumerate(CLASSES)]}
        content |= {"images": [], "annotations": []}
        for image in (image for image in images if image.dataset == dataset):
            write_image(root / "images" / dataset / image.path, image.size_hw)
            height, width = image.size_hw
            image_id = len(content["images"]) + 100
            content["images"].append({"id": image_id, "file_name": image.path, "height": height, "width": width})
            for name, (left, top, right, bottom) in image.objects:
                bbox = [left, top, right - left, bottom - top]
                annotation = {"id": len(content["annotations"]) + 1, "image_id": image_id, "bbox": bbox}
                content["annotations"].append(annotation | {"category_id": CLASSES.index(name) + 1})
        write_json(root / "annotations" / f"instances_{dataset}.json", content)
    return root


def write_yolo(root, images=IMAGES):
    splits = "".join(f"{name}: images/{name}\n" for name in sorted({image.dataset for image in images}))
    write_text(root / "data.yaml", f"path: .\n{splits}names: {CLASSES}\n")
    for image in images:
        write_image(root / "images" / image.dataset / image.path, image.size_hw)
        if image.objects:
            lines = [yolo_line(name, box, image.size_hw) for name, box in image.objects]
            write_text((root / "labels" / image.dataset / image.path).with_suffix(".txt"), "\n".join(lines))
    return root


def yolo_line(class_name, box, size_hw):
    left, top, right, bottom = box
    height, width = size_hw
    middle = f"{(left + right) / 2 / width:.6f} {(top + bottom) / 2 / height:.6f}"
    return f"{CLASSES.index(class_name)} {middle} {(right - left) / width:.6f} {(bottom - top) / height:.6f}"


def write_pascal_voc(root, images=IMAGES):
    for image in images:
        folder = root / image.dataset
        write_image(folder / "JPEGImages" / image.path, image.size_hw)
        (folder / "Annotations").mkdir(exist_ok=True)
        if image.objects:
            objects = "".join(voc_object(name, box) for name, box in image.objects)
            height, width = image.size_hw
            size = f"<size><width>{width}</width><height>{height}</height><depth>3</depth></size>"
            xml = f"<annotation>{size}{objects}</annotation>"
            write_text((folder / "Annotations" / image.path).with_suffix(".xml"), xml)
    return root


def voc_object(class_name, box, extra=""):
    left, top, right, bottom = box
    corners = f"<xmin>{left + 1}</xmin><ymin>{top + 1}</ymin><xmax>{right}</xmax><ymax>{bottom}</ymax>"
    return f"<object><name>{class_name}</name>{extra}<bndbox>{corners}</bndbox></object>"


def write_image_folder(root, images=IMAGES):
    """The same images; an image folder knows no objects, so that the splits are datasets of images without classes."""
    for image in images:
        write_image(root / image.dataset / image.path, image.size_hw)
    return root


WRITERS = {
    "supervisely": write_supervisely,
    "coco": write_coco,
    "yolo": write_yolo,
    "pascal_voc": write_pascal_voc,
    "image_folder": write_image_folder,
}
