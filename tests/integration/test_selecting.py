"""A selection means the same to every command that takes one; on the planted points 0 to 79, 100, 101 and 102."""

import csv
import json
import subprocess
import sys

import pytest

from indexer.points import make_point_id
from tests.planted import write_planted_collection

ALL = {*range(80), 100, 101, 102}


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    write_planted_collection(folder)
    return folder


@pytest.fixture
def exported(lookalike, planted, tmp_path):
    """The numbers of the points that an export under some options holds."""

    def export(*options):
        code, _, err = lookalike("export", tmp_path, "--format", "csv", "--data-dir", planted, *options)
        assert code == 0, err
        with (tmp_path / "points.csv").open(encoding="utf-8", newline="") as file:
            return {number(row) for row in csv.DictReader(file)}

    return export


def number(point):
    return int(point["image_name"].removesuffix(".png"))


def point_id(of):
    return make_point_id("planted", f"{of}.png", "1")


SIMILAR = ["similar", "--id", point_id(0)]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ALL),
        (["--class", "dog"], {*range(40, 80), 101}),
        (["--class", "dog", "--class", "cat"], ALL),
        (["--dataset", "val"], set(range(0, 80, 2))),
        (["--annotator", "bob"], {*range(60, 80), 100, 101, 102}),
        (["--edited-before", "2026-01-03"], {0, 1, 2}),
        (["--edited-after", "2026-03-18"], {76, 77, 78, 79, 100, 101, 102}),
        (["--edited-after", "2026-01-02", "--edited-before", "2026-01-05"], {1, 2, 3, 4}),
        (["--class", "dog", "--dataset", "train", "--annotator", "ann", "--edited-after", "2026-02-25"], {55, 57, 59}),
    ],
)
def test_export__conditions_all_hold(exported, options, expected):
    assert exported(*options) == expected


def test_export__ids_of_a_file_and_another_condition(exported, tmp_path):
    (tmp_path / "ids.txt").write_text("\n".join(map(point_id, (3, 50, 102))))

    assert exported("--ids", tmp_path / "ids.txt") == {3, 50, 102}
    assert exported("--ids", tmp_path / "ids.txt", "--class", "cat") == {3, 102}


def test_export__an_empty_list_of_ids_is_an_empty_export(exported, tmp_path):
    (tmp_path / "ids.json").write_text("[]")

    assert exported("--ids", tmp_path / "ids.json") == set()


def test_export__takes_ids_from_the_command_before_it(planted, tmp_path):
    """A real pipe: both processes want the data directory, and start at once."""
    lookalike = f"{sys.executable} -m lookalike"
    line = (
        f"{lookalike} suspects --limit 2 --json --data-dir {planted} | "
        f"{lookalike} export {tmp_path} --format csv --ids - --json --data-dir {planted}"
    )
    done = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["points"] == 2


@pytest.mark.parametrize(
    "command",
    [["suspects"], ["outliers"], ["pick", "50"], SIMILAR, ["similar", "--id", point_id(70)]],
)
def test_commands__list_points_of_the_selection_only(lookalike, planted, command):
    selection = ["--class", "dog", "--dataset", "train", "--annotator", "bob"]
    code, out, _ = lookalike(*command, *selection, "--data-dir", planted, "--json")

    found = {number(point) for point in json.loads(out)}
    assert code == 0
    assert found
    assert found <= {*range(61, 80, 2), 101}


def test_suspects__keep_their_scores_in_a_selection(lookalike, planted):
    _, everybody, _ = lookalike("suspects", "--data-dir", planted, "--json")
    _, of_bob, _ = lookalike("suspects", "--annotator", "bob", "--data-dir", planted, "--json")

    scores = {point["id"]: point["score"] for point in json.loads(everybody)}
    assert point_id(101) in {point["id"] for point in json.loads(of_bob)}
    assert all(scores[point["id"]] == point["score"] for point in json.loads(of_bob))


def test_pick__stands_for_the_selection_alone(lookalike, planted):
    _, out, _ = lookalike("pick", 2, "--edited-before", "2026-01-07", "--data-dir", planted, "--json")

    assert sum(point["stands_for"] for point in json.loads(out)) == 7


@pytest.mark.parametrize("command", [["suspects"], ["outliers"], ["pick", "2"], ["export", "OUT"], SIMILAR])
@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--class", "bird"], 2, "unknown class 'bird'; known: cat, dog"),
        (["--dataset", "test"], 2, "unknown dataset 'test'; known: train, val"),
        (["--annotator", "eve"], 2, "unknown annotator 'eve'; known: ann, bob"),
        (["--ids", "nowhere.txt"], 2, "--ids nowhere.txt: No such file or directory"),
        (["--ids", "."], 2, "--ids .: it is a folder; name a file of ids"),
        (["--ids", "PICTURE"], 2, "it is no text in UTF-8; name a file of ids"),
        (["--ids", "IDS"], 1, "2 of the 3 ids are no embedded points of collection 'planted', the first is 'nobody'"),
    ],
)  # fmt: skip
def test_commands__refuse_a_selection_that_names_what_is_not_there(
    lookalike, planted, tmp_path, command, options, code, message
):
    (tmp_path / "ids").write_text(f"{point_id(1)}\nnobody\n00000000-0000-0000-0000-000000000000\n")
    (tmp_path / "picture").write_bytes(b"\x89PNG\r\n")
    places = {"OUT": tmp_path / "out", "IDS": tmp_path / "ids", "PICTURE": tmp_path / "picture"}
    found, out, err = lookalike(*(places.get(text, text) for text in [*command, *options]), "--data-dir", planted)

    errors = [line for line in err.splitlines() if line.startswith("lookalike: ")]
    assert (found, out, len(errors)) == (code, "", 1)
    assert message in errors[0]
    assert not (tmp_path / "out").exists()
