"""Reviews as nouns, in the log, and in the suspect model."""

import json
from datetime import timedelta

import numpy as np
import pytest

from indexer.collection.embedded_points import EmbeddedPoints
from indexer.domain import Point
from indexer.errors import StoreUnavailableError, UnknownNameError
from indexer.insights.suspects import SuspectModel
from indexer.insights.suspects.reviewed import ReviewedSuspects
from indexer.reviews.log import ReviewLog
from indexer.reviews.review import Review, ReviewVerdict

PAYLOAD = {"source_key": "s", "image_key": "a.png", "object_key": "1", "class_name": "cat", "box": [0, 0, 5, 5]}


def judge(point_id="p", verdict=ReviewVerdict.DISMISS, *, replaces=None, **words):
    payload = PAYLOAD if replaces is None else PAYLOAD | {"review": replaces.to_payload()}
    return Review.of(Point(point_id, payload), verdict, who="ann", **words)


def event(review):
    return {"event": "review", "collection": "test", **review.to_json()}


def undo(review):
    return {
        "event": "undo",
        "review": review.id,
        "point": review.point_id,
        "who": "ann",
        "at": "2026-05-01T00:00:00+00:00",
    }


class TestReview:
    def test_of__says_who_when_and_of_what(self):
        review = judge(verdict=ReviewVerdict.ACCEPT, class_name="dog", note="clear")

        assert review.at.utcoffset() == timedelta(0)
        assert (review.given_class, review.class_name, review.who, review.note) == ("cat", "dog", "ann", "clear")
        assert review.subject == PAYLOAD

    def test_json_and_payload__give_the_review_back(self):
        review = judge(verdict=ReviewVerdict.ACCEPT, class_name="dog", replaces=judge())

        assert Review.from_json(json.loads(json.dumps(review.to_json()))) == review
        stored = Review.from_point(Point("p", PAYLOAD | {"review": review.to_payload()}))
        assert (stored.id, stored.verdict, stored.class_name) == (review.id, review.verdict, "dog")
        assert stored.subject == review.subject

    @pytest.mark.parametrize("change", [{"class_name": "dog"}, {"box": [0, 0, 5, 6]}, {"pixels_hash": "other"}])
    def test_is_about__ends_with_class_box_or_pixels(self, change):
        review = judge()

        assert review.is_about(PAYLOAD | {"tags": ["night"], "object_key": "2"})
        assert not review.is_about(PAYLOAD | change)

    def test_is_about__also_what_accept_makes_of_it(self):
        review = judge(verdict=ReviewVerdict.ACCEPT, class_name="dog")

        assert review.is_about(PAYLOAD | {"class_name": "dog"})
        assert not review.is_about(PAYLOAD | {"class_name": "lynx"})
        assert not review.is_about(PAYLOAD | {"class_name": "dog", "box": [0, 0, 5, 6]})

    def test_from_point__class_written_to_the_source_since(self):
        review = judge(verdict=ReviewVerdict.ACCEPT, class_name="dog")
        stored = Review.from_point(Point("p", PAYLOAD | {"class_name": "dog", "review": review.to_payload()}))

        assert (stored.given_class, stored.class_name) == ("cat", "dog")
        assert (stored.is_carried_out, review.is_carried_out, judge().is_carried_out) == (True, False, False)

    def test_from_json__first_logs_did_not_say_the_given_class(self):
        record = judge().to_json()
        del record["given_class"]

        assert Review.from_json(record).given_class == "cat"

    def test_parse__unknown_verdict(self):
        with pytest.raises(UnknownNameError, match="unknown verdict 'reject'; known: accept, dismiss, skip"):
            ReviewVerdict.parse("reject")


class TestReviewLog:
    @pytest.fixture
    def log(self, tmp_path):
        return ReviewLog(tmp_path / "reviews" / "log.jsonl")

    def test_read__no_log_yet(self, log):
        assert log.read().reviews == {}

    def test_append__stands_until_undone_and_then_the_former_one_does(self, log):
        first, other = judge(), judge("q")
        second = judge(verdict=ReviewVerdict.SKIP, replaces=first)
        log.append([event(first), event(other)])
        log.append([event(second)])
        assert log.read().standing == {"p": second.id, "q": other.id}

        log.append([undo(second), undo(other)])

        history = ReviewLog(log.path).read()
        assert history.standing == {"p": first.id, "q": None}
        assert list(history.reviews.values()) == [first, other, second]

    def test_append__runs_hold_reviews_until_restored(self, log):
        review = judge()
        log.append([event(review), {"event": "apply", "run": "one", "reviews": [review.id], "moved": {}}])
        assert log.read().runs == {review.id: "one"}

        log.append([{"event": "restore", "run": "one"}])

        assert log.read().runs == {}

    def test_append__run_that_moved_an_image_has_its_review_stand_at_the_new_place_until_restored(self, log):
        def due(*ids):
            return [log.read().find_due(point_id) for point_id in ids]

        review, other = judge(), judge("new")
        run = {"event": "apply", "run": "one", "reviews": [review.id], "moved": {"new": review.id}}
        log.append([event(other), event(review), run])
        assert due("p", "new") == [review, review]

        log.append([{"event": "restore", "run": "one"}])
        assert due("p", "new") == [review, other]

        later = judge("new", replaces=review)
        log.append([run, event(later)])
        assert due("p", "new", "unknown") == [review, later, None]

    def test_append__half_a_line_of_a_killed_process_is_replaced(self, log):
        first, second = judge(), judge("q")
        log.append([event(first)])
        with log.path.open("ab") as file:
            file.write(json.dumps(event(judge("lost"))).encode()[:40])
        assert list(log.read().reviews) == [first.id]

        ReviewLog(log.path).append([event(second)])

        assert list(log.read().reviews) == list(ReviewLog(log.path).read().reviews) == [first.id, second.id]

    def test_append__last_line_that_an_editor_left_without_its_end_is_kept(self, log):
        first, second, third = judge(), judge("q"), judge("r")
        log.append([event(first), event(second)])
        log.path.write_bytes(log.path.read_bytes().rstrip(b"\n"))
        other = ReviewLog(log.path)
        assert list(other.read().reviews) == [first.id, second.id]

        other.append([event(third)])

        assert list(other.read().reviews) == [first.id, second.id, third.id]
        assert list(ReviewLog(log.path).read().reviews) == [first.id, second.id, third.id]
        log.path.write_bytes(log.path.read_bytes() + b"\n{\n")
        with pytest.raises(StoreUnavailableError, match=r"log\.jsonl, line 5 is broken"):
            other.read()

    def test_append__two_writers_lose_nothing(self, log):
        other = ReviewLog(log.path)
        reviews = [judge(f"p{number}") for number in range(4)]
        for writer, review in zip([log, other, log, other], reviews, strict=True):
            writer.append([event(review)])

        assert list(log.read().reviews) == list(other.read().reviews) == [review.id for review in reviews]

    @pytest.mark.parametrize(
        "line",
        [
            "{", "[]", "7", "null", '"text"', "[" * 100_000, '{"event": "dance"}',
            '{"event": "undo", "review": "nobody"}',
            '{"event": "undo", "review": []}', '{"event": "review"}', '{"event": "review", "subject": []}',
            '{"event": "apply", "reviews": [[]], "run": 1}', '{"event": "apply", "reviews": [], "moved": 7}',
            '{"event": "restore"}',
        ],
        ids=lambda line: line[:40],
    )  # fmt: skip
    def test_read__broken_line_is_named(self, log, line):
        log.append([event(judge())])
        with log.path.open("a") as file:
            file.write(f"{line}\n")

        with pytest.raises(StoreUnavailableError, match=r"log\.jsonl, line 2 is broken"):
            ReviewLog(log.path).read()

    def test_read__another_file_in_its_place(self, log):
        log.append([event(judge()), event(judge("q"))])
        review = judge("other")
        log.path.write_text(json.dumps(event(review)) + "\n")

        assert list(log.read().reviews) == [review.id]


class TestReviewedSuspects:
    """Two clusters of 20 points; point 3 lies among the cats and is called dog, point 25 among the dogs is a cat."""

    POINTS = EmbeddedPoints(np.array([b"%02d" % row for row in range(40)]), np.full(40, b"2026-01-01T00:00:00+00:00"))

    @pytest.fixture
    def fits(self):
        return []

    @pytest.fixture
    def make(self, fits):
        random = np.random.default_rng(0)
        centers = np.repeat(np.eye(8, dtype=np.float32)[:2], 20, axis=0)
        embeddings = centers + random.normal(0, 0.1, (40, 8)).astype(np.float32)

        def fit(names, on_progress):
            fits.append(list(names))
            return SuspectModel(embeddings, names)

        def make(names, reviews=()):
            standing = {review.point_id: review for review in reviews}
            return ReviewedSuspects(self.POINTS, np.array(names, dtype=object), reviews=standing, fit=fit)

        return make

    @pytest.fixture
    def names(self):
        names = ["cat"] * 20 + ["dog"] * 20
        names[3], names[25] = "dog", "cat"
        return names

    def top(self, suspects, *reviews):
        return suspects.rank({review.point_id: review for review in reviews}).top(2).tolist()

    def test_rank__dismissed_and_accepted_leave_skipped_stays(self, make, names, fits):
        suspects = make(names)
        before = self.top(suspects)
        assert sorted(before) == [3, 25]

        assert self.top(suspects, judge("03", ReviewVerdict.SKIP)) == before
        assert 3 not in self.top(suspects, judge("03"))
        assert 3 not in self.top(suspects, judge("03", ReviewVerdict.ACCEPT, class_name="cat"))
        assert self.top(suspects) == before
        assert len(fits) == 1

    @pytest.mark.parametrize("class_name", ["cat", "lynx", "a longer name than any"])
    def test_rank__followed_model_equals_a_new_one(self, make, names, class_name):
        reviews = [judge("03", ReviewVerdict.ACCEPT, class_name=class_name), judge("25"), judge("gone"), judge("zz")]
        followed = make(names)
        followed.rank({})

        ranked = followed.rank({review.point_id: review for review in reviews})

        expected = make(names, reviews).rank({review.point_id: review for review in reviews})
        assert ranked.given[3] == ranked.classes.index(class_name)
        np.testing.assert_allclose(ranked.ridge_margin, expected.ridge_margin, atol=1e-3)
        np.testing.assert_allclose(ranked.score, expected.score, atol=0.03)

    def test_rank__point_without_a_class_is_fitted_anew(self, make, names, fits):
        names[3] = None
        suspects = make(names)

        ranked = suspects.rank({"03": judge("03", ReviewVerdict.ACCEPT, class_name="cat")})

        assert ranked.classes[ranked.given[3]] == "cat"
        assert len(fits) == 2
        assert suspects.rank({}).given[3] == -1

    def test_rank__nothing_left_to_compare_with_says_so(self, make, names):
        suspects = make(["cat"] * 39 + ["dog"])

        ranked = suspects.rank({"39": judge("39", ReviewVerdict.ACCEPT, class_name="cat")})

        assert "all 40 points with a class are 'cat'" in ranked.why_empty
        assert suspects.rank({}).why_empty is None
