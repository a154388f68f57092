"""Exports and imports over HTTP: runs that tell how far they are, can be cancelled, and leave no half file."""

import io
import threading
import time
import zipfile

import pytest

from api.app import create_app, stop_runs
from api.settings import ApiSettings
from indexer.exports import csv_table
from tests.integration.api.samples import IDENTITY, NAME, AppClient, assert_problem, open_indexed_workspace

PATH = f"/collections/{NAME}/exports"


@pytest.fixture
def api(tmp_path):
    with open_indexed_workspace(tmp_path) as workspace:
        app = create_app(ApiSettings(), workspace, IDENTITY)
        yield AppClient(app, IDENTITY.token)
        app.state.services.runs.close()


def wait_for(api, run):
    deadline = time.monotonic() + 60
    while run["state"] == "running":
        assert time.monotonic() < deadline
        time.sleep(0.02)
        run = api.get(f"/runs/{run['id']}").json()
    return run


def finish(api, answer):
    assert answer.status_code == 202, answer.text
    return wait_for(api, answer.json())


def test_export__is_a_run_whose_result_says_what_was_written(api, tmp_path):
    run = finish(api, api.post(PATH, json={"folder": str(tmp_path / "out"), "format": "csv"}))

    assert (run["kind"], run["collection"], run["state"], run["error"]) == ("export", NAME, "succeeded", None)
    assert (run["stage"], run["done"], run["total"]) == ("export", 36, 36)
    assert run["result"] == {
        "path": str(tmp_path / "out" / "points.csv"),
        "n_points": 36,
        "format": "csv",
        "left_out": {},
        "download": None,
    }
    assert len((tmp_path / "out" / "points.csv").read_text().splitlines()) == 37


def test_export__without_a_folder__is_fetched(api, tmp_path):
    run = finish(api, api.post(PATH, json={"format": "coco"}))

    result = run["result"]
    assert (result["path"], result["n_points"]) == (f"{NAME}-instances.json", 36)
    answer = api.get(result["download"])
    assert answer.headers["content-disposition"] == f'attachment; filename="{NAME}-instances.json"'
    assert answer.headers["cache-control"] == "no-store"
    names = {image["file_name"] for image in answer.json()["images"]}
    assert names == {"empty.png", "first.png", "second.png", "third.png"}, "no path of the server's machine"
    assert len(answer.json()["annotations"]) == 36


def test_export__several_files_without_a_folder__are_one_archive(api):
    run = finish(api, api.post(PATH, json={"format": "embeddings-folder"}))
    answer = api.get(run["result"]["download"])
    assert run["result"]["path"] == f"{NAME}-embeddings-folder.zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert {"cfg.json", "embeddings.pt", "info.json"} <= set(archive.namelist())


def test_fetch_export__of_another_key__says_what_to_do(api):
    assert_problem(api.get(f"/exports/{32 * '0'}"), 404, "kept for an hour; export again")


def test_export__files_that_wait_are_gone_with_the_server(api, tmp_path):
    finish(api, api.post(PATH, json={"format": "csv"}))
    assert len(list((tmp_path / "data" / "downloads").iterdir())) == 1
    stop_runs(api.app)
    assert list((tmp_path / "data" / "downloads").iterdir()) == []


def test_export__unknown_format_starts_no_run(api, tmp_path):
    assert_problem(api.post(PATH, json={"folder": str(tmp_path), "format": "nope"}), 422, "nope")
    assert api.get("/runs").json() == []


def test_export__what_fails_is_the_end_of_the_run(api, tmp_path):
    (tmp_path / "out").write_text("a file")
    run = finish(api, api.post(PATH, json={"folder": str(tmp_path / "out"), "format": "csv"}))
    assert run["state"] == "failed"
    assert (run["error"]["code"], run["error"]["status"]) == ("InvalidOptionsError", 422)
    assert "it is not a folder; choose another" in run["error"]["detail"]


def test_export__cancelled_in_the_middle__leaves_the_earlier_file_as_it_was(api, tmp_path, monkeypatch):
    wanted = {"folder": str(tmp_path / "out"), "format": "csv"}
    finish(api, api.post(PATH, json=wanted))
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    is_writing, go_on = threading.Event(), threading.Event()

    class SlowFile:
        def __init__(self, inner):
            self._inner = inner

        def write(self, text):
            is_writing.set()
            go_on.wait(30)
            return self._inner.write(text)

    real = csv_table.csv.writer
    monkeypatch.setattr(csv_table.csv, "writer", lambda file, *given, **named: real(SlowFile(file), *given, **named))
    run = api.post(PATH, json=wanted).json()
    assert is_writing.wait(30)
    assert api.delete(f"/runs/{run['id']}").json()["state"] == "running"
    go_on.set()

    assert wait_for(api, run)["state"] == "cancelled"
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_import__is_a_run_whose_result_says_what_was_imported(api, tmp_path):
    folder = str(tmp_path / "out")
    finish(api, api.post(PATH, json={"folder": folder, "format": "embeddings-folder"}))

    run = finish(api, api.post("/imports", json={"folder": folder, "collection": "again"}))

    assert (run["kind"], run["collection"], run["state"]) == ("import", "again", "succeeded")
    assert (run["result"]["collection"], run["result"]["n_points"]) == ("again", 36)
    assert api.get("/collections/again").json()["n_points"] == 36


def test_import__of_a_folder_without_embeddings_fails_in_words(api, tmp_path):
    run = finish(api, api.post("/imports", json={"folder": str(tmp_path)}))
    assert (run["state"], run["error"]["code"]) == ("failed", "SourceUnavailableError")
