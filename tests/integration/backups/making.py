"""Collections that are backed up and moved, and what is in them."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from indexer.domain import CollectionSpec, Point
from indexer.settings import IndexerSettings, StoreSettings
from indexer.workspace import Workspace

SPEC = CollectionSpec(embedder="fake:eight", fingerprint="f1", dimension=8, crops="padding=0px min=1px")
N_POINTS, N_EMBEDDED = 300, 290


def make_points():
    """Points in three clouds, some without a vector, with payloads of every kind."""
    random = np.random.default_rng(0)
    centers = random.normal(size=(3, 8))
    points = []
    for number in range(N_POINTS):
        vector = centers[number % 3] + random.normal(scale=0.3, size=8)
        payload = {
            "version": 1,
            "source_key": "/photos",
            "dataset": "train",
            "image_key": f"größe {number}.png",
            "image_name": f"größe {number}.png",
            "instance": "object" if number < N_EMBEDDED else "image",
            "class_name": f"class {number % 3}",
            "box": [0, 0, 10, 10 + number],
            "embedded_at": f"2026-01-02T03:04:05.{number:06}+00:00",
        }
        if number >= N_EMBEDDED:
            del payload["embedded_at"]
        embedding = vector.astype(np.float32) if number < N_EMBEDDED else None
        points.append(Point(f"00000000-0000-0000-0000-{number:012}", payload, embedding))
    return points


def open_workspace(data_dir, url=None):
    return Workspace.open(IndexerSettings(data_dir=data_dir, store=StoreSettings(url=url, retries=0)))


def read_all(workspace, name="animals"):
    """All that a collection is: points, vectors, places on its map, verdicts, tags, selections and names."""
    collection = workspace.collections.open(name)
    points = [point for page in collection.scroll(with_embeddings=True) for point in page]
    payloads = {point.id: point.payload for point in points}
    vectors = {point.id: point.embedding for point in points if point.embedding is not None}
    maps = [workspace.maps.read(name, one) for one in workspace.maps.ids(name)]
    places = [(one.header.method, one.point_ids.tolist(), one.coordinates.tolist()) for one in maps]
    return (
        collection.spec,
        payloads,
        vectors,
        places,
        {one.point_id for one in workspace.reviews.standing(name)},
        workspace.tags.counts(name),
        {one: workspace.selections.ids(name, one) for one in workspace.selections.counts(name)},
        workspace.facts.of(name),
    )


def assert_same(found, wanted):
    assert found[0] == wanted[0]
    assert found[1] == wanted[1]
    assert found[2].keys() == wanted[2].keys()
    for point_id, vector in found[2].items():
        assert vector == pytest.approx(wanted[2][point_id], abs=1e-6)
    assert found[3:] == wanted[3:]


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from indexer.backups import backup_file, backups, copies
    from indexer.settings import IndexerSettings, StoreSettings
    from indexer.stores.embedded_collection import EmbeddedCollection
    from indexer.stores.server_collection import ServerCollection
    from indexer.workspace import Workspace

    what, data_dir, argument, kill_at = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    n_steps = [0]

    def step(kind, name):
        real = getattr(kind, name)
        def killing(self, *arguments, **options):
            n_steps[0] += 1
            if n_steps[0] == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(self, *arguments, **options)
        setattr(kind, name, killing)

    step(EmbeddedCollection, "_update")
    step(ServerCollection, "upsert")
    step(backup_file.BackupWriter, "_add")
    for kind in (EmbeddedCollection, ServerCollection):
        scroll = kind.scroll
        kind.scroll = lambda self, *a, page_size=40, scroll=scroll, **o: scroll(self, *a, page_size=page_size, **o)
    with Workspace.open(IndexerSettings(data_dir=data_dir)) as workspace:
        if what == "backup":
            workspace.backups.back_up("animals", Path(argument))
        elif what == "restore":
            workspace.backups.restore(Path(argument), None)
        else:
            workspace.backups.move("animals", argument)
"""


def run_killed(what, data_dir, argument, kill_at):
    """Do something in a process that is killed at its n-th step; gives whether it was."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", dedent(KILLED), what, str(data_dir), str(argument), str(kill_at)],
        env=environment, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr.decode()
    return done.returncode == -signal.SIGKILL
