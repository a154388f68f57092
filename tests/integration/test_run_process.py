"""Index runs in processes of their own, beside a server that owns the data directory; real processes and real HTTP."""

import json
import signal
import threading
import time

import pytest

import lookalike
from api.services import external_runs
from indexer.neighbors import graphs
from indexer.neighbors.search_process import search_in_process
from indexer.reviews.judgement import Judgement
from lookalike.errors import RunActiveError, SourceUnavailableError
from tests.integration.run_processes import (
    BLOCKED_READ,
    N_FREE,
    N_IMAGES,
    Server,
    index,
    is_embedding,
    is_over,
    let_the_page_start,
    make_pictures,
    open_gate,
    start,
)


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def server(data_dir):
    opened = Server(data_dir)
    yield opened
    opened.close()


@pytest.fixture
def pictures(tmp_path):
    return make_pictures(tmp_path / "pictures")


def classes(server, name):
    return server.http.get(f"/collections/{name}").json()["classes"]


def test_index__beside_a_server__says_the_same_and_is_shown_on_the_page(server, data_dir, pictures, tmp_path):
    alone = index(pictures, "--data-dir", tmp_path / "alone", "--json")
    gate = tmp_path / "gate"
    working = start("index", pictures, "--data-dir", data_dir, "--json", "--batch-size", 2, gate=gate)
    server.wait_until(is_embedding)
    open_gate(gate, N_FREE + 4)
    seen = server.wait_until(lambda run: run["rate_per_s"] is not None)
    open_gate(gate)
    out, err = working.communicate(timeout=60)

    assert (seen["kind"], seen["source"], seen["stage"]) == ("index", str(pictures), "indexing images")
    assert seen["total"] == N_IMAGES
    assert seen["seconds_left"] > 0
    assert working.returncode == alone[0] == 0, err
    run = server.wait_until(is_over)
    assert (run["state"], run["result"]) == ("succeeded", json.loads(out))
    assert {**json.loads(out), "seconds": 0} == {**json.loads(alone[1]), "seconds": 0}
    assert classes(server, run["result"]["collection"]) == [
        {"name": "blue", "count": 20},
        {"name": "red", "count": 20},
    ]


def test_index__beside_a_server__second_run_embeds_nothing(server, data_dir, pictures):
    index(pictures, "--data-dir", data_dir)
    code, out, err = index(pictures, "--data-dir", data_dir, "--json")

    assert code == 0, err
    assert json.loads(out)["instances"]["embedded"] == 0
    assert json.loads(out)["images"]["unchanged"] == N_IMAGES


def test_index__cancelled_on_the_page__ends_in_the_middle_of_a_step_and_says_so(server, data_dir, pictures):
    working = start("index", pictures, "--data-dir", data_dir, "--batch-size", 1, gate="/no gate")
    run = server.wait_until(is_embedding)
    server.http.delete(f"/runs/{run['id']}")
    _, err = working.communicate(timeout=60)

    assert working.returncode == 1
    assert err.splitlines()[-1] == (
        "lookalike: cancelled on the page; what was finished is kept, run the command again to go on"
    )
    assert server.wait_until(is_over)["state"] == "cancelled"


def test_index__interrupted_while_a_read_hangs__ends_without_it(server, data_dir, pictures):
    working = start("index", pictures, "--data-dir", data_dir, more=BLOCKED_READ)
    while not (line := working.stderr.readline()).startswith("reading"):
        assert line, "it ended before it read"
    working.send_signal(signal.SIGINT)
    _, err = working.communicate(timeout=60)

    assert (working.returncode, err.splitlines()[-1]) == (
        130,
        "lookalike: stopped; what was finished is kept, run the command again to go on",
    )
    assert server.wait_until(is_over)["state"] == "cancelled"


def test_index__killed__is_failed_and_the_next_run_goes_on(server, data_dir, pictures):
    working = start("index", pictures, "--data-dir", data_dir, "--batch-size", 1, gate="/no gate")
    server.wait_until(is_embedding)
    working.kill()
    working.communicate()
    run = server.wait_until(is_over)
    assert run["state"] == "failed"
    assert run["error"]["detail"] == (
        "the process of the run ended without a word; what it stored is kept, start it again to go on"
    )

    code, out, err = index(pictures, "--data-dir", data_dir, "--json")
    assert code == 0, err
    assert classes(server, json.loads(out)["collection"]) == [
        {"name": "blue", "count": 20},
        {"name": "red", "count": 20},
    ]


def test_watch__beside_a_server__hands_over_what_comes(server, data_dir, pictures):
    working = start("watch", pictures, "--data-dir", data_dir, "--every", "1s")
    first = server.wait_for_any(lambda run: run["state"] == "succeeded")
    (pictures / "red" / "new.png").write_bytes((pictures / "red" / "001.png").read_bytes())
    run = server.wait_for_any(lambda run: run["state"] == "succeeded" and run["result"]["images"]["added"] == 1)
    said = [working.stdout.readline() for _ in range(8)]  # two reports of four lines
    working.send_signal(signal.SIGINT)
    out, err = working.communicate(timeout=60)

    assert first["result"]["images"]["seen"] == N_IMAGES
    assert classes(server, run["result"]["collection"])[0] == {"name": "red", "count": 21}
    assert (working.returncode, err.splitlines()[-1]) == (
        130,
        "lookalike: stopped; what was finished is kept, run the command again to go on",
    )
    assert [line.split(":")[0] for line in said[::4]] == ["read as image_folder"] * 2
    assert out == ""  # nothing is said while nothing changes


def test_watch__another_run_at_work__looks_again(server, data_dir, pictures):
    go_on = threading.Event()
    runs = server.app.state.api.state.services.runs
    working = start("watch", pictures, "--data-dir", data_dir, "--every", "1s")
    server.wait_until(is_over)
    while True:  # a look may be under way
        try:
            runs.start("project", "c", lambda on_progress: {"waited": go_on.wait(300)})
            break
        except RunActiveError:
            time.sleep(0.05)
    line = working.stderr.readline()
    while "is at work" not in line:
        assert line
        line = working.stderr.readline()
    go_on.set()
    n_runs = len(server.runs())
    server.wait_until(lambda run: run["kind"] == "index" and len(server.runs()) > n_runs)
    working.send_signal(signal.SIGINT)
    working.communicate(timeout=60)

    assert line.strip().endswith("wait for it or cancel it (looking again in 1s)")


def test_index__beside_a_server__a_source_that_is_not_there_is_the_same_error(server, data_dir, tmp_path):
    alone = index(tmp_path / "nowhere", "--data-dir", tmp_path / "alone")
    beside = index(tmp_path / "nowhere", "--data-dir", data_dir)

    assert beside == alone
    assert server.runs() == []


def test_index__server_that_ends_in_the_middle__is_one_line(data_dir, pictures):
    server = Server(data_dir)
    working = start("index", pictures, "--data-dir", data_dir, "--batch-size", 1, gate=data_dir / "gate")
    server.wait_until(is_embedding)
    server._server.force_exit = True
    server.close()
    open_gate(data_dir / "gate")
    _, err = working.communicate(timeout=60)

    assert working.returncode == 1
    assert err.splitlines()[-1].startswith("lookalike: ")
    assert "Traceback" not in err
    assert index(pictures, "--data-dir", data_dir)[0] == 0  # opens the store itself: the file is that of a dead server


def test_page__starts_a_process_that_indexes(server, pictures, monkeypatch):
    let_the_page_start(monkeypatch)
    started = server.http.post("/runs", json={"kind": "index", "source": str(pictures)})
    run = server.wait_until(is_over)

    assert started.status_code == 202
    assert (run["state"], run["error"]) == ("succeeded", None)
    assert run["result"]["instances"]["embedded"] == N_IMAGES


def test_client__options_reach_the_process(server, data_dir, pictures, monkeypatch):
    let_the_page_start(monkeypatch)
    with lookalike.connect(data_dir) as client:
        report = client.index(pictures, "padded", padding="10%", min_size_px=4, source_format="image_folder").wait()
        padded = client.get_collection("padded")
        with pytest.raises(SourceUnavailableError, match="coco"):
            client.index(pictures, "padded", source_format="coco").wait()

    assert (report["images"]["added"], padded.crops) == (N_IMAGES, "padding=0.1 min=4px")


def test_page__cancel_has_ended_the_process_though_its_read_hangs(server, pictures, monkeypatch):
    let_the_page_start(monkeypatch, more=BLOCKED_READ)
    run = server.http.post("/runs", json={"kind": "index", "source": str(pictures)}).json()
    server.wait_until(lambda run: run["stage"] == "indexing images")
    runs = server.app.state.api.state.services.runs
    process = runs._external[run["id"]].process

    answer = server.http.delete(f"/runs/{run['id']}").json()

    assert process.poll() is not None
    assert (answer["state"], answer["error"]["detail"]) == (
        "cancelled",
        "cancelled on request; what was finished is kept",
    )
    assert server.http.post("/runs", json={"kind": "index", "source": str(pictures)}).status_code == 202


def test_page__a_source_that_is_broken_fails_with_its_words(server, tmp_path, monkeypatch):
    let_the_page_start(monkeypatch)
    (tmp_path / "instances_val.json").write_text('{"images": [')
    server.http.post("/runs", json={"kind": "index", "source": str(tmp_path)})
    run = server.wait_until(is_over)

    assert run["state"] == "failed"
    assert f"{tmp_path / 'instances_val.json'} is not valid JSON" in run["error"]["detail"]


def test_page__process_that_cannot_start_is_failed_with_its_last_words(server, pictures, monkeypatch):
    monkeypatch.setattr(external_runs, "_WORKER", "raise SystemExit('there is no memory')")
    server.http.post("/runs", json={"kind": "index", "source": str(pictures)})
    run = server.wait_until(is_over)

    assert run["state"] == "failed"
    assert "the process of the run ended without a word (there is no memory)" in run["error"]["detail"]


def test_page__makes_a_map_in_a_process(server, data_dir, pictures, monkeypatch):
    index(pictures, "--data-dir", data_dir)
    (name,) = server.workspace.collection_names()
    let_the_page_start(monkeypatch)
    started = server.http.post("/runs", json={"kind": "project", "collection": name, "method": "pca"})
    run = server.wait_until(is_over)

    assert (started.status_code, started.json()["kind"], started.json()["collection"]) == (202, "project", name)
    assert (run["state"], run["error"]) == ("succeeded", None)
    assert [run["result"]] == server.http.get(f"/collections/{name}/projections").json()
    assert (run["result"]["method"], run["result"]["n_points"]) == ("pca", N_IMAGES)
    assert (data_dir / "insights" / name / "neighbor_graph.npz").exists()  # which nobody searches again


def test_page__a_method_that_does_not_exist_is_refused_before_anything_starts(server, data_dir, pictures):
    index(pictures, "--data-dir", data_dir)
    answer = server.http.post("/runs", json={"kind": "project", "method": "magic"})

    assert answer.status_code == 422
    assert "magic" in answer.json()["detail"]
    assert [run["kind"] for run in server.runs()] == ["index"]


def test_neighbors__a_server_has_them_searched_elsewhere(server, data_dir, pictures, monkeypatch):
    index(pictures, "--data-dir", data_dir)
    (name,) = server.workspace.collection_names()
    asked = []
    monkeypatch.setattr(graphs, "LEAST_POINTS", N_IMAGES)
    monkeypatch.setattr(
        graphs, "search_in_process", lambda *one, **options: (asked.append(one), search_in_process(*one, **options))[1]
    )
    answer = server.http.get(f"/collections/{name}/duplicates")

    assert answer.status_code == 200
    assert len(asked) == 1


def test_verdict__given_while_a_run_writes_the_point_again_is_kept(server, data_dir, pictures):
    index(pictures, "--data-dir", data_dir)
    (name,) = server.workspace.collection_names()
    point = server.http.get(f"/collections/{name}/points", params={"limit": 1}).json()["points"][0]
    gate = data_dir / "gate"
    working = start("index", pictures, "--data-dir", data_dir, "--force", "--batch-size", 1, gate=gate)
    server.wait_until(is_embedding)
    server.workspace.reviews.add(name, [point["id"]], Judgement("skip", "ann"))
    open_gate(gate)
    working.communicate(timeout=60)
    server.wait_until(is_over)
    give_up_at = time.monotonic() + 60
    while server.workspace.store.open_collection(name).retrieve([point["id"]])[0].payload.get("review") is None:
        assert time.monotonic() < give_up_at
        time.sleep(0.1)


def export_embeddings(client, folder):
    client.export(folder, export_format="embeddings-folder").wait()
    return folder


def test_import__a_process_reads_the_folder_beside_another_run(server, data_dir, pictures, tmp_path, monkeypatch):
    index(pictures, "--data-dir", data_dir)
    let_the_page_start(monkeypatch)
    go_on = threading.Event()
    with lookalike.connect(data_dir) as client:
        folder = export_embeddings(client, tmp_path / "out")
        server.app.state.api.state.services.runs.start("project", "c", lambda on_progress: {"waited": go_on.wait(300)})
        monkeypatch.setattr("indexer.imports.import_embeddings.import_embeddings", None)  # this process does nothing
        run = client.import_embeddings(folder, "again")
        done = run.wait()
        go_on.set()
        with pytest.raises(SourceUnavailableError, match="embeddings"):
            client.import_embeddings(pictures, "again").wait()

    assert (run.info.kind, done.collection, done.n_points) == ("import", "again", N_IMAGES)
    assert classes(server, "again") == [{"name": "blue", "count": 20}, {"name": "red", "count": 20}]


def test_import__again__the_server_gives_verdicts_back(server, data_dir, pictures, tmp_path, monkeypatch):
    index(pictures, "--data-dir", data_dir)
    let_the_page_start(monkeypatch)
    with lookalike.connect(data_dir) as client:
        folder = export_embeddings(client, tmp_path / "out")
        client.import_embeddings(folder, "again").wait()
        point_id = client.list_points("again", limit=1).points[0].id
        server.workspace.reviews.add("again", [point_id], Judgement("skip", "ann"))
        client.import_embeddings(folder, "again").wait()
    give_up_at = time.monotonic() + 60
    while server.workspace.store.open_collection("again").retrieve([point_id])[0].payload.get("review") is None:
        assert time.monotonic() < give_up_at
        time.sleep(0.1)
