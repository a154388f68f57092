"""The panels' callbacks are plain async functions: data in, components and stores out."""

from __future__ import annotations

import pytest
from dash import no_update

from explorer.panels import filters, header, map_making, map_view
from lookalike.class_colors import CLASS_COLORS, OTHER_COLOR
from lookalike.errors import UnexpectedAnswerError
from lookalike.wire.base import Problem
from tests.unit.explorer.components import CAT, LISTED, OPEN, PROJECTED, SELECTED, run, text_of


def test_list_collections__first_one_opens(client):
    options, value, notice = run(header.list_collections, client, None, "", None)
    assert options == [{"value": "pets", "label": "pets"}]
    assert (value, notice) == ("pets", no_update)


def test_list_collections__a_link_to_an_unknown_one_is_told(client):
    _, value, notice = run(header.list_collections, client, None, "?collection=cars", None)
    assert value == "pets"
    assert text_of(notice) == "There is no collection 'cars', which the link names; this is 'pets'"


def test_list_collections__a_link_to_an_unknown_map_is_told(api, client):
    link = "?collection=pets&projection=gone"
    _, value, notice = run(header.list_collections, client, None, link, None)
    assert value == "pets"
    assert text_of(notice) == "There is no map 'gone' of 'pets', which the link names; this is the newest one"
    assert run(header.list_collections, client, None, "?collection=pets&projection=m1", None)[2] is no_update
    api.projections = []
    notice = run(header.list_collections, client, None, link, None)[2]
    assert text_of(notice) == "There is no map 'gone' of 'pets', which the link names; none was made yet"


def test_list_collections__chosen_one_stays(client):
    assert run(header.list_collections, client, 3, "", "pets")[1] is no_update


def test_list_collections__waits_for_the_pages_address(client):
    assert run(header.list_collections, client, None, None, None) == (no_update, no_update, no_update)


def test_list_collections__nothing_indexed(api, client):
    api.collections = []
    assert run(header.list_collections, client, None, "", None) == ([], None, no_update)


def test_open_collection__selects_the_links_point_once(client):
    link = f"?collection=pets&id={CAT}"
    collection, counts, selected = run(header.open_collection, client, "pets", None, None, None, link)
    assert collection == OPEN
    assert counts == "3 points · 1 image"
    assert selected == {"id": CAT, "by": "link"}
    cars = OPEN | {"name": "cars"}
    assert run(header.open_collection, client, "pets", None, cars, selected, link)[2] == {"id": None, "by": "link"}


def test_open_collection__another_collections_point_is_not_selected(client):
    selected = run(header.open_collection, client, "pets", None, None, None, "?collection=cars&id=p-cat")[2]
    assert selected == {"id": None, "by": "link"}


def test_open_collection__looks_again_without_losing_the_selection(client):
    unchanged = run(header.open_collection, client, "pets", 1, OPEN, SELECTED, "")
    assert unchanged == (no_update, no_update, no_update)
    collection, _, selected = run(header.open_collection, client, "pets", 1, OPEN | {"revision": "0"}, SELECTED, "")
    assert (collection, selected) == (OPEN, no_update)


def test_list_projections__newest_opens_and_looking_stops(client):
    assert run(header.list_projections, client, OPEN, None, None, None, "") == (LISTED, "m1", True)


def test_list_projections__keeps_looking_while_there_is_none(api, client):
    api.projections = []
    assert run(header.list_projections, client, OPEN, None, None, None, "") == ([], None, False)


def test_list_projections__keeps_looking_while_something_runs(api, client, projecting):
    api.runs = [projecting]
    assert run(header.list_projections, client, OPEN, 4, LISTED, PROJECTED, "")[1:] == (no_update, False)


@pytest.mark.parametrize(
    ("listed", "opened", "chosen"),
    [
        (LISTED, PROJECTED, no_update),
        (LISTED, PROJECTED | {"version": "v6"}, "m1"),
        (LISTED, PROJECTED | {"id": "deleted"}, "m1"),
        ([{"value": "m0", "label": "older"}], PROJECTED | {"id": "m0"}, "m1"),
    ],
)
def test_list_projections__opens_what_is_newer(client, listed, opened, chosen):
    assert run(header.list_projections, client, OPEN, 4, listed, opened, "")[1] == chosen


def test_open_projection__carries_its_classes(client):
    assert run(header.open_projection, client, "m1", "pets") == PROJECTED
    assert run(header.open_projection, client, "deleted", "pets") is None


def test_fit_dots__by_the_number_of_points():
    assert run(filters.fit_dots, PROJECTED) == (8.0, False)
    assert run(filters.fit_dots, None) == run(filters.fit_dots, PROJECTED | {"n_points": 0})
    assert run(filters.fit_dots, PROJECTED | {"n_points": 20_000})[1] is True


def test_describe_map__colours_by_the_maps_numbers():
    spec, caption = run(map_view.describe_map, PROJECTED, OPEN)
    assert spec == {
        "collection": "pets",
        "id": "m1",
        "url": "api/v1/collections/pets/projections/m1/map?v=v7",
        "columnsUrl": "api/v1/collections/pets/projections/m1/columns",
        "hasScores": True,
        "rowUrl": "api/v1/collections/pets/projections/m1/rows",
        "classNames": ["dog", "cat"],
        "colors": [CLASS_COLORS[1], CLASS_COLORS[0]],
        "palette": list(CLASS_COLORS),
        "otherColor": OTHER_COLOR,
    }
    assert text_of(caption) == "UMAP · cosine"


def test_describe_map__scores_follow_where_the_map_has_none():
    spec, _ = run(map_view.describe_map, PROJECTED | {"has_scores": False}, OPEN)
    assert spec["hasScores"] is False


def test_describe_map__says_that_another_method_stands_in():
    older = PROJECTED | {"method": "pca", "note": "too few points for umap"}
    assert text_of(run(map_view.describe_map, older, OPEN)[1]) == "PCA · cosine too few points for umap"


@pytest.mark.parametrize(
    ("collection", "projection", "words", "button"),
    [
        (
            None,
            None,
            "Nothing is indexed yet Index labelled images here, or in a terminal: Index images…",
            "",
        ),
        (OPEN | {"n_points": 0}, None, "pets has no points", ""),
        (OPEN | {"n_points": 1}, None, "pets has one point A map takes two.", ""),
        (OPEN, None, "No map of pets yet 3 points to project", "Make the map"),
        (OPEN, PROJECTED | {"is_current": False}, "Points changed since this map was made.", "Update it"),
        (OPEN, PROJECTED, "", ""),
    ],
)
def test_advise__says_what_to_do(client, collection, projection, words, button):
    advice, shown, display, _ = run(map_making.advise, client, collection, projection, None)
    assert text_of(advice).startswith(words)
    assert bool(advice) == bool(words)
    assert (shown, display) == (button, "inline-block" if button else "none")


def test_make_map__starts_a_run_whose_progress_is_shown(api, client, projecting):
    assert run(map_making.make_map, client, 1, OPEN) is False
    assert api.runs == [projecting]
    assert text_of(run(map_making.advise, client, OPEN, None, 1)[0]) == "Projecting pets layout Cancel"


def test_advise__says_why_the_last_run_failed(api, client, projecting):
    problem = Problem(title="Conflict", status=409, detail="the disk is full")
    api.runs = [projecting.model_copy(update={"state": "failed", "error": problem})]
    advice, button, *_ = run(map_making.advise, client, OPEN, None, 1)
    assert text_of(advice).endswith("The last run failed: the disk is full")
    assert button == "Make the map"


def test_make_map__nothing_clicked_starts_nothing(api, client):
    assert run(map_making.make_map, client, None, OPEN) is no_update
    assert api.runs == []


def test_errors__pass_through_to_the_page(client):
    with pytest.raises(UnexpectedAnswerError, match="no collection 'cars'"):
        run(header.open_collection, client, "cars", None, None, None, "")
