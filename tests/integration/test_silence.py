"""Where a command finds nothing it says why: on stdout for people, on stderr beside the JSON of scripts."""

import json

import numpy as np
import pytest

from indexer.domain import CollectionSpec, CropOptions
from indexer.settings import IndexerSettings
from indexer.stores.opening import open_store
from tests.planted import DIMENSION, PLANTED, make_point, write_planted_collection

LATER = ["--edited-after", "2030-01-01"]
NOT_IN_THAT_TIME = "nothing that fits the filter was edited in that time; 83 of 83 points know when"
AXES = np.eye(DIMENSION)


def write_points(folder, *points):
    store = open_store(IndexerSettings(data_dir=folder))
    spec = CollectionSpec("fake:planted", "f", DIMENSION, CropOptions().text)
    store.create_collection(PLANTED, spec).upsert(points)
    store.close()


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    write_planted_collection(folder)
    return folder


@pytest.fixture(scope="module")
def unlabelled(tmp_path_factory):
    """Two points without a class that are nothing alike."""
    folder = tmp_path_factory.mktemp("unlabelled")
    write_points(folder, *(make_point(number, AXES[number], None, "train") for number in range(2)))
    return folder


def assert_says(lookalike, arguments, why, empty="[]"):
    assert lookalike(*arguments)[:2] == (0, f"{why}\n")
    code, out, err = lookalike(*arguments, "--json")
    assert (code, json.loads(out)) == (0, json.loads(empty))
    assert err.splitlines()[-1] == f"lookalike: {why}"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (["suspects", *LATER], NOT_IN_THAT_TIME),
        (["outliers", *LATER], NOT_IN_THAT_TIME),
        (["pick", "3", *LATER], NOT_IN_THAT_TIME),
        (["suspects", "--class", "dog", "--edited-before", "2026-01-03"], NOT_IN_THAT_TIME),
        (
            ["outliers", "--dataset", "val", "--annotator", "bob", "--ids", "IDS"],
            "none of the 83 points fits the filter",
        ),
        (["reviews", "list"], "no review stands"),
        (
            ["reviews", "list", "--verdict", "skip", "--verdict", "accept"],
            "no review with verdict skip or accept stands",
        ),
        (["reviews", "list", "--log"], "there is no review"),
    ],
)
def test_commands__say_why_they_found_nothing(lookalike, planted, tmp_path, command, why):
    (tmp_path / "ids").write_text("[]")
    command = [tmp_path / "ids" if word == "IDS" else word for word in command]

    assert_says(lookalike, [*command, "--data-dir", planted], why)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (["suspects"], "none of the 2 points has a class"),
        (["duplicates"], "no two objects are as similar as 0.975"),
        (["clusters"], "there is no cluster: it takes 5 points that look alike"),
    ],
)
def test_commands__say_what_an_unlabelled_collection_lacks(lookalike, unlabelled, command, why):
    assert_says(lookalike, [*command, "--data-dir", unlabelled], why)


def test_confusion__of_points_without_a_class(lookalike, unlabelled):
    why = "no point has a class to compare"

    assert_says(lookalike, ["confusion", "--data-dir", unlabelled], why, empty='{"classes": [], "cells": []}')


def test_confusion__of_nothing_confused(lookalike, tmp_path):
    random = np.random.default_rng(0)
    clouds = [AXES[number // 10] + random.normal(0, 0.05, DIMENSION) for number in range(20)]
    write_points(tmp_path, *(make_point(n, clouds[n], "ab"[n // 10], "train") for n in range(20)))

    _, out, _ = lookalike("confusion", "--data-dir", tmp_path)

    assert out == "no class is confused: each of the 20 points lies among its own class\n"


def test_outliers__of_a_single_point(lookalike, tmp_path):
    write_points(tmp_path, make_point(0, AXES[0], "cat", "train"))

    arguments = ["outliers", "--data-dir", tmp_path]
    assert_says(lookalike, arguments, "there is no other point to compare with; an outlier takes at least two points")
    assert "only one point has a class, 'cat'" in lookalike("suspects", "--data-dir", tmp_path)[1]


def test_duplicates__a_cut_list_says_of_how_many(lookalike, planted):
    arguments = ["duplicates", "--threshold", "0.9999", "--limit", "1", "--json", "--data-dir", planted]
    code, out, err = lookalike(*arguments)

    assert (code, len(json.loads(out))) == (0, 1)
    assert err.splitlines()[-1] == "lookalike: these are 1 of 2; --limit shows more"


def test_commands__of_no_collection_name_none(lookalike, tmp_path):
    code, _, err = lookalike("suspects", "--data-dir", tmp_path)

    assert (code, err) == (1, "lookalike: there is no collection yet; run 'lookalike index SOURCE' first\n")


def test_suspects__a_class_of_two_lines_stays_in_one(lookalike, tmp_path):
    random = np.random.default_rng(0)
    clouds = [AXES[number // 10] + random.normal(0, 0.05, DIMENSION) for number in range(20)]
    names = ["sq\nuare"] * 10 + ["\x1b[2Jcircle"] * 9 + ["sq\nuare"]
    write_points(tmp_path, *(make_point(n, clouds[n], names[n], "train") for n in range(20)))

    _, out, _ = lookalike("suspects", "--limit", "1", "--data-dir", tmp_path)
    (line,) = out.splitlines()
    assert r"sq\nuare -> \x1b[2Jcircle  19.png" in line
    _, out, _ = lookalike("suspects", "--limit", "1", "--data-dir", tmp_path, "--json")
    assert json.loads(out)[0]["class_name"] == "sq\nuare"
    _, out, _ = lookalike("check", "--max-suspects", "0", "--data-dir", tmp_path)
    assert r"19.png / 1 (sq\nuare)" in out
