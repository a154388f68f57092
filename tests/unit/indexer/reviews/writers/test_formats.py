"""What only one format asks of its writer."""

import json
from pathlib import Path

import pytest

from indexer.domain import Point
from indexer.reviews.review import Review, ReviewVerdict
from indexer.reviews.writers.base import Relabel
from indexer.reviews.writers.coco import CocoWriter
from indexer.reviews.writers.file_changes import digest_file
from indexer.reviews.writers.image_folder import ImageFolderWriter
from indexer.reviews.writers.supervisely_files import SuperviselyFilesWriter
from tests.source_formats import sly_annotation, sly_rectangle, write_image, write_json, write_text


def plan(writer, wanted, *, image_key, object_key=None):
    """Plan one relabel."""
    image = next(image for image in writer.source.list_images() if image.key == image_key)
    payload = {"image_key": image_key, "object_key": object_key, "pixels_hash": digest_file(Path(image.locator))}
    review = Review.of(Point("point", payload), ReviewVerdict.ACCEPT, who="ann", class_name=wanted)
    return writer.plan([Relabel(review, image, has_changed=False)])


def written(planned):
    """File name -> new content."""
    return {change.path.name: change.after.decode() for change in planned.changes}


def reason(planned):
    assert planned.changes == []
    (outcome,) = planned.outcomes
    return outcome.reason


class TestSupervisely:
    @pytest.fixture
    def project(self, tmp_path):
        """One label of a polygon class with ids of a server, written by hand with odd blanks."""
        write_text(
            tmp_path / "meta.json",
            '{"classes": [\n'
            '    {"title": "cat", "shape": "rectangle", "color": "#FF0000", "id": 7, "hotkey": "c"},\n'
            '    {"title": "dog", "shape": "any", "color": "#00FF00", "id": 8, "hotkey": ""},\n'
            '    {"title": "tree", "shape": "polygon", "color": "#0000FF", "id": 9, "hotkey": ""}\n'
            "]}",
        )
        write_image(tmp_path / "ds" / "img" / "a.png")
        label = '{ "id": 5, "classId": 7,\n"classTitle":"cat" , "x": 1.50, "geometryType": "rectangle", '
        points = '"points": {"exterior": [[1,1],[5,5]], "interior": []}}'
        write_text(
            tmp_path / "ds" / "ann" / "a.png.json",
            '{"size":{"height":20,"width":30},"objects":[' + label + points + "]}",
        )
        return tmp_path

    def open(self, project):
        return SuperviselyFilesWriter.open(project, source_key="s")

    def test_plan__class_and_its_id_change_and_nothing_else(self, project):
        found = written(plan(self.open(project), "dog", image_key="ds/a.png", object_key="5"))

        before = (project / "ds" / "ann" / "a.png.json").read_text()
        after = before.replace('"classId": 7', '"classId": 8').replace('"classTitle":"cat"', '"classTitle":"dog"')
        assert found == {"a.png.json": after}

    def test_plan__new_class_goes_into_meta_first_as_a_copy_of_the_given_one(self, project):
        found = written(plan(self.open(project), "Füchse", image_key="ds/a.png", object_key="5"))

        assert list(found) == ["meta.json", "a.png.json"]
        assert found["meta.json"].startswith((project / "meta.json").read_text()[:-3])
        added = json.loads(found["meta.json"])["classes"][-1]
        assert added["color"] != "#FF0000"
        del added["color"]
        assert added == {"title": "Füchse", "shape": "rectangle", "id": None, "hotkey": ""}
        label = json.loads(found["a.png.json"])["objects"][0]
        assert (label["classTitle"], label["classId"]) == ("Füchse", None)

    def test_plan__class_of_another_geometry_is_refused(self, project):
        found = plan(self.open(project), "tree", image_key="ds/a.png", object_key="5")

        assert "class 'tree' takes polygon, not rectangle" in reason(found)

    def test_plan__class_of_the_label_unknown_to_meta(self, project):
        write_json(project / "meta.json", {"classes": [{"title": "dog", "shape": "any"}]})

        found = plan(self.open(project), "lynx", image_key="ds/a.png", object_key="5")

        assert "its class 'cat' is not in" in reason(found)

    def test_plan__two_labels_in_one_place_are_told_apart(self, tmp_path):
        write_json(tmp_path / "meta.json", {"classes": [{"title": name, "shape": "any"} for name in ("cat", "dog")]})
        write_image(tmp_path / "ds" / "img" / "a.png")
        labels = [sly_rectangle("cat", (1, 1, 5, 5)), sly_rectangle("cat", (1, 1, 5, 5))]
        write_json(tmp_path / "ds" / "ann" / "a.png.json", sly_annotation((20, 30), labels))

        found = written(plan(self.open(tmp_path), "dog", image_key="ds/a.png", object_key="1,1,5,5#2"))

        assert [label["classTitle"] for label in json.loads(found["a.png.json"])["objects"]] == ["cat", "dog"]

    def test_plan__whole_images_have_no_class(self, project):
        assert "a whole image has no class" in reason(plan(self.open(project), "dog", image_key="ds/a.png"))

    def test_plan__one_broken_annotation_refuses_its_own_labels_alone(self, project):
        writer = self.open(project)
        write_text(project / "ds" / "ann" / "a.png.json", "{")

        assert "a.png.json is not valid JSON" in reason(plan(writer, "dog", image_key="ds/a.png", object_key="5"))


class TestCoco:
    @pytest.fixture
    def folder(self, tmp_path):
        for name in ("a.png", "b.png"):
            write_image(tmp_path / "images" / name)
        images = [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "b.png"}, {"id": 3, "file_name": "a.png"}]
        boxes = [(1, [1, 1, 4, 4]), (2, [1, 1, 4, 4]), (3, [1, 1, 4, 4])]
        annotations = [
            {"id": number, "image_id": image, "category_id": 3, "bbox": box}
            for number, (image, box) in enumerate(boxes)
        ]
        categories = [{"id": 3, "name": "cat", "supercategory": "animal"}, {"id": 90, "name": "dog"}]
        content = {"images": images, "annotations": annotations, "categories": categories}
        write_json(tmp_path / "instances.json", content)
        return tmp_path

    def test_plan__annotation_is_found_among_those_of_all_entries_of_its_image(self, folder):
        writer = CocoWriter.open(folder, source_key="s")

        found = written(plan(writer, "dog", image_key="a.png", object_key="1,1,5,5#2"))

        annotations = json.loads(found["instances.json"])["annotations"]
        assert [annotation["category_id"] for annotation in annotations] == [3, 3, 90]

    def test_plan__new_category_is_a_copy_of_the_given_one_under_the_next_id(self, folder):
        writer = CocoWriter.open(folder, source_key="s")

        found = written(plan(writer, "lynx", image_key="b.png", object_key="1,1,5,5"))

        content = json.loads(found["instances.json"])
        assert content["categories"][2:] == [{"id": 91, "name": "lynx", "supercategory": "animal"}]
        assert [annotation["category_id"] for annotation in content["annotations"]] == [3, 91, 3]


class TestImageFolder:
    @pytest.fixture
    def writer(self, tmp_path):
        for place in ("cat/a.png", "cat/b.png", "dog/b.png"):
            write_image(tmp_path / place)
        return ImageFolderWriter.open(tmp_path, source_key="s")

    def test_plan__file_of_that_name_is_there_already(self, writer):
        assert "there is already a file" in reason(plan(writer, "dog", image_key="cat/b.png"))

    @pytest.mark.parametrize("wanted", ["..", "../dog", "/dog", "dog//puppy", ".hidden", "dog/"])
    def test_plan__class_that_cannot_be_a_folder(self, writer, wanted):
        assert "cannot be a folder below the root" in reason(plan(writer, wanted, image_key="cat/a.png"))

    def test_plan__nested_class(self, writer, tmp_path):
        (change,) = plan(writer, "dog/puppy", image_key="cat/a.png").changes

        assert change.target == tmp_path / "dog" / "puppy" / "a.png"

    def test_plan__links_are_not_moved(self, writer, tmp_path):
        (tmp_path / "cat" / "link.png").symlink_to("a.png")

        assert "is a link" in reason(plan(writer, "dog", image_key="cat/link.png"))
