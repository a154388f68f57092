"""Groups of points, on planted clusters, copies, leaks, strangers and confused classes."""

import json
from functools import partial

import numpy as np
import pytest

import lookalike
from indexer.domain import CollectionSpec, CropOptions, PointFilter
from indexer.insights.clusters import CLUSTERS
from indexer.insights.confusion import CONFUSION
from indexer.insights.duplicates import DEFAULT_THRESHOLD, DUPLICATES
from indexer.insights.gate import Limits
from indexer.insights.outliers import OUTLIERS
from indexer.insights.picks import PICKS
from indexer.points import make_point_id
from indexer.settings import IndexerSettings
from indexer.workspace import Workspace
from lookalike.commands.main import main
from tests.planted import N_EACH, make_point, write_planted_collection

CATS = PointFilter(equals_any={"class_name": ("cat",)})


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    write_planted_collection(folder)
    return folder


@pytest.fixture
def groups(data_dir):
    with Workspace.open(IndexerSettings(data_dir=data_dir)) as workspace:
        yield partial(ask, workspace)


def ask(workspace, insight, name=None, *, selection=None, **options):
    """The answer of an insight about a collection."""
    return workspace.insights.ask(insight, insight.question(**options), name, selection=selection)


def numbers(points):
    return sorted(int(point.payload["image_name"].removesuffix(".png")) for point in points)


def test_clusters__are_the_two_clouds(groups):
    found = groups(CLUSTERS).clusters

    # Communities may split a cloud; none may mix the two.
    assert {cluster.dominant_class for cluster in found} == {"cat", "dog"}
    assert all(cluster.purity > 0.9 for cluster in found)
    assert sum(cluster.size for cluster in found) >= 2 * N_EACH
    assert all(cluster.examples for cluster in found)
    assert len({cluster.name for cluster in found}) == len(found)


@pytest.fixture
def said(data_dir, capsys):
    """Run a command about the planted collection; gives its exit code, output and messages."""

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--data-dir", str(data_dir)])
        return ended.value.code or 0, *capsys.readouterr()

    return run


def test_clusters__finer_ones_are_listed_as_parts_of_a_coarser_one(said):
    whole, fine, parts = (
        json.loads(said("clusters", "--json", *options)[1])
        for options in ((), ("--resolution", "2"), ("--resolution", "2", "--part-of", "0@1"))
    )
    assert len(fine) > len(whole)
    assert {one["dominant_class"] for one in parts} == {whole[0]["dominant_class"]}
    assert said("clusters")[1].split()[0] == "0"


def test_clusters__of_a_selection_say_how_many_fit(said):
    whole = {one["cluster"]: one for one in json.loads(said("clusters", "--json")[1])}
    narrowed = json.loads(said("clusters", "--annotator", "bob", "--json")[1])

    assert 0 < sum(one["n_matching"] for one in narrowed) <= 23
    assert all(one["size"] == whole[one["cluster"]]["size"] for one in narrowed)
    _, lines, _ = said("clusters", "--annotator", "bob")
    (partly, *_) = [one for one in narrowed if one["n_matching"] < one["size"]]
    assert f"{partly['n_matching']} of {partly['size']}  purity " in lines
    assert " of " not in said("clusters")[1]


def test_duplicates__of_a_selection_are_whole_groups(said):
    arguments = ("duplicates", "--threshold", "0.9999", "--json")
    assert len(json.loads(said(*arguments)[1])) == 2  # 0 with its copy 100, 1 with 101

    (group,) = json.loads(said(*arguments, "--dataset", "val")[1])
    assert sorted(point["image_name"] for point in group["points"]) == ["0.png", "100.png"]


def test_confusion__of_a_selection_counts_it(said):
    cells = json.loads(said("confusion", "--annotator", "bob", "--json")[1])["cells"]

    assert 0 < sum(cell["count"] for cell in cells) <= 23
    assert {cell["given"] for cell in json.loads(said("confusion", "--class", "dog", "--json")[1])["cells"]} == {"dog"}


@pytest.mark.parametrize("command", ["clusters", "duplicates", "confusion", "outliers"])
def test_commands__say_that_nothing_fits_a_selection_and_refuse_unknown_names(said, command):
    code, out, _ = said(command, "--edited-after", "2030-01-01")
    assert (code, out) == (0, "nothing that fits the filter was edited in that time; 83 of 83 points know when\n")
    code, out, err = said(command, "--edited-after", "2030-01-01", "--json")
    assert "nothing that fits the filter" in err
    assert "nothing" not in out
    code, _, err = said(command, "--class", "cow")
    assert (code, err) == (2, "lookalike: unknown class 'cow'; known: cat, dog\n")


@pytest.mark.parametrize(("part", "why"), [("cats", "names no cluster"), ("99", "no cluster 99"), ("1@x", "1@x")])
def test_clusters__refuses_parts_of_what_is_no_cluster(data_dir, capsys, part, why):
    with pytest.raises(SystemExit) as ended:
        main(["clusters", "--data-dir", str(data_dir), "--part-of", part])
    assert ended.value.code == 2
    assert why in capsys.readouterr().err


def test_duplicates__leak_and_conflict_are_marked(groups):
    found = groups(DUPLICATES, threshold=0.9999).groups

    by_members = {tuple(numbers(group.points)): group for group in found}
    assert set(by_members) == {(0, 100), (1, 101)}
    assert (by_members[0, 100].is_leak, by_members[0, 100].has_class_conflict) == (True, False)
    assert (by_members[1, 101].is_leak, by_members[1, 101].has_class_conflict) == (False, True)
    assert all(group.is_exact for group in found)


def test_duplicates__marks_are_words(tmp_path, capsys):
    write_planted_collection(tmp_path)
    with pytest.raises(SystemExit):
        main(["duplicates", "--threshold", "0.9999", "--data-dir", str(tmp_path)])

    out = capsys.readouterr().out
    assert "2 from 1.0000  exact copies, conflicting classes  101.png (dog), 1.png (cat)" in out
    assert "2 from 1.0000  exact copies, leak  100.png (cat), 0.png (cat)" in out


def test_duplicates__the_help_names_the_threshold(capsys):
    with pytest.raises(SystemExit):
        main(["duplicates", "--help"])

    assert f"[default: {DEFAULT_THRESHOLD:g}]" in " ".join(capsys.readouterr().out.split())


def test_outliers__the_stranger_is_first(groups):
    found = groups(OUTLIERS, limit=3).outliers

    assert numbers([found[0].point]) == [102]
    assert found[0].score == 1
    assert "times as far away" in found[0].reason


def test_confusion__the_wrong_dog_is_in_its_cell(groups):
    found = groups(CONFUSION)

    assert found.classes == ("cat", "dog")
    cells = {(cell.given, cell.neighborhood): cell for cell in found.cells}
    assert cells["dog", "cat"].ids == (make_point_id("planted", "101.png", "1"),)
    assert cells["cat", "cat"].count >= N_EACH


def test_pick__represents_both_clouds(groups):
    found = groups(PICKS, n=2).picks

    assert {pick.point.payload["class_name"] for pick in found} == {"cat", "dog"}
    assert sum(pick.stands_for for pick in found) == 2 * N_EACH + 3


def test_pick__diverse_of_a_class_takes_the_stranger(groups):
    found = groups(PICKS, n=3, diverse=True, selection=CATS).picks

    assert 102 in numbers(pick.point for pick in found)


def test_check__likeness_is_listed_and_fails_no_gate(tmp_path):
    """Two cats of different datasets at a cosine of .98: perhaps copies, and not clearly so."""
    near = [
        make_point(number, np.array([1, slope, 0, 0]), "cat", f"part {number}") for number, slope in enumerate((0, 0.2))
    ]
    others = [make_point(number, np.eye(4)[number % 2 + 2], "dog", "part 0") for number in (2, 3)]
    with Workspace.open(IndexerSettings(data_dir=tmp_path)) as workspace:
        spec = CollectionSpec("fake:near", "f", 4, CropOptions().text)
        workspace.store.create_collection("near", spec).upsert([*near, *others])
        report = workspace.gate.check("near", lambda n_datasets: Limits(suspects=None)).report
        listed = ask(workspace, DUPLICATES, "near").groups

    assert [(group.size, group.is_leak, round(group.lowest_similarity, 6)) for group in listed] == [(2, True, 0.980581)]
    assert {check.name: check.n_found for check in report.checks} == {"duplicate conflicts": 0, "leaks": 0}


def test_check__a_group_shows_what_differs_in_it(data_dir):
    with Workspace.open(IndexerSettings(data_dir=data_dir)) as workspace:
        named = workspace.gate.check(None, lambda n_datasets: Limits()).examples

    assert set(named["duplicate conflicts"][0].split(" = ")) == {"train / 1.png / 1 (cat)", "train / 101.png / 1 (dog)"}
    assert set(named["leaks"][0].split(" = ")) == {"val / 0.png / 1 (cat)", "train / 100.png / 1 (cat)"}


def test_check__the_odd_one_of_many_copies_is_named(tmp_path):
    copies = [make_point(number, np.eye(4)[0], "dog" if number == 8 else "cat", "train") for number in range(9)]
    with Workspace.open(IndexerSettings(data_dir=tmp_path)) as workspace:
        spec = CollectionSpec("fake:copies", "f", 4, CropOptions().text)
        workspace.store.create_collection("copies", spec).upsert(copies)
        checked = workspace.gate.check("copies", lambda n_datasets: Limits(suspects=None, leaks=None))
        (named,) = checked.examples["duplicate conflicts"]

    assert "train / 8.png / 1 (dog)" in named
    assert named.count(" = ") == 4
    assert named.endswith(" and 4 more")


@pytest.mark.parametrize("report_format", ["markdown", "json", "junit"])
def test_check__a_report_says_why_nothing_could_be_checked(data_dir, capsys, report_format):
    with pytest.raises(SystemExit) as stopped:
        main(["check", "--format", report_format, "--data-dir", str(data_dir), "--collection", "nope"])

    captured = capsys.readouterr()
    assert stopped.value.code == 2
    assert "nope" in captured.out
    assert len([line for line in captured.err.splitlines() if line.startswith("lookalike: ")]) == 1


@pytest.mark.parametrize(
    ("limits", "code", "outcome"),
    [
        (["--max-suspects", "10%", "--max-duplicate-conflicts", "1", "--max-leaks", "1"], 0, "holds"),
        (["--max-suspects", "10%", "--max-duplicate-conflicts", "0", "--max-leaks", "1"], 1, "exceeded"),
        (["--max-suspects", "10%", "--max-duplicate-conflicts", "1"], 1, "exceeded"),
        (["--collection", "nope"], 2, None),
        (["--max-suspects", "many"], 2, None),
    ],
)
def test_check__exit_codes(data_dir, capsys, limits, code, outcome):
    with pytest.raises(SystemExit) as stopped:
        main(["check", "--json", "--data-dir", str(data_dir), *limits])

    captured = capsys.readouterr()
    assert stopped.value.code == code
    if outcome is None:
        assert json.loads(captured.out)["outcome"] == "cannot tell"
        assert json.loads(captured.out)["why"] in captured.err
        assert len([line for line in captured.err.splitlines() if line.startswith("lookalike: ")]) == 1
    else:
        assert json.loads(captured.out)["outcome"] == outcome


@pytest.mark.parametrize("command", ["clusters", "duplicates", "outliers", "confusion", "pick 3", "suspects"])
def test_commands__print_one_json_document_and_lines_for_people(data_dir, capsys, command):
    for is_json in (True, False):
        with pytest.raises(SystemExit) as stopped:
            main([*command.split(), "--data-dir", str(data_dir), *(["--json"] if is_json else [])])
        out = capsys.readouterr().out
        assert stopped.value.code == 0
        if is_json:
            assert json.loads(out)
        else:
            assert out.strip()


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_outliers__the_command_says_how_many_stand_apart(data_dir, capsys, options):
    with pytest.raises(SystemExit):
        main(["outliers", "--data-dir", str(data_dir), "--limit", "2", *options])

    told = "lookalike: 1 stands apart from all others; those after are only ranked\n"
    assert capsys.readouterr().err.endswith(told)
    with lookalike.connect(data_dir) as client:
        assert client.list_outliers(limit=2).n_outliers == 1
