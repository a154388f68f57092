"""One Supervisely server, as the environment names it."""

import sys

import pytest

from indexer.errors import ConfigurationError
from indexer.sources.supervisely_server import SuperviselyServer

SERVER = {"SERVER_ADDRESS": "http://127.0.0.1:9", "API_TOKEN": "token"}


class RefusingFinder:
    """Refuses the SDK as it refuses itself if a variable that it wants a number of has none."""

    def find_spec(self, name, *_):
        if name == "supervisely":
            raise ValueError("invalid literal for int() with base 10: 'many'")


def test_connect__sdk_that_refuses_the_environment__names_the_variable(monkeypatch):
    monkeypatch.delitem(sys.modules, "supervisely", raising=False)
    monkeypatch.setattr(sys, "meta_path", [RefusingFinder(), *sys.meta_path])
    monkeypatch.setenv("SLY_SNAPSHOT_FETCH_WORKERS", "many")

    with pytest.raises(ConfigurationError, match="the SDK refuses SLY_SNAPSHOT_FETCH_WORKERS: invalid literal"):
        SuperviselyServer.connect(SERVER)


@pytest.mark.parametrize("text", ["soon", "-1"])
def test_connect__impossible_pause__names_the_variable(text):
    with pytest.raises(ConfigurationError, match=f"SUPERVISELY_PUBLIC_API_RETRY_SLEEP_SEC '{text}' is no number"):
        SuperviselyServer.connect(SERVER | {"SUPERVISELY_PUBLIC_API_RETRY_SLEEP_SEC": text})
