"""``index --ray`` without Ray, and for sources that one machine reads."""

import sys

import pytest

from indexer.errors import InvalidOptionsError
from indexer.pipeline.ray_cluster import RayCluster


def test_ray_cluster__without_ray_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InvalidOptionsError, match=r"--ray needs Ray; install it with: pip install 'lookalike\[ray\]'"):
        RayCluster("local")
