"""Schemathesis reads the api's document and asks what it allows, and what it does not, without finding a fault."""

import warnings

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from api.app import create_app
from api.settings import ApiSettings
from tests.integration.api.samples import IDENTITY, open_indexed_workspace

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed; `make setup` installs it")

N_EXAMPLES = 8
"""Requests per operation: the budget of this test."""
NO_ANSWER_IN_TIME = {"GET /runs/{run_id}/events"}
"""A stream ends when its run ends."""


@pytest.fixture(scope="module")
def schema(tmp_path_factory):
    with open_indexed_workspace(tmp_path_factory.mktemp("schema")) as workspace:
        workspace.maps.make("squares", method="pca")
        app = create_app(ApiSettings(), workspace, IDENTITY)
        yield schemathesis.openapi.from_asgi("/openapi.json", app)


def remarks_on(operation):
    """What schemathesis says about the answers of one operation, each once."""
    found = set()

    @settings(
        max_examples=N_EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case):
        try:
            case.call_and_validate()
        except AssertionError as fault:
            found.add(f"{operation.label}: {str(fault)[:600]}")
        except schemathesis.errors.SchemathesisError as fault:
            found.add(f"{operation.label}: {fault}")
        except BaseExceptionGroup as group:
            found.update(f"{operation.label}: {fault}"[:600] for fault in group.exceptions)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # schemathesis's own
        ask()
    return found


def test_document__every_operation_holds_what_it_promises(schema):
    found, n_operations = set(), 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.label not in NO_ANSWER_IN_TIME:
            n_operations += 1
            found |= remarks_on(operation)
    assert sorted(found) == []
    assert n_operations > 50
