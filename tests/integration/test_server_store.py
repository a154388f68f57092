"""Commands whose points live on a Qdrant server: two runs do not mix, and a strict and busy server is enough."""

import numpy as np
import pytest
from PIL import Image

from indexer.settings import StoreSettings
from indexer.stores.leases import Lease
from indexer.stores.qdrant_server import ServerStore
from tests.doubles.qdrant_server import Fault, running_server

STRICT = {
    "enabled": True,
    "max_query_limit": 50,
    "unindexed_filtering_retrieve": False,
    "unindexed_filtering_update": False,
    "search_max_hnsw_ef": 256,
    "upsert_max_batchsize": 4,
    "condition_max_size": 4,
}


@pytest.fixture
def double(monkeypatch):
    with running_server() as running:
        running.tables.strict = STRICT
        monkeypatch.setenv("LOOKALIKE_STORE__URL", running.url)
        yield running


@pytest.fixture
def photos(tmp_path):
    """Twelve pictures of two classes."""
    random = np.random.default_rng(0)
    for number in range(12):
        folder = tmp_path / "photos" / ("cat", "dog")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        pixels = random.integers(0, 255, (24, 24, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return tmp_path / "photos"


def test_index__server_strict_busy_and_leased__one_run_at_a_time(lookalike, double, photos, tmp_path):
    place = ("--data-dir", tmp_path / "data")
    double.fail(Fault.internal("PUT /collections", times=2))
    double.fail(Fault.half_batch("PUT /collections/tf_efficientnet_lite0/points"))
    code, _, err = lookalike("index", photos, *place)
    assert code == 0, err

    store = ServerStore.connect(StoreSettings(url=double.url))
    collection = store.open_collection("tf_efficientnet_lite0")
    assert collection.facet("class_name") == {"cat": 6, "dog": 6}
    lease = Lease.make("'lookalike index /photos' (process 7 on machine-b)")
    collection.hold(lease)
    code, out, err = lookalike("index", photos, *place)
    assert (code, out) == (1, "")
    assert "is being written by 'lookalike index /photos' (process 7 on machine-b) until" in err
    assert len(err.strip().splitlines()[-1:]) == 1

    collection.release(lease.token)
    assert lookalike("index", photos, *place)[0] == 0
    code, out, err = lookalike("suspects", *place)
    assert code == 0, err
    assert collection.count() == 12
    store.close()
