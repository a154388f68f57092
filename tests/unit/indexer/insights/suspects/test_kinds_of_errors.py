"""Each kind of label error, planted: scattered, confused, a clump, near copies, few classes."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.insights.suspects import SuspectModel, describe_suspect, rank_suspects
from tests.unit.indexer.insights.suspects.clouds import NAMES, find_breed, make_breeds, make_points


@pytest.mark.parametrize("points", [[5], [5, 130, 250]], ids=["one", "three"])
@pytest.mark.parametrize("size", [5, 15])
def test_rank_suspects__a_clump_of_wrong_labels_comes_first(points: list[int], size: int) -> None:
    embeddings, names = make_breeds()
    clumps = [find_breed(embeddings, point, size) for point in points]
    for clump in clumps:
        names[clump] = NAMES[(NAMES.index(names[clump[0]]) + 1) % 3]

    columns = rank_suspects(embeddings, names)

    assert set(columns.top(size * len(points))) == set(np.concatenate(clumps))
    groups = [rows for rows in columns.group_rows(columns.top(360)).take(0, 360) if len(rows) > 1]
    assert all(any(set(rows) <= set(clump) for clump in clumps) for rows in groups)


def test_rank_suspects__a_clump_of_wrong_labels_is_one_group() -> None:
    embeddings, names = make_breeds()
    clumps = [find_breed(embeddings, point, 15) for point in (5, 130, 250)]
    for clump in clumps:
        names[clump] = NAMES[(NAMES.index(names[clump[0]]) + 1) % 3]

    columns = rank_suspects(embeddings, names)

    groups = columns.group_rows(columns.top(360)).take(0, 3)
    assert sorted(sorted(rows) for rows in groups) == [clump.tolist() for clump in clumps]
    assert describe_suspect(columns, 5) == (
        "a whole group of 15 similar objects seems to be labelled dog instead of cat"
    )


def test_rank_suspects__a_clump_among_few_points_is_one_group() -> None:
    embeddings, names = make_points(40, 40, spread=0.3)
    embeddings[:6] = embeddings[0] + 0.01 * np.random.default_rng(1).normal(size=(6, 16))
    names[:6] = "dog"

    columns = rank_suspects(embeddings, names)

    assert [sorted(rows) for rows in columns.group_rows(columns.top(6)).take(0, 6)] == [[0, 1, 2, 3, 4, 5]]
    assert not set(columns.evidence[:6].ravel()) & set(range(6))
    assert describe_suspect(columns, 0) == "a whole group of 6 similar objects seems to be labelled dog instead of cat"


def test_rank_suspects__clean_breeds_and_scattered_errors_are_no_groups() -> None:
    embeddings, names = make_breeds()
    assert rank_suspects(embeddings, names).group.max() == -1
    names[::20] = [NAMES[(NAMES.index(name) + 1) % 3] for name in names[::20]]

    columns = rank_suspects(embeddings, names)

    assert set(columns.top(18)) == set(range(0, 360, 20))
    assert columns.group.max() == -1


def test_rank_suspects__labels_that_are_often_confused_do_not_teach_themselves() -> None:
    embeddings, names = make_breeds()
    wrong = np.flatnonzero(names == "cat")[::3]
    names[wrong] = "dog"

    columns = rank_suspects(embeddings, names)

    assert np.isin(columns.top(len(wrong)), wrong).mean() > 0.95
    assert (columns.suggested[wrong] == columns.classes.index("cat")).mean() > 0.95


def test_rank_suspects__near_copies_under_two_classes_do_not_hide_other_errors() -> None:
    embeddings, names = make_breeds()
    near_copies = embeddings[:40] + 0.02 * np.random.default_rng(1).normal(size=(40, 32))
    embeddings = np.concatenate([embeddings, near_copies.astype(np.float32)])
    names = np.concatenate([names, names[:40]])
    names[[5, 130, 250]] = ["dog", "fox", "cat"]
    copy_of_wrong = 360 + 5

    columns = rank_suspects(embeddings, names)

    assert set(columns.top(3)) == {5, 130, 250}
    assert copy_of_wrong not in columns.top(3)
    assert columns.group.max() == -1


def test_rank_suspects__two_classes_with_many_wrong_labels_are_no_clump() -> None:
    embeddings, names = make_points(100, 100, spread=0.5)
    wrong = np.arange(0, 200, 5)
    names[wrong] = np.where(names[wrong] == "cat", "dog", "cat")

    columns = rank_suspects(embeddings, names)

    assert set(columns.top(len(wrong))) == set(wrong)
    assert columns.group.max() == -1


def test_confirm__a_dismissed_group_is_a_group_no_more() -> None:
    embeddings, names = make_breeds()
    group = find_breed(embeddings, 5, 15)
    names[group] = "dog"
    model = SuspectModel(embeddings, names)
    before = model.rank()
    assert (before.group[group] >= 0).all()

    model.confirm(group)

    assert model.rank().group.max() == -1
    assert np.isnan(model.rank().score[group]).all()
    model.reopen(group)
    np.testing.assert_array_equal(model.rank().score, before.score)
    np.testing.assert_array_equal(model.rank().group, before.group)


def test_relabel__of_a_group_equals_a_model_made_anew() -> None:
    embeddings, names = make_breeds(seed=3)
    group = find_breed(embeddings, 5, 15)
    names[group] = "dog"
    model = SuspectModel(embeddings, names)
    model.rank()

    model.relabel(group, ["cat"] * len(group))
    model.confirm(group)

    names[group] = "cat"
    fresh = SuspectModel(embeddings, names)
    fresh.confirm(group)
    np.testing.assert_allclose(model.rank().ridge_margin, fresh.rank().ridge_margin, atol=1e-4)
    np.testing.assert_array_equal(model.rank().evidence, fresh.rank().evidence)
    np.testing.assert_array_equal(model.rank().top(20), fresh.rank().top(20))


def test_group_rows__groups_stand_where_their_first_member_does() -> None:
    embeddings, names = make_breeds()
    columns = rank_suspects(embeddings, names)
    columns.group[[4, 9, 7]] = 0
    columns.group[[2, 8]] = 1

    found = columns.group_rows(np.array([5, 9, 1, 2, 4]))

    assert [rows.tolist() for rows in found.take(0, 9)] == [[5], [9, 4], [1], [2]]
    assert [rows.tolist() for rows in found.take(1, 3)] == [[9, 4], [1]]
    assert columns.count_entries(np.array([5, 9, 1, 2, 4])) == len(found) == 4
    assert columns.group_rows(np.array([], dtype=np.int64)).take(0, 9) == []
    assert columns.count_entries(np.array([], dtype=np.int64)) == 0
