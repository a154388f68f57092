"""The command line as a user meets it: results, exit codes and one-line errors, on real files and the real network."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from indexer.embedders import devices
from tests.source_formats import write_image

STAMPS = Path("/usr/share/tuxpaint/stamps")


def test_index__again_embeds_nothing_and_does_not_load_the_network(lookalike, photos, data_dir):
    code, out, _ = lookalike("index", photos, "--data-dir", data_dir, "--json")

    report = json.loads(out)
    assert code == 0
    assert report["images"]["unchanged"] == report["instances"]["unchanged"] == 12
    assert report["instances"]["embedded"] == 0
    assert report["model_loaded"] is False
    assert set(report) == {
        "collection", "source_key", "format", "recognised_by", "notes",
        "images", "instances", "skipped_reasons", "failures", "model_loaded", "seconds",
    }  # fmt: skip


def test_index__a_run_without_work_imports_no_network(photos, data_dir):
    """torch and timm take seconds to import; a run without work must not pay for them."""
    program = (
        "import sys\nfrom lookalike.commands.main import main\n"
        f"try: main(['index', {str(photos)!r}, '--data-dir', {str(data_dir)!r}])\n"
        "except SystemExit as stopped: assert not stopped.code, stopped.code\n"
        "print([name for name in ('torch', 'timm', 'sklearn', 'umap') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"


OF_QUESTIONS = (
    *(
        "indexer.insights.suspects",
        "indexer.insights.insights",
        "indexer.insights.gallery",
        "indexer.collection.search",
    ),
    *("indexer.insights.gate_findings", "api.services.maps", "api.services.map_values", "api.services.store"),
)
"""Modules that answer questions, each of which takes a command's start some milliseconds."""


@pytest.mark.parametrize(
    ("command", "needless"),
    [
        ("--help", ("numpy", "pydantic", "httpx", "fastapi", "rich", "api", "indexer", "explorer")),
        ("status", (*OF_QUESTIONS, "rich", "pygments", "torch", "sklearn", "scipy", "numba", "cv2", "PIL", "openvino")),
    ],
)
def test_commands__start_with_what_they_need_alone(data_dir, command, needless):
    program = (
        "import sys\nfrom lookalike.commands.main import main\n"
        f"try: main([{command!r}])\n"
        "except SystemExit as stopped: assert not stopped.code, stopped.code\n"
        f"print([name for name in {needless!r} if sys.modules.get(name)], file=sys.stderr)"
    )
    environment = os.environ | {"LOOKALIKE_DATA_DIR": str(data_dir)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)

    assert done.stderr.splitlines()[-1] == "[]"


def test_index__the_environment_names_the_data_directory(lookalike, photos, data_dir, monkeypatch):
    monkeypatch.setenv("LOOKALIKE_DATA_DIR", str(data_dir))

    code, out, _ = lookalike("status", "--json")

    found = json.loads(out)["collections"]
    assert code == 0
    assert [(one["name"], one["points"], one["images"]) for one in found] == [("tf_efficientnet_lite0", 12, 12)]
    assert found[0]["classes"] == {"blue": 6, "red": 6}
    assert json.loads(out)["engines"] == devices.describe_engines()


@pytest.mark.parametrize("command", ["status", "models"])
@pytest.mark.parametrize(("installed", "engine"), [(False, "torch (OpenVINO is not inst"), (True, "openvino on a CPU")])
def test_status__shows_what_runs_networks(lookalike, data_dir, command, installed, engine, monkeypatch):
    monkeypatch.setenv("LOOKALIKE_DATA_DIR", str(data_dir))
    monkeypatch.setattr(devices, "has_openvino", lambda: installed)

    code, out, _ = lookalike(command)

    assert code == 0
    assert out.splitlines()[-1].startswith(f"engine: {engine}")


def test_index__unknown_environment_variable(lookalike, monkeypatch):
    monkeypatch.setenv("LOOKALIKE_DATADIR", "x")

    code, _, err = lookalike("status")

    assert code == 2
    assert "unknown environment variable LOOKALIKE_DATADIR; known: LOOKALIKE_API_KEY, LOOKALIKE_DATA_DIR" in err


def test_index__unreadable_image_is_one_failure(lookalike, photos, data_dir, tmp_path):
    shutil.copytree(photos, tmp_path / "photos")
    broken = tmp_path / "photos" / "red" / "0.jpg"
    broken.write_bytes(broken.read_bytes()[:200])

    code, out, _ = lookalike("index", tmp_path / "photos", "--data-dir", data_dir, "--json")

    report = json.loads(out)
    assert code == 0
    assert (report["images"]["failed"], report["images"]["added"]) == (1, 11)
    assert report["failures"][0]["image"] == str(broken)


def test_index__nothing_readable_fails(lookalike, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"no image")

    code, _, err = lookalike("index", tmp_path / "photos", "--data-dir", tmp_path / "data")

    assert code == 1
    assert err.splitlines()[-1].startswith("lookalike: the only image could not be read")


def test_index__wrong_path(lookalike, tmp_path):
    code, out, err = lookalike("index", tmp_path / "nowhere", "--data-dir", tmp_path / "data", "--json")

    assert (code, out) == (1, "")
    assert err.splitlines()[-1].startswith(f"lookalike: {tmp_path / 'nowhere'} does not exist")
    assert len(err.splitlines()) == 1


def test_index__broken_json(lookalike, tmp_path):
    (tmp_path / "instances.json").write_text('{"images": [')

    code, _, err = lookalike("index", tmp_path / "instances.json", "--data-dir", tmp_path / "data", "--format", "coco")

    assert code == 1
    assert len(err.splitlines()) == 1
    assert "instances.json" in err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["similar"], 2, "say what to search by"),
        (["similar", "--id", "x", "--text", "a cat"], 2, "one of --id ID, --image FILE and --text WORDS"),
        (
            ["similar", "--text", "a cat"],
            2,
            "timm:tf_efficientnet_lite0 has no text tower; index with a model that has",
        ),
        (["similar", "--text", "x", "--box", "1,2,3,4"], 2, "--box goes with --image FILE"),
        (["similar", "--image", "no.jpg", "--box", "1,2,3"], 2, "box '1,2,3' is not left,top,right,bottom"),
        (["similar", "--image", "no.jpg"], 1, "no.jpg: No such file"),
        (["similar", "--id", "00000000-0000-0000-0000-000000000000"], 1, "has no embedded point '00000000"),
        (["similar", "--id", "not a uuid"], 1, "has no embedded point 'not a uuid'"),
        (["suspects", "--class", "green"], 2, "unknown class 'green'; known: blue, red"),
        (["suspects", "--collection", "nope"], 1, "no collection 'nope'; known: tf_efficientnet_lite0"),
        (["project", "--method", "nope"], 2, "unknown projection method 'nope'; known: densmap, pca"),
        (["export", "somewhere", "--format", "nope"], 2, "unknown export format 'nope'"),
        (["index", ".", "--padding", "wide"], 2, "padding 'wide' is neither pixels"),
        (["index", ".", "--mode", "nope"], 2, "'nope' is not one of"),
        (["index"], 2, "Missing argument"),
        (["nope"], 2, "No such command 'nope'"),
    ],
)
def test_commands__bad_input_is_one_line(lookalike, indexed, arguments, code, message):
    has_data = arguments[0] in {"similar", "suspects", "project", "export", "index"} and len(arguments) > 1
    found, out, err = lookalike(*arguments, *(["--data-dir", indexed] if has_data else []))

    lines = [line for line in err.splitlines() if line.startswith("lookalike: ")]
    assert (found, out, len(lines)) == (code, "", 1)
    assert message in lines[0]
    assert "Traceback" not in err


def test_similar__by_id_and_by_image(lookalike, photos, data_dir):
    code, out, _ = lookalike(
        "similar", "--image", photos / "red" / "0.jpg", "--limit", 6, "--data-dir", data_dir, "--json"
    )
    found = json.loads(out)
    assert code == 0
    assert found[0]["image_name"] == "0.jpg"
    assert found[0]["score"] == pytest.approx(1, abs=1e-3)
    assert {hit["class_name"] for hit in found} == {"red"}

    code, out, _ = lookalike(
        "similar", "--id", found[0]["id"], "--class", "blue", "--limit", 3, "--data-dir", data_dir, "--json"
    )
    by_id = json.loads(out)
    assert [hit["class_name"] for hit in by_id] == ["blue"] * 3
    assert set(by_id[0]) == {"id", "score", "class_name", "image_name", "box"}


def test_commands__several_collections_need_a_name(lookalike, photos, data_dir):
    code, _, _ = lookalike("index", photos, "--padding", "-4", "--data-dir", data_dir)
    assert code == 0

    code, _, err = lookalike("similar", "--id", "x", "--data-dir", data_dir)

    assert code == 2
    assert "there are several collections: tf_efficientnet_lite0, tf_efficientnet_lite0-padding" in err
    assert err.endswith("say which by --collection NAME, or collection=NAME in Python\n")


def test_commands__option_before_the_command__says_where_it_goes(lookalike, tmp_path):
    before = lookalike("--data-dir", tmp_path, "status")
    unknown = lookalike("status", "--data-directory", tmp_path)

    assert before[::2] == (2, "lookalike: No such option: --data-dir (options go behind the command; see --help)\n")
    assert (unknown[0], unknown[2].endswith("(see --help)\n")) == (2, True)


def test_index__second_source__is_told_what_it_is_shown_with(lookalike, photos, data_dir, tmp_path):
    others = shutil.copytree(photos / "red", tmp_path / "others")

    first = lookalike("index", others, "--data-dir", data_dir)[1]
    again = lookalike("index", others, "--data-dir", data_dir)[1]

    told = (
        "  noted     1: other sources in the same collection, shown with this one; --collection NAME keeps them apart\n"
    )
    assert f"{told}            {photos}\n" in first
    assert "other sources" not in again


def test_index__no_image_has_an_object__says_so(lookalike, photos, tmp_path):
    out = lookalike("index", photos, "--mode", "objects", "--data-dir", tmp_path)[1]

    assert "no image has an object, so no point was made; --mode images makes one of each whole image" in out


def test_index__other_padding_into_a_named_collection_is_refused(lookalike, photos, data_dir):
    code, _, err = lookalike(
        "index", photos, "--padding", 8, "--collection", "tf_efficientnet_lite0", "--data-dir", data_dir
    )

    assert code == 1
    assert "was made with crops 'padding=0px min=1px', not 'padding=8px min=1px'" in err


@pytest.mark.embedded
def test_commands__second_process_is_told_who_holds_the_data(lookalike, data_dir):
    holder = subprocess.Popen(
        [sys.executable, "-c", (
            "import sys, time\nfrom pathlib import Path\nfrom indexer.stores.qdrant_embedded import EmbeddedStore\n"
            f"store = EmbeddedStore(Path({str(data_dir)!r}), owner='lookalike serve')\nprint('held', flush=True)\n"
            "sys.stdin.read()"
        )],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout.readline() == "held\n"
        code, _, err = lookalike("status", "--data-dir", data_dir)
    finally:
        holder.communicate()

    assert code == 1
    assert f"data directory {data_dir} is in use by 'lookalike serve' (process {holder.pid})" in err
    assert lookalike("status", "--data-dir", data_dir)[0] == 0


@pytest.mark.embedded
@pytest.mark.parametrize("damage", ["spec", "shard"])
def test_status__one_collection_damaged__shows_the_others_and_names_it(lookalike, data_dir, damage):
    collections = data_dir / "collections"
    shutil.copytree(collections / "tf_efficientnet_lite0", collections / "other")
    broken = (
        "collection.json" if damage == "spec" else next((collections / "other" / "shard").glob("segments/*/*.json"))
    )
    (collections / "other" / broken).write_text("{")

    code, out, err = lookalike("status", "--data-dir", data_dir, "--json")

    assert code == 1
    assert [one["name"] for one in json.loads(out)["collections"]] == ["tf_efficientnet_lite0"]
    assert [line for line in err.splitlines() if line.startswith("lookalike: collection 'other'")] == err.splitlines()
    assert "put " in err
    code, out, _ = lookalike("suspects", "--data-dir", data_dir, "--collection", "tf_efficientnet_lite0", "--json")
    assert (code, json.loads(out)) == (0, [])
    code, out, err = lookalike("suspects", "--data-dir", data_dir, "--collection", "other", "--json")
    assert (code, out, len(err.splitlines())) == (1, "", 1)


def test_watch__bad_interval(lookalike, tmp_path):
    code, _, err = lookalike("watch", tmp_path, "--every", "often")

    assert code == 2
    assert err == "lookalike: duration 'often' is none; say for example 60s, 5m or 1h\n"


def test_help__is_quick_and_names_every_command(lookalike):
    code, out, _ = lookalike("--help")

    assert code == 0
    for command in ("demo", "index", "project", "suspects", "similar", "export", "status", "serve", "models"):
        assert f"\n  {command} " in out


@pytest.mark.skipif(not STAMPS.exists(), reason="Debian's tuxpaint-stamps-default is not installed")
def test_index__photographs_by_folder_have_sensible_neighbors(lookalike, tmp_path):
    """Two hundred photographs: most of the nearest neighbors of a bird are animals, of a fruit are food."""
    for group in ("animals/birds", "food/fruit"):
        target = tmp_path / "photos" / group
        target.mkdir(parents=True)
        for path in sorted((STAMPS / group).glob("*.png")):
            shutil.copy(path, target)
    code, out, _ = lookalike("index", tmp_path / "photos", "--data-dir", tmp_path / "data", "--json")
    assert code == 0
    assert json.loads(out)["instances"]["embedded"] > 30

    shares = []
    for group in ("animals/birds", "food/fruit"):
        image = sorted((tmp_path / "photos" / group).glob("*.png"))[3]
        _, out, _ = lookalike("similar", "--image", image, "--limit", 8, "--data-dir", tmp_path / "data", "--json")
        shares += [hit["class_name"] == group for hit in json.loads(out)]
    assert np.mean(shares) >= 0.75


def test_environment__no_variable_of_ours_leaks_into_tests():
    assert not [name for name in os.environ if name.startswith("LOOKALIKE_")]


def test_index__an_image_larger_than_allowed_is_a_failure(lookalike, tmp_path, monkeypatch):
    write_image(tmp_path / "photos" / "cat" / "large.png", (20, 30))
    write_image(tmp_path / "photos" / "cat" / "small.png", (10, 10))

    _, out, _ = lookalike("index", tmp_path / "photos", "--data-dir", tmp_path / "a", "--max-pixels", "599", "--json")
    report = json.loads(out)
    assert (report["images"]["added"], report["images"]["failed"]) == (1, 1)
    assert "600 pixels (30 x 20); at most 599 are decoded" in report["failures"][0]["reason"]

    monkeypatch.setenv("LOOKALIKE_IMAGES__MAX_PIXELS", "599")
    _, out, _ = lookalike("index", tmp_path / "photos", "--data-dir", tmp_path / "b", "--json")
    assert json.loads(out)["images"]["failed"] == 1
    _, out, _ = lookalike("index", tmp_path / "photos", "--data-dir", tmp_path / "b", "--max-pixels", "600", "--json")
    assert json.loads(out)["images"]["failed"] == 0
