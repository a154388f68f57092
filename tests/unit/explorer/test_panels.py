"""The panels' callbacks are plain async functions: data in, components and stores out."""

from __future__ import annotations

import base64

import pytest
from dash import no_update

from explorer.errors import ExplorerError
from explorer.figures import CLASS_COLORS, OTHER_COLOR
from explorer.panels import filters, header, map_making, map_view, neighbors, point
from lookalike.errors import UnexpectedAnswerError
from lookalike.wire.base import Problem
from tests.unit.explorer.components import CAT, DOG, GONE, LISTED, OPEN, PROJECTED, SELECTED, find, run, text_of


def test_list_collections__first_one_opens(client):
    options, value, notice = run(header.list_collections, client, "", None, None)
    assert options == [{"value": "pets", "label": "pets"}]
    assert (value, notice) == ("pets", no_update)


def test_list_collections__a_link_to_an_unknown_one_is_told(client):
    _, value, notice = run(header.list_collections, client, "?collection=cars", None, None)
    assert value == "pets"
    assert text_of(notice) == "There is no collection 'cars', which the link names; this is 'pets'"


def test_list_collections__chosen_one_stays(client):
    assert run(header.list_collections, client, "", 3, "pets")[1] is no_update


def test_list_collections__waits_for_the_pages_address(client):
    assert run(header.list_collections, client, None, None, None) == (no_update, no_update, no_update)


def test_list_collections__nothing_indexed(api, client):
    api.collections = []
    assert run(header.list_collections, client, "", None, None) == ([], None, no_update)


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
        "id": "m1",
        "url": "api/v1/collections/pets/projections/m1/map?v=v7",
        "columnsUrl": "api/v1/collections/pets/projections/m1/columns",
        "hasScores": True,
        "densityUrl": "api/v1/collections/pets/projections/m1/density",
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
            "Nothing is indexed yet Index labelled images here, or in a terminal: Index images …",
            "",
        ),
        (OPEN | {"n_points": 0}, None, "pets has no points", ""),
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


def test_place_results__leaves_out_what_the_map_does_not_know(client):
    results = {"of": CAT, "ids": [GONE, DOG], "reveal": True}
    assert run(map_view.place_results, client, results, PROJECTED) == {
        "projection": "m1",
        "row": 0,
        "neighbors": [{"id": DOG, "row": 2}],
        "reveal": True,
    }


def test_place_results__neighbors_of_an_upload_have_no_selected_row(client):
    results = {"of": None, "ids": [DOG], "reveal": True}
    assert run(map_view.place_results, client, results, PROJECTED)["row"] == -1


def test_show_point__class_and_payload(client):
    title, payload, hides_content, hides_empty = run(point.show_point, client, SELECTED, OPEN)
    assert text_of(title) == "given cat"
    assert text_of(payload).startswith("Class cat Image sofa.jpg")
    assert (hides_content, hides_empty) == (False, True)


def test_show_point__nothing_selected(client):
    assert run(point.show_point, client, {"id": None, "by": "map"}, OPEN)[2:] == (True, False)


def test_show_image__draws_what_is_asked():
    url, alt = run(point.show_image, SELECTED, "all", OPEN)
    assert url == f"api/v1/images/{CAT}?collection=pets&annotation=all&size=720"
    assert alt == "The selected point's image with every object outlined"


def test_find_similar_points__cards_lead_to_their_points(client):
    search = neighbors.NeighborSearch(client, 20)
    title, cards, results = run(neighbors.find_similar_points, search, SELECTED, None, OPEN)
    assert text_of(title) == "Nearest neighbors 1 of 1 are dog"
    assert text_of(cards) == "0.88 dog"
    assert find(cards, "data-point-id") == [DOG]
    assert results == {"of": CAT, "ids": [DOG], "reveal": False}


def test_find_similar_points__a_listed_point_is_revealed(client):
    search = neighbors.NeighborSearch(client, 20)
    assert run(neighbors.find_similar_points, search, {"id": CAT, "by": "list"}, None, OPEN)[2]["reveal"] is True


def test_find_similar_points__nothing_selected_shows_nothing(client):
    search = neighbors.NeighborSearch(client, 20)
    shown = run(neighbors.find_similar_points, search, {"id": None, "by": "map"}, None, OPEN)
    assert shown == (None, [], {"of": None, "ids": [], "reveal": False})


def test_find_similar_points__an_uploads_neighbors_stay(client):
    search = neighbors.NeighborSearch(client, 20)
    shown = run(neighbors.find_similar_points, search, {"id": None, "by": "upload"}, None, OPEN)
    assert shown == (no_update, no_update, no_update)


def test_find_similar_to_upload__sends_the_bytes_and_clears_the_selection(api, client):
    search = neighbors.NeighborSearch(client, 20)
    contents = "data:image/png;base64," + base64.b64encode(b"pixels").decode()
    title, cards, results, selected = run(
        neighbors.find_similar_to_upload, search, contents, "sofa.png", OPEN, SELECTED | {"n": 7}, None
    )
    assert api.uploads == [("sofa.png", b"pixels")]
    assert text_of(title) == "Nearest to sofa.png"
    assert find(cards, "data-point-id") == results["ids"] == [DOG]
    assert selected == {"id": None, "by": "upload", "n": 7}


def test_find_similar_to_box__the_point_stays_selected_and_the_way_back_is_offered(api, client):
    search = neighbors.NeighborSearch(client, 20)
    drawn = {"id": SELECTED["id"], "box": [10, 20, 60, 90]}
    title, cards, results = run(neighbors.find_similar_to_box, search, drawn, OPEN, SELECTED, None)
    assert api.boxes == [(SELECTED["id"], [10, 20, 60, 90])]
    assert text_of(title) == "Nearest to the drawn box 50 × 70 px Back to the point"  # noqa: RUF001
    assert find(cards, "data-point-id") == results["ids"] == [DOG]
    assert (results["of"], results["reveal"]) == (SELECTED["id"], False)


def test_find_similar_to_box__of_a_point_that_is_left_finds_nothing(api, client):
    drawn = {"id": DOG, "box": [0, 0, 5, 5]}
    shown = run(
        neighbors.find_similar_to_box, neighbors.NeighborSearch(client, 20), drawn, OPEN, {"id": CAT, "by": "map"}, None
    )
    assert (shown, api.boxes) == ((no_update,) * 3, [])


@pytest.mark.parametrize("contents", ["data:image/png;base64,", "data:image/png;base64,abc"])
def test_decode_upload__broken(contents):
    with pytest.raises(ExplorerError, match="choose"):
        neighbors.decode_upload(contents)


def test_errors__pass_through_to_the_page(client):
    with pytest.raises(UnexpectedAnswerError, match="no collection 'cars'"):
        run(header.open_collection, client, "cars", None, None, None, "")
