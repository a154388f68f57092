"""The api's document: committed as it is, and complete."""

import json

import pytest

from tests.meta.openapi_document import DOCUMENT, make_document


@pytest.fixture(scope="module")
def document():
    return json.loads(make_document())


def operations_of(document):
    return [
        (f"{method.upper()} {path}", operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]


def test_document__is_the_committed_one(document):
    committed = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    changed = [path for path in document["paths"] if document["paths"][path] != committed["paths"].get(path)]
    renew = "the api's document changed; run `python -m tests.meta.openapi_document` and look at the difference"
    assert (changed, sorted(set(committed["paths"]) - set(document["paths"]))) == ([], []), renew
    assert committed == document, renew


def test_document__every_failure_is_a_problem(document):
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for name, operation in operations_of(document):
        failures = {code: answer for code, answer in operation["responses"].items() if code[0] in "45"}
        assert set(failures) >= {"4XX", "5XX"}, name
        assert all(answer["content"] == problem for answer in failures.values()), name


def test_document__every_operation_says_what_it_does_and_what_it_answers(document):
    for name, operation in operations_of(document):
        assert operation.get("description"), name
        successes = [code for code in operation["responses"] if code[0] == "2"]  # two if a dry run is answered at once
        assert successes, name
        assert all(code == "204" or operation["responses"][code]["content"] for code in successes), name


def test_document__names_are_listed(document):
    schemas = document["components"]["schemas"]
    assert "umap" in schemas["ProjectRequest"]["properties"]["method"]["enum"]
    assert "parquet" in schemas["ExportRequest"]["properties"]["format"]["enum"]
    assert schemas["ReviewRequest"]["properties"]["verdict"]["enum"] == ["accept", "dismiss", "skip"]


def test_document__examples_fit_their_models(document):
    from jsonschema import Draft202012Validator

    schemas = document["components"]["schemas"]
    with_example = [name for name in schemas if "examples" in schemas[name]]
    assert len(with_example) > 9
    for name in with_example:
        for example in schemas[name]["examples"]:
            Draft202012Validator({**schemas[name], "components": document["components"]}).validate(example)
