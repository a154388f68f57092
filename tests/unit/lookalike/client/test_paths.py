"""Paths as the server of this machine needs them."""

from pathlib import Path

from lookalike.client.paths import server_path


def test_server_path__address__stays_what_it_is():
    assert server_path("supervisely://11/12", is_local=True) == "supervisely://11/12"


def test_server_path__of_this_machine__is_absolute():
    assert server_path("photos", is_local=True) == str(Path.cwd() / "photos")
    assert server_path("photos", is_local=False) == "photos"
