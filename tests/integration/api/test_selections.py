"""Selections that people name, and tags that they give: kept, filtered, exported, and not lost by an index run."""

import csv
import json
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.settings import ApiSettings
from indexer.exports.export_collection import export_collection
from indexer.payload import PayloadField
from tests.integration.api.samples import BASE, NAME, AppClient


@pytest.fixture
def api(own_workspace):
    server = FastAPI()
    server.mount("/api/v1", create_app(ApiSettings(), own_workspace))
    return AppClient(server)


@pytest.fixture
def ids(api):
    return [point["id"] for point in api.get(f"{BASE}/points").json()["points"]]


def counts(answer):
    return {entry["name"]: entry["count"] for entry in answer.json()}


def test_selections__saved_listed_shown_and_deleted(api, ids):
    name = "Größe / 50 % & more?"
    saved = api.post(f"{BASE}/selections", json={"name": f"  {name} ", "ids": ids[:3]})
    assert (saved.status_code, saved.json()) == (201, {"name": name, "count": 3})
    assert counts(api.get(f"{BASE}/selections")) == {name: 3}

    address = f"{BASE}/selections/{quote(name, safe='')}"
    assert api.get(address).json() == {"name": name, "ids": ids[:3]}
    assert api.delete(address).status_code == 204
    assert counts(api.get(f"{BASE}/selections")) == {}
    missing = api.get(address)
    assert (missing.status_code, missing.json()["code"]) == (422, "UnknownNameError")


def test_selections__one_of_the_same_name_takes_its_place_and_an_empty_name_is_refused(api, ids):
    for chosen in (ids[:2], ids[2:3]):
        api.post(f"{BASE}/selections", json={"name": "night", "ids": chosen})
    assert api.get(f"{BASE}/selections/night").json()["ids"] == ids[2:3]
    refused = api.post(f"{BASE}/selections", json={"name": "  ", "ids": ids})
    assert refused.status_code == 422
    assert "empty; give it one" in refused.json()["detail"]


def test_tags__are_filtered_by_counted_and_taken_away(api, ids):
    tagged = api.post(f"{BASE}/tags", json={"ids": ids[:2], "add": ["blurred", "night"]})
    assert tagged.json() == {"n_changed": 2}
    found = api.post(f"{BASE}/gallery", json={"tags": ["blurred"]}).json()["points"]
    assert {point["id"] for point in found} == set(ids[:2])
    assert all({"blurred", "night"} <= set(point["tags"]) for point in found)
    assert {"name": "night", "count": 2} in api.get(f"{BASE}/facets").json()["tags"]

    assert api.post(f"{BASE}/tags", json={"ids": ids, "remove": ["night"]}).json() == {"n_changed": 2}
    assert counts(api.get(f"{BASE}/tags")) == {"blurred": 2}


def test_tags__one_of_the_source_stays(api, own_workspace, ids):
    own_workspace.collections.open(NAME).set_payload({ids[0]: {PayloadField.TAGS.value: ["from the source"]}})
    change = {"ids": ids[:2], "add": ["from the source"]}
    assert api.post(f"{BASE}/tags", json=change).json() == {"n_changed": 1}
    api.post(f"{BASE}/tags", json={"ids": ids[:2], "remove": ["from the source"]})
    assert api.get(f"{BASE}/points/{ids[0]}").json()["payload"]["tags"] == ["from the source"]
    assert "from the source" not in api.get(f"{BASE}/points/{ids[1]}").json()["payload"]["tags"]


def test_tags__all_points_or_none(api, ids):
    unknown = "00000000-0000-0000-0000-000000000000"
    refused = api.post(f"{BASE}/tags", json={"ids": [ids[0], unknown], "add": ["night"]})
    assert (refused.status_code, unknown in refused.json()["detail"]) == (404, True)
    assert counts(api.get(f"{BASE}/tags")) == {}


def test_tags__survive_what_an_index_run_writes(api, own_workspace, ids):
    api.post(f"{BASE}/tags", json={"ids": ids[:2], "add": ["night"]})
    collection = own_workspace.collections.open(NAME)
    collection.set_payload({one: {PayloadField.TAGS.value: ["new in the source"]} for one in ids})
    own_workspace.mend(NAME)
    tags = {point.id: point.payload["tags"] for point in collection.retrieve(ids[:3])}
    assert tags == {
        ids[0]: ["new in the source", "night"],
        ids[1]: ["new in the source", "night"],
        ids[2]: ["new in the source"],
    }


def test_tags__are_exported(api, own_workspace, ids, tmp_path):
    api.post(f"{BASE}/tags", json={"ids": ids[:1], "add": ["night"]})
    for export_format in ("csv", "coco", "parquet"):
        export_collection(own_workspace.export_parts, NAME, tmp_path / "out", export_format=export_format)
    with (tmp_path / "out" / "points.csv").open(newline="", encoding="utf-8") as file:
        tags = {row["id"]: row["tags"] for row in csv.DictReader(file)}
    assert "night" in json.loads(tags[ids[0]])
    table = pq.read_table(next((tmp_path / "out").glob("*.parquet"))).to_pylist()
    assert {row["id"]: row["tags"] for row in table}[ids[0]].count("night") == 1
    coco = json.loads(next((tmp_path / "out").glob("*.json")).read_text(encoding="utf-8"))
    assert sum("night" in (one["attributes"].get("tags") or []) for one in coco["annotations"]) == 1
