"""A data directory, a backup of it, and a server."""

import shutil
from pathlib import Path

import pytest

from indexer.reviews.judgement import Judgement
from indexer.reviews.review import ReviewVerdict
from tests.copies import copy_data
from tests.doubles.qdrant_server import running_server
from tests.integration.backups.making import SPEC, make_points, open_workspace


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A data directory with a collection, and everything that curators made of it."""
    data_dir = tmp_path_factory.mktemp("made")
    with open_workspace(data_dir) as workspace:
        workspace.collections.create("animals", SPEC).upsert(make_points())
        for point_id in (make_points()[3].id, make_points()[7].id):
            workspace.reviews.add("animals", [point_id], Judgement(ReviewVerdict.DISMISS, who="ann"))
        workspace.maps.make("animals", method="pca")
        ids = [point.id for point in make_points()]
        workspace.tags.change("animals", ids[:3], add=["für Montag"])
        workspace.tags.change("animals", ids[2:4], add=["blurred"])
        workspace.selections.save("animals", "odd ones", ids[5:9])
        workspace.facts.rename("animals", "Our animals")
        workspace.facts.note_source("animals", "/photos", "Photos of 2026", is_whole=True)
    return data_dir


@pytest.fixture
def data_dir(made, tmp_path):
    copy_data(made, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def double():
    with running_server() as running:
        yield running


@pytest.fixture(scope="module")
def made_backup(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("backup")
    with open_workspace(copy_data(made, folder / "data")) as workspace:
        workspace.backups.back_up("animals", folder / "animals.zip")
    return folder / "animals.zip"


@pytest.fixture
def backup(made_backup, tmp_path):
    """A backup that a test may change."""
    return Path(shutil.copy(made_backup, tmp_path))
