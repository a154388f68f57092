"""What people decided, as the gate counts it: the labels of the source are what is checked."""

from indexer.insights.gate import Limit, Limits
from indexer.reviews.judgement import Judgement
from tests.integration.reviews.points import id_of, index

NO_SUSPECTS = Limits(Limit(0), None, None)


def list_suspects(workspace):
    return workspace.gate.check(None, lambda n_datasets: NO_SUSPECTS).examples["suspects"]


def test_check__an_accepted_relabel_counts_until_the_source_has_it(workspace, colours):
    found = list_suspects(workspace)
    workspace.reviews.add(None, [id_of(3)], Judgement("accept", "ann", class_name="cat"))

    listed = list_suspects(workspace)
    assert len(listed) == len(found) == 2
    assert listed[0].endswith("3 / 1 (dog), accepted as cat by ann, not yet in the source")

    colours.change("3", "1", class_name="cat")
    index(workspace, colours)
    assert len(list_suspects(workspace)) == 1


def test_check__a_dismissed_suspect_does_not_count(workspace):
    workspace.reviews.add(None, [id_of(3), id_of(30)], Judgement("dismiss", "ann"))

    assert list_suspects(workspace) == []


def test_check__an_accepted_relabel_of_a_good_label_counts_too(workspace):
    workspace.reviews.add(None, [id_of(5)], Judgement("accept", "ann", class_name="dog"))

    assert any("5 / 1 (cat), accepted as dog by ann" in line for line in list_suspects(workspace))
