"""Source -> store -> verdicts -> suspects -> source: what people decide counts, lasts, and can be undone."""

import json
import shutil
from dataclasses import asdict

import pytest

from explorer.cli import main
from indexer.applying import ApplyOptions
from indexer.domain import CollectionSpec, CropOptions
from indexer.errors import InvalidOptionsError, PointNotFoundError, UnknownNameError
from indexer.pipeline import SyncOptions, sync
from indexer.points import make_point_id
from indexer.reviewing import Judgement
from indexer.settings import IndexerSettings
from indexer.sources.opening import open_source
from indexer.workspace import Workspace
from tests.doubles import CountingEmbedder, MemoryImage, MemorySource, make_object, png
from tests.source_formats import WRITERS, Labelled

SPEC = CollectionSpec("fake:mean-colour", "mean", 4, CropOptions().text)
ACCEPT, DISMISS, SKIP = (Judgement(verdict, "ann") for verdict in ("accept", "dismiss", "skip"))


@pytest.fixture(scope="session")
def indexed(tmp_path_factory):
    """A data directory with the colours in it; making a store costs seconds, copying one does not."""
    data_dir = tmp_path_factory.mktemp("data")
    with Workspace.open(IndexerSettings(data_dir=data_dir)) as made:
        index(made, make_colours())
    return data_dir


@pytest.fixture
def opened(tmp_path):
    """Open the one data directory, as often as a test likes."""
    workspaces = []

    def open_again():
        for workspace in workspaces:
            workspace.close()
        workspaces.append(Workspace.open(IndexerSettings(data_dir=tmp_path / "data")))
        return workspaces[-1]

    yield open_again
    workspaces[-1].close()


def make_colours():
    """24 red cats and 24 blue dogs of many shades; cat 3 is called dog, dog 30 is called cat."""
    images = {}
    for number in range(48):
        is_cat = (number < 24) != (number in (3, 30))
        shade = (
            (150 + 4 * (number % 24), 10 + 7 * number % 50, 10)
            if number < 24
            else (10, 10 + 7 * number % 50, 250 - 4 * (number % 24))
        )
        images[f"{number}"] = MemoryImage(png(shade), [make_object("1", "cat" if is_cat else "dog")])
    return MemorySource(images)


def index(workspace, source, **options):
    """Run the pipeline into the one collection, as ``Workspace.index`` does, with an embedder that can be read off."""
    names = workspace.collection_names()
    collection = workspace.collection() if names else workspace.store.create_collection("test", SPEC)
    report = sync(source, CountingEmbedder(), collection, SyncOptions(**options))
    workspace.reviews.mend()
    return report


def id_of(number):
    return make_point_id("memory", f"{number}", "1")


@pytest.fixture
def colours():
    return make_colours()


@pytest.fixture
def workspace(opened, indexed, tmp_path):
    shutil.copytree(indexed, tmp_path / "data")
    return opened()


def suspect_ids(workspace):
    return [suspect.point.id for suspect in workspace.insights.suspects().suspects]


def review_of(workspace, number):
    return workspace.collection().retrieve([id_of(number)])[0].payload.get("review")


def test_add__suspects_follow_without_a_new_fit(workspace, monkeypatch):
    before = suspect_ids(workspace)
    assert set(before[:2]) == {id_of(3), id_of(30)}
    revision = workspace.collection().revision
    monkeypatch.setattr("indexer.judging.fit_suspects", None)
    monkeypatch.setattr("indexer.judging.build_neighbor_graph", None)

    (review,) = workspace.reviews.add(None, [id_of(3)], ACCEPT)
    assert (review.class_name, review.given_class) == ("cat", "dog")
    assert id_of(3) not in suspect_ids(workspace)

    workspace.reviews.add(None, [id_of(30)], DISMISS)
    assert not {id_of(3), id_of(30)} & set(suspect_ids(workspace))

    workspace.reviews.undo(who="ann")
    workspace.reviews.undo(who="ann")
    assert suspect_ids(workspace) == before
    assert workspace.collection().revision == revision


def test_add__skipped_suspect_keeps_its_place_and_is_marked(workspace):
    before = suspect_ids(workspace)

    workspace.reviews.add(None, [before[0]], Judgement("skip", "ann", note="too dark"))

    assert suspect_ids(workspace) == before
    marked = workspace.insights.suspects().suspects[0].to_json()["review"]
    assert (marked["verdict"], marked["who"], marked["note"]) == ("skip", "ann", "too dark")


def test_add__counts_after_the_workspace_is_opened_again(opened, workspace):
    workspace.reviews.add(None, [id_of(3)], Judgement("accept", "ann", class_name="cat"))
    workspace.reviews.add(None, [id_of(30)], DISMISS)
    expected = suspect_ids(workspace)

    again = opened()

    assert suspect_ids(again) == expected
    assert [(one.point_id, one.verdict) for one in again.reviews.standing()] == [
        (id_of(30), "dismiss"),
        (id_of(3), "accept"),
    ]
    assert again.collection().facet("review.verdict") == {"accept": 1, "dismiss": 1}


@pytest.mark.parametrize(
    ("judgement", "error", "message"),
    [
        (Judgement("reject", "ann"), UnknownNameError, "unknown verdict 'reject'; known: accept, dismiss, skip"),
        (Judgement("accept", "ann", class_name="lynx"), UnknownNameError, "unknown class 'lynx'; known: cat, dog"),
        (Judgement("accept", "ann", class_name="dog"), InvalidOptionsError, "is 'dog' already"),
        (Judgement("dismiss", "ann", class_name="cat"), InvalidOptionsError, "a class goes with accept"),
        (Judgement("skip", " "), InvalidOptionsError, "who ' ' is no text"),
        (Judgement("skip", "ann", note="\udcff"), InvalidOptionsError, "is no text"),
    ],
)
def test_add__what_cannot_be_said_changes_nothing(workspace, judgement, error, message):
    with pytest.raises(error, match=message):
        workspace.reviews.add(None, [id_of(3)], judgement)

    assert workspace.reviews.history().reviews == {}


def test_add__all_points_or_none(workspace):
    for unknown in (id_of(99), "no id at all"):
        with pytest.raises(PointNotFoundError, match=f"no embedded point '{unknown}'"):
            workspace.reviews.add(None, [id_of(3), unknown], SKIP)
    with pytest.raises(InvalidOptionsError, match="nothing speaks against the class of point"):
        workspace.reviews.add(None, [id_of(3), id_of(5)], ACCEPT)

    assert workspace.reviews.standing() == []


def test_add__new_class_on_request_is_known_from_then_on(workspace):
    workspace.reviews.add(None, [id_of(3)], Judgement("accept", "ann", class_name="lynx", allows_new_class=True))
    workspace.reviews.add(None, [id_of(4)], Judgement("accept", "bob", class_name="lynx"))

    ranked = workspace.insights.ranked_suspects()
    rows = [list(workspace.columns().ids).index(id_of(number)) for number in (3, 4)]
    assert [ranked.classes[number] for number in ranked.given[rows]] == ["lynx", "lynx"]


def test_undo__the_former_review_stands_again(workspace):
    (first,) = workspace.reviews.add(None, [id_of(3)], SKIP)
    (second,) = workspace.reviews.add(None, [id_of(3)], ACCEPT)
    (other,) = workspace.reviews.add(None, [id_of(30)], DISMISS)
    with pytest.raises(InvalidOptionsError, match=f"review '{first.id}' does not stand any more: review '{second.id}'"):
        workspace.reviews.undo(None, first.id, who="ann")

    assert workspace.reviews.undo(None, second.id, who="ann") == (second, first)

    assert review_of(workspace, 3) == first.to_payload()
    assert [one.id for one in workspace.reviews.standing()] == [other.id, first.id]
    workspace.reviews.undo(who="ann")
    workspace.reviews.undo(who="ann")
    assert workspace.reviews.standing() == []
    with pytest.raises(InvalidOptionsError, match="no review stands"):
        workspace.reviews.undo(who="ann")
    with pytest.raises(InvalidOptionsError, match="no review 'x'"):
        workspace.reviews.undo(None, "x", who="ann")


def test_index__verdict_ends_with_the_class_and_stays_in_the_log(workspace, colours):
    (review,) = workspace.reviews.add(None, [id_of(3)], ACCEPT)
    colours.change("3", "1", tags=("night",))
    index(workspace, colours)
    assert review_of(workspace, 3) == review.to_payload()

    colours.change("3", "1", class_name="lynx")
    index(workspace, colours)

    assert review_of(workspace, 3) is None
    del colours.images["3"]
    index(workspace, colours)
    assert list(workspace.reviews.history().reviews) == [review.id]
    with pytest.raises(InvalidOptionsError, match="its point changed or is gone"):
        workspace.reviews.undo(None, review.id, who="ann")


@pytest.mark.parametrize("verdict", ["add", "undo"])
def test_mend__what_a_killed_process_left_half_said(opened, workspace, monkeypatch, verdict):
    """The log knows, the point does not."""

    def die(reviews):
        raise KeyboardInterrupt

    (first,) = workspace.reviews.add(None, [id_of(3)], DISMISS)
    monkeypatch.setattr(workspace.collection(), "set_reviews", die)
    with pytest.raises(KeyboardInterrupt):
        workspace.reviews.add(None, [id_of(3)], SKIP) if verdict == "add" else workspace.reviews.undo(who="ann")
    assert review_of(workspace, 3) == first.to_payload()

    standing = opened().reviews.standing()

    assert [one.verdict for one in standing] == (["skip"] if verdict == "add" else [])


def test_mend__a_verdict_given_while_its_point_was_embedded_anew(workspace, colours):
    class InterruptingEmbedder(CountingEmbedder):
        def embed(self, inputs):
            if not workspace.reviews.standing():
                workspace.reviews.add(None, [id_of(3)], SKIP)
            return super().embed(inputs)

    sync(colours, InterruptingEmbedder(), workspace.collection(), SyncOptions(force=True))

    assert review_of(workspace, 3) is None
    assert workspace.reviews.mend() == 1
    assert review_of(workspace, 3)["verdict"] == "skip"
    assert workspace.reviews.mend() == 0


def read_tree(root):
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


IMAGES = tuple(
    Labelled(split, f"{number}.png", (20, 30), (("cat", (0, 0, 9, 9)), ("dog", (10 + number, 2, 25, 18))))
    for split in ("train", "val")
    for number in range(2)
)


@pytest.fixture(params=["supervisely", "coco", "image_folder"])
def folder(request, tmp_path):
    return WRITERS[request.param](tmp_path / "images", IMAGES)


def accept_one(workspace, folder):
    """Accept another class for one object, or for one image of the folder: its id."""
    is_image_folder = (folder / "train" / "1.png").exists()
    if is_image_folder:
        (folder / "val" / "1.png").rename(folder / "val" / "2.png")
        index(workspace, open_source(folder))
    image_key, object_key = ("train/1.png", None) if is_image_folder else ("train/1.png", "11,2,25,18")
    point_id = make_point_id(str(folder), image_key, object_key)
    wanted = "val" if is_image_folder else "cat"
    workspace.reviews.add(None, [point_id], Judgement("accept", "ann", class_name=wanted))
    return point_id


def test_apply__index_finds_the_relabelled_point_and_no_other(opened, folder):
    workspace = opened()
    index(workspace, open_source(folder))
    point_id = accept_one(workspace, folder)
    before = read_tree(folder)

    told = workspace.reviews.apply(options=ApplyOptions(is_dry_run=True), who="ann")
    assert read_tree(folder) == before
    applied = workspace.reviews.apply(who="ann")

    assert [one.to_json() for one in told.outcomes] == [one.to_json() for one in applied.outcomes]
    assert applied.counts == {"written": 1, "already so": 0, "refused": 0}
    assert len(set(before.items()) ^ set(read_tree(folder).items())) == 2
    again = workspace.reviews.apply(who="ann")
    assert (again.counts["already so"], again.changes, again.run) == (1, [], None)
    counts = asdict(index(workspace, open_source(folder)).instances)
    if (folder / "val" / "2.png").exists():  # a moved image is another one, with pixels that have to be embedded
        assert (counts["embedded"], counts["removed"], counts["payload_updated"]) == (1, 1, 0)
    else:
        assert (counts["embedded"], counts["removed"], counts["payload_updated"]) == (0, 0, 1)
        assert workspace.collection().retrieve([point_id])[0].payload["class_name"] == "cat"
    assert workspace.reviews.apply(who="ann").outcomes == []


def test_restore__very_bytes_and_the_review_stands_to_be_applied_again(opened, folder):
    workspace = opened()
    index(workspace, open_source(folder))
    point_id = accept_one(workspace, folder)
    before, records = read_tree(folder), workspace.reviews.standing()
    applied = workspace.reviews.apply(who="ann")
    with pytest.raises(InvalidOptionsError, match=f"reviews undo --applied {applied.run}"):
        workspace.reviews.undo(who="ann")
    index(workspace, open_source(folder))

    restored = workspace.reviews.restore(None, applied.run, who="ann")

    assert len(restored.paths) == 1
    assert read_tree(folder) == before
    index(workspace, open_source(folder))
    assert [one.point_id for one in workspace.reviews.standing()] == [one.point_id for one in records] == [point_id]
    with pytest.raises(UnknownNameError, match=f"unknown run 'x'; known: {applied.run}"):
        workspace.reviews.restore(None, "x", who="ann")


def test_apply__file_changed_since_it_was_indexed(opened, tmp_path):
    folder = WRITERS["supervisely"](tmp_path / "images", IMAGES)
    workspace = opened()
    index(workspace, open_source(folder))
    accept_one(workspace, folder)
    changed = folder / "train" / "ann" / "1.png.json"
    changed.write_text(changed.read_text() + "\n")

    applied = workspace.reviews.apply(who="ann")

    assert applied.has_failed
    assert [one.reason for one in applied.outcomes] == [
        "it changed since it was indexed; run 'lookalike index' and look again"
    ]
    index(workspace, open_source(folder))
    assert workspace.reviews.apply(who="ann").counts["written"] == 1


@pytest.mark.parametrize("format_name", ["yolo", "pascal_voc"])
def test_apply__format_without_a_writer_offers_the_patch_file(opened, tmp_path, format_name):
    folder = WRITERS[format_name](tmp_path / "images", IMAGES)
    workspace = opened()
    index(workspace, open_source(folder))
    accept_one(workspace, folder)
    before = read_tree(folder)

    refused = workspace.reviews.apply(who="ann")
    written = workspace.reviews.apply(None, ApplyOptions(patch=tmp_path / "patch.json"), who="ann")

    assert "write a patch file with --patch FILE" in refused.outcomes[0].reason
    patch = json.loads((tmp_path / "patch.json").read_text())
    assert (patch["format"], patch["version"]) == ("lookalike relabels", 1)
    (relabel,) = patch["relabels"]
    assert {key: relabel[key] for key in ("image_key", "box", "from", "to", "who")} == {
        "image_key": "train/1.png",
        "box": [11, 2, 25, 18],
        "from": "dog",
        "to": "cat",
        "who": "ann",
    }
    assert written.counts["written"] == 1
    assert read_tree(folder) == before


class TestCommandLine:
    @pytest.fixture
    def lookalike(self, capsys, tmp_path, workspace):
        """Run a command; gives exit code, stdout and stderr."""
        workspace.close()

        def run(*arguments):
            capsys.readouterr()
            with pytest.raises(SystemExit) as stopped:
                main([*map(str, arguments), "--data-dir", str(tmp_path / "data")])
            captured = capsys.readouterr()
            return stopped.value.code or 0, captured.out, captured.err

        return run

    def test_reviews__add_list_undo(self, lookalike):
        code, out, _ = lookalike("reviews", "add", id_of(3), "--verdict", "accept", "--who", "ann", "--json")
        (added,) = json.loads(out)
        assert (code, added["class_name"], added["who"]) == (0, "cat", "ann")

        assert json.loads(lookalike("reviews", "list", "--json")[1])[0]["id"] == added["id"]
        assert "ann  accept   dog -> cat  3" in lookalike("reviews", "list", "--verdict", "accept")[1]
        assert id_of(3) not in lookalike("suspects", "--json")[1].replace(added["id"], "")
        code, out, _ = lookalike("reviews", "undo", "--json")
        assert (code, json.loads(out)["undone"]["id"], json.loads(out)["standing"]) == (0, added["id"], None)
        assert json.loads(lookalike("reviews", "list", "--json")[1]) == []
        assert added["id"] in lookalike("reviews", "list", "--log")[1]

    def test_reviews__who_is_the_user_of_this_computer(self, lookalike, monkeypatch):
        monkeypatch.setattr("getpass.getuser", lambda: "me")

        out = lookalike("reviews", "add", id_of(3), "--verdict", "skip", "--json")[1]

        assert json.loads(out)[0]["who"] == "me"
        assert "[skipped by me]" in lookalike("suspects")[1]

    def test_reviews__apply_without_its_source(self, lookalike, tmp_path):
        lookalike("reviews", "add", id_of(3), "--verdict", "accept", "--class", "cat")

        code, out, err = lookalike("reviews", "apply", "--dry-run")

        assert code == 1
        assert "refused    dog -> cat  3  no source is at 'memory'; say where: reviews apply PATH" in out
        assert "would be: 0 written, 0 already so, 1 refused" in out
        assert "nothing could be written" in err
        code, out, _ = lookalike("reviews", "apply", "--patch", tmp_path / "patch.json", "--json")
        assert (code, json.loads(out)["written"], json.loads(out)["patch"]) == (0, 1, str(tmp_path / "patch.json"))

    @pytest.mark.parametrize(
        ("arguments", "code", "message"),
        [
            (["add", "x", "--verdict", "skip"], 1, "has no embedded point 'x'"),
            (["add", id_of(3), "--verdict", "reject"], 2, "unknown verdict 'reject'"),
            (["add", id_of(3), "--verdict", "accept", "--class", "lynx"], 2, "unknown class 'lynx'; known: cat, dog"),
            (["add", "--verdict", "skip"], 2, "Missing argument"),
            (["list", "--verdict", "reject"], 2, "unknown verdict 'reject'"),
            (["undo"], 2, "no review stands"),
            (["undo", "x"], 2, "no review 'x'"),
            (["undo", "--applied", "x"], 2, "unknown run 'x'; known: none yet"),
            (["undo", "x", "--applied", "y"], 2, "either which review or which run"),
            (["apply", "--source-key", "memory"], 2, "go with the path of a source"),
            (["apply", ".", "--source-key", "other"], 2, "unknown source 'other'; known: memory"),
        ],
    )
    def test_reviews__one_line_errors(self, lookalike, arguments, code, message):
        found, out, err = (
            lookalike("reviews", *arguments, "--who", "ann")
            if arguments[0] != "list"
            else lookalike("reviews", *arguments)
        )

        assert (found, out, err.count("\n")) == (code, "", 1)
        assert message in err
