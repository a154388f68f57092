"""The api's answers about one filter: counts of every facet, matching rows of a map, and every list narrowed by it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from api.app import create_app
from api.settings import ApiSettings
from indexer.points import make_point_id
from indexer.settings import IndexerSettings
from indexer.workspace import Workspace
from tests.integration.api.samples import AppClient
from tests.planted import PLANTED, write_planted_collection

N_POINTS = 83
"""40 cats by ann, 40 dogs of which bob labelled those from 60 on, and three by bob: cat 100, dog 101, cat 102."""
NIGHT = [make_point_id("planted", f"{number}.png", "1") for number in (0, 1, 41)]
BASE = f"/collections/{PLANTED}"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("planted")
    write_planted_collection(data_dir)
    with Workspace.open(IndexerSettings(data_dir=data_dir)) as opened:
        opened.collections.open(PLANTED).set_payload({point_id: {"tags": ["night"]} for point_id in NIGHT})
        opened.maps.make(PLANTED, method="pca")
        yield opened


@pytest.fixture(scope="module")
def api(workspace):
    client = AppClient(create_app(ApiSettings(), workspace))
    for number, verdict, more in ((2, "dismiss", {}), (101, "accept", {"class_name": "cat"}), (3, "skip", {})):
        ids = [make_point_id("planted", f"{number}.png", "1")]
        answer = client.post(f"{BASE}/reviews", json={"ids": ids, "verdict": verdict, "who": "ann", **more})
        assert answer.status_code == 201, answer.text
    return client


def ask(api, path, **conditions):
    answer = api.post(f"{BASE}/{path}", json=conditions)
    assert answer.status_code == 200, answer.text
    return answer.json()


def counts(facet):
    return {entry["name"]: entry["count"] for entry in facet}


def test_facets__counts_of_all_points(api):
    found = ask(api, "facets")

    assert (found["n_points"], found["n_matching"], found["why_empty"]) == (N_POINTS, N_POINTS, None)
    assert counts(found["class_name"]) == {"cat": 42, "dog": 41}
    assert counts(found["annotated_by"]) == {"ann": 60, "bob": 23}
    assert counts(found["tags"]) == {"night": 3}
    assert counts(found["review"]) == {"unjudged": 80, "accepted": 1, "dismissed": 1, "skipped": 1}
    assert found["edited"]["earliest"] == "2026-01-01T00:00:00Z"
    assert found["edited"]["n_known"] == N_POINTS


def test_facets__each_is_counted_without_its_own_condition(api):
    found = ask(api, "facets", class_name=["dog"], annotated_by=["ann"])

    assert found["n_matching"] == 20
    assert counts(found["class_name"]) == {"cat": 40, "dog": 20}
    assert counts(found["annotated_by"]) == {"bob": 21, "ann": 20}
    assert counts(found["tags"]) == {"night": 1}
    assert counts(found["review"]) == {"unjudged": 20, "accepted": 0, "dismissed": 0, "skipped": 0}


@pytest.mark.parametrize(
    ("conditions", "n_matching"),
    [
        ({"tags": ["night"]}, 3),
        ({"review": ["dismissed"]}, 1),
        ({"review": ["unjudged"]}, 80),
        ({"review": ["unjudged", "skipped"]}, 81),
        ({"review": ["accepted", "dismissed"]}, 2),
        ({"review": ["unjudged", "accepted", "dismissed", "skipped"]}, N_POINTS),
        ({"review": []}, 0),
        ({"updated_before": "2026-01-11T00:00:00Z"}, 11),
        ({"updated_after": "2026-01-11T00:00:00Z", "class_name": ["cat"]}, 32),
        ({"ids": NIGHT, "class_name": ["cat"]}, 2),
    ],
)
def test_filter__facets_points_and_map_agree(api, workspace, conditions, n_matching):
    assert ask(api, "facets", **conditions)["n_matching"] == n_matching
    assert ask(api, "points", **conditions)["total"] == n_matching
    found = ask(api, "find", text=".png", **conditions)
    assert (found["n_points"], found["n_points_outside"]) == (n_matching, N_POINTS - n_matching)
    (info,) = api.get(f"{BASE}/projections").json()
    answer = api.post(f"{BASE}/projections/{info['id']}/matches", json=conditions)
    assert np.unpackbits(np.frombuffer(answer.content, np.uint8), bitorder="little").sum() == n_matching
    assert len(answer.content) == (N_POINTS + 7) // 8


def test_matches__are_in_the_order_of_the_map(api):
    (info,) = api.get(f"{BASE}/projections").json()
    answer = api.post(f"{BASE}/projections/{info['id']}/matches", json={"tags": ["night"]})
    rows = np.flatnonzero(np.unpackbits(np.frombuffer(answer.content, np.uint8), bitorder="little")).tolist()

    shown = api.get(f"{BASE}/projections/{info['id']}/rows", params={"rows": ",".join(map(str, rows))}).json()
    assert sorted(one["point"]["id"] for one in shown) == sorted(NIGHT)


def test_scores__histogram_and_span_agree_with_the_suspects(api):
    found = ask(api, "facets", score_from=0.9)
    assert ask(api, "find", text=".png", score_from=0.9)["n_points"] == found["n_matching"]
    scores = [one["score"] for one in ask(api, "suspects", limit=1000)["suspects"]]

    assert len(found["scores"]) == 20
    assert found["n_matching"] == sum(found["scores"][18:]) > 0
    narrowed = ask(api, "suspects", limit=1000, score_from=0.9)["suspects"]
    assert [one["score"] for one in narrowed] == [score for score in scores if score >= 0.9]
    assert ask(api, "points", score_from=0.9)["total"] == found["n_matching"]


def test_lists__are_narrowed_by_the_same_conditions(api):
    bob = {"annotated_by": ["bob"]}

    assert {one["class_name"] for one in ask(api, "outliers", class_name=["dog"])["outliers"]} == {"dog"}
    neighbors = ask(api, "neighbors", ids=[NIGHT[0]], filter={"review": ["dismissed", "accepted"]})["neighbors"]
    assert sorted(one["point"]["image_name"] for one in neighbors) == ["101.png", "2.png"]
    whole, by_bob = ask(api, "clusters")["clusters"], ask(api, "clusters", **bob)["clusters"]
    assert all(one["n_matching"] == one["size"] for one in whole)
    assert sum(one["n_matching"] for one in by_bob) <= 23
    assert {one["cluster"] for one in by_bob} <= {one["cluster"] for one in whole}
    copies = ask(api, "duplicates", threshold=0.9999, tags=["night"], class_name=["cat"])
    assert copies["n_groups"] == 2  # 0 with its copy 100, 1 with 101; each is listed whole
    assert [group["size"] for group in copies["groups"]] == [2, 2]
    assert sum(cell["count"] for cell in ask(api, "confusion", **bob)["cells"]) <= 23


def test_clusters__a_number_means_the_same_cluster_under_a_filter(api):
    dogs = ask(api, "clusters", class_name=["dog"], annotated_by=["ann"])["clusters"]
    whole = {one["cluster"]: one["name"] for one in ask(api, "clusters")["clusters"]}

    assert [whole[one["cluster"]] for one in dogs] == [one["name"] for one in dogs]


def test_clusters__say_and_show_what_fits(api):
    bob = {"annotated_by": ["bob"]}
    whole = {one["cluster"]: one for one in ask(api, "clusters")["clusters"]}
    narrowed = ask(api, "clusters", **bob)["clusters"]
    by_bob = {one["id"] for one in ask(api, "points", limit=100, **bob)["points"]}

    for one in narrowed:
        same = whole[one["cluster"]]
        assert all(one[name] == same[name] for name in ("name", "size", "dominant_class", "purity"))
        found = ask(api, f"clusters/{one['cluster']}/points", **bob)
        everything = ask(api, f"clusters/{one['cluster']}/points")["ids"]
        assert (
            (found["size"], found["n_matching"])
            == (one["size"], one["n_matching"])
            == (len(everything), len(found["ids"]))
        )
        assert found["ids"] == [point_id for point_id in everything if point_id in by_bob]
        examples = [point["id"] for point in one["examples"]]
        assert len(examples) == min(9, one["n_matching"])
        assert set(examples) <= set(found["ids"])
    assert any(0 < one["n_matching"] < one["size"] for one in narrowed)


def test_points_of_cluster__pages_of_those_that_fit(api):
    path, bob = f"{BASE}/clusters/0/points", {"annotated_by": "bob"}
    whole = api.get(path, params=bob).json()
    first = api.get(path, params={**bob, "limit": 1}).json()

    assert (first["n_matching"], first["next_offset"]) == (len(whole["ids"]), 1)
    rest = api.get(path, params={**bob, "offset": 1}).json()
    assert first["ids"] + rest["ids"] == whole["ids"]
    assert "unknown class 'cow'" in api.get(path, params={"class_name": "cow"}).json()["detail"]


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ({"class_name": ["cow"]}, "unknown class 'cow'; known: cat, dog"),
        ({"tags": ["day"]}, "unknown tag 'day'; known: night"),
        ({"annotated_by": ["eve"]}, "unknown annotator 'eve'; known: ann, bob"),
    ],
)
@pytest.mark.parametrize("path", ["facets", "points", "outliers"])
def test_filter__unknown_names_are_refused_with_those_there_are(api, path, conditions, words):
    answer = api.post(f"{BASE}/{path}", json=conditions)

    assert answer.status_code == 422
    assert words in answer.json()["detail"]


def test_facets__nothing_fits_says_why(api):
    found = ask(api, "facets", class_name=["dog"], updated_before="2026-01-02T00:00:00Z")

    assert found["n_matching"] == 0
    assert found["why_empty"] == "nothing that fits the filter was edited in that time; 83 of 83 points know when"


def test_facets__a_verdict_changes_the_counts_at_once(api):
    before = counts(ask(api, "facets")["review"])
    ids = [make_point_id("planted", "7.png", "1")]
    (review,) = api.post(f"{BASE}/reviews", json={"ids": ids, "verdict": "skip", "who": "ann"}).json()

    assert counts(ask(api, "facets")["review"]) == before | {"unjudged": 79, "skipped": 2}
    assert api.post(f"{BASE}/reviews/undo", json={"review_id": review["id"], "who": "ann"}).status_code == 200
    assert counts(ask(api, "facets")["review"]) == before


def test_facets__the_address_says_the_same_as_the_body(api):
    moment = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=50)).isoformat()
    query = {"dataset": ["train"], "review": ["unjudged"], "updated_after": moment}

    assert api.get(f"{BASE}/facets", params=query).json() == ask(api, "facets", **query)
