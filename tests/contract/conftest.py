"""Sources that do not lie at a path, for the contract of all sources; a fixture has the name of its format."""

import pytest

from indexer.sources.opening import open_source
from tests.doubles.supervisely_server import running_server
from tests.doubles.supervisely_server.samples import add_project_of


@pytest.fixture(scope="session")
def running_supervisely():
    with running_server() as double:
        yield double


@pytest.fixture
def supervisely_server(running_supervisely, monkeypatch):
    """Puts a data set on a double of the Supervisely server and opens it."""
    pytest.importorskip("supervisely", reason="the Supervisely SDK is not installed")
    running_supervisely.reset()
    for name, value in running_supervisely.environment.items():
        monkeypatch.setenv(name, value)
    return lambda images: open_source(f"supervisely://{add_project_of(running_supervisely.tables, images)}")
