"""Teams, workspaces, projects and data sets, a level per request, through the client and the api."""

import pytest

import lookalike
from lookalike.errors import ConfigurationError, SourceError
from tests.doubles.supervisely_server import Habits
from tests.integration.supervisely.projects import add_sample


@pytest.fixture
def client(server, tmp_path):
    with lookalike.connect(tmp_path / "data") as opened:
        yield opened


def shown(entries):
    return [(one.kind, one.id, one.name, one.n_images, one.parent_id, one.source) for one in entries]


@pytest.mark.parametrize("habits", [Habits(), Habits(max_per_page=2, tells_page_size=False, counts_in_text=True)])
def test_list_supervisely_tree__goes_down_level_by_level(server, client, habits):
    server.reset(habits)
    server.tables.workspaces[2] = {"id": 2, "name": "Attic", "teamId": 1}
    sample = add_sample(server.tables, n_images=2)
    server.tables.add_project("a video", kind="videos")
    server.tables.projects[server.tables.add_project("elsewhere")]["workspaceId"] = 2
    ids = sample.datasets
    server.forget_requests()

    assert shown(client.list_supervisely_tree()) == [("team", 1, "team", None, None, None)]
    assert shown(client.list_supervisely_tree("team", 1)) == [
        ("workspace", 2, "Attic", None, None, None),
        ("workspace", 1, "streets", None, None, None),
    ]
    assert shown(client.list_supervisely_tree("workspace", 1)) == [
        ("project", sample.project, "streets", 12, None, sample.address)
    ]
    assert sorted(shown(client.list_supervisely_tree("project", sample.project))) == sorted(
        ("dataset", ids[name], name, 2, ids.get(parent), sample.of_dataset(name))
        for name, parent in [
            *[("train", None), ("cam 1", "train"), ("cam 2", "train")],
            *[("val", None), ("train/cam 2", None), ("test", None)],
        ]
    )
    assert set(server.requests) == {"teams.list", "workspaces.list", "projects.list", "datasets.list"}


def test_list_supervisely_tree__explains_a_bad_token(server, client, monkeypatch):
    monkeypatch.setenv("API_TOKEN", "wrong")

    with pytest.raises(SourceError, match="does not take the token in API_TOKEN") as failed:
        client.list_supervisely_tree()
    assert "wrong" not in str(failed.value)


def test_get_supervisely_server__says_which(server, client, monkeypatch):
    assert client.get_supervisely_server().address == server.url

    monkeypatch.delenv("SERVER_ADDRESS")
    assert client.get_supervisely_server().address is None
    with pytest.raises(ConfigurationError, match="SERVER_ADDRESS is not set"):
        client.list_supervisely_tree()
