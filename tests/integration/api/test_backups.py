"""Backups, restores and moves over HTTP: runs that tell how far they are, can be cancelled, and leave no half."""

import threading
import time

import pytest

from api.app import create_app, stop_runs
from api.settings import ApiSettings
from indexer.backups.backup_file import BackupWriter
from indexer.backups.copies import Copy
from indexer.stores.embedded_collection import EmbeddedCollection
from tests.integration.api.samples import IDENTITY, NAME, AppClient, assert_problem

pytestmark = pytest.mark.embedded  # whose writes are paused in the middle

BACKUPS, MOVES = f"/collections/{NAME}/backups", f"/collections/{NAME}/moves"
N_POINTS = 40
"""The squares, and the images themselves."""


@pytest.fixture
def api(own_workspace):
    app = create_app(ApiSettings(), own_workspace, IDENTITY)
    yield AppClient(app, IDENTITY.token)
    app.state.services.runs.close()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "squares.zip"


def finish(api, answer):
    assert answer.status_code == 202, answer.text
    run, deadline = answer.json(), time.monotonic() + 60
    while run["state"] == "running":
        assert time.monotonic() < deadline
        time.sleep(0.02)
        run = api.get(f"/runs/{run['id']}").json()
    return run


class Pause:
    """Stops a method at one of its calls until it may go on."""

    def __init__(self, monkeypatch, kind, name, at=1):
        self._is_there, self.go_on, real, n_calls = threading.Event(), threading.Event(), getattr(kind, name), [0]

        def paused(*arguments, **options):
            n_calls[0] += 1
            if n_calls[0] == at:
                self._is_there.set()
                self.go_on.wait(60)
            return real(*arguments, **options)

        monkeypatch.setattr(kind, name, paused)

    def wait(self):
        assert self._is_there.wait(60)


def test_backup_and_restore__are_runs_that_say_what_came_along(api, file):
    ids = [one["id"] for one in api.get(f"/collections/{NAME}/points?limit=2").json()["points"]]
    api.post(f"/collections/{NAME}/tags", json={"ids": ids, "add": ["for Monday"]})
    api.post(f"/collections/{NAME}/selections", json={"name": "odd", "ids": ids})

    made = finish(api, api.post(BACKUPS, json={"file": str(file)}))
    assert (made["kind"], made["collection"], made["state"], made["error"]) == ("backup", NAME, "succeeded", None)
    assert (made["stage"], made["done"], made["total"]) == ("backing up points", N_POINTS, N_POINTS)
    counts = {"n_points": N_POINTS, "n_embedded": 36, "n_events": 0, "n_maps": 0, "n_tags": 2, "n_selections": 1}
    assert made["result"] == {"path": str(file), "collection": NAME, **counts}

    done = finish(api, api.post("/restores", json={"file": str(file), "collection": "again"}))
    assert (done["kind"], done["collection"], done["state"]) == ("restore", "again", "succeeded")
    assert (done["result"]["n_points"], done["result"]["n_selections"]) == (N_POINTS, 1)
    assert api.get("/collections/again/tags").json() == [{"name": "for Monday", "count": 2}]


def test_move__is_a_run(api, tmp_path):
    run = finish(api, api.post(MOVES, json={"to": str(tmp_path / "there")}))
    assert (run["kind"], run["state"], run["result"]["n_points"]) == ("move", "succeeded", N_POINTS)
    assert run["stage"] == "comparing searches"


@pytest.mark.parametrize(
    ("path", "wish", "code", "words"),
    [
        (BACKUPS, {"file": "/no/such/folder/b.zip"}, "InvalidOptionsError", "there is no folder"),
        ("/restores", {"file": "/no/such.zip"}, "SourceUnavailableError", "there is no backup"),
        (MOVES, {"to": "ftp://somewhere"}, "InvalidOptionsError", "ftp://somewhere"),
    ],
)
def test_runs__what_is_wrong_is_their_end_in_words(api, path, wish, code, words):
    run = finish(api, api.post(path, json=wish))
    assert (run["state"], run["error"]["code"]) == ("failed", code)
    assert words in run["error"]["detail"]


def test_backup__of_a_collection_that_does_not_exist_starts_no_run(api, file):
    assert_problem(api.post("/collections/none/backups", json={"file": str(file)}), 404, "none")
    assert api.get("/runs").json() == []


def test_backup__cancelled__leaves_the_earlier_file_as_it_was(api, file, monkeypatch):
    finish(api, api.post(BACKUPS, json={"file": str(file)}))
    before = file.read_bytes()
    pause = Pause(monkeypatch, BackupWriter, "add_points")
    started = api.post(BACKUPS, json={"file": str(file)})
    pause.wait()
    assert api.delete(f"/runs/{started.json()['id']}").json()["state"] == "running"
    pause.go_on.set()

    assert finish(api, started)["state"] == "cancelled"
    assert file.read_bytes() == before
    assert list(file.parent.glob("*.partial")) == []


def test_restore__cancelled__leaves_nothing_and_the_next_one_is_whole(api, file, monkeypatch):
    finish(api, api.post(BACKUPS, json={"file": str(file)}))
    pause = Pause(monkeypatch, EmbeddedCollection, "upsert")
    wish = {"file": str(file), "collection": "again"}
    started = api.post("/restores", json=wish)
    pause.wait()
    api.delete(f"/runs/{started.json()['id']}")
    pause.go_on.set()

    assert finish(api, started)["state"] == "cancelled"
    assert [one["name"] for one in api.get("/collections").json()] == [NAME]
    assert finish(api, api.post("/restores", json=wish))["result"]["n_points"] == N_POINTS


def test_move__cancelled__goes_on_where_it_was(api, tmp_path, monkeypatch):
    pause = Pause(monkeypatch, Copy, "_compare")
    started = api.post(MOVES, json={"to": str(tmp_path / "there")})
    pause.wait()
    api.delete(f"/runs/{started.json()['id']}")
    pause.go_on.set()
    assert finish(api, started)["state"] == "cancelled"

    again = finish(api, api.post(MOVES, json={"to": str(tmp_path / "there")}))["result"]
    assert (again["n_points"], again["n_copied"], again["n_queries"]) == (N_POINTS, 0, 36)


def test_restore__server_that_stops__leaves_nothing(api, own_workspace, file, monkeypatch):
    finish(api, api.post(BACKUPS, json={"file": str(file)}))
    pause = Pause(monkeypatch, EmbeddedCollection, "upsert")
    run = api.post("/restores", json={"file": str(file), "collection": "again"}).json()
    pause.wait()
    stopping = threading.Thread(target=stop_runs, args=(api.app,))
    stopping.start()
    while not api.app.state.services.runs._stops[run["id"]].is_set():
        time.sleep(0.01)
    pause.go_on.set()
    stopping.join(60)

    assert api.get(f"/runs/{run['id']}").json()["state"] == "cancelled"
    assert own_workspace.collection_names() == [NAME]
