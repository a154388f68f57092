"""As many objects are relabelled by the next index run as a write-back wrote, whatever their outlines look like."""

import random

import pytest

from indexer.reviews.judgement import Judgement
from indexer.sources.opening import open_source
from tests.integration.reviews.points import index
from tests.source_formats import sly_annotation, write_image, write_json, write_text

N_OBJECTS = 60


def draw_outlines():
    """Triangles whose corners have as many decimals as a program writes that does not round."""
    place = random.Random(0)
    return [[[place.uniform(0, 30), place.uniform(0, 20)] for _ in range(3)] for _ in range(N_OBJECTS)]


def write_coco(root):
    write_image(root / "images" / "1.png")
    annotations = [
        {"id": number, "image_id": 1, "category_id": 1, "segmentation": [[x for corner in outline for x in corner]]}
        for number, outline in enumerate(draw_outlines(), 1)
    ]
    categories = [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]
    images = [{"id": 1, "file_name": "1.png", "height": 20, "width": 30}]
    write_json(root / "instances.json", {"images": images, "annotations": annotations, "categories": categories})


def write_supervisely(root):
    write_image(root / "train" / "img" / "1.png")
    write_json(root / "meta.json", {"classes": [{"title": name, "shape": "any"} for name in ("cat", "dog")]})
    labels = [
        {"classTitle": "cat", "geometryType": "polygon", "points": {"exterior": outline, "interior": []}, "tags": []}
        for outline in draw_outlines()
    ]
    write_json(root / "train" / "ann" / "1.png.json", sly_annotation((20, 30), labels))


def write_yolo(root, first="0"):
    write_image(root / "images" / "train" / "1.png")
    write_text(root / "data.yaml", "path: .\ntrain: images/train\nnames: [cat, dog]\n")
    lines = [" ".join(["0", *(f"{x / 30} {y / 20}" for x, y in outline)]) for outline in draw_outlines()]
    write_text(root / "labels" / "train" / "1.txt", "\n".join([first + lines[0][1:], *lines[1:]]))


def relabelled(report):
    instances = report.instances
    return instances.embedded, instances.payload_updated, instances.unchanged


@pytest.mark.parametrize("write", [write_coco, write_supervisely])
def test_apply__one_of_many_outlines__one_is_relabelled_and_one_if_it_is_taken_back(opened, tmp_path, write):
    write(root := tmp_path / "pictures")
    workspace = opened()
    index(workspace, open_source(root))
    (point,) = [one for page in workspace.collections.open().scroll() for one in page if one.payload.get("box")][:1]
    workspace.reviews.add(None, [point.id], Judgement("accept", "ann", class_name="dog", allows_new_class=True))

    applied = workspace.reviews.apply(who="ann")

    assert applied.counts["written"] == 1
    assert relabelled(index(workspace, open_source(root))) == (0, 1, N_OBJECTS - 1)
    workspace.reviews.restore(applied.run, who="ann")
    assert relabelled(index(workspace, open_source(root))) == (0, 1, N_OBJECTS - 1)
    assert relabelled(index(workspace, open_source(root))) == (0, 0, N_OBJECTS)


def test_index__one_of_many_outlines_got_another_class__one_is_relabelled(opened, tmp_path):
    write_yolo(root := tmp_path / "pictures")
    workspace = opened()
    index(workspace, open_source(root))
    write_yolo(root, first="1")

    assert relabelled(index(workspace, open_source(root))) == (0, 1, N_OBJECTS - 1)
