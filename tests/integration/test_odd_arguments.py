"""Commands with empty, impossible and unlucky arguments: one line in our words, and the exit code."""

import json
import shutil

import pytest


@pytest.mark.parametrize(
    ("format_name", "files", "told"),
    [
        ("image_folder", ["notes.txt"], "which is read as image_folder (a folder with image files, one subfolder"),
        ("pascal_voc", ["Annotations/notes.txt", "JPEGImages/notes.txt"], "/JPEGImages holds no images"),
        ("yolo", ["images/notes.txt", "labels/notes.txt"], "/images holds no images"),
    ],
)
def test_index__nothing_is_found__fails_and_says_where(lookalike, tmp_path, format_name, files, told):
    for name in files:
        path = tmp_path / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")

    code, out, err = lookalike(
        "index", tmp_path / "source", "--format", format_name, "--data-dir", tmp_path / "data", "--json"
    )

    said = [line for line in err.splitlines() if line.startswith("lookalike: ")]
    assert (code, json.loads(out)["images"]["seen"], len(said)) == (1, 0, 1)
    assert said[0].startswith("lookalike: there are no images")
    assert str(tmp_path / "source") in said[0]
    assert told in said[0]


@pytest.mark.parametrize(
    ("name", "content"),
    [("meta.json", '{"classes": [], "tags": []}'), ("instances.json", '{"images": [], "annotations": []}')],
)
def test_index__project_that_says_it_is_empty__is_a_result(lookalike, tmp_path, name, content):
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / name).write_text(content)

    code, out, _ = lookalike("index", tmp_path / "project", "--data-dir", tmp_path / "data")

    assert code == 0
    assert "the source holds no images, so there is nothing to embed" in out
    code, out, _ = lookalike("suspects", "--data-dir", tmp_path / "data", "--json")
    assert (code, json.loads(out)) == (0, [])


def test_index__last_images_are_taken_away_on_purpose__is_a_result(lookalike, photos, tmp_path):
    shutil.copytree(photos / "red", tmp_path / "photos")
    asked = ("index", tmp_path / "photos", "--format", "image_folder", "--data-dir", tmp_path / "data")
    assert lookalike(*asked)[0] == 0
    for path in (tmp_path / "photos").iterdir():
        path.unlink()

    assert lookalike(*asked)[0] == 1
    code, out, _ = lookalike(*asked, "--allow-shrink")

    assert code == 0
    assert "0 failed; 6 removed" in out


def test_index__one_image__asks_for_its_folder(lookalike, photos, tmp_path):
    code, out, err = lookalike("index", photos / "red" / "0.jpg", "--data-dir", tmp_path / "data")

    told = f"{photos / 'red' / '0.jpg'} is one image; give the folder that holds it"
    assert (code, out, err) == (1, "", f"lookalike: {told}\n")


@pytest.mark.parametrize("format_name", ["image_folder", "yolo"])
def test_index__link_to_nothing__is_called_a_link(lookalike, photos, tmp_path, format_name):
    folder = tmp_path / "source" / "images"
    shutil.copytree(photos / "red", folder)
    (tmp_path / "source" / "labels").mkdir()
    (folder / "gone.jpg").symlink_to("elsewhere.jpg")

    code, out, _ = lookalike(
        "index", tmp_path / "source", "--format", format_name, "--mode", "images", "--data-dir", tmp_path, "--json"
    )

    told = (
        f"image {folder / 'gone.jpg'} is a link to elsewhere.jpg, which is not there; restore that, or remove the link"
    )
    assert (code, [failure["reason"] for failure in json.loads(out)["failures"]]) == (0, [told])


def test_commands__data_directory_that_cannot_be_looked_at__is_one_line(lookalike, photos, tmp_path):
    long = tmp_path / ("x" * 300)
    for asked in (["index", photos], ["status"], ["demo"]):
        code, out, err = lookalike(*asked, "--data-dir", long)

        assert (code, out, err.count("\n")) == (1, "", 1)
        assert err.startswith(f"lookalike: data directory {long} cannot be written: File name too long")


def test_status__one_of_each__is_singular(lookalike, photos, tmp_path):
    (tmp_path / "photos" / "red").mkdir(parents=True)
    shutil.copy(photos / "red" / "0.jpg", tmp_path / "photos" / "red")
    place = ("--data-dir", tmp_path / "data")
    lookalike("index", tmp_path / "photos", *place)

    shown = lookalike("status", *place)[1]

    assert shown.startswith("tf_efficientnet_lite0 (photos): 1 point of 1 image\n")
    assert "\n  1 class, 1 dataset, projections: none\n" in shown
    assert lookalike("export", tmp_path / "out", *place)[1] == f"{tmp_path / 'out' / 'points.parquet'}: 1 point\n"
    assert lookalike("pick", 1, "--review", "skipped", *place)[1] == "the only point does not fit the filter\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["index", ""], "the source is empty; name a data set, a folder of images or supervisely://PROJECT"),
        (["watch", " "], "the source is empty; name a data set"),
        (["index", "photos", "--checkpoint", ""], "'--checkpoint': it is empty; write a path"),
        (["index", "photos", "--batch-size", "0"], "'--batch-size': 0 is too small; use at least 1 (see --help)"),
        (["index", "photos", "--batch-size", "x"], "'--batch-size': 'x' is not a whole number (see --help)"),
        (["index", "photos", "--mode", "x"], "'--mode': 'x' is not one of 'images', 'objects', 'both' (see --help)"),
        (["status", "--data-dir", ""], "'--data-dir': it is empty; write a path"),
        (["serve", "--host", ""], "'--host': it is empty; write an address, such as 127.0.0.1"),
        (["explore", "--host", ""], "'--host': it is empty; write an address"),
        (["serve", "--root", ""], "'--root': it is empty; write a path"),
        (["serve", "--token-file", ""], "'--token-file': it is empty; write a path"),
        (["serve", "--port", "70000"], "'--port': 70000 is too large; use at most 65,535 (see --help)"),
        (["worker", "--alive-file", ""], "'--alive-file': it is empty; write a path"),
        (["restore", ""], "'FILE': it is empty; write a path"),
        (["backup", ""], "'FILE': it is empty; write a path"),
        (["export", ""], "'FOLDER': it is empty; write a path"),
        (["import", ""], "'FOLDER': it is empty; write a path"),
        (["move", "--to", ""], "the path is empty; write one"),
        (["reviews", "apply", ""], "the path is empty; write one"),
        (["reviews", "apply", "photos", "--patch", ""], "'--patch': it is empty; write a path"),
        (["supervisely", "tag", "seen", "--ids", ""], "'--ids': it is empty; write a path"),
        (["similar", "--image", ""], "'--image': it is empty; write a path"),
        (["similar", "--text", ""], "text: it is empty"),
        (["suspects", "--ids", ""], "'--ids': it is empty; write a path"),
        (["suspects", "--review", "x"], "review: 'x' is not one of unjudged, accepted, dismissed, skipped"),
        (["suspects", "--score-from", "2"], "score_from: 2 is too large; use at most 1"),
        (["suspects", "--score-to", "nan"], "score_to: nan is not a finite number"),
        (["suspects", "--edited-after", "x"], "'--edited-after': 'x' is not a time; use one such as 2026-01-31T12"),
        (["suspects", "--limit", "100001"], "'--limit': 100001 is too large; use at most 100,000 (see --help)"),
        (["clusters", "--resolution", "nan"], "'--resolution': nan is not a finite number (see --help)"),
        (["clusters", "--part-of", "-1"], "part_of: -1 is too small; use at least 0"),
        (["clusters", "--part-of", "0@-1"], "part_of_resolution: -1 is too small; use at least 0.01"),
    ],
)
def test_commands__impossible_value__is_refused_in_our_words(lookalike, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)

    code, out, err = lookalike(*arguments)

    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err
    assert {path.name for path in tmp_path.iterdir()} <= {".lookalike"}


def test_status__environment_names_an_empty_data_directory__is_the_usual_one(lookalike, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOOKALIKE_DATA_DIR", "")

    assert lookalike("status")[1].startswith(f"{tmp_path / '.lookalike'}: no collection yet")


@pytest.mark.parametrize("group", ["reviews", "supervisely"])
def test_groups__without_a_command__show_their_help(lookalike, group):
    code, out, err = lookalike(group)

    assert (code, err) == (0, "")
    assert out == lookalike(group, "--help")[1]
