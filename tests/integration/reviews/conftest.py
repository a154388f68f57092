"""Workspaces with points to be judged."""

import pytest

from indexer.settings import IndexerSettings
from indexer.workspace import Workspace
from tests.copies import copy_data
from tests.integration.reviews.points import index, make_colours


@pytest.fixture(scope="session")
def indexed(tmp_path_factory):
    """A data directory with the colours in it; making a store costs seconds, copying one does not."""
    data_dir = tmp_path_factory.mktemp("data")
    with Workspace.open(IndexerSettings(data_dir=data_dir)) as made:
        index(made, make_colours())
    return data_dir


@pytest.fixture
def opened(tmp_path):
    """Open the one data directory, as often as a test likes."""
    workspaces = []

    def open_again():
        for workspace in workspaces:
            workspace.close()
        workspaces.append(Workspace.open(IndexerSettings(data_dir=tmp_path / "data")))
        return workspaces[-1]

    yield open_again
    workspaces[-1].close()


@pytest.fixture
def colours():
    return make_colours()


@pytest.fixture
def workspace(opened, indexed, tmp_path):
    copy_data(indexed, tmp_path / "data")
    return opened()
