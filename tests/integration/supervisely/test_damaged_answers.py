"""Answers with values that nobody sends: each costs what is damaged, with an error made on purpose."""

import json
import random

from indexer.domain import InstanceMode
from indexer.errors import IndexerError
from indexer.sources.opening import open_source
from tests.integration.supervisely.projects import add_sample

N_DRAWS = 120
METHODS = ("projects.info", "projects.meta", "datasets.list", "images.list", "figures.list", "annotations.bulk.info")
VALUES = [None, True, [], {}, [[]], [None], {"a": 1}, "", "x" * 300, "\ud800", -1, 0, 0.5, 1e308, 10**30, "NaN", [1, 2]]


def places_in(value, path=()):
    """Every place in a JSON value."""
    yield path
    for key, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places_in(one, (*path, key))


def damage(body, draw):
    value = json.loads(body)
    *above, last = draw.choice([path for path in places_in(value) if path])
    holder = value
    for key in above:
        holder = holder[key]
    holder[last] = draw.choice(VALUES)
    return json.dumps(value).encode()


def read_all(address):
    """Read a project as a run does; gives the errors made on purpose."""
    errors = []
    try:
        source = open_source(address)
        images = list(source.list_images())
        source.expect(images, {image.key for image in images}, InstanceMode.OBJECTS)
        for image in images:
            try:
                source.read_objects(source.describe(image))
                source.read_bytes(image)
            except IndexerError as error:
                errors.append(str(error))
        source.close()
    except IndexerError as error:
        errors.append(str(error))
    return errors


def test_reading__damaged_answers__raise_errors_of_ours_only(server):
    sample = add_sample(server.tables, n_images=1)
    found = []
    for number in range(N_DRAWS):
        draw = random.Random(number)
        server.failures.clear()
        server.fail(draw.choice(METHODS), times=5, change=lambda body, draw=draw: damage(body, draw))
        found.append(read_all(sample.address))

    assert all("\n" not in error for errors in found for error in errors)
    assert N_DRAWS / 2 < sum(not errors for errors in found) < N_DRAWS
