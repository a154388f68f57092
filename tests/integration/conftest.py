"""A few photographs indexed on the command line, for every test that starts from there."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from indexer.embedders import network_embedder
from indexer.embedders.timm_embedder import TimmEmbedder
from lookalike.commands.main import main
from tests.copies import copy_data


def pytest_collection_modifyitems(items):
    """Leave out what is about the embedded engine, if the points are on a real server."""
    if "QDRANT_URL" in os.environ:
        for item in items:
            if item.get_closest_marker("embedded"):
                item.add_marker(pytest.mark.skip(reason="about the embedded engine, and QDRANT_URL names a server"))


@pytest.fixture(scope="session", autouse=True)
def _points_on_a_real_server():
    """With QDRANT_URL, every data directory has its points on that server."""
    if "QDRANT_URL" not in os.environ:
        yield
        return
    from tests.real_server.running import points_on

    with points_on(os.environ["QDRANT_URL"], os.environ.get("QDRANT_API_KEY")):
        yield


@pytest.fixture(scope="session", autouse=True)
def _default_network_is_loaded_once():
    """Every run in this process has the real network, which is loaded and compiled for the first of them: 3 CPU s."""
    load, start, loaded, started = TimmEmbedder._load_network, network_embedder.start_engine, {}, {}

    def load_once(embedder):
        if not embedder._is_packaged:
            return load(embedder)
        if not loaded:
            loaded["default"] = load(embedder)
        return loaded["default"]

    def start_once(network, **options):
        if network is not loaded.get("default"):
            return start(network, **options)
        how = tuple(sorted(options.items()))
        if how not in started:
            started[how] = start(network, **options)
        return started[how]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TimmEmbedder, "_load_network", load_once)
        patch.setattr(network_embedder, "start_engine", start_once)
        yield


@pytest.fixture
def lookalike(capsys):
    """Run a command in this process; gives exit code, stdout and stderr."""

    def run(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return stopped.value.code or 0, captured.out, captured.err

    return run


@pytest.fixture(scope="session")
def photos(tmp_path_factory):
    """Two classes of six photographs each: noise around red, noise around blue."""
    root = tmp_path_factory.mktemp("photos")
    random = np.random.default_rng(0)
    for name, colour in (("red", (220, 40, 40)), ("blue", (40, 40, 220))):
        (root / name).mkdir()
        for number in range(6):
            noise = random.normal(0, 25, (40, 50, 3))
            pixels = (np.array(colour) + noise).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(root / name / f"{number}.jpg")
    return root


@pytest.fixture(scope="session")
def indexed(photos, tmp_path_factory):
    """A data directory with ``photos`` in it, indexed by a process of its own."""
    data_dir = tmp_path_factory.mktemp("data")
    command = [sys.executable, "-m", "lookalike", "index", str(photos), "--data-dir", str(data_dir), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    assert report["images"] == {"seen": 12, "added": 12, "updated": 0, "unchanged": 0, "removed": 0, "failed": 0}
    assert report["instances"]["embedded"] == 12
    assert report["model_loaded"] is True
    assert "indexing images: 12/12" in done.stderr
    return data_dir


@pytest.fixture
def data_dir(indexed, tmp_path):
    """A copy of the indexed data directory that a test may change."""
    copy_data(indexed, tmp_path / "data")
    return tmp_path / "data"
