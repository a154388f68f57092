"""Indexing on a Ray cluster of two workers, one of which is killed in the middle: the collection of one process.

The embedded store is written by the process that started the run, a Qdrant server by every machine.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from indexer.settings import IndexerSettings, StoreSettings
from indexer.workspace import Workspace
from tests.doubles.qdrant_server import running_server

pytest.importorskip("ray", reason="Ray is not installed; the extra 'ray' has it")

ROOT = Path(__file__).parents[2]
N_IMAGES = 96
PROGRAM = """
import json, sys
from contextlib import closing
from pathlib import Path

from ray.cluster_utils import Cluster

from api.services.index_runs import index_wanted
from indexer.pipeline.ray_cluster import RayCluster, spread_over
from indexer.settings import IndexerSettings
from indexer.sources.opening import open_source
from indexer.stores.qdrant_server import ServerCollection
from indexer.workspace import Workspace
from lookalike.wire.runs import IndexRun

written_here, upsert = [], ServerCollection.upsert
ServerCollection.upsert = lambda self, points: (written_here.extend(points), upsert(self, points))[1]

images, data_dir, kill_at = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
machines = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
workers = [machines.add_node(num_cpus=1) for _ in range(2)]
killed = []

def note_progress(stage, done, total):
    if done >= kill_at and not killed:
        killed.append(done)
        machines.remove_node(workers[0], allow_graceful=False)

settings = IndexerSettings(data_dir=data_dir)
with closing(RayCluster(machines.address, images_per_shard=8)) as cluster, Workspace.open(settings) as workspace:
    spread = spread_over(cluster, workspace.embedders, settings.store)
    request = IndexRun(source=images, collection="made")
    report = index_wanted(
        workspace.index, settings, request, open_source(images), spread=spread, on_progress=note_progress
    )
print(json.dumps({"killed": killed, "report": report.to_json(), "n_written_here": len(written_here)}))
machines.shutdown()
"""


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Noise in two folders, one file that is broken."""
    folder = tmp_path_factory.mktemp("ray") / "images"
    for number in range(N_IMAGES):
        kind = folder / ("red" if number % 2 else "blue")
        kind.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 255, (32, 48, 3), dtype=np.uint8)
        cv2.imwrite(str(kind / f"{number:03}.png"), pixels)
    (folder / "red" / "broken.png").write_bytes(b"no image")
    return folder


@pytest.fixture(scope="module", params=["embedded", "server"])
def settings(request, tmp_path_factory):
    """Settings of a store in the data directory, and of one on a Qdrant server."""
    data_dir = tmp_path_factory.mktemp("spread") / "data"
    if request.param == "embedded":
        yield IndexerSettings(data_dir=data_dir)
        return
    with running_server() as double:
        yield IndexerSettings(data_dir=data_dir, store=StoreSettings(url=double.url))


@pytest.fixture(scope="module")
def spread(images, settings):
    """Run the program; gives its output."""
    store = {"LOOKALIKE_STORE__URL": settings.store.url} if settings.store.url else {}
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(images), str(settings.data_dir), "16"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, **store},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def alone(images, tmp_path_factory):
    """The same by one process."""
    from indexer.sources.opening import open_source

    with Workspace.open(IndexerSettings(data_dir=tmp_path_factory.mktemp("alone") / "data")) as workspace:
        report = workspace.index(open_source(images), collection_name="made")
        return report.to_json(), points_of(workspace)


def points_of(workspace):
    """Payloads and embeddings by id, without the time of the run."""
    found = {}
    for page in workspace.collections.open("made").scroll(with_embeddings=True):
        for point in page:
            found[point.id] = ({k: v for k, v in point.payload.items() if k != "embedded_at"}, point.embedding)
    return found


def test_index__on_two_machines_of_which_one_is_killed_gives_the_collection_of_one_process(spread, settings, alone):
    assert spread["killed"]
    assert 16 <= spread["killed"][0] < N_IMAGES
    with Workspace.open(settings) as workspace:
        found = points_of(workspace)
    _, expected = alone
    assert found.keys() == expected.keys()
    assert {key: payload for key, (payload, _) in found.items()} == {
        key: payload for key, (payload, _) in expected.items()
    }
    for key, (_, embedding) in expected.items():
        if embedding is None:
            assert found[key][1] is None
        else:
            np.testing.assert_allclose(found[key][1], embedding, atol=1e-5)


def test_index__tells_the_counts_of_one_process(spread, alone):
    told, expected = spread["report"], alone[0]
    for part in ("images", "instances", "failures"):
        assert told[part] == expected[part]
    assert told["images"]["failed"] == 1


def test_index__a_server_is_written_by_every_machine(spread, settings):
    assert settings.store.url is None or spread["n_written_here"] == 0


def test_index__says_that_no_cluster_answers(images, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "lookalike", "index", images, "--ray", "127.0.0.1:1", "--data-dir", tmp_path / "data"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert "no Ray cluster answers at '127.0.0.1:1'" in done.stderr
    assert len(done.stderr.splitlines()) == 1
