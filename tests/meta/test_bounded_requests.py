"""Every text, list and number of a request has bounds: a request must not cost more than it holds."""

import pytest
from fastapi.routing import APIRoute

from api.app import ROUTES, load_routers

METHODS_WITH_BODY = {"post", "put", "patch"}


@pytest.fixture(scope="module")
def document():
    from fastapi import FastAPI

    app = FastAPI()
    for router in (router for name in ROUTES for router in load_routers(name)):
        app.include_router(router)
    return app.openapi()


def unbounded(schema, definitions, where, seen=()):
    """Places in a JSON schema that any amount fits into."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return [] if name in seen else unbounded(definitions[name], definitions, f"{where}:{name}", (*seen, name))
    found = []
    for key in ("anyOf", "oneOf", "allOf"):
        for part in schema.get(key, ()):
            found += unbounded(part, definitions, where, seen)
    for name, part in schema.get("properties", {}).items():
        found += unbounded(part, definitions, f"{where}.{name}", seen)
    if isinstance(schema.get("items"), dict):
        found += unbounded(schema["items"], definitions, f"{where}[]", seen)
    return found + [f"{where} ({fault})" for fault in faults_of(schema)]


def faults_of(schema):
    """What is unbounded of a schema itself, not of its parts."""
    if "enum" in schema or "const" in schema:
        return
    kind = schema.get("type")
    if kind is None and not {"$ref", "anyOf", "oneOf", "allOf"} & set(schema):
        yield "may be anything"
    if kind == "string" and "maxLength" not in schema and schema.get("format") != "date-time":
        is_file = schema.get("format") == "binary" or schema.get("contentMediaType") == "application/octet-stream"
        if not is_file:  # the limit of bodies is that of files
            yield "text of any length"
    if kind == "array" and "maxItems" not in schema:
        yield "list of any length"
    ends = ({"minimum", "exclusiveMinimum"}, {"maximum", "exclusiveMaximum"})
    if kind in ("integer", "number") and not all(end & set(schema) for end in ends):
        yield "number of any size"
    if kind == "object" and schema.get("additionalProperties") not in (None, False):
        yield "names of any kind"


def test_requests__every_parameter_has_bounds(document):
    definitions = document["components"]["schemas"]
    found, n_parameters = [], 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", ()):
                n_parameters += 1
                found += unbounded(parameter["schema"], definitions, f"{method} {path} {parameter['name']}")
    assert found == []
    assert n_parameters > 80


def test_requests__every_body_has_bounds(document):
    definitions = document["components"]["schemas"]
    found, n_bodies = [], 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                n_bodies += 1
                found += unbounded(content["schema"], definitions, f"{method} {path}")
    assert found == []
    assert n_bodies >= 10


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "array", "items": {"type": "boolean"}},
        {"type": "array", "maxItems": 3, "items": {"type": "string"}},
        {"type": "integer", "minimum": 0},
        {"type": "number", "maximum": 0},
        {"anyOf": [{"type": "null"}, {"type": "string"}]},
        {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Open"}}},
        {"type": "object", "additionalProperties": True},
        {},
    ],
)
def test_unbounded__finds_every_kind_of_openness(schema):
    assert unbounded(schema, {"Open": {"type": "string"}}, "here")


def test_requests__every_route_is_looked_at(document):
    names = ("check", "insights", "maps", "neighbors", "points", "reviews", "runs", "suspects")
    found = (route for name in names for router in load_routers(name) for route in router.routes)
    routes = [route for route in found if isinstance(route, APIRoute)]
    assert len(routes) > 25
    for route in routes:
        assert {method.lower() for method in route.methods} <= set(document["paths"][route.path_format])
