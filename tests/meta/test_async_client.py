"""The two clients are one: the asynchronous one is made of the blocking one, and has every method of it."""

import inspect
import re

import pytest

from api.app import ROUTES, load_routers
from lookalike.client.asynchronous.client import AsyncClient
from lookalike.client.blocking.client import Client
from tests.meta.async_client import ASYNCHRONOUS, BLOCKING, make_all

OF_RUN_PROCESSES = ("/store/", "/runs/attached")
"""Routes for the processes that embed, see ``lookalike.owner_store``."""


def methods(kind):
    return {
        name: method
        for name, method in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_") and name != "close"
    }


def test_asynchronous__is_made_of_blocking():
    made = make_all()
    assert set(made) == {path.name for path in ASYNCHRONOUS.glob("*.py")}
    stale = [name for name, text in made.items() if (ASYNCHRONOUS / name).read_text(encoding="utf-8") != text]
    assert stale == [], "run: python -m tests.meta.async_client"


def test_clients__have_the_same_methods_with_the_same_parameters():
    blocking, asynchronous = methods(Client), methods(AsyncClient)
    assert set(blocking) == set(asynchronous)
    for name, method in blocking.items():
        assert inspect.iscoroutinefunction(asynchronous[name]), name
        assert str(inspect.signature(method).parameters) == str(inspect.signature(asynchronous[name]).parameters), name


@pytest.mark.parametrize("name", methods(Client))
def test_clients__every_method_has_an_example_and_types(name):
    method = methods(Client)[name]
    assert f"client.{name}(" in (method.__doc__ or ""), name
    assert f"await client.{name}(" in methods(AsyncClient)[name].__doc__, name
    hints = method.__annotations__
    assert "return" in hints, name
    assert set(inspect.signature(method).parameters) - {"self"} <= set(hints), name


def test_clients__every_route_has_a_method():
    """A method names the last fixed part of a route's path and its verb."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in BLOCKING.glob("*.py"))
    for router in (router for name in ROUTES for router in load_routers(name)):
        for route in router.routes:
            if route.path.startswith(OF_RUN_PROCESSES) or "/{run_id}/" in route.path:
                continue
            words = [word for word in route.path.split("/") if word and not word.startswith("{")]
            assert re.search(rf"/{words[-1]}\b", source) or f"{words[-1]}_path" in source, route.path
            if words[-1] in ("collections", "projections", "points"):
                assert f"{words[-1][:-1]}_path(" in source
