"""A disk that is nearly full: the engine maps its files, and must be stopped before the kernel kills the process."""

import os
import subprocess
import sys

import numpy as np
import pytest

from indexer.domain import CollectionSpec, Point
from indexer.errors import StoreUnavailableError
from indexer.stores import edge_calls, search_index
from indexer.stores.qdrant_embedded import EmbeddedStore

pytestmark = pytest.mark.embedded  # its files, its lock and its disk

SPEC = CollectionSpec(embedder="fake:three", fingerprint="f1", dimension=3, crops="padding=0px min=1px")
PROGRAM = """
import sys
from pathlib import Path
import numpy as np
from indexer.domain import CollectionSpec, Point
from indexer.errors import StoreUnavailableError
from indexer.stores.qdrant_embedded import EmbeddedStore

data_dir, operation, left = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
SPEC = CollectionSpec(embedder="fake:three", fingerprint="f1", dimension=3, crops="padding=0px min=1px")
ID = "00000000-0000-0000-0000-000000000001"
store = EmbeddedStore(data_dir)
if operation != "create":
    collection = store.create_collection("animals", SPEC)
    collection.upsert([Point(ID, {"class_name": "cat"}, np.ones(3, np.float32))])
    if operation == "open":
        store.close()
        store = EmbeddedStore(data_dir)
block = bytes(1 << 16)
with open(data_dir / "ballast", "wb", buffering=0) as file:
    import os
    while os.statvfs(data_dir).f_bavail * os.statvfs(data_dir).f_bsize > left + len(block):
        file.write(block)
try:
    match operation:
        case "create": store.create_collection("animals", SPEC)
        case "open": store.open_collection("animals")
        case "upsert": collection.upsert([Point(ID, {}, np.ones(3, np.float32))])
        case "payload": collection.set_payload({ID: {"class_name": "dog"}})
        case "reviews": collection.set_reviews({ID: {"verdict": "skip"}})
        case "delete": collection.delete([ID])
        case "delete embeddings": collection.delete_embeddings([ID])
        case "optimize":
            from indexer.stores import search_index
            search_index.EXACT_BYTES = 0  # so that one point is worth an index
            collection.optimize()
    print("done")
except StoreUnavailableError as error:
    print(error)
(data_dir / "ballast").unlink()
store.close()
store = EmbeddedStore(data_dir)
print([(name, store.open_collection(name).count()) for name in store.collection_names()])
store.close()
"""
OPERATIONS = ["upsert", "payload", "reviews", "delete", "delete embeddings"]


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 420 MB in memory; gives its folder."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=420m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(
            f"no disk can be mounted here ({mounted.stderr.strip()}); the tests beside this one inject its size"
        )
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def act(folder, operation, left):
    command = [sys.executable, "-c", PROGRAM, str(folder), operation, str(left)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, ""), "a negative code is the signal that killed it"
    return done.stdout.splitlines()


@pytest.mark.skipif(os.name != "posix", reason="disks are mounted on POSIX only")
@pytest.mark.parametrize("left_mb", [1, 200])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_writes__nearly_full_disk__are_refused_and_lose_nothing(small_disk, operation, left_mb):
    said, kept = act(small_disk, operation, left_mb << 20)

    where = small_disk / "collections" / "animals"
    assert said.startswith(f"collection 'animals': a write needs 256 MB free in {where} and there are ")
    assert said.endswith(" MB; make room and run the command again, what is stored is kept")
    assert kept == "[('animals', 1)]"


@pytest.mark.parametrize("left_mb", [1, 200])
def test_create__nearly_full_disk__is_refused_and_leaves_nothing(small_disk, left_mb):
    said, kept = act(small_disk, "create", left_mb << 20)

    assert said.startswith(f"collection 'animals': making it needs 256 MB free in {small_disk / 'collections'} and")
    assert kept == "[]"
    assert list((small_disk / "collections").iterdir()) == []


def test_open__full_disk__is_refused(small_disk):
    said, kept = act(small_disk, "open", 1 << 20)

    assert said.startswith("collection 'animals': opening it needs 64 MB free in ")
    assert kept == "[('animals', 1)]"


def test_optimize__nearly_full_disk__is_refused(small_disk):
    said, kept = act(small_disk, "optimize", 1 << 20)

    assert said.startswith("collection 'animals': building its search index needs ")
    assert kept == "[('animals', 1)]"


def test_every_write__checks_the_disk_first(tmp_path, monkeypatch):
    """As above, for machines on which no disk can be mounted."""
    store = EmbeddedStore(tmp_path)
    collection = store.create_collection("animals", SPEC)
    collection.upsert([Point("00000000-0000-0000-0000-000000000002", {}, np.ones(3, np.float32))])
    monkeypatch.setattr(edge_calls.shutil, "disk_usage", lambda folder: _Usage)
    monkeypatch.setattr(search_index, "EXACT_BYTES", 0)  # so that one point is worth an index
    point_id = "00000000-0000-0000-0000-000000000001"

    for write in (
        lambda: store.create_collection("plants", SPEC),
        lambda: collection.delete([point_id]),
        collection.optimize,
    ):
        with pytest.raises(StoreUnavailableError, match=r"needs \d+ MB free in .* and there are 12 MB; make room"):
            write()
    assert store.collection_names() == ["animals"]
    store.delete_collection("animals")  # which makes room
    assert store.collection_names() == []
    store.close()


class _Usage:
    free = 12 * 2**20
