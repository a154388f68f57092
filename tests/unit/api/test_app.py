"""Routes that are imported when they are asked for."""

import asyncio

import pytest
from fastapi import FastAPI

from api.app import ROUTES, RoutesOnDemand, load_routers


def paths_of(name):
    return {route.path for router in load_routers(name) for route in router.routes}


async def inner_that_does_nothing(scope, receive, send):
    pass


@pytest.mark.parametrize("name", ROUTES)
def test_routes_on_demand__each_path_brings_its_own_module_alone(name):
    for path in paths_of(name):
        app = FastAPI(openapi_url=None)
        scope = {"type": "http", "path": path.replace("{collection}", "photos"), "app": app}
        asyncio.run(RoutesOnDemand(inner_that_does_nothing)(scope, None, None))

        assert {route.path for route in app.routes} == paths_of(name), path


def test_routes_on_demand__an_unknown_path_brings_all():
    app = FastAPI(openapi_url=None)
    asyncio.run(RoutesOnDemand(inner_that_does_nothing)({"type": "http", "path": "/nothing", "app": app}, None, None))

    assert {route.path for route in app.routes} == set.union(*(paths_of(name) for name in ROUTES))
