from __future__ import annotations

import numpy as np
import pytest

from indexer.errors import CancelledError, InvalidOptionsError
from indexer.insights.suspects import SuspectModel, describe_suspect, rank_suspects
from indexer.neighbors.shared_origin import SharedOrigin
from tests.unit.indexer.insights.suspects.clouds import make_points


@pytest.mark.parametrize("method", ["combined", "ridge"])
def test_rank_suspects__planted_errors_come_first(method: str) -> None:
    embeddings, names = make_points(40, 40, 40)
    names[[3, 50, 90]] = ["dog", "fox", "cat"]

    columns = rank_suspects(embeddings, names, method=method)

    assert set(columns.top(3)) == {3, 50, 90}
    assert [columns.classes[columns.suggested[i]] for i in (3, 50, 90)] == ["cat", "dog", "fox"]
    assert columns.score.max() == 1
    assert columns.score.min() == 0
    assert columns.why_empty is None


def test_rank_suspects__clean_points_get_no_suggestion() -> None:
    embeddings, names = make_points(30, 30)

    columns = rank_suspects(embeddings, names)

    np.testing.assert_array_equal(columns.suggested, -1)
    assert len(columns.top(10)) == 0


def test_rank_suspects__same_points_same_bits() -> None:
    embeddings, names = make_points(30, 30, 30)

    first, second = rank_suspects(embeddings, names), rank_suspects(embeddings, names)

    np.testing.assert_array_equal(first.score, second.score)


def test_rank_suspects__two_wrong_labels_side_by_side_do_not_vouch_for_each_other() -> None:
    embeddings, names = make_points(60, 60)
    embeddings[1] = embeddings[0] + 0.01
    embeddings[2] = embeddings[0] - 0.01
    names[[0, 1, 2]] = "dog"

    columns = rank_suspects(embeddings, names)

    assert set(columns.top(3)) == {0, 1, 2}
    assert columns.relative_distance[:3].min() > 0


def test_rank_suspects__objects_of_one_image_do_not_vote() -> None:
    embeddings, names = make_points(40, 40, spread=0.3)
    embeddings[:6] = embeddings[0] + 0.01 * np.random.default_rng(1).normal(size=(6, 16))
    own_image = np.arange(80)
    one_image = np.where(np.arange(80) < 6, 0, own_image)
    assert set(rank_suspects(embeddings, names, image_index=own_image).evidence[0]) & set(range(6))
    assert not set(rank_suspects(embeddings, names, image_index=one_image).evidence[0]) & set(range(6))

    names[:6] = "dog"
    together = rank_suspects(embeddings, names, image_index=one_image)

    assert not (set(together.evidence[0]) & set(range(6)))
    assert set(together.top(6)) == set(range(6))
    assert together.ridge_margin[:6].min() > 0.9


def test_rank_suspects__crowded_image_is_judged_by_other_images() -> None:
    embeddings, names = make_points(60, 60)
    crowd = embeddings[0] + 0.01 * np.random.default_rng(1).normal(size=(30, 16))
    embeddings = np.vstack([embeddings, crowd]).astype(np.float32)
    names = np.concatenate([names, ["cat"] * 30])
    images = np.concatenate([np.arange(120), np.full(30, 120)])

    columns = rank_suspects(embeddings, names, image_index=images)

    assert columns.relative_distance[120:].max() < 0
    assert columns.score[120:].max() < 0.9

    names[130] = "dog"
    assert rank_suspects(embeddings, names, image_index=images).top(1).tolist() == [130]


def test_relabel__in_a_crowded_image_equals_a_model_made_anew() -> None:
    embeddings, names = make_points(60, 60, spread=0.6)
    origin = SharedOrigin.of(120, image_index=np.arange(120) // 30)
    model = SuspectModel(embeddings, names, origin=origin)

    model.relabel(np.array([70]), ["cat"])

    names[70] = "cat"
    fresh = SuspectModel(embeddings, names, origin=origin).rank()
    np.testing.assert_allclose(model.rank().relative_distance, fresh.relative_distance, atol=1e-5)


def test_rank_suspects__exact_copies_do_not_vote() -> None:
    embeddings, names = make_points(40, 40)
    embeddings[:6] = embeddings[0]
    names[:6] = "dog"

    columns = rank_suspects(embeddings, names)

    assert set(columns.top(6)) == set(range(6))
    assert not (set(columns.evidence[0]) & set(range(6)))


def test_rank_suspects__rare_classes_are_not_all_on_top() -> None:
    rare = [1, 1, 1, 2, 2, 2, 3, 3, 3]
    embeddings, names = make_points(60, 60, 60, *rare)
    names[[5, 70, 130]] = ["dog", "fox", "cat"]

    columns = rank_suspects(embeddings, names)

    assert set(columns.top(3)) == {5, 70, 130}
    for number in range(3, 12):
        members = names == f"rare {number}"
        assert columns.score[members].min() <= 0.6


def test_rank_suspects__stranger_in_a_rare_class_is_found() -> None:
    embeddings, names = make_points(60, 60, 60, 2)
    names[0] = "rare 3"

    columns = rank_suspects(embeddings, names)

    assert columns.top(1).tolist() == [0]
    assert columns.classes[columns.suggested[0]] == "cat"


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ([], "there are no points"),
        ([None, "", None], "none of the 3 points has a class"),
        (["cat", None, None], "only one point has a class, 'cat'; a suspect takes two classes"),
        (["cat", "cat", None], "all 2 points with a class are 'cat'; a suspect takes two classes"),
        (["cat", "dog", "fox"], "each of the 3 classes has one member; none can be compared with its own class"),
    ],
)
def test_rank_suspects__says_why_it_is_empty(names: list[str | None], reason: str) -> None:
    embeddings = np.eye(3, dtype=np.float32)[: len(names)].reshape(len(names), 3)

    columns = rank_suspects(embeddings, np.array(names, dtype=object))

    assert columns.why_empty == reason
    assert np.isnan(columns.score).all()
    assert columns.evidence.shape == (len(names), 10)
    assert len(columns.top(5)) == 0


def test_rank_suspects__unlabelled_points_are_neither_ranked_nor_heard() -> None:
    embeddings, names = make_points(30, 30)
    names[:5] = None

    columns = rank_suspects(embeddings, names)

    assert np.isnan(columns.score[:5]).all()
    np.testing.assert_array_equal(columns.suggested[:5], -1)
    assert not np.isin(columns.evidence[5:], np.arange(5)).any()
    assert describe_suspect(columns, 0) == "it has no class"


def test_rank_suspects__refuses_unknown_method_and_lengths() -> None:
    embeddings, names = make_points(5, 5)

    with pytest.raises(InvalidOptionsError, match="known: combined, ridge"):
        rank_suspects(embeddings, names, method="votes")  # type: ignore[arg-type]
    with pytest.raises(InvalidOptionsError, match="10 embeddings, 9 class names"):
        rank_suspects(embeddings, names[:9])
    with pytest.raises(InvalidOptionsError, match="image_index has 3 entries"):
        rank_suspects(embeddings, names, image_index=np.arange(3))


def test_rank__cancelled_while_it_fits__the_next_ranking_is_whole_and_tells_its_own_asker() -> None:
    embeddings, names = make_points(40, 40, 40, spread=0.8)
    model = SuspectModel(embeddings, names)

    def cancel(stage: str, done: int, total: int | None) -> None:
        raise CancelledError(f"{stage} {done} of {total}")

    with pytest.raises(CancelledError):
        model.rank(on_progress=cancel)

    told = []
    after = model.rank(on_progress=lambda stage, done, total: told.append(stage))
    fresh = SuspectModel(embeddings, names).rank()
    np.testing.assert_array_equal(after.score, fresh.score)
    np.testing.assert_array_equal(after.ridge_margin, fresh.ridge_margin)
    assert set(told) == {"suspects: fit"}


def test_rank__model_of_a_cancelled_asker__is_not_told_of_later_fits() -> None:
    embeddings, names = make_points(40, 40, 40, spread=0.8)
    told = []
    model = SuspectModel(embeddings, names, on_progress=lambda *progress: told.append(progress))
    told.clear()

    model.rank()

    assert told == []


def test_relabel__equals_a_model_made_anew() -> None:
    embeddings, names = make_points(40, 40, 40, spread=0.8)
    names[[3, 50]] = ["dog", "fox"]
    model = SuspectModel(embeddings, names)
    before = model.rank()

    model.relabel(np.array([3, 50, 60]), ["cat", "dog", "wolf"])

    after = model.rank()
    names[[3, 50, 60]] = ["cat", "dog", "wolf"]
    fresh = SuspectModel(embeddings, names).rank()
    assert [after.classes[c] for c in after.given] == [fresh.classes[c] for c in fresh.given]
    np.testing.assert_allclose(after.ridge_margin, fresh.ridge_margin, atol=1e-4)
    np.testing.assert_allclose(after.relative_distance, fresh.relative_distance, atol=1e-5)
    np.testing.assert_array_equal(after.evidence, fresh.evidence)
    assert after.score[3] < before.score[3]


def test_relabel__many_points_equal_a_model_made_anew() -> None:
    embeddings, names = make_points(300, 300, spread=0.8)
    model = SuspectModel(embeddings, names)
    rows = np.arange(0, 500, 2)

    model.relabel(rows, ["fox"] * len(rows))

    names[rows] = "fox"
    fresh = SuspectModel(embeddings, names).rank()
    np.testing.assert_array_equal(model.rank().evidence, fresh.evidence)


def test_relabel__refuses_points_without_class() -> None:
    embeddings, names = make_points(10, 10)
    names[0] = None
    model = SuspectModel(embeddings, names)

    with pytest.raises(InvalidOptionsError, match="make a new SuspectModel"):
        model.relabel(np.array([0]), ["cat"])


def test_confirm__takes_a_point_off_the_list_and_gives_it_its_vote() -> None:
    embeddings, names = make_points(40, 40)
    names[3] = "dog"
    model = SuspectModel(embeddings, names)
    nearby = int(model.rank().evidence[3][0])
    assert 3 not in model.rank().evidence[nearby]

    model.confirm(np.array([3]))

    columns = model.rank()
    assert np.isnan(columns.score[3])
    assert 3 not in columns.top(80)
    assert describe_suspect(columns, 3) == "a person confirmed its class"
    assert any(3 in row for row in columns.evidence)


def test_reopen__undoes_a_confirmation() -> None:
    embeddings, names = make_points(40, 40)
    names[3] = "dog"
    model = SuspectModel(embeddings, names)
    before = model.rank()

    model.confirm(np.array([3]))
    model.reopen(np.array([3]))

    after = model.rank()
    np.testing.assert_array_equal(after.score, before.score)
    np.testing.assert_array_equal(after.evidence, before.evidence)


def test_suspect_model__known_pixels_decide_about_copies() -> None:
    embeddings, names = make_points(20, 20)
    embeddings[1] = embeddings[0]
    hashes = np.array([f"hash {i}" for i in range(40)], dtype=object)
    origin = SharedOrigin.of(40, pixels_hash=hashes)
    assert 1 in SuspectModel(embeddings, names, origin=origin).rank().evidence[0]

    hashes[1] = hashes[0]

    origin = SharedOrigin.of(40, pixels_hash=hashes)
    assert 1 not in SuspectModel(embeddings, names, origin=origin).rank().evidence[0]


def test_rank_suspects__of_a_point_among_copies_alone_shows_the_copies() -> None:
    embeddings, names = make_points(60, 30)
    embeddings[:60] = embeddings[0]
    names[59] = "dog"

    columns = rank_suspects(embeddings, names)

    assert not columns.has_witness[59]
    assert len(set(columns.evidence[59].tolist()) & set(range(59))) == 10
    assert describe_suspect(columns, 59) == "10 of its 10 nearest are cat, but they are copies of it or from its image"
    assert columns.has_witness[60:].all()
