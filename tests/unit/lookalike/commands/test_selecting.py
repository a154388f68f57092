import inspect
import json

import pytest
import typer

from indexer.errors import InvalidOptionsError
from lookalike.commands.selecting import parse_ids, takes_selection

FIELDS = (
    *("class_name", "dataset", "annotated_by", "tags", "review", "score_from", "score_to"),
    *("updated_after", "updated_before", "ids"),
)
NOTHING = dict.fromkeys(FIELDS)


@pytest.mark.parametrize(
    "text",
    [
        "a\nb\n",
        "\n  a\r\n\nb\na",
        '["a", "b"]',
        '[{"id": "a", "score": 1}, {"id": "b", "score": 0}, {"id": "a"}]',
        '[{"id": "review 1", "point_id": "a"}, {"id": "review 2", "point_id": "b"}]',
        '[{"size": 2, "points": [{"id": "a"}, {"id": "b"}]}]',
    ],
)
def test_parse_ids__lines_and_what_commands_print__each_once_in_order(text):
    assert parse_ids(text) == ["a", "b"]


def test_parse_ids__empty_list__selects_nothing():
    assert parse_ids("[]") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there are no ids"),
        (" \n", "there are no ids"),
        ('[{"id": "a"}', "neither ids, one a line, nor JSON"),
        ('{"classes": [], "cells": []}', "the JSON is no list"),
        ('[{"cluster": 0}]', r'lists {"cluster": 0}, which has no "id"'),
        ("[7]", "lists 7, which has no"),
        ("[" * 100_000, "neither ids, one a line, nor JSON"),
        ("[" + "7" * 5_000 + "]", "neither ids, one a line, nor JSON"),
    ],
)
def test_parse_ids__other_text__says_what_is_wrong(text, message):
    with pytest.raises(InvalidOptionsError, match=message):
        parse_ids(text)


def test_takes_selection__the_options_stand_where_the_selection_did_and_become_it(tmp_path):
    asked = []

    @takes_selection
    def command(number: int, selection: dict, limit: int = 3) -> None:
        asked.append((number, selection, limit))

    names = list(inspect.signature(command).parameters)
    assert names[:3] == ["number", "class_name", "dataset"]
    assert names[-2:] == ["ids", "limit"]

    (tmp_path / "ids.json").write_text(json.dumps(["a"]))
    app = typer.Typer()
    app.command()(command)
    app(["7", "--class", "cat", "--class", "dog", "--ids", str(tmp_path / "ids.json")], standalone_mode=False)
    app(["8"], standalone_mode=False)
    assert asked == [
        (7, {**NOTHING, "class_name": ["cat", "dog"], "ids": ["a"]}, 3),
        (8, NOTHING, 3),
    ]


def test_parse_ids__of_a_group_of_suspects_are_those_of_all_its_members():
    text = '[{"id": "a", "group": ["a", "b", "c"]}, {"id": "d", "group": []}]'

    assert parse_ids(text) == ["a", "b", "c", "d"]
