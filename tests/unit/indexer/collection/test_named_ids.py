"""Lists of ids by name in a file."""

import pytest

from indexer.collection.named_ids import MOST_NAMES, NamedIds, check_name
from indexer.errors import InvalidOptionsError, StoreUnavailableError


def test_changing__is_kept_and_nothing_before_that(tmp_path):
    lists = NamedIds(tmp_path / "a" / "lists.json")
    assert lists.read() == {}
    with lists.changing() as found:
        found["night"] = ["1", "2"]
    assert NamedIds(lists.path).read() == {"night": ["1", "2"]}
    with pytest.raises(ZeroDivisionError), lists.changing() as found:
        found["day"] = [str(1 / 0)]
    assert lists.read() == {"night": ["1", "2"]}


@pytest.mark.parametrize("content", ["[1, 2]", "{", '{"night": 7}'])
def test_read__a_broken_file_is_named(tmp_path, content):
    path = tmp_path / "lists.json"
    path.write_text(content)
    with pytest.raises(StoreUnavailableError, match=r"lists\.json cannot be read .*; correct or remove it"):
        NamedIds(path).read()


def test_changing__there_is_an_end_of_names(tmp_path):
    lists = NamedIds(tmp_path / "lists.json")
    with pytest.raises(InvalidOptionsError, match="1,000 names already"), lists.changing() as found:
        found.update({str(number): ["1"] for number in range(MOST_NAMES + 1)})
    assert lists.read() == {}


def test_check_name__says_what_is_wrong():
    assert check_name(" night ", "tag") == "night"
    with pytest.raises(InvalidOptionsError, match="the name of the tag is empty"):
        check_name(" ", "tag")
    with pytest.raises(InvalidOptionsError, match="has 201 characters; 200 are the most"):
        check_name("x" * 201, "tag")
