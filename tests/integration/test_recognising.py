"""What ``index`` says of the format that it took, and of what it does not read."""

import json
import os
import shutil

import pytest

import lookalike as product
from lookalike.errors import SourceUnavailableError
from tests.source_formats import voc_object, write_image, write_text


def test_index__splits_of_an_image_folder_are_datasets(lookalike, photos, tmp_path):
    for split, names in {"train": ("0", "1", "2"), "val": ("3", "0")}.items():
        for place in ("red", "blue"):
            (tmp_path / "data" / split / place).mkdir(parents=True)
            for name in names:
                shutil.copy(photos / place / f"{name}.jpg", tmp_path / "data" / split / place)
    options = ("--data-dir", tmp_path / "store")

    code, out, _ = lookalike("index", tmp_path / "data", "--dataset", "train", *options, "--json")
    report = json.loads(out)
    assert (code, report["images"]["added"], report["format"]) == (0, 6, "image_folder")
    assert report["recognised_by"] == "images in the splits train, val, and no annotation file of a known kind"

    code, _, _ = lookalike("index", tmp_path / "data", *options)
    found = json.loads(lookalike("status", *options, "--json")[1])["collections"][0]
    assert (code, found["classes"], found["datasets"]) == (0, {"blue": 5, "red": 5}, {"train": 6, "val": 4})

    groups = json.loads(lookalike("duplicates", *options, "--json")[1])
    assert {(group["is_leak"], group["has_class_conflict"]) for group in groups} == {(True, False)}
    code, out, _ = lookalike("check", *options, "--json")
    assert code == 1
    (leaks,) = [one for one in json.loads(out)["checks"] if one["name"] == "leaks"]
    assert leaks["outcome"] == "exceeded"


def test_index__a_name_that_is_not_utf8_is_one_failure_with_the_name_escaped(lookalike, tmp_path):
    plain = write_image(tmp_path / "data" / "cups" / "plain.png")
    write_image(tmp_path / "data" / "cups" / "other.png", color=(0, 200, 0))
    shutil.copy(os.fsencode(plain), os.fsencode(plain.parent) + b"/caf\xe9.png")
    options = ("--data-dir", tmp_path / "store")

    code, out, err = lookalike("index", tmp_path / "data", *options, "--json")

    report = json.loads(out.encode().decode())
    assert (code, report["images"]["added"], report["images"]["failed"]) == (0, 2, 1)
    escaped = str(plain.parent / r"caf\udce9.png")
    assert report["failures"] == [{"image": escaped, "reason": "its name is not valid UTF-8; rename it"}]
    assert "Traceback" not in err
    code, out, _ = lookalike("index", tmp_path / "data", *options)
    assert code == 0
    assert f"  failed    {escaped}: its name is not valid UTF-8; rename it\n" in out


def test_index__a_folder_whose_name_is_not_utf8_is_refused(lookalike, tmp_path):
    write_image(tmp_path / "data" / "1.png")
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")
    os.rename(tmp_path / "data", odd)  # noqa: PTH104

    code, out, err = lookalike("index", odd, "--data-dir", tmp_path / "store")

    assert (code, out) == (1, "")
    assert err == f"lookalike: {tmp_path}/caf\\udce9 is not valid UTF-8; rename it\n"


@pytest.mark.parametrize("path", ["x" * 300, "a/" * 3000, "~nobody-of-this-name/data"])
def test_index__a_path_that_cannot_be_one(lookalike, tmp_path, path):
    code, out, err = lookalike("index", path, "--data-dir", tmp_path / "store")

    assert code in (1, 2)
    assert (out, len(err.splitlines())) == ("", 1)


def test_index__voc_in_lower_case_folders(lookalike, tmp_path):
    write_image(tmp_path / "data" / "images" / "1.png")
    xml = f"<annotation>{voc_object('cup', (4, 4, 16, 14))}</annotation>"
    write_text(tmp_path / "data" / "annotations" / "1.xml", xml)

    code, out, _ = lookalike("index", tmp_path / "data", "--data-dir", tmp_path / "store")

    assert code == 0
    assert out.startswith("read as pascal_voc: the folders annotations/ and images/\n")
    (point,) = json.loads(lookalike("pick", "5", "--data-dir", tmp_path / "store", "--json")[1])
    assert (point["class_name"], point["box"]) == ("cup", [4, 4, 16, 14])


def test_index__a_format_that_is_not_read_is_refused_and_can_be_overridden(lookalike, tmp_path):
    write_image(tmp_path / "data" / "images" / "1.png")
    path = write_text(tmp_path / "data" / "annotations.xml", "<annotations><version>1.1</version></annotations>")
    options = ("--data-dir", tmp_path / "store")

    code, out, err = lookalike("index", tmp_path / "data", *options)
    assert (code, out) == (1, "")
    assert err == (
        f"lookalike: {path} looks like CVAT's XML, which is not read; export it as COCO; "
        "--format image_folder reads the images without annotations\n"
    )
    assert not (tmp_path / "store" / "collections").exists()

    code, out, _ = lookalike("index", tmp_path / "data", *options, "--format", "image_folder")
    assert code == 0
    assert "read as image_folder: asked for" in out


def test_index__annotations_gone_altogether_are_not_a_folder_of_images(lookalike, tmp_path):
    """The lower-case annotations folder is all that tells such a set from an image folder."""
    root = tmp_path / "set"
    write_image(root / "images" / "1.png")
    write_text(root / "annotations" / "1.xml", f"<annotation>{voc_object('cup', (3, 3, 14, 16))}</annotation>")
    code, out, _ = lookalike("index", root, "--data-dir", tmp_path / "data", "--json")
    assert (code, json.loads(out)["instances"]["embedded"]) == (0, 1)

    (root / "annotations").rename(tmp_path / "elsewhere")
    code, _, err = lookalike("index", root, "--data-dir", tmp_path / "data")

    assert code == 1
    assert f"{root} was indexed with 1 annotated object, and only images are found now" in err
    (tmp_path / "elsewhere").rename(root / "annotations")
    code, out, _ = lookalike("index", root, "--data-dir", tmp_path / "data", "--json")
    assert (code, json.loads(out)["instances"]) == (0, json.loads(out)["instances"] | {"unchanged": 1, "removed": 0})


def test_index__a_folder_of_no_known_format_is_refused_alike_by_command_and_client(lookalike, tmp_path):
    write_text(tmp_path / "notes" / "todo.txt", "nothing to see")
    code, _, said = lookalike("index", tmp_path / "notes", "--data-dir", tmp_path / "store")
    with product.connect(tmp_path / "store") as client:
        with pytest.raises(SourceUnavailableError, match="is not recognised; looked for") as refused:
            client.index(tmp_path / "notes")
        runs = client.list_runs()

    assert (code, said) == (1, f"lookalike: {refused.value}\n")
    assert runs == []
