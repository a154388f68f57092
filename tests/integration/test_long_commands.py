"""Commands that work for long: watched, killed, stopped and run again."""

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.ports import free_port
from indexer.settings import IndexerSettings
from indexer.stores.opening import open_store
from tests.endless_work import AT_WORK

ROOT = Path(__file__).parents[2]


def read_points(data_dir):
    """Payload, but for the time of writing, and embedding of every embedded point, by id."""
    store = open_store(IndexerSettings(data_dir=data_dir))
    collections = [store.open_collection(name) for name in store.collection_names()]
    points = [point for one in collections for page in one.scroll(with_embeddings=True) for point in page]
    store.close()
    return {
        point.id: ({key: value for key, value in point.payload.items() if key != "embedded_at"}, point.embedding)
        for point in points
        if point.embedding is not None
    }


def test_watch__keeps_a_collection_equal_to_its_source(photos, data_dir, tmp_path):
    shutil.copytree(photos, tmp_path / "photos")
    command = [
        sys.executable, "-m", "lookalike", "watch", str(tmp_path / "photos"), "--every", "0.2s", "--json",
        "--data-dir", str(data_dir), "--collection", "watched",
    ]  # fmt: skip
    watching = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert json.loads(watching.stdout.readline())["images"]["added"] == 12
        (tmp_path / "photos" / "red" / "0.jpg").unlink()
        while (report := json.loads(watching.stdout.readline()))["images"]["removed"] == 0:
            assert report["images"]["unchanged"] == 12
    finally:
        watching.kill()
        watching.communicate()

    assert (report["images"]["seen"], report["images"]["removed"]) == (11, 1)


def test_index__killed_and_run_again_finishes(photos, tmp_path):
    """A real process, killed while it embeds: what it stored stays, and the next run completes it."""
    many = tmp_path / "many"
    for name in ("red", "blue"):
        (many / name).mkdir(parents=True)
        for number in range(120):
            shutil.copy(photos / name / f"{number % 6}.jpg", many / name / f"{number}.jpg")
    command = [
        sys.executable, "-m", "lookalike", "index", str(many),
        "--data-dir", str(tmp_path / "data"), "--batch-size", "1",
    ]  # fmt: skip
    killed = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    shard = tmp_path / "data" / "collections" / "tf_efficientnet_lite0" / "shard"
    while killed.poll() is None and not shard.exists():
        time.sleep(0.05)
    time.sleep(2)
    killed.kill()
    killed.communicate()

    n_stored = len(read_points(tmp_path / "data"))

    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    undisturbed = [*command[:-3], str(tmp_path / "undisturbed"), *command[-2:]]
    subprocess.run(undisturbed, capture_output=True, check=True)

    report = json.loads(done.stdout)
    assert (report["images"]["seen"], report["images"]["failed"]) == (240, 0)
    assert report["instances"]["embedded"] == 240 - n_stored
    points, expected = read_points(tmp_path / "data"), read_points(tmp_path / "undisturbed")
    assert points.keys() == expected.keys()
    assert [payload for payload, _ in points.values()] == [payload for payload, _ in expected.values()]
    cosines = [float(embedding @ expected[key][1]) for key, (_, embedding) in points.items()]
    assert min(cosines) > 0.99999


def test_main__stopped_at_work_says_so(photos, tmp_path):
    """Ctrl+C as a terminal sends it, to a process that embeds."""
    arguments = ["index", str(photos), "--data-dir", str(tmp_path / "data"), "--batch-size", "1"]
    program = (
        "from tests.endless_work import embed_without_end; embed_without_end()\n"
        f"from lookalike.commands.main import main\nmain({arguments!r})"
    )
    working = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    while not (line := working.stderr.readline()).startswith(AT_WORK):
        assert line, "it ended before it was at work"
    working.send_signal(signal.SIGINT)
    _, err = working.communicate(timeout=60)

    assert working.returncode == 130
    assert err.splitlines()[-1] == ("lookalike: stopped; what was finished is kept, run the command again to go on")
    assert "Traceback" not in err


def test_serve__ends_well_when_stopped(data_dir):
    """Ctrl+C is how one closes it, so it is no failure."""
    program = (
        "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from lookalike.commands.main import main\n"
        f"main(['serve', '--port', '{free_port()}', '--data-dir', {str(data_dir)!r}])"
    )
    serving = subprocess.Popen(
        [sys.executable, "-u", "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert serving.stdout.readline().startswith("Lookalike is open at ")
    serving.send_signal(signal.SIGINT)
    _, err = serving.communicate(timeout=60)

    assert (serving.returncode, err) == (0, "")
