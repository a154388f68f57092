"""Answers of the server as models, or as the errors that the server raised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from lookalike import errors
from lookalike.errors import InvalidOptionsError, LookalikeError, UnexpectedAnswerError
from lookalike.value_faults import describe_faults
from lookalike.wire.base import Problem

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def read_answer(kind: type[T], response: httpx.Response) -> T:
    """The body of an answer as a wire model, or a list of them.

    Raises:
        UnexpectedAnswerError: It is not of that form.
    """
    try:
        answer: T = _adapter_of(kind).validate_json(response.content)
    except ValidationError as error:
        where = f"{response.request.method} {response.request.url.path}"
        detail = f"the server answered {where} in another form than expected; are both of one version?"
        raise UnexpectedAnswerError(response.status_code, detail) from error
    return answer


def read_value(kind: type[T], value: Any) -> T:
    """JSON types as a wire model, such as the result of a run.

    Raises:
        UnexpectedAnswerError: They are not of that form.
    """
    try:
        result: T = _adapter_of(kind).validate_python(value)
    except ValidationError as error:
        raise UnexpectedAnswerError(200, "the server's result has another form than expected") from error
    return result


def error_of(response: httpx.Response) -> LookalikeError:
    """The error that a response is about: the one that the server raised, with its message."""
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        detail = f"the server answered status {response.status_code} without saying why; its log may"
        return UnexpectedAnswerError(response.status_code, detail)
    return error_of_problem(problem)


def error_of_problem(problem: Problem) -> LookalikeError:
    """The error that a problem document is about."""
    kind = getattr(errors, problem.code, None)
    if not (isinstance(kind, type) and issubclass(kind, LookalikeError)):
        return UnexpectedAnswerError(problem.status, problem.detail)
    # The message is complete; some classes make theirs of parts that did not travel.
    error = kind.__new__(kind)
    error.args = (problem.detail,)
    return error


def make_request(model: type[M], /, **fields: Any) -> M:
    """A request's model.

    Raises:
        InvalidOptionsError: A value is not possible; the message names it.
    """
    try:
        return model(**fields)
    except ValidationError as error:
        raise InvalidOptionsError(describe_faults(error.errors())) from error


def _adapter_of(kind: Any) -> TypeAdapter[Any]:
    """Reader of a kind of answer; made once, for it takes a millisecond."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
