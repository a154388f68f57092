"""A whole group of similar objects with one wrong label is one entry, judged and taken back as one."""

import json

import numpy as np
import pytest

from indexer.points import make_point_id
from indexer.reviews.judgement import Judgement
from indexer.settings import IndexerSettings
from indexer.workspace import Workspace
from lookalike.commands.main import main
from tests.doubles import MemoryImage, MemorySource, make_object, png
from tests.integration.reviews.points import index

GROUP = range(20, 32)
WORDS = "a whole group of 12 similar objects seems to be labelled dog instead of cat"
ACCEPT, DISMISS = (Judgement(verdict, "ann", is_one_entry=True) for verdict in ("accept", "dismiss"))


def make_shades():
    """Red cats and blue dogs whose shades change from one to the next; twelve cats of like shade are called dog."""
    images = {}
    for number in range(160):
        shade = int(1.4 * (number % 80))
        colour = (140 + shade, 120 - shade, 30) if number < 80 else (30, 120 - shade, 140 + shade)
        name = "cat" if number < 80 and number not in GROUP else "dog"
        images[f"{number}"] = MemoryImage(png(colour), [make_object("1", name)])
    return MemorySource(images)


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def workspace(data_dir):
    with Workspace.open(IndexerSettings(data_dir=data_dir)) as opened:
        index(opened, make_shades())
        yield opened


def ids_of_group():
    return {make_point_id("memory", f"{number}", "1") for number in GROUP}


def test_suspects__a_group_is_one_entry(workspace):
    found = workspace.suspects.find()

    first = found.suspects[0]
    assert (first.suggested_class, first.reason) == ("cat", WORDS)
    assert set(first.group) == ids_of_group()
    assert first.group[0] == first.point.id
    listed = [point_id for suspect in found.suspects for point_id in suspect.group or [suspect.point.id]]
    assert len(listed) == len(set(listed))
    assert found.n_matching == len(found.suspects)


@pytest.mark.parametrize(("verdict", "class_name"), [(ACCEPT, "cat"), (DISMISS, None)])
def test_add__one_verdict_is_on_every_member_and_undo_takes_all_back(workspace, verdict, class_name):
    before = workspace.suspects.find().suspects

    made = workspace.reviews.add(None, before[0].group, verdict, suggest=workspace.suspects.suggest)

    assert {(review.point_id, review.class_name) for review in made} == {(one, class_name) for one in ids_of_group()}
    assert not ids_of_group() & {suspect.point.id for suspect in workspace.suspects.find().suspects}

    undone, _ = workspace.reviews.undo(who="ann")

    assert undone.point_id in ids_of_group()
    assert workspace.reviews.standing() == []
    assert [suspect.group for suspect in workspace.suspects.find().suspects] == [one.group for one in before]


def test_undo__a_later_verdict_on_one_member_stands(workspace):
    group = workspace.suspects.find().suspects[0].group
    made = workspace.reviews.add(None, group, DISMISS)
    (later,) = workspace.reviews.add(None, [group[3]], Judgement("accept", "bob", class_name="cat"))

    workspace.reviews.undo(None, made[0].id, who="ann")

    assert [review.id for review in workspace.reviews.standing()] == [later.id]


def test_undo__points_judged_one_by_one_in_one_call_are_taken_back_one_by_one(workspace):
    group = workspace.suspects.find().suspects[0].group
    workspace.reviews.add(None, group[:2], Judgement("dismiss", "ann"))

    workspace.reviews.undo(who="ann")

    assert len(workspace.reviews.standing()) == 1


def test_commands__list_judge_and_undo_a_group(workspace, data_dir, capsys):
    workspace.close()

    def lookalike(*arguments):
        with pytest.raises(SystemExit) as stopped:
            main([*arguments, "--data-dir", str(data_dir)])
        assert (stopped.value.code or 0) == 0
        return capsys.readouterr().out

    line = lookalike("suspects", "--limit", "1")
    assert WORDS in line
    assert line.rstrip().endswith("and 11 more")
    (first,) = json.loads(lookalike("suspects", "--limit", "1", "--json"))
    assert set(first["group"]) == ids_of_group()

    added = json.loads(lookalike("reviews", "add", first["id"], "--group", "--verdict", "accept", "--json"))
    assert {review["point_id"] for review in added} == ids_of_group()
    assert {review["class_name"] for review in added} == {"cat"}

    assert "and the others of its group" in lookalike("reviews", "undo")
    assert json.loads(lookalike("reviews", "list", "--json")) == []


def test_suspects__of_a_group_only_those_that_were_asked_for(workspace):
    some = sorted(ids_of_group())[:5]

    found = workspace.suspects.find(selection=_selection(some))

    assert [set(suspect.group) for suspect in found.suspects] == [set(some)]
    assert np.isfinite(found.suspects[0].score)


def _selection(point_ids):
    from indexer.domain import PointFilter

    return PointFilter(ids=tuple(point_ids))
