"""Folders that clients may name, on a server that a team reaches: nothing outside is read, written or told of."""

import json

import pytest

from api.access import Access
from lookalike.frames import pack_frame
from lookalike.server import Surroundings, create_server
from tests.integration.api.samples import BASE, AppClient, assert_problem
from tests.integration.api.team.keys import IDENTITY, KEYS


@pytest.mark.parametrize("path", ["/etc", "/etc/passwd", "/nothing/at/all", "~", "../.."])
@pytest.mark.parametrize(
    ("url", "field"),
    [
        ("/runs", "source"),
        ("/imports", "folder"),
        (f"{BASE[7:]}/exports", "folder"),
        (f"{BASE[7:]}/backups", "file"),
        ("/restores", "file"),
        (f"{BASE[7:]}/moves", "to"),
        (f"{BASE[7:]}/reviews/apply", "path"),
        (f"{BASE[7:]}/reviews/apply", "patch"),
    ],
)
def test_roots__a_path_outside_is_refused_in_the_same_words(clients, roots, path, url, field):
    body = {field: path, **({"kind": "index"} if url == "/runs" else {}), **({"who": "ann"} if "apply" in url else {})}
    answer = clients[Access.ADMIN].post(f"/api/v1{url}", json=body)
    words = f"the path lies outside the folders that this server may use for its clients; it may use {roots[0]}"
    assert_problem(answer, 403)
    assert answer.json()["detail"] == words


@pytest.mark.parametrize("path", ["/etc", "/nothing/at/all", "../..", "supervisely://11"])
def test_roots__datasets_of_a_source_outside_are_not_told(clients, roots, path):
    answer = clients[Access.ADMIN].get("/api/v1/sources/datasets", params={"source": path})
    assert_problem(
        answer, 403, f"lies outside the folders that this server may use for its clients; it may use {roots[0]}"
    )


def test_roots__datasets_of_a_source_inside_are_told(clients, roots):
    for split in ("train", "val"):
        (roots[0] / "pets" / split / "cats").mkdir(parents=True)
        (roots[0] / "pets" / split / "cats" / "one.png").write_bytes(b"x")
    asked = {"params": {"source": str(roots[0] / "pets")}}
    assert clients[Access.ADMIN].get("/api/v1/sources/datasets", **asked).json() == {"datasets": ["train", "val"]}
    assert_problem(clients[Access.REVIEW].get("/api/v1/sources/datasets", **asked), 403, "this client may not")


def test_roots__a_link_that_leads_out_is_a_path_outside(clients, roots, tmp_path):
    (roots[0] / "way-out").symlink_to(tmp_path)
    (tmp_path / "there").mkdir()
    answers = [
        clients[Access.ADMIN].post("/api/v1/imports", json={"folder": str(roots[0] / "way-out" / name)})
        for name in ("there", "not-there")
    ]
    assert [one.status_code for one in answers] == [403, 403]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("to", ["http://127.0.0.1:1", "https://evil.example", "http:///x", "file:///etc"])
def test_roots__the_store_s_key_is_sent_to_no_server_that_a_client_names(clients, app, to, monkeypatch):
    asked = []
    monkeypatch.setattr("indexer.backups.backups.open_store", lambda *given, **named: asked.append(given))
    answer = clients[Access.ADMIN].post(f"{BASE}/moves", json={"to": to})
    assert_problem(answer, 403, "lies outside the folders")
    assert asked == []


@pytest.mark.parametrize(
    "wish",
    [
        {"allow_outside": True},
        {"checkpoint": "/etc/passwd"},
        {"checkpoint": "/nothing/at/all"},
        {"model": "hf:/etc"},
        {"model": "hf:/nothing/at/all"},
        {"model": "hf:../../etc"},
        {"model": "hf:~"},
        {"source_key": "/etc"},
        {"source_key": "~/photos"},
        {"source_key": "../../etc"},
    ],
)
def test_roots__an_index_run_reads_and_names_nothing_outside_beside_its_source(clients, app, roots, wish):
    request = {"kind": "index", "source": str(roots[0] / "nothing"), **wish}
    answer = clients[Access.ADMIN].post("/api/v1/runs", json=request)
    assert_problem(answer, 403, "the path lies outside the folders that this server may use")
    answer = AppClient(app, token=IDENTITY.token).post("/api/v1/runs", json=request)
    assert answer.status_code == 202
    assert "event: end" in AppClient(app, token=IDENTITY.token).get(f"/api/v1/runs/{answer.json()['id']}/events").text


def test_roots__an_index_run_may_have_a_key_that_is_no_path(clients, roots):
    request = {"kind": "index", "source": str(roots[0] / "nothing"), "source_key": "photos", "model": "hf:a/b"}
    run = clients[Access.ADMIN].post("/api/v1/runs", json=request)
    assert run.status_code == 202
    assert "event: end" in clients[Access.ADMIN].get(f"/api/v1/runs/{run.json()['id']}/events").text


def run_to_its_end(client, url, body):
    run = client.post(url, json=body)
    assert run.status_code == 202, run.text
    return client.get(f"/api/v1/runs/{run.json()['id']}/events").text


def test_roots__a_backup_of_pictures_outside_is_restored_by_the_one_who_started_the_server(app, clients, roots):
    """Its points name files, which the server would show. Everybody could write such a backup."""
    admin, owner, file = clients[Access.ADMIN], AppClient(app, token=IDENTITY.token), str(roots[0] / "squares.zip")
    assert '"state":"succeeded"' in run_to_its_end(admin, f"{BASE}/backups", {"file": file})
    wish = {"file": file, "collection": "again"}
    refused = run_to_its_end(admin, "/api/v1/restores", wish)
    assert "the path lies outside the folders that this server may use" in refused
    assert [one["name"] for one in admin.get("/api/v1/collections").json()] == ["squares"]
    assert '"state":"succeeded"' in run_to_its_end(owner, "/api/v1/restores", wish)
    assert admin.delete("/api/v1/collections/again").status_code == 204


def test_roots__a_backup_and_back_inside(workspace, roots):
    around = Surroundings(allow_hosts=["test"], roots=(roots[0], workspace.data_dir.resolve().parent))
    app = create_server(workspace, identity=IDENTITY, surroundings=around)
    admin, file = AppClient(app, token=KEYS[Access.ADMIN].secret), str(roots[0] / "inside.zip")
    for url, body in ((f"{BASE}/backups", {"file": file}), ("/api/v1/restores", {"file": file, "collection": "again"})):
        assert '"state":"succeeded"' in run_to_its_end(admin, url, body)
    assert admin.delete("/api/v1/collections/again").status_code == 204


@pytest.mark.parametrize("place", ["/etc/secret.png", "../secret.png", "~/secret.png", "/srv/nothing.png"])
@pytest.mark.parametrize("field", ["image_locator", "source_key"])
def test_roots__no_point_that_a_client_writes_names_a_file_outside(clients, place, field):
    admin, url = clients[Access.ADMIN], "/api/v1/store/collections/squares"
    known = admin.get(f"{BASE}/points", params={"limit": 1}).json()["points"][0]["id"]
    frames = {
        "upsert": {"points": [{"id": known, "payload": {field: place}, "has_embedding": False}]},
        "set-payload": {"payloads": {known: {field: place}}},
    }
    for action, document in frames.items():
        frame = pack_frame(json.dumps(document).encode(), b"")
        assert_problem(admin.post(f"{url}/{action}", content=frame), 403, "the path lies outside the folders")
    model = {"embedder": f"hf:{place}", "fingerprint": "x", "dimension": 2, "crops": "x", "distance": "cosine"}
    answer = admin.post("/api/v1/store/collections/crafted", json=model)
    assert_problem(answer, 403, "the path lies outside the folders")


def test_roots__the_person_who_started_the_server_names_any_path(app):
    owner = AppClient(app, token=IDENTITY.token)
    started = owner.post("/api/v1/imports", json={"folder": "/nothing/at/all"})
    assert started.status_code == 202
    assert "/nothing/at/all" in owner.get(f"/api/v1/runs/{started.json()['id']}/events").text
    restored = owner.post("/api/v1/restores", json={"file": "/nothing/at/all.zip"})
    assert restored.status_code == 202
    assert "/nothing/at/all.zip" in owner.get(f"/api/v1/runs/{restored.json()['id']}/events").text
