"""The api over a real embedded store: what happens when points, files and runs change."""

import shutil
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from api.app import create_app, stop_runs
from api.settings import ApiSettings
from indexer.domain import Box, CropOptions
from indexer.images.crops import decode_image
from indexer.pipeline.sync import SyncOptions
from indexer.settings import IndexerSettings
from indexer.workspace import Workspace
from tests.doubles import CountingEmbedder
from tests.integration.api.samples import (
    IDENTITY,
    NAME,
    AppClient,
    give_embedder,
    make_source,
    open_indexed_workspace,
    parse_column,
)

BASE = f"/collections/{NAME}"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def client(own_workspace):
    app = create_app(ApiSettings(), own_workspace, IDENTITY)
    yield AppClient(app, IDENTITY.token)
    stop_runs(app)


@pytest.fixture(scope="module")
def steady_workspace(tmp_path_factory):
    """A own_workspace whose points no test changes."""
    with open_indexed_workspace(tmp_path_factory.mktemp("steady")) as opened:
        yield opened


@pytest.fixture
def steady_client(steady_workspace):
    app = create_app(ApiSettings(), steady_workspace, IDENTITY)
    yield AppClient(app, IDENTITY.token)
    stop_runs(app)


def wait_for(client, run):
    assert run.status_code == 202, run.text
    deadline = time.monotonic() + 60
    while (info := client.get(f"/runs/{run.json()['id']}").json())["state"] == "running":
        assert time.monotonic() < deadline, info
        time.sleep(0.01)
    return info


def make_map(client, **request):
    info = wait_for(client, client.post(f"{BASE}/projections", json={"method": "pca", **request}))
    assert info["state"] == "succeeded", info
    return f"{BASE}/projections/{info['result']['id']}"


def columns_of(client, url):
    """Class and score columns of a map of 36 points."""
    body = client.get(f"{url}/map").content
    assert int.from_bytes(body[4:8], "little") == 36
    return np.frombuffer(body[160:232], "<u2"), np.frombuffer(body[232:268], np.uint8)


def point_ids(client, **query):
    points = client.get(f"{BASE}/points", params={"limit": 1000, **query}).json()["points"]
    return {(point["image_name"], point["object_key"]): point["id"] for point in points}


# Maps in a changing collection


def test_map__does_not_wait_for_scores_and_has_them_later(client):
    url = make_map(client)
    before = client.get(url).json()
    assert before["has_scores"] is False
    assert (columns_of(client, url)[1] == 255).all()
    assert "immutable" in client.get(f"{url}/map?v={before['version']}").headers["cache-control"]

    assert len(parse_column(client.get(f"{url}/columns/score").content)[1]) == 36
    after = client.get(url).json()
    assert (after["has_scores"], after["version"] == before["version"]) == (True, False)
    assert (columns_of(client, url)[1] < 255).all()
    assert "immutable" not in client.get(f"{url}/map?v={before['version']}").headers["cache-control"]


def test_map__follows_a_relabel_without_moving_rows(client, own_workspace, source):
    url = make_map(client)
    old_classes, _ = columns_of(client, url)
    first_row = client.get(f"{url}/rows?rows=0").json()[0]["point"]["id"]
    source.change("first.png", "4", class_name="green")
    own_workspace.index(source, collection_name=NAME)

    info = client.get(url).json()
    assert [(c["name"], c["count"]) for c in info["classes"]] == [("blue", 18), ("red", 17), ("green", 1)]
    assert info["is_current"] is True
    new_classes, _ = columns_of(client, url)
    assert (old_classes != new_classes).sum() == 1
    assert client.get(f"{url}/rows?rows=0").json()[0]["point"]["id"] == first_row


def test_map__marks_points_that_are_gone(client, own_workspace, source):
    url = make_map(client)
    gone = {point_id for (image, _), point_id in point_ids(client).items() if image == "third.png"}
    del source.images["third.png"]
    own_workspace.index(source, collection_name=NAME)

    info = client.get(url).json()
    assert (info["n_points"], info["is_current"]) == (36, False)
    assert [(c["name"], c["count"]) for c in info["classes"]] == [("blue", 12), ("red", 12)]
    classes, scores = columns_of(client, url)
    assert (classes == 65535).sum() == 12
    rows = client.post(f"{url}/rows", json={"ids": sorted(gone)}).json()
    assert {int(row) for row in np.flatnonzero(classes == 65535)} == {row["row"] for row in rows}
    assert client.get(f"{url}/rows", params={"rows": rows[0]["row"]}).json() == []
    assert client.get(f"{url}/rows/{rows[0]['row']}/crop").status_code == 404
    assert scores[rows[0]["row"]] == 255


def test_map__is_not_current_once_a_box_has_moved(client, own_workspace, source):
    url = make_map(client)
    source.change("first.png", "0", box=Box(6, 6, 14, 14))
    own_workspace.index(source, collection_name=NAME)
    assert client.get(url).json()["is_current"] is False


# Pictures of files that change


def test_crop__of_a_file_that_is_gone_says_so(client, tmp_path):
    point_id = point_ids(client)["first.png", "0"]
    (tmp_path / "images" / "first.png").unlink()
    for path in (f"{BASE}/points/{point_id}/crop", f"/images/{point_id}"):
        response = client.get(path)
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"
        detail = response.json()["detail"]
        assert "first.png: No such file or directory; restore it or index again" in detail


@pytest.mark.parametrize(("content", "words"), [(b"no image", "damaged"), (None, "annotation was made for 240x40")])
def test_crop__of_a_file_that_was_replaced_says_so(client, tmp_path, content, words):
    point_id = point_ids(client)["first.png", "0"]
    if content is None:
        shutil.copy(write_png(tmp_path / "small.png"), tmp_path / "images" / "first.png")
    else:
        (tmp_path / "images" / "first.png").write_bytes(content)
    response = client.get(f"{BASE}/points/{point_id}/crop")
    assert response.status_code == 404
    assert words in response.json()["detail"]


def write_png(path):
    from PIL import Image

    Image.new("RGB", (10, 10)).save(path)
    return path


def test_crop__is_padded_and_masked_as_it_was_embedded(tmp_path):

    with Workspace.open(IndexerSettings(data_dir=tmp_path / "data")) as own_workspace:
        give_embedder(own_workspace, CountingEmbedder())
        source = make_source(tmp_path / "images")
        source.change("first.png", "1", shape={"polygons": [[[25, 5], [35, 5], [35, 10], [25, 10]]]})
        options = SyncOptions(crops=CropOptions(padding=3, mask_background=True))
        own_workspace.index(source, collection_name=NAME, options=options)
        client = AppClient(create_app(ApiSettings(), own_workspace))
        url = f"{BASE}/points/{point_ids(client)['first.png', '1']}/crop"
        crop = decode_image(client.get(url).content).astype(int)
    assert crop.shape == (16, 16, 3)
    assert crop[5, 8, 2] > 200  # the upper half of the blue square is the object
    assert crop[10:, :, 2].max() < 150  # the lower half lies outside and is painted in the mean colour


# Runs


def test_projection_run__keeps_a_map_that_is_listed_first(steady_client):
    older = make_map(steady_client)
    newer = make_map(steady_client, metric="euclidean")
    listed = [f"{BASE}/projections/{info['id']}" for info in steady_client.get(f"{BASE}/projections").json()]
    assert listed[:2] == [newer, older]


def test_projection_run__replaced_map_is_not_found_and_not_listed(client):
    first, second, third = (make_map(client, refit=True) for _ in range(3))
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == client.get(third).status_code == 200
    listed = [f"{BASE}/projections/{info['id']}" for info in client.get(f"{BASE}/projections").json()]
    assert (listed[:2], first in listed) == ([third, second], False)


def test_projection_run__says_where_pca_stands_in(client, own_workspace, source):
    for name in ["second.png", "third.png", "empty.png"]:
        del source.images[name]
    source.images["first.png"].objects = source.images["first.png"].objects[:3]
    own_workspace.index(source, collection_name=NAME, options=SyncOptions(allow_shrink=True))
    info = wait_for(client, client.post(f"{BASE}/projections", json={"method": "umap"}))
    assert (info["result"]["method"], info["result"]["requested_method"]) == ("pca", "umap")
    assert "PCA stands in" in info["result"]["note"]


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        (f"{BASE}/projections", {"method": "magic"}, 422, "unknown projection method 'magic'; known: densmap, pca"),
        (f"{BASE}/projections", {"metric": "manhattan"}, 422, "metric"),
        ("/collections/nope/projections", {}, 404, "no collection 'nope'"),
        ("/runs", {"kind": "project", "collection": "nope"}, 404, "no collection 'nope'"),
        ("/runs", {"kind": "project", "method": "magic"}, 422, "magic"),
        ("/runs", {"kind": "dance"}, 422, "kind"),
        ("/runs", {"kind": "index"}, 422, "source"),
        ("/runs", {"kind": "index", "source": "x", "mode": "pixels"}, 422, "mode"),
        ("/runs", {"kind": "index", "source": "x", "padding": "wide"}, 422, "padding 'wide' is neither pixels"),
        ("/runs", {"kind": "index", "source": "x", "batch_size": 0}, 422, "batch_size"),
        ("/runs", {"kind": "index", "source": "/nowhere/at/all"}, 422, "/nowhere/at/all does not exist; give the path"),
        ("/runs", {"kind": "index", "source": "supervisly://11"}, 422, "unknown kind of address 'supervisly://'"),
        ("/runs", {}, 422, "kind"),
    ],
)
def test_runs__refuse_what_cannot_be_done_at_once(steady_client, path, body, status, words):
    response = steady_client.post(path, json=body)
    assert response.status_code == status
    assert words in response.json()["detail"]
    assert steady_client.get("/runs").json() == []


def test_index_run__brings_a_folder_into_the_collection(client, tmp_path):
    for name in ("cats", "dogs"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        write_png(tmp_path / "pets" / name / "1.png")
    info = wait_for(client, client.post("/runs", json={
        "kind": "index", "source": str(tmp_path / "pets"), "collection": NAME}))  # fmt: skip
    assert info["state"] == "succeeded", info
    assert info["result"]["images"]["added"] == 2
    classes = {c["name"] for c in client.get(BASE).json()["classes"]}
    assert classes == {"red", "blue", "cats", "dogs"}


def test_runs__go_one_at_a_time_and_can_be_cancelled(steady_client, steady_workspace, monkeypatch):
    started = threading.Event()

    def make_for_ever(name, *, on_progress, **options):
        started.set()
        while True:
            on_progress("laying out", 1, None)
            time.sleep(0.001)

    monkeypatch.setattr(steady_workspace.maps, "make", make_for_ever)
    run = steady_client.post("/runs", json={"kind": "project"})
    assert started.wait(60)
    refused = steady_client.post("/runs", json={"kind": "project"})
    assert refused.status_code == 409
    assert run.json()["id"] in refused.json()["detail"]
    assert steady_client.get(BASE).status_code == 200
    assert steady_client.delete(f"/runs/{run.json()['id']}").status_code == 200
    info = wait_for(steady_client, run)
    assert (info["state"], info["stage"], info["done"]) == ("cancelled", "laying out", 1)


def test_run__of_an_unknown_id_is_not_found(steady_client):
    for response in (steady_client.get("/runs/nope"), steady_client.delete("/runs/nope")):
        assert response.status_code == 404
        assert "unknown run 'nope'" in response.json()["detail"]


# Workspaces of other sizes


def test_empty_workspace__says_what_to_do(tmp_path):
    with Workspace.open(IndexerSettings(data_dir=tmp_path)) as own_workspace:
        client = AppClient(create_app(ApiSettings(), own_workspace))
        assert client.get("/collections").json() == []
        for path in ("/collections/any", "/images/x"):
            response = client.get(path)
            assert response.status_code == 404
            assert "run 'lookalike index SOURCE' first" in response.json()["detail"]


def test_collection_without_points__answers_empty(client, own_workspace, source):
    source.images.clear()
    own_workspace.index(source, collection_name=NAME, options=SyncOptions(allow_shrink=True))
    assert client.get(BASE).json()["n_points"] == 0
    assert client.get(f"{BASE}/points").json() == {"points": [], "next_offset": None, "total": 0}
    answer = client.get(f"{BASE}/suspects").json()
    assert answer["suspects"] == []
    assert answer["why_empty"]
    info = wait_for(client, client.post(f"{BASE}/projections", json={}))
    assert (info["state"], info["error"]["status"]) == ("failed", 409)


def test_image__of_several_collections_must_name_one(client, own_workspace, source):
    own_workspace.index(source, collection_name="other")
    point_id = point_ids(client)["first.png", "0"]
    response = client.get(f"/images/{point_id}")
    assert response.status_code == 422
    assert "other, squares" in response.json()["detail"]
    assert client.get(f"/images/{point_id}?collection=other").status_code == 200


# Many at a time, and nothing heavy


def test_readers__are_answered_while_points_change(client, own_workspace, source):
    """Nobody ever sees a server error, whatever is being written."""
    url = make_map(client)
    statuses, stop = [], threading.Event()
    paths = [BASE, f"{BASE}/points?limit=5", f"{BASE}/suspects?limit=5", f"{url}/map", f"{url}/rows?rows=0,1,2"]

    def read():
        while not stop.is_set():
            statuses.extend(client.get(path).status_code for path in paths)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for round_number in range(6):
        source.change("first.png", "0", class_name=f"class {round_number}")
        own_workspace.index(source, collection_name=NAME)
    stop.set()
    for reader in readers:
        reader.join(60)
    assert set(statuses) == {200}


def test_answers__never_load_the_network(tmp_path):
    """Everything but an uploaded image is answered without torch in memory."""
    program = """
        import sys
        from pathlib import Path
        from api.app import create_app
        from api.settings import ApiSettings
        from tests.integration.api.samples import AppClient, open_indexed_workspace

        with open_indexed_workspace(Path(sys.argv[1])) as own_workspace:
            own_workspace.maps.make("squares", method="pca")
            client = AppClient(create_app(ApiSettings(), own_workspace))
            point = client.get("/collections/squares/points").json()["points"][0]["id"]
            projection = client.get("/collections/squares/projections").json()[0]["id"]
            base = "/collections/squares"
            answers = [client.post(f"{base}/neighbors", json={"ids": [point]})]
            for path in [f"{base}/suspects", f"{base}/points/{point}/crop", f"{base}/projections/{projection}/map"]:
                answers.append(client.get(path))
            answers += [client.get(path) for path in ["/collections", f"/images/{point}?annotation=all"]]
            assert [answer.status_code for answer in answers] == [200] * 6
            heavy = {"torch", "timm", "transformers", "umap", "numba"} & set(sys.modules)
            assert not heavy, heavy
    """
    command = [sys.executable, "-c", textwrap.dedent(program), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
