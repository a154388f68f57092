"""One JSON file grouped by image: which entries are one image, whose annotations are whose, and what is odd."""

import json
import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.errors import ImageReadError, SourceError
from indexer.sources.coco import CocoSource
from indexer.sources.instances import number_keys
from indexer.sources.notes import NoteKind
from indexer.sources.opening import recognise_source
from tests.source_formats import write_json, write_text

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def open_file(tmp_path, images, annotations=(), categories=({"id": 1, "name": "cat"},), name="a.json"):
    content = {"images": list(images), "annotations": list(annotations), "categories": list(categories)}
    return CocoSource.open(write_json(tmp_path / name, content))


def boxes(source):
    """Image key -> left edges of its objects; the images that cannot be used with their problem instead."""
    return {
        image.key: image.problem or [one.box.left for one in source.read_objects(image)]
        for image in source.list_images()
    }


def of_image(image_id, left=1, **facts):
    return {"id": left, "image_id": image_id, "category_id": 1, "bbox": [left, 0, 5, 5], **facts}


def noted(source, kind):
    note = source.notes.collected().get(kind)
    return (0, []) if note is None else (note.count, note.examples)


def test_list_images__names_that_differ_in_an_exporters_folder_are_two_images(tmp_path):
    images = [{"id": 1, "file_name": "images/1.png"}, {"id": 2, "file_name": "1.png"}, {"id": 3, "file_name": "2.png"}]
    source = open_file(tmp_path, images, [of_image(1, 10), of_image(2, 20)], name="instances.json")

    assert boxes(source) == {"images/1.png": [10], "1.png": [20], "2.png": []}


def test_list_images__names_that_differ_in_the_folder_of_the_dataset(tmp_path):
    images = [{"id": 1, "file_name": "train/1.png"}, {"id": 2, "file_name": "1.png"}]
    source = open_file(tmp_path, images, [of_image(1, 10), of_image(2, 20)], name="instances_train.json")

    assert boxes(source) == {"train/train/1.png": [10], "train/1.png": [20]}


def test_list_images__spellings_of_one_name_are_one_image(tmp_path):
    names = ["sub/1.png", "./sub/1.png", "sub\\1.png", "sub//1.png", "sub/./1.png", "other/../sub/1.png", "Sub/1.png"]
    images = [{"id": number, "file_name": name} for number, name in enumerate(names)]
    source = open_file(tmp_path, images, [of_image(number, number) for number in range(len(names))])

    assert boxes(source) == {"a/sub/1.png": [0, 1, 2, 3, 4, 5], "a/Sub/1.png": [6]}


def test_list_images__nameless_dataset_beside_named_ones(tmp_path):
    for name, file_name in (("instances.json", "train/1.png"), ("instances_train.json", "1.png")):
        write_json(
            tmp_path / "annotations" / name,
            {"images": [{"id": 1, "file_name": file_name}], "annotations": [], "categories": []},
        )

    assert [image.key for image in CocoSource.open(tmp_path).list_images()] == ["./train/1.png", "train/1.png"]


PARTS = st.sampled_from(["images", "train", "val", "a", "A", ".", "..", "", unicodedata.normalize("NFD", "é"), "é"])
NAMES = st.builds(
    lambda parts, separator, name: separator.join([*parts, name]),
    st.lists(PARTS, max_size=3),
    st.sampled_from(["/", "\\", "//"]),
    st.sampled_from(["1.png", "images.png", "A.png", "a.png"]),
)


def resolve(name):
    """What a name means, told in another way than the reader's."""
    parts = []
    for part in name.replace("\\", "/").split("/"):
        if part == ".." and parts and parts[-1] != "..":
            del parts[-1]
        elif part not in ("", "."):
            parts.append(part)
    return name[0] in "/\\", tuple(parts)


@QUICK
@given(st.dictionaries(st.sampled_from(["instances", "instances_train", "instances_a", "instances_images"]),
                       st.lists(NAMES, max_size=8), min_size=1))  # fmt: skip
def test_list_images__two_images_never_share_a_key_and_each_has_its_annotations(files):
    with TemporaryDirectory() as folder:
        expected = {}
        for stem, names in files.items():
            dataset = stem.partition("_")[2]
            images = [{"id": number, "file_name": name} for number, name in enumerate(names)]
            annotations = [of_image(number, number) for number in reversed(range(len(names)))]
            content = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "cat"}]}
            write_json(Path(folder) / "annotations" / f"{stem}.json", content)
            for number, name in enumerate(names):
                expected.setdefault((dataset, *resolve(name)), []).append(number)
        source = CocoSource.open(Path(folder))
        images = list(source.list_images())

        assert len({image.key for image in images}) == len(images) == len(expected)
        got = sorted(sorted(one.box.left for one in source.read_objects(image)) for image in images)
        assert got == sorted(sorted(numbers) for numbers in expected.values())
        for image in images:
            keys = [key for key, _ in number_keys(source.read_objects(image))]
            assert len(set(keys)) == len(keys)


FILES = st.sets(
    st.builds(
        lambda parts, name: "/".join([*parts, name]),
        st.lists(st.sampled_from(["images", "train", "data", "a", "A"]), max_size=3),
        st.sampled_from(["1.png", "2.png", "a b.png", "a%20b.png", "é.png", unicodedata.normalize("NFD", "é.png")]),
    ),
    min_size=1,
    max_size=6,
)
BASES = ["", "images", "data", "train", "images/train", "data/train"]


@QUICK
@given(st.sampled_from(BASES), FILES, st.sampled_from(["annotations/instances_train.json", "instances_train.json"]))
def test_list_images__each_name_finds_its_own_file(base, files, json_name):
    with TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for file in files:
            write_text(root / base / file, file)
        images = [{"id": number, "file_name": file} for number, file in enumerate(sorted(files))]
        write_json(root / json_name, {"images": images, "annotations": [], "categories": []})
        found = list(CocoSource.open(root).list_images())

        assert len({image.key for image in found}) == len(found)
        # Unless another folder holds all of the names too, they are those of the base.
        others = [one for one in BASES if one != base and all((root / one / file).exists() for file in files)]
        if not others:
            assert [Path(image.locator) for image in found] == [root / base / file for file in sorted(files)]


@pytest.mark.parametrize(
    ("of_images", "of_annotations"),
    [(["1", "2"], [1, 2]), ([1, 2], ["1", "2"]), ([1.0, 2.0], [1, 2]), (["im-1", "im-2"], ["im-1", "im-2"])],
)
def test_read_objects__ids_as_text_and_number(tmp_path, of_images, of_annotations):
    images = [{"id": value, "file_name": f"{number}.png"} for number, value in enumerate(of_images)]
    annotations = [of_image(value, number) for number, value in enumerate(of_annotations)]
    source = open_file(tmp_path, images, annotations, [{"id": str(1), "name": "cat"}])

    assert boxes(source) == {"a/0.png": [0], "a/1.png": [1]}
    assert [one.class_name for image in source.list_images() for one in source.read_objects(image)] == ["cat"] * 2
    assert source.notes.collected() == {}


def test_read_objects__annotations_of_unknown_images_are_counted_with_their_ids(tmp_path):
    annotations = [of_image(1), *(of_image(number, number) for number in range(8, 16)), {"id": "x"}]
    source = open_file(tmp_path, [{"id": 1, "file_name": "1.png"}], annotations)

    count, examples = noted(source, NoteKind.UNKNOWN_IMAGE)
    assert (count, examples[0]) == (9, "a.json: annotation 8 is of image 8")
    assert boxes(source) == {"a/1.png": [1]}


@pytest.mark.parametrize("image_id", [True, None, [1], {"a": 1}, "one", 2])
def test_list_images__none_of_the_annotations_found_keeps_what_is_known(tmp_path, image_id):
    source = open_file(tmp_path, [{"id": 1, "file_name": "1.png"}], [of_image(image_id)])
    (image,) = source.list_images()

    assert (image.annotation_stamp, source.read_objects(image)) == ("unreachable", [])
    assert noted(source, NoteKind.UNKNOWN_IMAGE)[0] == 1


@pytest.mark.parametrize("odd", [True, None, [1], {"a": 1}, float("nan")])
def test_list_images__image_whose_id_is_none_fails_and_no_other(tmp_path, odd):
    images = [{"id": odd, "file_name": "odd.png"}, {"id": 1, "file_name": "1.png"}]
    source = open_file(tmp_path, images, [of_image(1), of_image(odd)])
    found = boxes(source)

    assert found["a/1.png"] == [1]
    assert found["a/odd.png"].startswith("its id in a.json is ")


def test_list_images__two_images_of_one_id_fail_as_nobody_can_tell_them_apart(tmp_path):
    images = [{"id": 1, "file_name": "1.png"}, {"id": 1, "file_name": "2.png"}, {"id": 3, "file_name": "3.png"}]
    source = open_file(tmp_path, images, [of_image(1), of_image(3)])
    found = boxes(source)

    assert found["a/3.png"] == [1]
    assert found["a/1.png"] == found["a/2.png"] == "a.json gives its id 1 to another image too; number them anew"


def test_list_images__same_entry_twice_is_one_image_with_its_objects_once(tmp_path):
    source = open_file(tmp_path, [{"id": 1, "file_name": "1.png"}] * 2, [of_image(1)])

    assert boxes(source) == {"a/1.png": [1]}


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"id": 2}, "images[1] in a.json has the file_name null; give it one"),
        ({"id": 2, "file_name": 12}, "images[1] in a.json has the file_name 12; give it one"),
        ({"id": 2, "file_name": ""}, "images[1] in a.json has the file_name ''; give it one"),
        ({"id": 2, "file_name": ".."}, "images[1] in a.json has the file_name '..'; give it one"),
        ({"id": 2, "file_name": ["x"]}, "images[1] in a.json has the file_name a list; give it one"),
        ({"id": 2, "file_name": "x" * 9999}, "images[1] in a.json has a file_name of 9999 characters"),
        (None, "images[1] in a.json has the file_name null; give it one"),
        ("b.png", "images[1] in a.json has the file_name null; give it one"),
    ],
)
def test_list_images__entry_without_a_name_fails_and_no_other(tmp_path, entry, told):
    source = open_file(tmp_path, [{"id": 1, "file_name": "images[1]"}, entry], [of_image(1)])
    sound, odd = source.list_images()

    assert (sound.key, sound.problem, len(source.read_objects(sound))) == ("a/images[1]", None, 1)
    assert odd.key == "a///images[1]"
    assert odd.problem.startswith(told)


def test_list_images__name_with_nul_is_not_there(tmp_path):
    source = open_file(tmp_path, [{"id": 1, "file_name": "a\0.png"}])

    assert [image.pixels_stamp for image in source.list_images()] == ["missing"]


@pytest.mark.parametrize("name", ["../secret.png", "/etc/hostname", "sub/../../secret.png"])
def test_list_images__name_that_leads_outside_is_refused_unless_allowed(tmp_path, name):
    write_text(tmp_path / "secret.png", "")
    content = {"images": [{"id": 1, "file_name": name}], "annotations": [], "categories": []}
    path = write_json(tmp_path / "data" / "a.json", content)

    source = CocoSource.open(path)
    (refused,) = source.list_images()
    with pytest.raises(ImageReadError, match="its name leads outside"):
        source.read_bytes(refused)
    (allowed,) = CocoSource.open(path, allow_outside=True).list_images()

    assert "its name leads outside" in refused.problem
    assert refused.pixels_stamp == "missing"
    assert allowed.problem is None
    assert allowed.pixels_stamp != "missing"


def test_list_images__json_in_annotations_finds_images_beside_that_folder(tmp_path):
    write_text(tmp_path / "images" / "1.png", "")
    content = {"images": [{"id": 1, "file_name": "1.png"}], "annotations": [], "categories": []}
    (image,) = CocoSource.open(write_json(tmp_path / "annotations" / "val.json", content)).list_images()

    assert (image.locator, image.problem) == (str(tmp_path / "images" / "1.png"), None)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a%20b.png", NoteKind.OTHER_SPELLING),
        ("C:\\data\\set\\images\\a b.png", NoteKind.BY_FILE_NAME),
        ("/home/ann/set/a b.png", NoteKind.BY_FILE_NAME),
    ],
)
def test_list_images__second_tries_are_told(tmp_path, name, kind):
    write_text(tmp_path / "images" / "a b.png", "")
    source = open_file(tmp_path, [{"id": 1, "file_name": name}])
    (image,) = source.list_images()

    assert (image.locator, image.problem) == (str(tmp_path / "images" / "a b.png"), None)
    assert noted(source, kind)[0] == 1


@pytest.mark.parametrize("odd", ["64px", "64", 0, -3, None, [], {}, True, 1e400, float("nan"), 0.5, 10**30])
def test_list_images__odd_size_is_taken_from_the_file(tmp_path, odd):
    images = [{"id": 1, "file_name": "1.png", "width": odd, "height": 20}]
    images += [{"id": 2, "file_name": "2.png", "width": 30.0, "height": 20}]

    assert [image.size_hw for image in open_file(tmp_path, images).list_images()] == [None, (20, 30)]


@pytest.mark.parametrize("odd", [None, 5, "x", [], True])
def test_open__annotation_that_is_no_object_costs_itself(tmp_path, odd):
    source = open_file(tmp_path, [{"id": 1, "file_name": "1.png"}], [odd, of_image(1)])

    assert boxes(source) == {"a/1.png": [1]}
    assert noted(source, NoteKind.BROKEN_ANNOTATION)[0] == 1


@pytest.mark.parametrize(
    "categories",
    [
        [None],
        [{"id": 1}],
        [{"id": 1, "name": None}],
        [{"id": 1, "name": ""}],
        [{"id": 1, "name": ["a"]}],
        [{"id": None, "name": "a"}],
        [{"id": [1], "name": "a"}],
        [{"id": 1, "name": "a"}, {"id": "1", "name": "b"}],
    ],
)
def test_read_objects__category_that_tells_no_class(tmp_path, categories):
    source = open_file(tmp_path, [{"id": 1, "file_name": "1.png"}], [of_image(1)], categories)
    (image,) = source.list_images()

    assert [one.skip_reason for one in source.read_objects(image)] == ["unknown class"]


def test_read_objects__names_of_numbers_are_text_and_equal_categories_one(tmp_path):
    categories = [{"id": 1, "name": 5}, {"id": 1, "name": "5"}]
    source = open_file(tmp_path, [{"id": 1, "file_name": "1.png"}], [of_image(1)], categories)
    (image,) = source.list_images()

    assert [one.class_name for one in source.read_objects(image)] == ["5"]


@pytest.mark.parametrize(("value", "is_crowd"), [("0", False), (0, False), (None, False), (1, True), ("1", True)])
def test_read_objects__crowd_in_any_spelling(tmp_path, value, is_crowd):
    source = open_file(tmp_path, [{"id": 1, "file_name": "1.png"}], [of_image(1, iscrowd=value)])
    (image,) = source.list_images()

    assert [one.skip_reason for one in source.read_objects(image)] == (["crowd annotation"] if is_crowd else [None])


def test_open__integer_of_thousands_of_digits_costs_its_annotation(tmp_path):
    text = '{"images": [{"id": 1, "file_name": "1.png"}], "categories": [{"id": 1, "name": "cat"}], "annotations": ['
    sound, long = json.dumps(of_image(1)), json.dumps(of_image(1)).replace("[1, 0", f"[{'9' * 5000}, 0")
    source = CocoSource.open(write_text(tmp_path / "a.json", f"{text}{long}, {sound}]}}"))
    (image,) = source.list_images()

    assert [one.skip_reason for one in source.read_objects(image)] == ["broken annotation", None]


def stamp_of(tmp_path, annotation):
    """The stamp of an image with one annotation, given as JSON."""
    text = '{"images": [{"id": 1, "file_name": "1.png"}], "categories": [{"id": 1, "name": "cat"}], "annotations": ['
    content = f'{text}{{"image_id": 1, "category_id": 1, "bbox": {annotation}}}]}}'
    (image,) = CocoSource.open(write_text(tmp_path / "a.json", content)).list_images()
    return image.annotation_stamp


def test_list_images__stamp_is_stable_for_odd_values_and_tells_types_apart(tmp_path):
    odd = ["[NaN, 1]", "[1, 1]", "[1.0, 1]", '["1", 1]', "[true, 1]", "[1e400, 1]", '["\\ud800", 1]', "null", "[[[]]]"]
    stamps = [stamp_of(tmp_path, one) for one in odd]

    assert [stamp_of(tmp_path, one) for one in odd] == stamps
    assert len(set(stamps)) == len(odd)


def test_list_images__stamp_of_what_marshal_cannot_write_follows_the_file(tmp_path, monkeypatch):
    def refuse(facts, version):
        raise ValueError("object too deeply nested to marshal")

    monkeypatch.setattr("indexer.sources.coco_file.marshal.dumps", refuse)
    first = stamp_of(tmp_path, "[1, 1]")

    assert stamp_of(tmp_path, "[1, 1, 1]") != first


def test_list_images__images_folder_gone_lists_them_all_as_missing(tmp_path):
    write_text(tmp_path / "images" / "1.png", "")
    content = {"images": [{"id": 1, "file_name": "1.png"}], "annotations": [of_image(1)], "categories": []}
    write_json(tmp_path / "annotations" / "instances_val.json", content)
    (before,) = CocoSource.open(tmp_path).list_images()
    (tmp_path / "images").rename(tmp_path / "elsewhere")
    (after,) = CocoSource.open(tmp_path).list_images()

    assert (before.key, after.key, after.pixels_stamp) == ("val/1.png", "val/1.png", "missing")
    assert before.annotation_stamp == after.annotation_stamp


@pytest.mark.parametrize("url", [5, None, ["http://a/b.png"], "file:///etc/passwd", "ftp://a/b.png"])
def test_list_images__odd_url_is_none(tmp_path, url):
    content = {"images": [{"id": 1, "file_name": "1.png", "coco_url": url}], "annotations": [], "categories": []}
    source = CocoSource.open(write_json(tmp_path / "a.json", content), allow_remote=True)

    assert [image.pixels_stamp for image in source.list_images()] == ["missing"]


def test_open__unreadable_folder_is_told(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("indexer.sources.coco_layout.os.scandir", refuse)

    for look in (CocoSource.recognises, CocoSource.open, recognise_source):
        with pytest.raises(SourceError, match=r"cannot list .*: Permission denied; check its permissions"):
            look(tmp_path)
