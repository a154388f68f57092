"""What the platform tells the app by the environment."""

import pytest

from indexer.errors import ConfigurationError, SourceUnavailableError
from indexer.sources.supervisely_server import SuperviselyServer
from indexer.supervisely.app_session import AppWish, find_prefix, read_wish
from tests.integration.supervisely.projects import add_sample


@pytest.fixture
def connected(server):
    found = SuperviselyServer.connect()
    yield found
    found.close()


@pytest.mark.parametrize(
    ("environment", "project", "dataset"),
    [
        ({}, None, None),
        ({"PROJECT_ID": "11"}, 11, None),
        ({"context.projectId": "11", "context.datasetId": "22"}, 11, 22),
        ({"CONTEXT_PROJECTID": "11", "CONTEXT_DATASETID": " 22 "}, 11, 22),
        ({"modal.state.slyProjectId": "11", "modal.state.slyDatasetId": ""}, 11, None),
        ({"modal.state.inputProjectId": "11", "modal.state.inputDatasetId": "None"}, 11, None),
        ({"CONTEXT": '{"projectId": 11, "datasetId": 22}'}, 11, 22),
        ({"CONTEXT": "@.@SLY_LARGE_ENV@.@", "PROJECT_ID": "11"}, 11, None),
        ({"PROJECT_ID": "@.@SLY_LARGE_ENV@.@", "context.projectId": "11"}, 11, None),
    ],
)
def test_read_wish__finds_the_ids_under_all_names(connected, environment, project, dataset):
    assert read_wish(environment, connected) == AppWish(project, dataset, None)


def test_read_wish__asks_for_the_project_of_a_dataset(server, connected):
    sample = add_sample(server.tables, n_images=1)

    wish = read_wish({"DATASET_ID": str(sample.datasets["val"]), "TASK_ID": "7"}, connected)

    assert wish.source == sample.of_dataset("val")
    assert wish.task_id == 7


def test_read_wish__refuses_what_is_no_id(connected):
    with pytest.raises(ConfigurationError, match="PROJECT_ID 'streets' is no id of the server; give its number"):
        read_wish({"PROJECT_ID": "streets"}, connected)


def test_find_prefix__is_that_of_the_task(server, connected):
    server.tables.tasks[7] = {"id": 7, "meta": {"sessionToken": "5f2c9a-7e1d"}}

    assert find_prefix(connected, 7) == "/net/5f2c9a-7e1d"
    assert find_prefix(connected, None) is None


@pytest.mark.parametrize(
    "task", [{}, {"meta": None}, {"meta": {"sessionToken": ""}}, {"meta": {"sessionToken": "a/../b"}}]
)
def test_find_prefix__lets_nobody_in_without_a_session(server, connected, task):
    server.tables.tasks[7] = {"id": 7, **task}

    with pytest.raises(SourceUnavailableError, match="does not say where it serves task 7"):
        find_prefix(connected, 7)
