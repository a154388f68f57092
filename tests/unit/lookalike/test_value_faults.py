"""Faults that pydantic finds, in plain words."""

from datetime import datetime
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError

from lookalike.value_faults import describe_faults


class Inner(BaseModel):
    names: list[Literal["a", "b"]] = Field(max_length=2)


class Outer(BaseModel, extra="forbid"):
    inner: Inner


def refuse(value: Any) -> Any:
    raise ValueError("it is no good. Take another.")


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (Annotated[str, Field(min_length=1)], "", "it is empty"),
        (Annotated[str, Field(min_length=8)], "abc", "it has 3 characters; at least 8 are needed"),
        (Annotated[str, Field(max_length=1000)], "a" * 2000, "it has 2,000 characters; at most 1,000 are taken"),
        (Annotated[str, Field(pattern="^a$")], "b", "'b' has another form than expected"),
        (str, 5, "5 is not a text"),
        (Annotated[str, Field(max_length=9)], "\ud800", "it is not valid Unicode"),
        (list[int], "abc", "'abc' is not a list"),
        (Annotated[list[int], Field(min_length=1)], [], "it is empty"),
        (Annotated[float, Field(gt=0)], 0.0, "0 is too small; use more than 0"),
        (Annotated[float, Field(ge=0.5)], 0.25, "0.25 is too small; use at least 0.5"),
        (Annotated[int, Field(le=2**31)], 2**40, "1,099,511,627,776 is too large; use at most 2,147,483,648"),
        (Annotated[float, Field(lt=1)], "nan", "nan is not a finite number"),
        (int, 1.5, "1.5 is not a whole number"),
        (int, "9" * 5000, "it is too large"),
        (float, "9" * 100 + "x", "it is not a number"),
        (bool, "maybe", "'maybe' is not true or false"),
        (datetime, "x", "'x' is not a time; use one such as 2026-01-31T12:00:00"),
        (
            AwareDatetime,
            "2026-01-31T12:00:00",
            "'2026-01-31T12:00:00' is not a time with its zone; use one such as 2026-01-31T12:00:00Z",
        ),
        (Literal["a", "b", "c"], "d", "'d' is not one of a, b, c"),
        (Annotated[str, AfterValidator(refuse)], "a", "it is no good. Take another"),
        (Outer, {"inner": {"names": ["a", "c"]}}, "inner.names: 'c' is not one of a, b"),
        (Outer, {"inner": {"names": ["a", "b", "a"]}}, "inner.names: it has 3 entries; at most 2 are taken"),
        (Outer, {}, "inner: it is missing"),
        (Outer, {"inner": {"names": []}, "more": 1}, "more: there is no such field"),
        (Outer, {"inner": 5}, "inner: 5 is not an object"),
    ],
)
def test_describe_faults__in_plain_words(kind, value, words):
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)

    assert describe_faults(refused.value.errors()) == words


def test_describe_faults__no_json():
    with pytest.raises(ValidationError) as refused:
        Outer.model_validate_json("[1")

    assert describe_faults(refused.value.errors()) == "it is not valid JSON"
