"""What scripts and Python must agree on: ids of components and names of functions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from fastapi import FastAPI

from explorer import state
from explorer.app import create_app
from explorer.settings import ExplorerSettings
from lookalike.wire.names import MapColumn

ASSETS = Path(__file__).parents[3] / "explorer" / "assets"
SCRIPTS = sorted([*ASSETS.rglob("*.mjs"), *ASSETS.rglob("*.js")])
COMPONENT_IDS = ASSETS / "page" / "component_ids.mjs"


@pytest.fixture
def dash_app(client):
    return create_app(FastAPI(), client, ExplorerSettings())


def test_component_ids__python_lays_out_every_one(dash_app):
    ids = {getattr(component, "id", None) for component in dash_app.layout._traverse()}
    used = re.findall(r"^  \w+: '([\w-]+)',$", COMPONENT_IDS.read_text(), re.MULTILINE)
    assert len(used) > 10
    assert [name for name in used if name not in ids] == []


def test_component_ids__no_script_names_one_elsewhere(dash_app):
    ids = {getattr(component, "id", None) or "" for component in dash_app.layout._traverse()}
    ids = {name for name in ids if "-" in name}  # a plain word may be meant as one
    written = {
        (path.name, text)
        for path in SCRIPTS
        if path != COMPONENT_IDS
        for text in re.findall(r"['\"`]#?([\w-]+)['\"`]", path.read_text())
    }
    assert len(written) > 100
    assert [(name, text) for name, text in sorted(written) if text in ids] == []


def test_component_ids__every_one_is_used():
    used = {name for path in SCRIPTS for name in re.findall(r"\bCOMPONENT\.(\w+)", path.read_text())}
    known = set(re.findall(r"^  (\w+): '", COMPONENT_IDS.read_text(), re.MULTILINE))
    assert known == used


def test_colour_by__offers_classes_and_every_column_of_the_api():
    words = (ASSETS / "page" / "coloring" / "coloring.mjs").read_text()
    offered = re.findall(r"^  (\w+): \{ ?(?:noun|$)", words.split("COLORINGS = {")[1].split("\n};")[0], re.MULTILINE)
    assert offered == ["class", *offered[1:]]
    assert set(offered[1:]) == set(get_args(MapColumn))


def test_bridge__has_the_functions_that_python_calls(dash_app):
    called = {
        entry["clientside_function"]["function_name"]
        for entry in dash_app._callback_list
        if (entry.get("clientside_function") or {}).get("namespace") == state.SCRIPTS
    }
    offered = set(re.findall(r"^    (?:async )?(\w+)(?:: async )?\(", (ASSETS / "bridge.js").read_text(), re.MULTILINE))
    assert len(called) > 8
    assert called <= offered
