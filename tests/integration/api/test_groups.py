"""The api's answers about groups of points, on planted clusters, copies and strangers."""

import json

import pytest

from api.app import create_app
from api.settings import ApiSettings
from indexer.points import make_point_id
from indexer.settings import IndexerSettings
from indexer.workspace import Workspace
from tests.integration.api.samples import AppClient
from tests.planted import PLANTED, write_planted_collection


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("planted")
    write_planted_collection(data_dir)
    with Workspace.open(IndexerSettings(data_dir=data_dir)) as workspace:
        yield AppClient(create_app(ApiSettings(), workspace))


def get(api, path, **query):
    answer = api.get(f"/collections/{PLANTED}/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_clusters(api):
    found = get(api, "clusters")["clusters"]

    assert {cluster["dominant_class"] for cluster in found} == {"cat", "dog"}
    assert found[0]["examples"][0]["image_name"].endswith(".png")


def test_points_of_cluster__pages_hold_all_of_them(api):
    first = get(api, "clusters")["clusters"][0]

    whole = get(api, "clusters/0/points")
    assert (whole["name"], whole["size"], whole["next_offset"]) == (first["name"], first["size"], None)
    assert len(set(whole["ids"])) == first["size"]
    assert {point["id"] for point in first["examples"]} <= set(whole["ids"])
    pages = [get(api, "clusters/0/points", offset=0, limit=3), get(api, "clusters/0/points", offset=3)]
    assert pages[0]["next_offset"] == 3
    assert pages[0]["ids"] + pages[1]["ids"] == whole["ids"]


def test_clusters__parts_of_a_coarser_one_are_those_that_lie_in_it(api):
    coarse = get(api, "clusters")["clusters"]
    fine = get(api, "clusters", resolution=2)["clusters"]
    parts = [get(api, "clusters", resolution=2, part_of=one["cluster"])["clusters"] for one in coarse]
    assert len(fine) > len(coarse)
    assert sorted(one["cluster"] for found in parts for one in found) == list(range(len(fine)))
    for whole, found in zip(coarse, parts, strict=True):
        assert {one["dominant_class"] for one in found} == {whole["dominant_class"]}
    same = api.post(f"/collections/{PLANTED}/clusters", json={"resolution": 2, "part_of": 0}).json()["clusters"]
    assert same == parts[0]


def test_clusters__parts_of_an_unknown_one_are_refused(api):
    answer = api.get(f"/collections/{PLANTED}/clusters", params={"part_of": 99, "part_of_resolution": 0.5})
    assert answer.status_code == 422
    assert "no cluster 99 at resolution 0.5" in answer.json()["detail"]


def test_points_of_cluster__unknown_number_says_how_many_there_are(api):
    n_clusters = len(get(api, "clusters")["clusters"])
    answer = api.get(f"/collections/{PLANTED}/clusters/{n_clusters}/points")

    assert answer.status_code == 422
    assert f"no cluster {n_clusters} at resolution 1, which makes {n_clusters}" in answer.json()["detail"]


def test_duplicates(api):
    found = get(api, "duplicates", threshold=0.9999)["groups"]

    assert sorted((group["is_leak"], group["has_class_conflict"]) for group in found) == [(False, True), (True, False)]


def test_outliers(api):
    (found,) = get(api, "outliers", limit=1)["outliers"]

    assert found["id"] == make_point_id("planted", "102.png", "1")


def test_outliers__counts_those_that_stand_apart_within_a_selection(api):
    found = get(api, "outliers", limit=100)
    is_apart = [outlier["score"] >= found["threshold"] for outlier in found["outliers"]]
    stranger = make_point_id("planted", "102.png", "1")

    assert 1 <= found["n_outliers"] == sum(is_apart) < 10
    assert get(api, "outliers", limit=1)["n_outliers"] == found["n_outliers"]
    assert get(api, "outliers", ids=stranger)["n_outliers"] == 1
    calm = get(api, "outliers", ids=found["outliers"][-1]["id"])
    assert (len(calm["outliers"]), calm["n_outliers"]) == (1, 0)


def test_confusion(api):
    found = get(api, "confusion")

    wrong = [cell for cell in found["cells"] if cell["given"] == "dog" and cell["neighborhood"] == "cat"]
    assert [cell["ids"] for cell in wrong] == [[make_point_id("planted", "101.png", "1")]]


def test_picks(api):
    assert {point["class_name"] for point in get(api, "picks", n=2)["picks"]} == {"cat", "dog"}
    assert len(get(api, "picks", n=3, diverse=True, class_name="cat")["picks"]) == 3


def test_picks__as_many_as_scripts_take(api):
    assert len(get(api, "picks", n=10_000)["picks"]) == 83


def test_check(api):
    found = get(api, "check", max_suspects="10%", max_duplicate_conflicts=0, max_leaks=1)

    assert (found["outcome"], found["exit_code"]) == ("exceeded", 1)
    assert {check["name"]: check["outcome"] for check in found["checks"]} == {
        "suspects": "holds", "duplicate conflicts": "exceeded", "leaks": "holds",
    }  # fmt: skip


@pytest.mark.parametrize("limits", [{}, {"max_suspects": "0"}, {"max_leaks": "1", "max_duplicate_conflicts": "50%"}])
def test_check__is_the_command_line_s_by_the_same_defaults(api, lookalike, tmp_path, limits):
    write_planted_collection(tmp_path)
    options = [text for name, limit in limits.items() for text in (f"--{name.replace('_', '-')}", limit)]
    code, out, _ = lookalike("check", "--json", "--data-dir", tmp_path, *options)

    found = get(api, "check", **limits)
    assert found == json.loads(out)
    assert found["exit_code"] == code
    assert "were errors" in found["clear_suspects"]["precision"]
    assert [check["name"] for check in found["checks"]] == ["suspects", "duplicate conflicts", "leaks"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("picks?class_name=bird", 422),
        ("picks?n=0", 422),
        ("check?max_suspects=many", 422),
        ("duplicates?threshold=0.2", 422),
    ],
)
def test_bad_requests__are_problems_in_one_sentence(api, path, status):
    answer = api.get(f"/collections/{PLANTED}/{path}")

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def point_id(number):
    return make_point_id("planted", f"{number}.png", "1")


def test_suspects__of_a_selection(api):
    everybody = get(api, "suspects", limit=1000)
    ids = [point["id"] for point in everybody["suspects"]]
    assert everybody["n_matching"] == len(ids) == 2

    of_bob = get(api, "suspects", annotated_by="bob", class_name=["cat", "dog"], updated_after="2026-03-20T00:00:00Z")
    assert {point["id"] for point in of_bob["suspects"]} <= {point_id(number) for number in (78, 79, 100, 101, 102)}
    assert point_id(101) in {point["id"] for point in of_bob["suspects"]}
    assert (of_bob["n_ranked"], of_bob["n_suspects"], of_bob["n_matching"]) == (83, 2, len(of_bob["suspects"]))

    page = get(api, "suspects", ids=ids[:2], limit=1)
    assert (page["suspects"], page["n_matching"], page["next_offset"]) == (everybody["suspects"][:1], 2, 1)


def test_outliers_and_picks__of_a_selection(api):
    outliers = get(api, "outliers", dataset="val", limit=3)["outliers"]
    picks = get(api, "picks", n=2, dataset="val", updated_before="2026-01-05T00:00:00Z")["picks"]

    assert {point["dataset"] for point in outliers} == {"val"}
    assert {point["id"] for point in picks} <= {point_id(number) for number in (0, 2, 4)}
    assert sum(point["stands_for"] for point in picks) == 3


def test_neighbors__of_a_selection(api):
    request = {
        "ids": [point_id(0)],
        "filter": {"annotated_by": ["bob"], "ids": [point_id(number) for number in (5, 70)]},
    }
    found = api.post(f"/collections/{PLANTED}/neighbors", json=request).json()

    assert [neighbor["point"]["id"] for neighbor in found["neighbors"]] == [point_id(70)]


@pytest.mark.parametrize("path", ["suspects", "outliers", "picks", "points"])
@pytest.mark.parametrize(
    ("query", "status", "detail"),
    [
        ({"class_name": "bird"}, 422, "unknown class 'bird'; known: cat, dog"),
        ({"dataset": "test"}, 422, "unknown dataset 'test'; known: train, val"),
        ({"annotated_by": "eve"}, 422, "unknown annotator 'eve'; known: ann, bob"),
        (
            {"ids": "00000000-0000-5000-8000-000000000000"},
            404,
            "is no embedded point of collection 'planted'",
        ),
        ({"clas_name": "cat"}, 422, "clas_name"),
    ],
)
def test_selections__that_name_what_is_not_there_are_problems(api, path, query, status, detail):
    answer = api.get(f"/collections/{PLANTED}/{path}", params=query)

    assert answer.status_code == status
    assert detail in answer.json()["detail"]
