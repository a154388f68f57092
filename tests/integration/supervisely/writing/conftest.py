"""Fixtures of tests that write to the server."""

import pytest

from tests.integration.supervisely.projects import add_sample


@pytest.fixture
def sample(server):
    return add_sample(server.tables, n_images=1)
