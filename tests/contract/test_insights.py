"""Every insight of the registry: how it is asked, and what its answers promise."""

import pytest

from api.app import create_app
from api.settings import ApiSettings
from indexer.domain import PointFilter
from indexer.insights import INSIGHTS, outliers
from indexer.insights.insights import Insights
from indexer.insights.outliers import score_outliers
from indexer.points import make_point_id
from indexer.settings import IndexerSettings
from indexer.workspace import Workspace
from lookalike.wire.selections import FilterModel
from tests.integration.api.samples import AppClient
from tests.planted import PLANTED, write_planted_collection

LEAST = {"picks": {"n": 3}}
"""Options without which an insight cannot be asked."""

DOGS = PointFilter(equals_any={"class_name": ("dog",)})
NOBODY = PointFilter(equals_any={"class_name": ("cat",)}, ids=(make_point_id("planted", "50.png", "1"),))
"""A dog that is a cat."""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    write_planted_collection(folder)
    with Workspace.open(IndexerSettings(data_dir=folder)) as opened:
        yield opened


@pytest.fixture(scope="module")
def api(workspace):
    return AppClient(create_app(ApiSettings(), workspace))


@pytest.fixture(params=list(INSIGHTS))
def name(request):
    return request.param


def listed_in(answer):
    """The rows of an answer, whatever it calls them."""
    return next(rows for field, rows in answer.items() if isinstance(rows, list) and field != "classes")


def test_insight__has_a_help_and_takes_conditions(name):
    insight = INSIGHTS.load(name)

    assert insight.summary.endswith(".")
    assert issubclass(insight.question, FilterModel)


def test_ask__in_the_address_and_in_the_body__answers_alike(api, name):
    path, question = f"/collections/{PLANTED}/{name}", {**LEAST.get(name, {}), "class_name": ["cat", "dog"]}
    asked, searched = api.get(path, params=question), api.post(path, json=question)

    assert (asked.status_code, searched.status_code) == (200, 200), asked.text
    assert asked.json() == searched.json()
    assert listed_in(asked.json())


def test_ask__twice__what_all_points_have_is_computed_once(workspace, monkeypatch):
    computed = []
    monkeypatch.setattr(outliers, "score_outliers", lambda graph: computed.append(graph) or score_outliers(graph))
    insight = INSIGHTS.load("outliers")
    insights = Insights(workspace.collections, workspace.graphs)

    strangest = insights.ask(insight, insight.question(limit=1)).outliers
    of_dogs = insights.ask(insight, insight.question(), selection=DOGS).outliers

    assert strangest[0].point.payload["image_name"] == "102.png"
    assert {one.point.payload["class_name"] for one in of_dogs} == {"dog"}
    assert len(computed) == 1


def test_ask__a_selection_without_points__says_so(workspace, name):
    insight = INSIGHTS.load(name)
    found = workspace.insights.ask(insight, insight.question(**LEAST.get(name, {})), selection=NOBODY)

    why = getattr(found, "why_empty", "none of the 83 points fits the filter")
    assert why == "none of the 83 points fits the filter"


def test_ask__an_unknown_option__is_refused_in_one_line(api, name):
    answer = api.post(f"/collections/{PLANTED}/{name}", json={**LEAST.get(name, {}), "nonsense": 1})

    assert answer.status_code == 422
    assert "nonsense" in answer.json()["detail"]
