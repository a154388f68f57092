import inspect

import pytest

from api.errors import INTERNAL_DETAIL, code_of, status_of, to_problem
from lookalike import errors
from lookalike.errors import BodyTooLargeError, ForeignOriginError, RunActiveError, UnknownPathNameError


def errors_raised_on_purpose():
    return [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.IndexerError)]


@pytest.mark.parametrize("kind", errors_raised_on_purpose())
def test_status_of__knows_every_error_of_the_indexer(kind):
    assert 400 <= status_of(kind.__new__(kind)) <= 503


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.UnknownNameError("class", "x", ["y"]), 422),
        (UnknownPathNameError("run", "x", []), 404),
        (errors.CollectionNotFoundError("x", []), 404),
        (errors.PointNotFoundError("no point"), 404),
        (errors.ImageReadError("gone"), 404),
        (errors.SourceUnavailableError("nothing there"), 422),
        (RunActiveError("busy"), 409),
        (errors.StoreUnavailableError("down"), 503),
        (errors.ModelLoadError("no weights"), 503),
        (BodyTooLargeError("10 bytes"), 413),
        (ForeignOriginError("another page"), 403),
    ],
)
def test_to_problem__takes_the_status_of_the_nearest_class(error, status):
    assert to_problem(error).status == status


def test_to_problem__says_what_the_error_says_in_one_line():
    problem = to_problem(errors.UnknownNameError("class", "ca\nt", ["dog", "cat"]))
    assert problem.model_dump() == {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "unknown class 'ca t'; known: cat, dog",
        "code": "UnknownNameError",
    }


def test_code_of__error_that_clients_do_not_know_is_its_nearest_that_they_know():
    class OddSourceError(errors.SourceUnavailableError):
        pass

    assert code_of(OddSourceError("x")) == "SourceUnavailableError"


def test_to_problem__keeps_an_unexpected_error_to_itself():
    problem = to_problem(RuntimeError("password=secret"))
    assert (problem.status, problem.detail) == (500, INTERNAL_DETAIL)


def test_to_problem__can_be_encoded_whatever_the_request_said():
    assert to_problem(errors.PointNotFoundError("no point '\ud800'")).detail == "no point '\\ud800'"
