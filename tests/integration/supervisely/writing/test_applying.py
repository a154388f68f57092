"""Accepted classes written to the server: read back, without loss, and the points go with their objects."""

import contextlib

import pytest

from indexer.errors import SourceUnavailableError
from indexer.reviews.apply_reviews import ApplyOptions
from indexer.reviews.judgement import Judgement
from indexer.reviews.writers.planning import SourcePlace
from indexer.sources.supervisely_server import SuperviselyServer
from tests.doubles import CountingEmbedder, png
from tests.doubles.supervisely_server.samples import edges
from tests.integration.supervisely.conftest import SPEC
from tests.integration.supervisely.projects import points_by_object

WAYS = ("takes", "ignores", "refuses")


def accept(reviews, collection, figure_ids, class_name="dog", *, is_new=False):
    """Accept a class for objects."""
    points = points_by_object(collection)
    ids = [points[str(one)].id for one in figure_ids]
    return reviews.add(collection.name, ids, Judgement("accept", "ann", class_name, allows_new_class=is_new))


def cats(sample):
    return sample.figures[::2]


def classes(server):
    """How many objects have each class."""
    titles = [server.tables.class_title(row["projectId"], row["classId"]) for row in server.tables.figures.values()]
    return {title: titles.count(title) for title in sorted(set(titles))}


def facts_of(server):
    """What objects are but for their ids, times and classes."""
    return sorted(
        repr((row["imageId"], row["geometry"], row["description"], [(t["tagId"], t["value"]) for t in row["tags"]]))
        for row in server.tables.figures.values()
    )


@pytest.mark.parametrize("way", WAYS)
def test_apply__class_is_another_and_nothing_else__next_run_embeds_nothing(
    server, sample, reviews, collection, run, way
):
    server.habits.class_edits = way
    server.habits.allows_duplicate_tags = True
    first = cats(sample)[0]
    server.tables.figures[first]["description"] = "seen twice"
    for tag in ("night", "blurred", "blurred"):
        server.tables.tag_figure(first, sample.tags[tag])
    run(sample.address)
    before, embeddings = facts_of(server), points_by_object(collection)
    made = accept(reviews, collection, cats(sample)[:3])

    applied = reviews.apply(collection.name, who="ann")

    assert [one.outcome.name for one in applied.outcomes] == ["WRITTEN"] * 3
    assert classes(server) == {"cat": 3, "dog": 9}
    assert facts_of(server) == before
    now = {str(one): one for one in server.tables.figures}
    assert {one.path.rpartition("/")[2] for one in applied.outcomes} <= now.keys()
    assert (str(first) in now) == (way == "takes")
    embedder = CountingEmbedder()
    report = run(sample.address, embedder=embedder)
    assert (embedder.n_embedded, report.instances.embedded, report.instances.removed) == (0, 0, 0)
    assert report.instances.payload_updated == 3
    points = points_by_object(collection)
    assert points.keys() == now.keys()
    assert {one.payload["class_name"] for one in points.values()} == {"cat", "dog"}
    copy = applied.outcomes[0].path.rpartition("/")[2]
    key = applied.outcomes[0].review.subject["object_key"]
    assert points[copy].embedding.tolist() == embeddings[key].embedding.tolist()
    assert {one.id for one in reviews.standing(collection.name)} == {one.id for one in made}
    assert reviews.apply(collection.name, who="ann").outcomes == []


@pytest.mark.parametrize("way", WAYS)
def test_restore__gives_the_class_back__next_run_embeds_nothing(server, sample, reviews, collection, run, way):
    server.habits.class_edits = way
    run(sample.address)
    before = facts_of(server)
    (made,) = accept(reviews, collection, cats(sample)[:1])
    applied = reviews.apply(collection.name, who="ann")

    restored = reviews.restore(applied.run, who="ann")

    assert (len(restored.paths), restored.kept) == (1, {})
    assert classes(server) == {"cat": 6, "dog": 6}
    assert facts_of(server) == before
    embedder = CountingEmbedder()
    run(sample.address, embedder=embedder)
    assert embedder.n_embedded == 0
    assert points_by_object(collection).keys() == {str(one) for one in server.tables.figures}
    assert [one.id for one in reviews.standing(collection.name)] == [made.id]
    again = reviews.restore(applied.run, who="ann")
    assert (again.paths, again.kept) == ([], {})
    assert reviews.undo(collection.name, who="ann")[0].id == made.id
    assert reviews.standing(collection.name) == []


def test_restore__changed_since__is_kept_and_named(server, sample, reviews, collection, run):
    bird = server.tables.add_class(sample.project, "bird")
    run(sample.address)
    accept(reviews, collection, cats(sample)[:2])
    applied = reviews.apply(collection.name, who="ann")
    server.tables.edit_figure(cats(sample)[0], classId=bird)

    restored = reviews.restore(applied.run, who="ann")

    assert len(restored.paths) == 1
    assert list(restored.kept.values()) == ["its class was changed since; change it on the server"]
    assert classes(server) == {"bird": 1, "cat": 5, "dog": 6}


def move(server, sample):
    server.tables.edit_figure(cats(sample)[0], geometry=edges(3, 3, 13, 13))


def relabel(server, sample):
    server.tables.edit_figure(cats(sample)[0], classId=server.tables.add_class(sample.project, "bird"))


def touch(server, sample):
    server.tables.edit_figure(cats(sample)[0])


def replace_pixels(server, sample):
    server.tables.replace_pixels(sample.images[0], png((1, 2, 3)))


@pytest.mark.parametrize("edit", [move, relabel, touch, replace_pixels])
def test_apply__stale_object__is_refused(server, sample, reviews, collection, run, edit):
    run(sample.address)
    accept(reviews, collection, cats(sample)[:1])
    edit(server, sample)
    before = classes(server), facts_of(server)

    applied = reviews.apply(collection.name, who="ann")

    assert applied.has_failed
    assert "it changed since it was indexed; run 'lookalike index'" in applied.outcomes[0].reason
    assert (applied.run, (classes(server), facts_of(server))) == (None, before)


def test_apply__object_that_is_gone__is_refused(server, sample, reviews, collection, run):
    run(sample.address)
    accept(reviews, collection, cats(sample)[:2])
    server.tables.remove_figure(cats(sample)[0])
    server.tables.remove_image(sample.images[1])

    applied = reviews.apply(collection.name, who="ann")

    assert [one.reason for one in applied.outcomes] == ["it is no longer in the source; run 'lookalike index'"] * 2


def test_apply__tagged_since__is_written(server, sample, reviews, collection, run):
    run(sample.address)
    accept(reviews, collection, cats(sample)[:1])
    server.tables.tag_figure(cats(sample)[0], sample.tags["night"])

    assert reviews.apply(collection.name, who="ann").outcomes[0].reason == ""
    assert classes(server) == {"cat": 5, "dog": 7}


def test_apply__class_that_cannot_be__is_refused_and_none_is_made(server, sample, reviews, collection, run):
    server.tables.add_class(sample.project, "outline", "polygon")
    server.tables.add_class(sample.project, "lynx", "rectangle")
    run(sample.address)
    for number, wanted in enumerate(("tiger", "outline", "lynx")):
        accept(reviews, collection, [cats(sample)[number]], wanted, is_new=True)

    applied = reviews.apply(collection.name, who="ann")

    reasons = {one.review.class_name: one.reason for one in applied.outcomes}
    assert "has no class 'tiger'; make it there, or accept one of: cat, dog, lynx, outline" in reasons["tiger"]
    assert reasons["outline"] == "class 'outline' takes polygon, not rectangle; accept another class"
    assert reasons["lynx"] == ""
    assert classes(server) == {"cat": 5, "dog": 6, "lynx": 1}
    assert not {"projects.meta.update", "object-classes.bulk.add"} & server.requests.keys()


def test_apply__dry_run__writes_nothing(server, sample, reviews, collection, run):
    run(sample.address)
    accept(reviews, collection, cats(sample)[:1])
    server.forget_requests()

    applied = reviews.apply(collection.name, ApplyOptions(is_dry_run=True), who="ann")

    assert [one.outcome.name for one in applied.outcomes] == ["WRITTEN"]
    assert applied.run is None
    assert server.requests.keys() <= {"projects.meta", "images.list", "figures.list"}


def test_apply__one_data_set_by_address(server, sample, reviews, collection, run):
    run(sample.address)
    accept(reviews, collection, cats(sample))
    place = SourcePlace(sample.of_dataset("train"))

    applied = reviews.apply(collection.name, ApplyOptions(place), who="ann")

    assert [one.outcome.name for one in applied.outcomes] == ["WRITTEN"] * 3
    assert classes(server) == {"cat": 3, "dog": 9}


def test_apply__points_of_every_collection_move(server, sample, reviews, store, collection, run):
    server.habits.class_edits = "ignores"
    other = store.create_collection("other", SPEC)
    run(sample.address)
    run(sample.address, into=other)
    accept(reviews, collection, cats(sample)[:1])

    reviews.apply(collection.name, who="ann")

    embedder = CountingEmbedder()
    run(sample.address, into=other, embedder=embedder)
    assert embedder.n_embedded == 0
    assert points_by_object(other).keys() == {str(one) for one in server.tables.figures}


def test_apply__other_server__is_refused(server, sample, reviews, collection, run, monkeypatch):
    run(sample.address)
    accept(reviews, collection, cats(sample)[:1])
    monkeypatch.setenv("SERVER_ADDRESS", "http://127.0.0.1:9")

    applied = reviews.apply(collection.name, who="ann")

    assert "is not on http://127.0.0.1:9; set SERVER_ADDRESS to its server" in applied.outcomes[0].reason


STEPS = (
    ("takes", "figures.editInfo"),
    ("ignores", "figures.bulk.add"),
    ("ignores", "figures.tags.bulk.add"),
    ("ignores", "figures.bulk.remove"),
)
LOSSES = {
    "504 not done": {"status": 504},
    "504 done": {"status": 504, "is_done": True},
    "answer lost": {"keep_share": 0},
    "answer cut": {"keep_share": 0.5},
    "busy": {"status": 429, "headers": {"Retry-After": "0"}, "times": 2},
}


@pytest.mark.parametrize(("way", "step"), STEPS)
@pytest.mark.parametrize("loss", LOSSES)
def test_apply__lost_answers__nothing_is_lost_or_doubled(server, sample, reviews, collection, run, way, step, loss):
    server.habits.class_edits = way
    server.habits.allows_duplicate_tags = True
    for one in cats(sample):
        server.tables.tag_figure(one, sample.tags["night"])
    run(sample.address)
    before = facts_of(server)
    accept(reviews, collection, cats(sample)[:2])
    server.fail(step, **LOSSES[loss])

    applied = reviews.apply(collection.name, who="ann")

    assert [one.outcome.name for one in applied.outcomes] == ["WRITTEN"] * 2
    assert classes(server) == {"cat": 4, "dog": 8}
    assert facts_of(server) == before


class Killed(BaseException):
    pass


def kill_after(monkeypatch, n_requests):
    """The process ends with the n-th request from now on: before it, or after it was done."""
    ask, left = SuperviselyServer._post, [n_requests]

    def post(self, method, body):
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return ask(self, method, body)

    monkeypatch.setattr(SuperviselyServer, "_post", post)


@pytest.mark.parametrize(("way", "n_requests"), [("takes", 5), ("takes", 6), *(("ignores", n) for n in range(6, 20))])
def test_apply__killed_anywhere__next_run_finishes(
    server, sample, reviews, collection, run, monkeypatch, way, n_requests
):
    server.habits.class_edits = way
    for one in cats(sample):
        server.tables.tag_figure(one, sample.tags["night"])
    run(sample.address)
    before = facts_of(server)
    accept(reviews, collection, cats(sample)[:2])
    with monkeypatch.context() as patched:
        kill_after(patched, n_requests)
        with contextlib.suppress(Killed):
            reviews.apply(collection.name, who="ann")
    if n_requests % 2:  # indexed meanwhile
        run(sample.address)

    reviews.apply(collection.name, who="ann")

    assert classes(server) == {"cat": 4, "dog": 8}
    assert facts_of(server) == before
    embedder = CountingEmbedder()
    run(sample.address, embedder=embedder)
    assert embedder.n_embedded == 0
    points = points_by_object(collection)
    assert points.keys() == {str(one) for one in server.tables.figures}
    assert sum("review" in one.payload for one in points.values()) == 2


@pytest.mark.parametrize("n_requests", [1, 4, 6, 8, 9, 10, 12, 14, 15, 16])
def test_restore__of_a_killed_run_and_killed_itself__gives_everything_back(
    server, sample, reviews, collection, run, monkeypatch, n_requests
):
    server.habits.class_edits = "ignores"
    run(sample.address)
    before = facts_of(server)
    accept(reviews, collection, cats(sample)[:2])
    with monkeypatch.context() as patched:
        kill_after(patched, 5 + n_requests // 2)
        with contextlib.suppress(Killed):
            reviews.apply(collection.name, who="ann")
    run_name = next(path.name for path in (reviews._log.path.parent / "applied").iterdir())
    with monkeypatch.context() as patched:
        kill_after(patched, n_requests)
        with contextlib.suppress(Killed):
            reviews.restore(run_name, who="ann")

    reviews.restore(run_name, who="ann")

    assert classes(server) == {"cat": 6, "dog": 6}
    assert facts_of(server) == before
    run(sample.address)
    points = points_by_object(collection)
    assert points.keys() == {str(one) for one in server.tables.figures}
    assert sum("review" in one.payload for one in points.values()) == 2


def test_apply__removal_refused__copies_go_again(server, sample, reviews, collection, run):
    server.habits.class_edits = "ignores"
    run(sample.address)
    accept(reviews, collection, cats(sample)[:1])
    server.fail("figures.bulk.remove", 403, message="no rights to remove", times=1)

    applied = reviews.apply(collection.name, who="ann")

    assert "it cannot be removed" in applied.outcomes[0].reason
    assert "403 no rights to remove" in applied.outcomes[0].reason
    assert classes(server) == {"cat": 6, "dog": 6}
    assert server.tables.figures.keys() == set(sample.figures)


def test_apply__server_that_moves_geometry__leaves_the_object(server, sample, reviews, collection, run):
    server.habits.class_edits = "ignores"
    run(sample.address)
    accept(reviews, collection, cats(sample)[:1])
    add = server.tables.add_figure
    server.tables.add_figure = lambda *arguments, **facts: add(*arguments[:3], edges(2, 2, 11, 11), **facts)

    applied = reviews.apply(collection.name, who="ann")

    assert applied.outcomes[0].reason == "no copy of it can be made: the server took it and does not show it"
    assert server.tables.figures.keys() == set(sample.figures)


def test_apply__facts_not_taken__are_left_out(server, sample, reviews, collection, run):
    server.habits.class_edits, server.habits.takes_figure_facts = "ignores", False
    server.tables.figures[cats(sample)[0]]["description"] = "seen twice"
    run(sample.address)
    accept(reviews, collection, cats(sample)[:1])

    assert not reviews.apply(collection.name, who="ann").has_failed
    assert classes(server) == {"cat": 5, "dog": 7}


def test_apply__server_fails_for_good__says_how_to_go_on(server, sample, reviews, collection, run):
    run(sample.address)
    accept(reviews, collection, cats(sample)[:1])
    server.fail("figures.editInfo", 500, times=100)

    with pytest.raises(SourceUnavailableError, match="'lookalike reviews apply' goes on with it"):
        reviews.apply(collection.name, who="ann")

    server.failures.clear()
    reviews.apply(collection.name, who="ann")
    assert classes(server) == {"cat": 5, "dog": 7}
