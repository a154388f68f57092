"""Requests that are sent again because nobody answered, and two people who judge one object."""

import pytest

from indexer.errors import InvalidOptionsError, ReviewConflictError
from indexer.reviews.judgement import Judgement, Seen
from tests.integration.reviews.points import id_of

REQUEST = "request-1"
SEEN = {id_of(number): Seen("dog") for number in (3, 31)}


def log_of(workspace):
    return workspace.reviews.history()


@pytest.mark.parametrize("class_name", ["cat", None], ids=["named_class", "suggested_class"])
def test_add__the_same_request_again_records_nothing_also_after_a_restart(opened, workspace, class_name):
    judgement = Judgement("accept", "ann", class_name=class_name, request=REQUEST)
    first = workspace.reviews.add(None, [id_of(3)], judgement, suggest=workspace.suspects.suggest)
    again = workspace.reviews.add(None, [id_of(3)], judgement, suggest=workspace.suspects.suggest)
    workspace = opened()
    after = workspace.reviews.add(None, [id_of(3)], judgement, suggest=workspace.suspects.suggest)

    assert first == again
    assert [(review.id, review.class_name) for review in after] == [(first[0].id, "cat")]
    assert len(log_of(workspace).reviews) == 1


def test_add__the_same_request_answers_the_same_when_its_review_was_taken_back(workspace):
    judgement = Judgement("dismiss", "ann", request=REQUEST)
    (made,) = workspace.reviews.add(None, [id_of(3)], judgement)
    workspace.reviews.undo(who="ann")

    assert workspace.reviews.add(None, [id_of(3)], judgement) == [made]
    assert workspace.reviews.standing() == []


def test_add__a_group_that_a_killed_process_recorded_in_part_is_completed(opened, workspace):
    ids = [id_of(number) for number in (3, 30, 31)]
    judgement = Judgement("dismiss", "ann", is_one_entry=True, request=REQUEST)
    workspace.reviews.add(None, ids, judgement)
    log = workspace.reviews._log.path
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(lines[0] + lines[1][:40])

    workspace = opened()
    made = workspace.reviews.add(None, ids, judgement)

    assert sorted(review.point_id for review in made) == sorted(ids)
    assert {review.entry for review in made} == {made[0].id}
    assert log_of(workspace).made[REQUEST] == [review.id for review in made]


@pytest.mark.parametrize(("number", "verdict"), [(30, "dismiss"), (3, "skip")], ids=["other_point", "other_verdict"])
def test_add__a_key_belongs_to_one_request(workspace, number, verdict):
    workspace.reviews.add(None, [id_of(3)], Judgement("dismiss", "ann", request=REQUEST))

    with pytest.raises(InvalidOptionsError, match=f"key '{REQUEST}' belongs to another request"):
        workspace.reviews.add(None, [id_of(number)], Judgement(verdict, "ann", request=REQUEST))


def test_undo__the_same_request_takes_back_one_review(opened, workspace):
    for number in (3, 30):
        workspace.reviews.add(None, [id_of(number)], Judgement("dismiss", "ann"))
    undone, _ = workspace.reviews.undo(who="ann", request=REQUEST)
    again, standing = workspace.reviews.undo(who="ann", request=REQUEST)
    workspace = opened()
    after, _ = workspace.reviews.undo(who="ann", request=REQUEST)

    assert {undone.id, again.id, after.id} == {undone.id}
    assert standing is None
    assert [review.point_id for review in workspace.reviews.standing()] == [id_of(3)]


@pytest.mark.parametrize("verdict", ["accept", "dismiss", "skip"])
def test_add__the_second_of_two_people_is_told(workspace, verdict):
    class_name = "cat" if verdict == "accept" else None
    workspace.reviews.add(None, [id_of(3)], Judgement("dismiss", "bob"))

    with pytest.raises(ReviewConflictError, match="was dismissed by bob meanwhile"):
        workspace.reviews.add(None, [id_of(3)], Judgement(verdict, "ann", class_name=class_name, seen=SEEN))

    (standing,) = workspace.reviews.standing()
    assert standing.who == "bob"


def test_add__of_a_group_that_somebody_judged_in_part_nothing_is_recorded(workspace):
    workspace.reviews.add(None, [id_of(31)], Judgement("accept", "bob", class_name="cat"))

    with pytest.raises(ReviewConflictError, match="was accepted as 'cat' by bob meanwhile"):
        workspace.reviews.add(None, [id_of(3), id_of(31)], Judgement("dismiss", "ann", seen=SEEN))

    assert [review.who for review in workspace.reviews.standing()] == ["bob"]


def test_add__who_saw_the_review_may_replace_it(workspace):
    (former,) = workspace.reviews.add(None, [id_of(3)], Judgement("dismiss", "bob"))
    seen = {id_of(3): Seen("dog", former.id)}

    (made,) = workspace.reviews.add(None, [id_of(3)], Judgement("accept", "ann", class_name="cat", seen=seen))

    assert made.replaces == former.id


def test_add__a_skip_decides_nothing(workspace):
    workspace.reviews.add(None, [id_of(3)], Judgement("skip", "bob"))

    (made,) = workspace.reviews.add(None, [id_of(3)], Judgement("dismiss", "ann", seen=SEEN))

    assert made.who == "ann"


@pytest.mark.parametrize(("seen", "words"), [("cat", "is 'dog' by now, not 'cat'"), (None, "not without a class")])
def test_add__a_class_that_changed_since_is_told(workspace, seen, words):
    with pytest.raises(ReviewConflictError, match=words):
        workspace.reviews.add(None, [id_of(3)], Judgement("dismiss", "ann", seen={id_of(3): Seen(seen)}))
    assert workspace.reviews.standing() == []


def test_add__points_of_several_classes_are_each_compared_with_what_was_shown(workspace):
    seen = {id_of(3): Seen("dog"), id_of(1): Seen("cat")}
    workspace.reviews.add(None, [id_of(1)], Judgement("dismiss", "bob"))

    with pytest.raises(ReviewConflictError, match=f"point '{id_of(1)}' was dismissed by bob meanwhile"):
        workspace.reviews.add(None, [id_of(3), id_of(1)], Judgement("dismiss", "ann", seen=seen))
    made = workspace.reviews.add(None, [id_of(3), id_of(2)], Judgement("skip", "ann", seen=seen))

    assert [(review.point_id, review.given_class) for review in made] == [(id_of(3), "dog"), (id_of(2), "cat")]
