"""Verdicts said and taken back: the suspects follow, and nothing said is lost."""

import shutil
from dataclasses import replace

import pytest

from indexer.domain import InstanceMode
from indexer.errors import CancelledError, InvalidOptionsError, PointNotFoundError, UnknownNameError
from indexer.pipeline.sync import SyncOptions, sync
from indexer.reviews.judgement import Judgement
from indexer.reviews.log import ReviewLog
from indexer.reviews.review import ReviewVerdict, read_reviews
from tests.doubles import CountingEmbedder
from tests.integration.reviews.points import SPEC, id_of, index

ACCEPT, DISMISS, SKIP = (Judgement(verdict, "ann") for verdict in ("accept", "dismiss", "skip"))


def suspect_ids(workspace):
    return [suspect.point.id for suspect in workspace.suspects.find().suspects]


def review_of(workspace, number):
    return workspace.collections.open().retrieve([id_of(number)])[0].payload.get("review")


def test_add__suspects_follow_without_a_new_fit(workspace, monkeypatch):
    before = suspect_ids(workspace)
    assert set(before[:2]) == {id_of(3), id_of(30)}
    revision = workspace.collections.open().revision
    monkeypatch.setattr("indexer.insights.suspects.suspects.fit_suspects", None)
    monkeypatch.setattr("indexer.neighbors.graphs.search_points", None)

    (review,) = workspace.reviews.add(None, [id_of(3)], ACCEPT, suggest=workspace.suspects.suggest)
    assert (review.class_name, review.given_class) == ("cat", "dog")
    assert id_of(3) not in suspect_ids(workspace)

    workspace.reviews.add(None, [id_of(30)], DISMISS)
    assert not {id_of(3), id_of(30)} & set(suspect_ids(workspace))

    workspace.reviews.undo(who="ann")
    workspace.reviews.undo(who="ann")
    assert suspect_ids(workspace) == before
    assert workspace.collections.open().revision == revision


def test_add__skipped_suspect_keeps_its_place_and_is_marked(workspace):
    before = suspect_ids(workspace)

    workspace.reviews.add(None, [before[0]], Judgement("skip", "ann", note="too dark"))

    assert suspect_ids(workspace) == before
    marked = workspace.suspects.find().suspects[0].to_json()["review"]
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
    assert again.collections.open().facet("review.verdict") == {"accept": 1, "dismiss": 1}


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
        workspace.reviews.add(None, [id_of(3), id_of(5)], ACCEPT, suggest=workspace.suspects.suggest)

    assert workspace.reviews.standing() == []


def test_add__new_class_on_request_is_known_from_then_on(workspace):
    workspace.reviews.add(None, [id_of(3)], Judgement("accept", "ann", class_name="lynx", allows_new_class=True))
    workspace.reviews.add(None, [id_of(4)], Judgement("accept", "bob", class_name="lynx"))

    ranked = workspace.suspects.rank(workspace.collections.snapshot()).columns
    rows = [workspace.collections.snapshot().rows_of([id_of(number)])[0] for number in (3, 4)]
    assert [ranked.classes[number] for number in ranked.given[rows]] == ["lynx", "lynx"]


def test_undo__the_former_review_stands_again(workspace):
    (first,) = workspace.reviews.add(None, [id_of(3)], SKIP)
    (second,) = workspace.reviews.add(None, [id_of(3)], ACCEPT, suggest=workspace.suspects.suggest)
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
    (review,) = workspace.reviews.add(None, [id_of(3)], ACCEPT, suggest=workspace.suspects.suggest)
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


def test_index__class_that_was_accepted_is_not_suspected_again_until_a_third_one_comes(workspace, colours):
    (review,) = workspace.reviews.add(None, [id_of(5)], Judgement("accept", "ann", class_name="dog"))

    colours.change("5", "1", class_name="dog")  # somebody corrected it with their own tool
    index(workspace, colours)

    assert review_of(workspace, 5) == review.to_payload()
    assert id_of(5) not in suspect_ids(workspace)
    workspace.reviews.undo(who="ann")
    assert id_of(5) in suspect_ids(workspace)[:3]
    (review,) = workspace.reviews.add(None, [id_of(5)], DISMISS)
    assert id_of(5) not in suspect_ids(workspace)
    colours.change("5", "1", class_name="lynx")
    index(workspace, colours)
    assert review_of(workspace, 5) is None
    assert len(workspace.reviews.history().reviews) == 2


def test_undo__former_review_is_about_a_class_that_the_source_has_no_more(workspace, colours):
    (dismissed,) = workspace.reviews.add(None, [id_of(3)], DISMISS)
    (accepted,) = workspace.reviews.add(None, [id_of(3)], Judgement("accept", "ann", class_name="cat"))
    colours.change("3", "1", class_name="cat")
    index(workspace, colours)

    assert workspace.reviews.undo(who="bob") == (accepted, None)

    assert review_of(workspace, 3) is None
    colours.change("3", "1", class_name="dog")
    index(workspace, colours)
    assert review_of(workspace, 3)["id"] == dismissed.id


def test_mend__verdict_on_a_class_that_the_source_was_just_leaving(workspace, colours):
    class InterruptingSource(type(colours)):
        def read_objects(self, image):
            workspace.reviews.add(None, [id_of(3)], DISMISS)
            return super().read_objects(image)

    colours.change("3", "1", class_name="lynx")
    sync(InterruptingSource(colours.images), CountingEmbedder(), workspace.collections.open())

    assert review_of(workspace, 3)["given_class"] == "dog"
    assert workspace.reviews.mend() == 1
    assert review_of(workspace, 3) is None


def test_index__verdicts_outlive_their_points(workspace, colours):
    """Embedded anew, gone from the source and back, not wanted as objects and again, the collection deleted."""
    (dismissed, skipped) = workspace.reviews.add(None, [id_of(3)], DISMISS) + workspace.reviews.add(
        None, [id_of(30)], SKIP
    )
    image = colours.images["3"]

    def standing():
        return {one.id for one in workspace.reviews.standing()}

    index(workspace, colours, force=True)
    assert standing() == {dismissed.id, skipped.id}
    del colours.images["3"]
    index(workspace, colours)
    assert standing() == {skipped.id}
    colours.images["3"] = image
    index(workspace, colours, datasets=("",))
    assert standing() == {dismissed.id, skipped.id}
    index(workspace, colours, mode=InstanceMode.IMAGES)
    assert standing() == set()
    index(workspace, colours)
    assert standing() == {dismissed.id, skipped.id}
    workspace.delete_collection("test")
    index(workspace, colours)
    assert standing() == {dismissed.id, skipped.id}


def test_index__stopped_run_gives_back_what_it_wrote_over(workspace, colours, monkeypatch):
    class InterruptedEmbedder(CountingEmbedder):
        def embed(self, inputs):
            workspace.reviews.add(None, [id_of(3)], SKIP)
            return super().embed(inputs)

    def stop():
        raise CancelledError("stopped")

    monkeypatch.setattr(workspace.embedders, "open", lambda settings=None: InterruptedEmbedder())
    monkeypatch.setattr(workspace.collections.open(), "optimize", stop)

    with pytest.raises(CancelledError):
        workspace.index(colours, collection_name="test", options=SyncOptions(force=True))

    assert review_of(workspace, 3)["verdict"] == "skip"


def test_undo__verdict_of_another_data_directory_stands_again(opened, workspace, tmp_path):
    """As where two machines share a Qdrant server."""
    (foreign,) = workspace.reviews.add(None, [id_of(3)], DISMISS)
    shutil.rmtree(tmp_path / "data" / "reviews")
    workspace = opened()

    workspace.reviews.add(None, [id_of(3)], SKIP)
    workspace.reviews.undo(who="ann")

    assert review_of(workspace, 3) == foreign.to_payload()
    workspace.reviews.undo(who="ann")
    assert opened().reviews.standing() == []


def test_index__with_another_model_knows_the_verdicts_and_both_follow(workspace, colours):
    (first,) = workspace.reviews.add("test", [id_of(3)], DISMISS)
    workspace.store.create_collection("other", replace(SPEC, fingerprint="other"))
    sync(colours, CountingEmbedder(), workspace.collections.open("other"))
    workspace.reviews.mend("other")

    assert workspace.reviews.standing("other") == [replace(first, replaces=None)]
    (second,) = workspace.reviews.add("other", [id_of(30)], SKIP)
    assert [one.id for one in read_reviews(workspace.collections.open("test"), ReviewVerdict.SKIP).values()] == [
        second.id
    ]
    workspace.reviews.undo("test", second.id, who="ann")
    assert [one.id for one in read_reviews(workspace.collections.open("other")).values()] == [first.id]
    assert [one.review.id for one in workspace.reviews.logged("test")] == [first.id]
    assert [(one.review.id, one.stands) for one in workspace.reviews.logged("other")] == [
        (second.id, False),
        (first.id, True),
    ]
    workspace.delete_collection("other")
    workspace.reviews.undo("test", first.id, who="ann")
    assert workspace.reviews.standing("test") == []


def test_suspects__of_another_model_in_a_new_process_leave_out_what_was_dismissed(opened, workspace, colours):
    workspace.store.create_collection("other", replace(SPEC, fingerprint="other"))
    sync(colours, CountingEmbedder(), workspace.collections.open("other"))
    workspace = opened()
    worst = workspace.suspects.find("test", limit=1).suspects[0].point.id
    workspace.reviews.add("test", [worst], DISMISS)

    listed = opened().suspects.find("other", limit=100).suspects

    assert listed
    assert worst not in [suspect.point.id for suspect in listed]


def test_add__another_process_said_something_meanwhile(workspace, tmp_path):
    (review,) = workspace.reviews.add(None, [id_of(3)], DISMISS)
    undo = {"event": "undo", "review": review.id, "point": id_of(3), "who": "bob", "at": "2026-05-01T00:00:00+00:00"}
    ReviewLog(tmp_path / "data" / "reviews" / "log.jsonl").append([undo])

    workspace.reviews.add(None, [id_of(30)], SKIP)

    assert review_of(workspace, 3) is None


@pytest.mark.parametrize("verdict", ["add", "undo"])
def test_mend__what_a_killed_process_left_half_said(opened, workspace, monkeypatch, verdict):
    """The log knows, the point does not."""

    def die(reviews):
        raise KeyboardInterrupt

    (first,) = workspace.reviews.add(None, [id_of(3)], DISMISS)
    monkeypatch.setattr(workspace.collections.open(), "set_reviews", die)
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

    sync(colours, InterruptingEmbedder(), workspace.collections.open(), SyncOptions(force=True))

    assert review_of(workspace, 3) is None
    assert workspace.reviews.mend() == 1
    assert review_of(workspace, 3)["verdict"] == "skip"
    assert workspace.reviews.mend() == 0
