"""A whole group of similar objects with one wrong label: one card, one verdict, one undo."""

from __future__ import annotations

import json
import subprocess

import numpy as np
import pytest
from playwright.sync_api import expect

from indexer.settings import IndexerSettings
from indexer.workspace import Workspace
from tests.browser.serving import MAP_IS_PAINTED, lookalike_command, serve
from tests.copies import copy_data

COLLECTION = "collections/tf_efficientnet_lite0"
N_MISLABELLED = 20


def mislabel_neighbors(data_dir):
    """Call the threes that lie closest together eights, in the project; gives the source's key."""
    with Workspace.open(IndexerSettings(data_dir=data_dir)) as workspace:
        snapshot = workspace.collections.snapshot()
        threes = np.flatnonzero(snapshot.fields["class_name"] == "3")
        embeddings = snapshot.embeddings()[threes]
        similarities = embeddings @ embeddings.T
        middle = np.sort(similarities)[:, -N_MISLABELLED].argmax()  # ids, and so rows, differ from run to run
        nearest = threes[np.argsort(-similarities[middle])[:N_MISLABELLED]]
        objects = {(p.payload["image_name"], p.payload["object_key"]): p for p in snapshot.show(nearest)}
    for path in (data_dir / "sample" / "digits").rglob("ann/*.json"):
        annotation = json.loads(path.read_text())
        for label in annotation["objects"]:
            if (path.name.removesuffix(".json"), str(label.get("id"))) in objects:
                label["classTitle"] = "8"
        path.write_text(json.dumps(annotation))
    return next(iter(objects.values())).payload["source_key"]


@pytest.fixture(scope="module")
def grouped_server(sample, tmp_path_factory):
    data_dir = copy_data(sample, tmp_path_factory.mktemp("groups") / "data")
    key = mislabel_neighbors(data_dir)
    index = ("index", data_dir / "sample" / "digits", "--source-key", key, "--data-dir", data_dir, "--json")
    done = subprocess.run(lookalike_command(*index), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["instances"]["embedded"] == 0
    with serve(data_dir) as url:
        yield url


def test_accept__a_group_is_one_card_with_one_verdict_and_one_undo(open_page, grouped_server):
    api = f"{grouped_server}/api/v1/{COLLECTION}"
    page = open_page(grouped_server)
    page.wait_for_function(MAP_IS_PAINTED)
    listed = page.request.get(f"{api}/suspects?limit=200").json()["suspects"]
    entry = next(one for one in listed if one["group"])
    n_members = len(entry["group"])
    assert (entry["class_name"], entry["suggested_class"]) == ("8", "3")

    card = page.locator(f".suspect[data-point-id='{entry['id']}']")
    expect(page.locator(".suspect").first).to_be_visible()
    while not card.count():
        shown = page.locator(".suspect").first.get_attribute("data-point-id")
        page.get_by_role("button", name="Next page").click()
        page.wait_for_function("id => document.querySelector('.suspect')?.dataset.pointId !== id", arg=shown)
    expect(card).to_contain_text(f"a whole group of {n_members} similar objects seems to be labelled 8 instead of 3")
    card.get_by_role("button", name=f"Accept all {n_members}: it is 3").click()
    expect(page.locator("#verdict-message")).to_contain_text(f"{n_members} objects")

    reviews = page.request.get(f"{api}/reviews").json()["reviews"]
    assert {(one["point_id"], one["class_name"]) for one in reviews} == {(one, "3") for one in entry["group"]}
    page.keyboard.press("u")
    expect(page.locator("#verdict-message")).to_contain_text("taken back")
    assert page.request.get(f"{api}/reviews").json()["reviews"] == []
