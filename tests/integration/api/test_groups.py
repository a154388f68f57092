"""The api's answers about groups of points, on planted clusters, copies and strangers."""

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
    found = get(api, "clusters")

    assert {cluster["dominant_class"] for cluster in found} == {"cat", "dog"}
    assert found[0]["examples"][0]["image_name"].endswith(".png")


def test_duplicates(api):
    found = get(api, "duplicates", threshold=0.9999)

    assert sorted((group["is_leak"], group["has_class_conflict"]) for group in found) == [(False, True), (True, False)]


def test_outliers(api):
    (found,) = get(api, "outliers", limit=1)

    assert found["id"] == make_point_id("planted", "102.png", "1")


def test_confusion(api):
    found = get(api, "confusion")

    wrong = [cell for cell in found["cells"] if cell["given"] == "dog" and cell["neighborhood"] == "cat"]
    assert [cell["ids"] for cell in wrong] == [[make_point_id("planted", "101.png", "1")]]


def test_picks(api):
    assert {point["class_name"] for point in get(api, "picks", n=2)} == {"cat", "dog"}
    assert len(get(api, "picks", n=3, diverse=True, class_name="cat")) == 3


def test_check(api):
    found = get(api, "check", max_suspects="10%", max_duplicate_conflicts=0, max_leaks=1)

    assert found["outcome"] == "exceeded"
    assert {check["name"]: check["outcome"] for check in found["checks"]} == {
        "suspects": "holds", "duplicate conflicts": "exceeded", "leaks": "holds",
    }  # fmt: skip


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
