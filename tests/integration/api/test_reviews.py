"""Reviews over HTTP: the suspects follow a verdict, and come back when it is undone."""

import time

import pytest

from api.app import create_app
from api.settings import ApiSettings
from indexer.insights.suspects.reviewed import ReviewedSuspects
from indexer.points import make_point_id
from indexer.settings import IndexerSettings
from indexer.sources.opening import open_source
from indexer.workspace import Workspace
from tests.doubles import CountingEmbedder
from tests.integration.api.samples import (
    IDENTITY,
    NAME,
    AppClient,
    assert_problem,
    give_embedder,
    open_indexed_workspace,
)
from tests.source_formats import WRITERS, Labelled

PATH = f"/collections/{NAME}/reviews"


@pytest.fixture
def api(tmp_path):
    with open_indexed_workspace(tmp_path) as workspace:
        yield AppClient(create_app(ApiSettings(), workspace))


def finish(api, started):
    """The run that a request started, once it is over."""
    assert started.status_code == 202, started.text
    while (info := api.get(f"/runs/{started.json()['id']}").json())["state"] == "running":
        time.sleep(0.01)
    return info


def suspects(api):
    return [found["id"] for found in api.get(f"/collections/{NAME}/suspects").json()["suspects"]]


def test_reviews__a_dismissed_suspect_leaves_the_list_until_it_is_undone(api):
    first = suspects(api)[0]

    made = api.post(PATH, json={"ids": [first], "verdict": "dismiss", "who": "ann", "note": "it is right"})

    assert made.status_code == 201
    assert (made.json()[0]["point_id"], made.json()[0]["who"]) == (first, "ann")
    assert first not in suspects(api)
    assert [review["note"] for review in api.get(PATH).json()["reviews"]] == ["it is right"]

    undone = api.post(f"{PATH}/undo", json={"who": "ann"}).json()

    assert (undone["undone"]["point_id"], undone["standing"]) == (first, None)
    assert suspects(api)[0] == first
    assert api.get(PATH).json()["reviews"] == []


@pytest.fixture
def rankings(monkeypatch):
    """Grows with every ranking that is computed."""
    computed, rank = [], ReviewedSuspects.rank

    def count(self, *arguments, **options):
        computed.append(self)
        return rank(self, *arguments, **options)

    monkeypatch.setattr(ReviewedSuspects, "rank", count)
    return computed


def test_reviews__who_asks_after_a_verdict_finds_the_ranking_there(api, rankings):
    first = suspects(api)[0]
    api.post(PATH, json={"ids": [first], "verdict": "dismiss", "who": "ann"})
    assert len(rankings) == 2
    assert first not in suspects(api)
    assert len(rankings) == 2
    api.post(f"{PATH}/undo", json={"who": "ann"})
    assert suspects(api)[0] == first
    assert len(rankings) == 3


def test_reviews__nothing_is_ranked_that_nobody_asked_for(api, rankings):
    (point,) = api.get(f"/collections/{NAME}/points", params={"limit": 1}).json()["points"]
    assert api.post(PATH, json={"ids": [point["id"]], "verdict": "dismiss", "who": "ann"}).status_code == 201
    assert rankings == []


def test_reviews__come_in_pages_that_follow_each_other(api):
    ids = suspects(api)[:3]
    for point_id in ids:
        api.post(PATH, json={"ids": [point_id], "verdict": "skip", "who": "ann"})

    first = api.get(PATH, params={"limit": 2}).json()
    second = api.get(PATH, params={"limit": 2, "offset": first["next_offset"]}).json()

    assert (first["total"], first["next_offset"], second["next_offset"]) == (3, 2, None)
    assert [one["point_id"] for one in first["reviews"] + second["reviews"]] == ids[::-1]
    assert_problem(api.get(PATH, params={"limit": 0}), 422, "limit")


def test_suspects__say_who_skipped_them(api):
    first = suspects(api)[0]

    api.post(PATH, json={"ids": [first], "verdict": "skip", "who": "ann"})

    found = api.get(f"/collections/{NAME}/suspects").json()["suspects"]
    assert [(one["id"], one["review"]["who"]) for one in found if one["review"]] == [(first, "ann")]


def test_reviews__accept_takes_the_suggested_class(api):
    suspect = api.get(f"/collections/{NAME}/suspects").json()["suspects"][0]

    (made,) = api.post(PATH, json={"ids": [suspect["id"]], "verdict": "accept", "who": "ann"}).json()

    assert (made["class_name"], made["given_class"]) == (suspect["suggested_class"], suspect["class_name"])
    assert suspect["id"] not in suspects(api)
    assert api.get(PATH, params={"verdict": "dismiss"}).json()["reviews"] == []


NO_ID = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"ids": [NO_ID], "verdict": "skip", "who": "ann"}, 404, "00000000"),
        ({"ids": [], "verdict": "skip", "who": "ann"}, 422, "ids"),
        ({"ids": ["x"], "verdict": "skip", "who": "ann"}, 404, "'x'"),
        ({"ids": [NO_ID], "verdict": "perhaps", "who": "ann"}, 422, "verdict"),
        ({"ids": [NO_ID], "verdict": "skip"}, 422, "who"),
        ({"ids": [NO_ID] * 10_001, "verdict": "skip", "who": "ann"}, 422, "ids"),
        ({"ids": [NO_ID], "verdict": "accept", "who": "ann", "class_name": "x" * 1001}, 422, "class_name"),
    ],
)
def test_reviews__refuse_what_makes_no_sense(api, body, status, words):
    assert_problem(api.post(PATH, json=body), status, words)


def test_reviews__nothing_to_undo(api):
    assert_problem(api.post(f"{PATH}/undo", json={"who": "ann"}), 422)


def test_log__says_what_became_of_every_review(api):
    first, second = suspects(api)[:2]
    for point_id, verdict in ((first, "dismiss"), (second, "dismiss"), (second, "skip")):
        api.post(PATH, json={"ids": [point_id], "verdict": verdict, "who": "ann"})
    api.post(f"{PATH}/undo", json={"who": "ann"})

    log = api.get(f"{PATH}/log").json()["reviews"]

    assert [(one["point_id"], one["verdict"], one["stands"], one["run"]) for one in log] == [
        (second, "skip", False, None),
        (second, "dismiss", True, None),
        (first, "dismiss", True, None),
    ]
    assert api.get(f"{PATH}/log", params={"offset": 1, "limit": 1}).json()["reviews"] == log[1:2]
    assert api.get(f"{PATH}/log", params={"verdict": "skip"}).json()["reviews"] == log[:1]


class TestApply:
    """One dog in a Supervisely project that is a cat."""

    @pytest.fixture
    def folder(self, tmp_path):
        objects = (("cat", (0, 0, 9, 9)), ("dog", (10, 2, 25, 18)))
        return WRITERS["supervisely"](tmp_path / "project", [Labelled("train", "1.png", (20, 30), objects)])

    @pytest.fixture
    def api(self, tmp_path, folder):
        with Workspace.open(IndexerSettings(data_dir=tmp_path / "data")) as workspace:
            give_embedder(workspace, CountingEmbedder())
            workspace.index(open_source(folder), collection_name=NAME)
            yield AppClient(create_app(ApiSettings(), workspace, IDENTITY), token=IDENTITY.token)

    @pytest.fixture
    def dog(self, api, folder):
        dog = make_point_id(str(folder), "train/1.png", "10,2,25,18")
        accepted = {"ids": [dog], "verdict": "accept", "who": "ann", "class_name": "cat"}
        assert api.post(PATH, json=accepted).status_code == 201
        return dog

    def test_apply__dry_run_tells_what_the_run_then_does(self, api, folder, dog):
        annotation = folder / "train" / "ann" / "1.png.json"
        before = annotation.read_bytes()

        told = api.post(f"{PATH}/apply", json={"who": "ann", "dry_run": True}).json()
        assert annotation.read_bytes() == before
        done = finish(api, api.post(f"{PATH}/apply", json={"who": "ann"}))["result"]

        assert told == done | {"run": None}
        assert (done["n_written"], done["n_already"], done["n_refused"]) == (1, 0, 0)
        assert done["files"] == [{"path": str(annotation), "target": None, "image": None}]
        (outcome,) = done["outcomes"]
        assert (outcome["point_id"], outcome["given_class"], outcome["class_name"]) == (dog, "dog", "cat")
        assert b"dog" not in annotation.read_bytes()
        (shown,) = [run for run in api.get("/runs").json() if run["kind"] == "apply"]  # the dry run wrote nothing
        assert (shown["state"], shown["result"]["n_written"]) == ("succeeded", 1)

    def test_restore__very_bytes_once(self, api, folder, dog):
        annotation = folder / "train" / "ann" / "1.png.json"
        before = annotation.read_bytes()
        run = finish(api, api.post(f"{PATH}/apply", json={"who": "ann"}))["result"]["run"]
        assert api.get(f"{PATH}/log").json()["reviews"][0]["run"] == run

        shown = finish(api, api.post("/reviews/restore", json={"run": run, "who": "ann"}))

        assert (shown["kind"], shown["result"]) == ("undo", {"paths": [str(annotation)], "kept": []})
        assert annotation.read_bytes() == before
        assert api.get(f"{PATH}/log").json()["reviews"][0]["run"] is None
        again = finish(api, api.post("/reviews/restore", json={"run": run, "who": "ann"}))
        assert again["result"] == {"paths": [], "kept": []}

    def test_apply__source_is_gone(self, api, folder, dog):
        folder.rename(folder.with_name("elsewhere"))

        done = finish(api, api.post(f"{PATH}/apply", json={"who": "ann"}))["result"]

        assert (done["run"], done["n_refused"], done["files"]) == (None, 1, [])
        assert f"no source is at '{folder}'" in done["outcomes"][0]["reason"]
        assert done["failures"] == [{"image": "train / 1.png", "reason": done["outcomes"][0]["reason"]}]

    def test_apply__the_same_key_again_is_the_same_run(self, api, folder, dog):
        wish = {"who": "ann", "idempotency_key": "write-back-1"}

        first, again = (api.post(f"{PATH}/apply", json=wish) for _ in range(2))

        assert first.json()["id"] == again.json()["id"]
        assert finish(api, again)["result"]["n_written"] == 1
        assert_problem(api.post(f"{PATH}/apply", json={**wish, "who": "bob"}), 422, "belongs to another request")
        assert [run["kind"] for run in api.get("/runs").json()] == ["apply"]

    @pytest.mark.parametrize(
        ("path", "body", "status", "words"),
        [
            (f"{PATH}/apply", {"who": "ann", "source": "/etc"}, 422, "source"),
            (f"{PATH}/apply", {"who": "ann", "path": "/etc"}, 403, "may not name a file to write"),
            (f"{PATH}/apply", {"who": "ann", "patch": "/etc/passwd"}, 403, "may not name a file to write"),
            (f"{PATH}/apply", {"who": "ann"}, 403, "may not write to sources; it takes a key with admin access"),
            (f"{PATH}/apply", {}, 422, "who"),
            ("/reviews/restore", {"who": "ann", "run": "../.."}, 403, "may not write to sources"),
        ],
    )
    def test_apply__not_for_guests(self, api, path, body, status, words):
        assert_problem(AppClient(api.app).post(path, json=body), status, words)

    def test_restore__unknown_run(self, api):
        assert_problem(api.post("/reviews/restore", json={"who": "ann", "run": "../.."}), 422, "unknown run")


def test_reviews__a_foreign_page_cannot_judge(api):
    body = {"ids": suspects(api)[:1], "verdict": "dismiss", "who": "mallory"}

    assert_problem(api.post(PATH, json=body, headers={"origin": "https://evil.example"}), 403)

    assert api.get(PATH).json()["reviews"] == []


def test_reviews__one_entry_is_taken_back_as_one(api):
    first, second, *_ = suspects(api)

    made = api.post(
        PATH, json={"ids": [first, second], "verdict": "dismiss", "who": "ann", "is_one_entry": True}
    ).json()

    assert {review["point_id"] for review in made} == {first, second}
    assert len({review["entry"] for review in made}) == 1
    undone = api.post(f"{PATH}/undo", json={"who": "ann", "review_id": made[1]["id"]}).json()
    assert undone["undone"]["point_id"] == second
    assert api.get(PATH).json()["reviews"] == []
    assert suspects(api)[:2] == [first, second]


def test_reviews__the_same_key_again_answers_the_same_and_records_nothing(api):
    first = suspects(api)[0]
    body = {"ids": [first], "verdict": "dismiss", "who": "ann", "idempotency_key": "key-0001"}

    answers = [api.post(PATH, json=body) for _ in range(2)]
    undo = {"who": "ann", "review_id": answers[0].json()[0]["id"], "idempotency_key": "key-0002"}
    undone = [api.post(f"{PATH}/undo", json=undo) for _ in range(2)]

    assert [answer.status_code for answer in (*answers, *undone)] == [201, 201, 200, 200]
    assert answers[0].json() == answers[1].json()
    assert undone[0].json() == undone[1].json()
    assert api.get(f"{PATH}/log").json()["total"] == 1
    revision = api.get(f"/collections/{NAME}").json()["review_revision"]
    assert [answer.headers["review-revision"] == revision for answer in (answers[1], undone[0])] == [False, True]


@pytest.mark.parametrize("other", [{"verdict": "skip"}, {"who": "bob"}, {"note": "new"}, {"class_name": None}])
def test_reviews__the_key_of_another_request_is_refused(api, other):
    first, second = api.get(f"/collections/{NAME}/suspects").json()["suspects"][:2]
    body = {"ids": [first["id"]], "verdict": "accept", "class_name": first["suggested_class"], "who": "ann"}
    body["idempotency_key"] = "key-0003"
    assert api.post(PATH, json=body).status_code == 201

    wish = {**body, **other}
    if wish["class_name"] is None:
        wish["class_name"] = first["class_name"]
    if wish["verdict"] == "skip":
        del wish["class_name"]
    assert_problem(api.post(PATH, json=wish), 422, "key 'key-0003' belongs to another request")
    assert_problem(api.post(PATH, json={**body, "ids": [second["id"]]}), 422, "belongs to another request")
    assert api.get(f"{PATH}/log").json()["total"] == 1


def test_undo__the_key_of_another_undo_is_refused(api):
    ids = suspects(api)[:2]
    made = [api.post(PATH, json={"ids": [one], "verdict": "dismiss", "who": "ann"}).json()[0]["id"] for one in ids]
    undo = {"who": "ann", "review_id": made[0], "idempotency_key": "key-0004"}
    assert api.post(f"{PATH}/undo", json=undo).status_code == 200

    assert_problem(api.post(f"{PATH}/undo", json={**undo, "review_id": made[1]}), 422, "belongs to another request")
    assert [one["point_id"] for one in api.get(PATH).json()["reviews"]] == [ids[1]]


@pytest.mark.parametrize("verdict", ["accept", "dismiss"])
def test_reviews__the_second_of_two_people_is_told(api, verdict):
    suspect = api.get(f"/collections/{NAME}/suspects").json()["suspects"][0]
    shown = {"id": suspect["id"], "class_name": suspect["class_name"], "review": None}
    seen = {"ids": [suspect["id"]], "seen": [shown]}
    api.post(PATH, json=seen | {"verdict": "dismiss", "who": "bob"})
    class_name = suspect["suggested_class"] if verdict == "accept" else None

    answer = api.post(PATH, json=seen | {"verdict": verdict, "who": "ann", "class_name": class_name})

    assert_problem(answer, 409, "was dismissed by bob meanwhile")
    assert [review["who"] for review in api.get(PATH).json()["reviews"]] == ["bob"]


def test_reviews__a_class_that_was_not_shown_is_told_and_one_that_was_not_sent_is_not_compared(api):
    first = suspects(api)[0]

    body = {"ids": [first], "verdict": "dismiss", "who": "ann"}
    other = api.post(PATH, json=body | {"seen": [{"id": first, "class_name": "no such class"}]})
    without = api.post(PATH, json=body)

    assert_problem(other, 409, "not 'no such class' as it was shown")
    assert without.status_code == 201


def test_reviews__a_client_that_shows_nothing_compares_nothing(api):
    first = suspects(api)[0]
    body = {"ids": [first], "verdict": "dismiss", "who": "ann"}

    assert api.post(PATH, json=body).status_code == 201
    assert api.post(PATH, json=body | {"who": "bob"}).status_code == 201
    nothing = {"seen": [{"id": first, "class_name": None}]}
    assert_problem(api.post(PATH, json=body | nothing), 409, "without a class")
