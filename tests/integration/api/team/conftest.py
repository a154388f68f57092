"""A server that a team reaches, with one folder that clients may name."""

import pytest

from lookalike.server import Surroundings, create_server
from tests.integration.api.samples import AppClient
from tests.integration.api.team.keys import IDENTITY, KEYS


@pytest.fixture(scope="module")
def roots(tmp_path_factory):
    root = tmp_path_factory.mktemp("roots").resolve()
    (root / "nothing").mkdir()
    (root / "nothing" / "instances_val.json").write_text("{")  # a run of it begins, and fails at once
    return (root,)


@pytest.fixture(scope="module")
def app(workspace, roots):
    return create_server(workspace, identity=IDENTITY, surroundings=Surroundings(allow_hosts=["test"], roots=roots))


@pytest.fixture
def clients(app):
    """One client for each key, by its access."""
    return {access: AppClient(app, token=key.secret) for access, key in KEYS.items()}
