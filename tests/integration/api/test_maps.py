"""The api over a real embedded store: projections as maps."""

import io
import struct
from datetime import datetime

import numpy as np
import pytest
from PIL import Image

from api.app import create_app
from api.settings import ApiSettings
from indexer.maps.archive import delete_projection, save_projection
from indexer.maps.projectors.base import Projection
from tests.integration.api.samples import BASE, NAME, AppClient, assert_problem, parse_column

UNKNOWN = "00000000-0000-5000-8000-000000000000"


def parse_map(body):
    """x, y, class and score columns of a map of one block."""
    magic, n_points, block_rows, n_classes = struct.unpack_from("<4sIII", body)
    assert (magic, block_rows) == (b"LKM1", 65536)
    assert len(body) == 16 + -(-7 * n_points // 4) * 4
    stream = io.BytesIO(body[16:])
    x, y, numbers = (np.frombuffer(stream.read(2 * n_points), "<u2") for _ in range(3))
    return n_classes, x, y, numbers, np.frombuffer(stream.read(n_points), np.uint8)


def test_projection__says_what_it_is(client, projection, map_url):
    assert client.get(map_url).json()["id"] == projection["id"]
    assert (projection["method"], projection["n_points"], projection["is_current"]) == ("pca", 36, True)
    assert projection["classes"] == [{"name": "blue", "count": 19}, {"name": "red", "count": 17}]


def test_map__agrees_with_its_rows(client, map_url):
    n_classes, x, y, numbers, _ = parse_map(client.get(f"{map_url}/map").content)
    rows = client.get(f"{map_url}/rows", params={"rows": ",".join(map(str, range(36)))}).json()
    assert n_classes == 2
    assert [row["row"] for row in rows] == list(range(36))
    assert [["blue", "red"][number] for number in numbers] == [row["point"]["class_name"] for row in rows]
    # The first principal component tells red from blue, whatever they are called.
    is_red = np.array([int(row["point"]["object_key"]) % 2 == 0 for row in rows])
    assert max(x[is_red]) < min(x[~is_red]) or max(x[~is_red]) < min(x[is_red])
    assert (int(x.min()), int(x.max())) == (1024, 64511)
    assert y.std() > 0


def test_map__carries_scores_once_they_are_known(client, map_url, flipped):
    _, scores = parse_column(client.get(f"{map_url}/columns/score").content)
    [row] = client.post(f"{map_url}/rows", json={"ids": [flipped]}).json()
    assert row["id"] == flipped
    assert scores[row["row"]] > 200
    *_, in_map = parse_map(client.get(f"{map_url}/map").content)
    assert np.array_equal(in_map, scores)
    assert client.get(map_url).json()["has_scores"] is True


def test_map__is_kept_for_ever_under_its_version_and_revalidated_without(client, map_url):
    version = client.get(map_url).json()["version"]
    kept = client.get(f"{map_url}/map?v={version}")
    assert "immutable" in kept.headers["cache-control"]
    for address in (f"{map_url}/map", f"{map_url}/map?v=", f"{map_url}/map?v=old"):
        assert client.get(address).headers["cache-control"] == "private, no-cache"
    again = client.get(f"{map_url}/map", headers={"If-None-Match": kept.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_map__is_never_compressed(client, map_url):
    response = client.get(f"{map_url}/map", headers={"Accept-Encoding": "gzip, br"})
    assert "content-encoding" not in response.headers
    assert response.headers["content-length"] == str(len(response.content))


def test_rows__of_points_are_the_inverse_of_points_of_rows(client, map_url, points):
    ids = [point["id"] for point in points.values()]
    rows = client.post(f"{map_url}/rows", json={"ids": [*ids, UNKNOWN]}).json()
    assert [row["id"] for row in rows] == ids
    assert sorted(row["row"] for row in rows) == list(range(36))
    back = client.get(f"{map_url}/rows", params={"rows": ",".join(str(row["row"]) for row in rows)}).json()
    assert [row["point"]["id"] for row in back] == ids
    assert client.post(f"{map_url}/rows", json={"ids": []}).json() == []


@pytest.mark.parametrize(
    "ids",
    [["nope"], ["\u00e9\U0001f99d"], ["a" * 1_000_000], [UNKNOWN + "0"], [UNKNOWN[:-1]], [UNKNOWN + "\n"], [5], [None],
     [UNKNOWN] * 100_001, "nope"],
)  # fmt: skip
def test_rows__refuse_what_is_no_id(workspace, map_url, ids):
    # One id of a million characters once asked for 19 GiB: as long as the longest, times as many as there are points.
    client = AppClient(create_app(ApiSettings(), workspace))
    address = map_url.removeprefix("/api/v1")
    assert_problem(client.post(f"{address}/rows", json={"ids": ids}), 422, "ids")
    assert client.post(f"{address}/rows", json={"ids": [UNKNOWN] * 100_000}).json() == []


@pytest.mark.parametrize("rows", ["", "a", "1,", "-1", "36", "1.5", "9" * 5000, ",".join("1" * 1001), "\u0661", "1 2"])
def test_rows__refuse_what_is_no_row(client, map_url, rows):
    assert_problem(client.get(f"{map_url}/rows", params={"rows": rows}), 422, "row")


def test_crop_of_row__is_the_crop_of_its_point(client, map_url, flipped):
    [row] = client.post(f"{map_url}/rows", json={"ids": [flipped]}).json()
    by_row = client.get(f"{map_url}/rows/{row['row']}/crop?size=64")
    by_id = client.get(f"{BASE}/points/{flipped}/crop?size=64")
    assert by_row.content == by_id.content
    assert by_row.headers["etag"] == by_id.headers["etag"]


@pytest.mark.parametrize("row", ["36", "-1", "x", "9" * 30])
def test_crop_of_row__refuses_what_is_no_row(client, map_url, row):
    assert_problem(client.get(f"{map_url}/rows/{row}/crop"), 422, "row")


@pytest.mark.parametrize(
    "path", ["", "/map", "/columns/score", "/columns/cluster", "/density", "/rows?rows=1", "/rows/1/crop"]
)
@pytest.mark.parametrize("projection_id", ["nope", "%2e%2e", "20240101T000000000000Z-pca", "%00"])
def test_projection__of_an_unknown_id_is_not_found(client, path, projection_id):
    assert_problem(client.get(f"{BASE}/projections/{projection_id}{path}"), 404)


def test_trust__is_a_column_a_mean_and_a_fact_of_each_row(client, map_url):
    answer = client.get(f"{map_url}/columns/trust")
    _, column = parse_column(answer.content)
    rows = client.get(f"{map_url}/rows", params={"rows": ",".join(map(str, range(36)))}).json()
    trust = [row["trust"] for row in rows]
    assert [round(value * 254) for value in trust] == column.tolist()
    assert 0 < min(trust) < max(trust) <= 1
    assert client.get(map_url).json()["mean_trust"] == pytest.approx(np.mean(trust), abs=1e-4)
    again = client.get(f"{map_url}/columns/trust", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def ids_of_rows(client, map_url, n_points=36):
    rows = client.get(f"{map_url}/rows", params={"rows": ",".join(map(str, range(n_points)))}).json()
    return [row["point"]["id"] for row in rows]


def test_column__of_clusters_agrees_with_their_list(client, map_url):
    info, numbers = parse_column(client.get(f"{map_url}/columns/cluster", params={"resolution": 2}).content)
    listed = client.get(f"{BASE}/clusters", params={"resolution": 2}).json()
    assert [(one["name"], one["count"]) for one in info["categories"]] == [
        (one["name"], one["size"]) for one in listed["clusters"]
    ]
    members = client.get(f"{BASE}/clusters/0/points", params={"resolution": 2}).json()["ids"]
    found = [point_id for point_id, number in zip(ids_of_rows(client, map_url), numbers, strict=True) if number == 0]
    assert (info["kind"], sorted(found)) == ("category", sorted(members))


def test_column__of_datasets_counts_what_it_numbers(client, map_url, points):
    info, numbers = parse_column(client.get(f"{map_url}/columns/dataset").content)
    names = [info["categories"][number]["name"] for number in numbers]
    by_id = {point["id"]: point["dataset"] or "" for point in points.values()}
    assert names == [by_id[point_id] for point_id in ids_of_rows(client, map_url)]
    assert [one["count"] for one in info["categories"]] == [names.count(one["name"]) for one in info["categories"]]


def test_column__of_outlier_scores_agrees_with_their_list(client, map_url):
    _, values = parse_column(client.get(f"{map_url}/columns/outlier").content)
    strangest = client.get(f"{BASE}/outliers", params={"limit": 1}).json()["outliers"][0]["id"]
    assert ids_of_rows(client, map_url)[int(np.argmax(values))] == strangest


def test_column__of_edits_spans_their_times(client, map_url, points):
    info, values = parse_column(client.get(f"{map_url}/columns/edited").content)
    known = {point["id"]: point["payload"].get("object_updated_at") for point in points.values()}
    assert [value == 255 for value in values] == [known[one] is None for one in ids_of_rows(client, map_url)]
    moments = sorted(filter(None, known.values()))
    span = [moment and datetime.fromisoformat(moment) for moment in (info["least"], info["greatest"])]
    assert span == [datetime.fromisoformat(moments[place]) for place in (0, -1)] if moments else [None, None]


@pytest.mark.parametrize("name", ["classes", "", "score%00"])
def test_column__of_an_unknown_name_is_refused(client, map_url, name):
    assert client.get(f"{map_url}/columns/{name}").status_code in {404, 422}


def test_density__is_a_picture_in_the_colours_of_the_classes(client, map_url):
    answer = client.get(f"{map_url}/density", params={"size": 128, "colors": "0000ff,ff0000"})
    picture = np.asarray(Image.open(io.BytesIO(answer.content)))
    _, x, y, numbers, _ = parse_map(client.get(f"{map_url}/map").content)
    assert (answer.headers["content-type"], picture.shape) == ("image/png", (128, 128, 4))
    shown = picture[127 - (y.astype(int) * 128 >> 16), x.astype(int) * 128 >> 16]
    is_red = shown[:, 0] > shown[:, 2]
    assert (shown[:, 3] > 0).all()
    assert (is_red == (numbers == 1)).mean() > 0.8  # two points may share a pixel
    assert picture[..., 3].min() == 0
    again = client.get(answer.url, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "query", ["size=63", "size=2049", "size=x", "colors=red", "colors=ff0000,", "colors=" + "f" * 2001]
)
def test_density__refuses_what_it_cannot_draw(client, map_url, query):
    assert_problem(client.get(f"{map_url}/density?{query}"), 422, query.split("=")[0])


def test_trust__that_was_not_measured_is_unknown(client, workspace):
    points = workspace.collections.snapshot(NAME)
    made = Projection(np.zeros((36, 2), np.float32), method="pca", requested_method="pca", metric="cosine", seed=0)
    folder = workspace.data_dir / "projections" / NAME
    bare = save_projection(folder, made, point_ids=points.ids, revision=workspace.collections.open(NAME).revision)
    url = f"{BASE}/projections/{bare}"
    try:
        assert client.get(url).json()["mean_trust"] is None
        assert set(parse_column(client.get(f"{url}/columns/trust").content)[1]) == {255}
        assert client.get(f"{url}/rows?rows=0").json()[0]["trust"] is None
    finally:
        delete_projection(folder, bare)


def save_map(workspace, rows, coordinates, method="pca"):
    """A map of some rows of the snapshot, at given places."""
    points = workspace.collections.snapshot(NAME)
    made = Projection(
        np.asarray(coordinates, np.float32), method=method, requested_method=method, metric="cosine", seed=0
    )
    folder = workspace.data_dir / "projections" / NAME
    revision = workspace.collections.open(NAME).revision
    return folder, save_projection(folder, made, point_ids=points.ids[rows], revision=revision)


def parse_positions(body):
    """Read places: how many points are missing, how many are new, and x and y as (N, 2)."""
    magic, n_points, n_missing, n_more = struct.unpack_from("<4sIII", body)
    assert (magic, len(body)) == (b"LKP1", 16 + 4 * n_points)
    return n_missing, n_more, np.frombuffer(body, "<u2", offset=16).reshape(2, n_points).T


def test_positions__are_those_of_the_other_maps_points_in_its_order(client, workspace, map_url, projection):
    folder, other = save_map(workspace, np.arange(36), np.random.default_rng(0).normal(size=(36, 2)))
    other_url = f"{BASE}/projections/{other}"
    try:
        answer = client.get(f"{other_url}/positions", params={"rows_of": projection["id"]})
        n_missing, n_more, places = parse_positions(answer.content)
        _, x, y, *_ = parse_map(client.get(f"{other_url}/map").content)
        own = dict(zip(ids_of_rows(client, other_url), zip(x.tolist(), y.tolist(), strict=True), strict=True))
        assert (n_missing, n_more) == (0, 0)
        assert [tuple(place) for place in places.tolist()] == [own[one] for one in ids_of_rows(client, map_url)]
        again = client.get(
            f"{other_url}/positions?rows_of={projection['id']}", headers={"If-None-Match": answer.headers["etag"]}
        )
        assert (again.status_code, again.content) == (304, b"")
    finally:
        delete_projection(folder, other)


def test_positions__say_which_points_one_of_the_maps_lacks(client, workspace, map_url, projection):
    folder, small = save_map(workspace, np.arange(30), np.random.default_rng(1).normal(size=(30, 2)))
    try:
        query = {"rows_of": projection["id"], "rows_of_collection": NAME}
        n_missing, n_more, places = parse_positions(
            client.get(f"{BASE}/projections/{small}/positions", params=query).content
        )
        assert (n_missing, n_more, int((places == 65535).all(axis=1).sum())) == (6, 0, 6)
        lacking = np.array(ids_of_rows(client, map_url))[(places == 65535).all(axis=1)]
        assert set(lacking) == set(workspace.collections.snapshot(NAME).ids[30:])
        n_missing, n_more, _ = parse_positions(client.get(f"{map_url}/positions?rows_of={small}").content)
        assert (n_missing, n_more) == (0, 6)
    finally:
        delete_projection(folder, small)


def test_renumbering__gives_the_row_of_each_point_of_another_map(client, workspace, map_url, projection):
    folder, small = save_map(workspace, np.arange(30), np.random.default_rng(2).normal(size=(30, 2)))
    try:
        small_url = f"{BASE}/projections/{small}"
        rows = np.frombuffer(client.get(f"{small_url}/renumbering?rows_of={projection['id']}").content, "<i4")
        here, there = ids_of_rows(client, small_url, 30), ids_of_rows(client, map_url)
        assert [here[row] if row >= 0 else None for row in rows] == [one if one in here else None for one in there]
        back = np.frombuffer(client.get(f"{map_url}/renumbering?rows_of={small}").content, "<i4")
        assert [there[row] for row in back] == here
        assert_problem(client.get(f"{map_url}/renumbering"), 422, "rows_of")
        assert_problem(client.get(f"{map_url}/renumbering?rows_of=nope"), 404, "nope")
        assert_problem(client.get(f"{BASE}/projections/nope/renumbering?rows_of={small}"), 404, "nope")
    finally:
        delete_projection(folder, small)


def test_positions__of_what_is_not_there_are_refused(client, map_url, projection):
    assert_problem(client.get(f"{map_url}/positions"), 422, "rows_of")
    assert_problem(client.get(f"{map_url}/positions?rows_of=nope"), 404, "nope")
    query = {"rows_of": projection["id"], "rows_of_collection": "nope"}
    assert_problem(client.get(f"{map_url}/positions", params=query), 404, "nope")
    assert_problem(client.get(f"{BASE}/projections/nope/positions?rows_of={projection['id']}"), 404, "nope")
