"""The api over a real embedded store: everything that only reads."""

import io
import json
import struct
from urllib.parse import quote

import cv2
import numpy as np
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st

from api.app import create_app
from api.settings import ApiSettings
from tests.doubles import CountingEmbedder, png
from tests.integration.api_samples import NAME, AppClient, give_embedder, open_indexed_workspace

BASE = f"/api/v1/collections/{NAME}"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    with open_indexed_workspace(tmp_path_factory.mktemp("reading")) as opened:
        opened.maps.make(NAME, method="pca")
        yield opened


@pytest.fixture(scope="module")
def client(workspace):
    """The api mounted as the explorer's server mounts it, limits low enough to reach."""
    server = FastAPI()
    server.mount("/api/v1", create_app(ApiSettings(max_body_bytes=200_000, max_image_pixels=10_000), workspace))
    return AppClient(server)


@pytest.fixture(scope="module")
def points(client):
    """Every point by (image name, object key)."""
    listed = client.get(f"{BASE}/points", params={"limit": 1000}).json()["points"]
    return {(point["image_name"], point["object_key"]): point for point in listed}


@pytest.fixture(scope="module")
def flipped(points):
    """The id of the red square that is called blue."""
    return points["first.png", "4"]["id"]


def decode(response):
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "image/jpeg"
    return cv2.imdecode(np.frombuffer(response.content, np.uint8), cv2.IMREAD_COLOR_RGB)


def assert_problem(response, status, *words):
    """One sentence, as problem+json, that says what the words say."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert set(problem) == {"type", "title", "status", "detail"}
    assert problem["status"] == status
    assert "\n" not in problem["detail"]
    for word in words:
        assert word in problem["detail"]


# What there is


def test_health__answers(client):
    assert client.get("/api/v1/health").json()["status"] == "ok"


def test_catalogue__says_every_name_that_requests_may_use(client):
    catalogue = client.get("/api/v1/catalogue").json()
    names = {part: [entry["name"] for entry in catalogue[part]] for part in catalogue if part != "models"}
    assert names["projection_methods"] == ["umap", "tsne", "pca", "pca-umap", "pca-tsne"]
    assert {"supervisely", "coco", "image_folder"} <= set(names["source_formats"])
    assert "parquet" in names["export_formats"]
    assert names["embedders"] == ["timm", "hf"]
    assert all(entry["description"] for part in names for entry in catalogue[part])
    assert any("efficientnet_lite0" in model["name"] for model in catalogue["models"])


def test_unknown_path__is_a_json_404(client):
    assert_problem(client.get("/api/v1/nothing/here"), 404, "/api/v1/nothing/here", "/api/v1/docs")


def test_wrong_method__is_a_json_405(client):
    response = client.delete("/api/v1/health")
    assert_problem(response, 405, "DELETE")
    assert response.headers["allow"] == "GET"


def test_docs__load_nothing_from_another_host(client):
    page = client.get("/api/v1/docs").text
    assert "http://" not in page
    assert "https://" not in page
    assert client.get("/api/v1/static-offline-docs/swagger-ui-bundle.js").status_code == 200
    assert f"/api/v1{'/openapi.json'}" in page


def test_openapi__documents_every_route_and_how_it_fails(client):
    document = client.get("/api/v1/openapi.json").json()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len(operations) >= 18
    for operation in operations:
        assert operation["description"]
        assert "application/problem+json" in operation["responses"]["4XX"]["content"]
    assert "Problem" in document["components"]["schemas"]


def test_collections__count_points_images_and_classes(client):
    [info] = client.get("/api/v1/collections").json()
    assert info == client.get(BASE).json()
    assert (info["name"], info["n_points"], info["n_images"], info["dimension"]) == (NAME, 36, 4, 4)
    assert info["classes"] == [{"name": "blue", "count": 19}, {"name": "red", "count": 17}]
    assert info["datasets"] == [{"name": "train", "count": 24}, {"name": "val", "count": 12}]


def test_collections__of_an_unknown_name_list_the_known(client):
    assert_problem(client.get("/api/v1/collections/nope"), 404, "no collection 'nope'", NAME)


# Points


def test_points__come_in_pages_that_cover_all_once(client):
    seen, offset = [], 0
    while offset is not None:
        page = client.get(f"{BASE}/points", params={"offset": offset, "limit": 10}).json()
        assert page["total"] == 36
        seen += [point["id"] for point in page["points"]]
        offset = page["next_offset"]
    assert seen == sorted(set(seen))
    assert len(seen) == 36


def test_points__are_filtered_by_all_conditions(client):
    found = client.get(f"{BASE}/points", params={"class_name": "blue", "dataset": ["train"], "image_name": "first.png"})
    assert found.json()["total"] == 7
    either = client.get(f"{BASE}/points?class_name=blue&class_name=red").json()
    assert either["total"] == 36
    assert client.get(f"{BASE}/points?tags=large").json()["total"] == 0
    assert client.get(f"{BASE}/points?instance=image").json()["total"] == 0


def test_points__beyond_the_end_are_an_empty_page(client):
    page = client.get(f"{BASE}/points", params={"offset": 1000}).json()
    assert page == {"points": [], "next_offset": None, "total": 36}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("class_name=green", ["unknown class 'green'", "known: blue, red"]),
        ("dataset=test", ["unknown dataset 'test'", "train, val"]),
        ("limit=0", ["limit"]),
        ("limit=1001", ["limit"]),
        ("limit=99999999999999999999999", ["limit"]),
        ("offset=-1", ["offset"]),
        ("limit=ten", ["limit"]),
        ("colour=red", ["colour"]),
        ("instance=pixel", ["instance"]),
        ("updated_after=yesterday", ["updated_after"]),
        ("updated_after=2024-01-01T00:00:00", ["updated_after", "timezone"]),
    ],
)
def test_points__refuse_what_they_do_not_understand(client, query, words):
    assert_problem(client.get(f"{BASE}/points?{query}"), 422, *words)


def test_point__has_its_whole_payload(client, points, flipped):
    point = client.get(f"{BASE}/points/{flipped}").json()
    assert point["class_name"] == "blue"
    assert point["box"] == [85, 5, 95, 15]
    assert point["payload"]["tags"] == ["small"]
    assert point == points["first.png", "4"]


NO_ID = "00000000-0000-0000-0000-000000000000"
ODD_IDS = ["x", "0", NO_ID, "%00", "%F0%9F%A6%9D", "%FF", "a" * 5000, "%2e%2e", "'; drop"]


@pytest.mark.parametrize("path", ["/points/{}", "/points/{}/crop"])
@pytest.mark.parametrize("point_id", ODD_IDS)
def test_point__of_an_odd_id_is_not_found(client, path, point_id):
    assert_problem(client.get(BASE + path.format(point_id)), 404)


# Pictures


def test_crop__shows_the_object(client, flipped):
    crop = decode(client.get(f"{BASE}/points/{flipped}/crop?size=64"))
    assert crop.shape == (10, 10, 3)
    red, green, blue = crop.reshape(-1, 3).mean(axis=0)
    assert red > 200
    assert max(green, blue) < 60


def test_crop__is_shrunk_to_the_size_asked_for(client, flipped):
    assert decode(client.get(f"{BASE}/points/{flipped}/crop?size=8")).shape == (8, 8, 3)


@pytest.mark.parametrize("size", ["0", "-5", "100000", "big", "nan"])
def test_crop__refuses_an_absurd_size(client, flipped, size):
    assert_problem(client.get(f"{BASE}/points/{flipped}/crop?size={size}"), 422, "size")


def test_crop__is_not_sent_again_to_a_client_that_has_it(client, flipped):
    first = client.get(f"{BASE}/points/{flipped}/crop")
    again = client.get(f"{BASE}/points/{flipped}/crop", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "max-age" in first.headers["cache-control"]
    other_size = client.get(f"{BASE}/points/{flipped}/crop?size=8")
    assert other_size.headers["etag"] != first.headers["etag"]


def has_orange(pixels):
    return (np.abs(pixels.astype(int) - [255, 106, 0]).sum(axis=-1) < 60).any()


def has_white(pixels):
    return (pixels.min(axis=-1) > 200).any()


@pytest.mark.parametrize(
    ("annotation", "highlights", "draws_others"), [("object", True, False), ("all", True, True), ("none", False, False)]
)
def test_image__draws_the_annotations_asked_for(client, flipped, annotation, highlights, draws_others):
    image = decode(client.get(f"/api/v1/images/{flipped}", params={"annotation": annotation, "collection": NAME}))
    assert image.shape == (40, 240, 3)
    assert has_orange(image[2:18, 82:98]) == highlights
    assert not has_orange(image[:, :80])
    assert has_white(image) == draws_others


def test_image__needs_no_collection_where_there_is_one(client, flipped):
    assert decode(client.get(f"/api/v1/images/{flipped}?size=64")).shape == (11, 64, 3)


@pytest.mark.parametrize(
    ("path", "status"),
    [("nope", 404), ("{id}?collection=nope", 404), ("{id}?annotation=some", 422), ("{id}?size=9999999", 422)],
)
def test_image__refuses_what_is_not_there(client, flipped, path, status):
    assert_problem(client.get(f"/api/v1/images/{path.format(id=flipped)}"), status)


# Neighbors


def search(client, **request):
    return client.post(f"{BASE}/neighbors", json=request)


def test_neighbors__of_the_mislabelled_square_are_red_and_nearest_first(client, flipped):
    neighbors = search(client, ids=[flipped], limit=10).json()["neighbors"]
    assert [int(neighbor["point"]["object_key"]) % 2 for neighbor in neighbors] == [0] * 10
    scores = [neighbor["score"] for neighbor in neighbors]
    assert scores == sorted(scores, reverse=True)
    assert flipped not in [neighbor["point"]["id"] for neighbor in neighbors]


def test_neighbors__obey_a_filter(client, flipped):
    found = search(client, ids=[flipped], filter={"class_name": ["blue"], "dataset": ["val"]}).json()["neighbors"]
    assert len(found) == 7
    assert {(n["point"]["class_name"], n["point"]["dataset"]) for n in found} == {("blue", "val")}


def test_neighbors__leave_out_the_same_image_when_asked(client, flipped):
    found = search(client, ids=[flipped], limit=1000, exclude_same_image=True).json()["neighbors"]
    assert len(found) == 24
    assert "first.png" not in {neighbor["point"]["image_name"] for neighbor in found}


def test_neighbors__of_several_points_lie_around_their_mean(client, points):
    ids = [points["second.png", key]["id"] for key in ("0", "2")]
    found = search(client, ids=ids, limit=5).json()["neighbors"]
    assert not {neighbor["point"]["id"] for neighbor in found} & set(ids)
    assert len(found) == 5


@pytest.mark.parametrize(
    ("request_body", "status", "words"),
    [
        ({"ids": []}, 422, ["ids"]),
        ({"ids": ["nope"]}, 404, ["'nope'"]),
        ({"ids": ["00000000-0000-5000-8000-000000000000"]}, 404, ["00000000-0000-5000-8000-000000000000"]),
        ({"ids": ["{id}"], "limit": 0}, 422, ["limit"]),
        ({"ids": ["{id}"], "limit": 10**30}, 422, ["limit"]),
        ({"ids": ["{id}"], "filter": {"class_name": ["green"]}}, 422, ["'green'", "blue, red"]),
        ({"ids": ["{id}"], "filter": {"class_name": ["\ud800"]}}, 422, ["class_name", "unicode"]),
        ({"ids": ["{id}"], "filter": {"tags": ["\ud800"]}}, 422, ["tags"]),
        ({"ids": ["{id}"], "filter": {"klass": ["red"]}}, 422, ["klass"]),
        ({"ids": "{id}"}, 422, ["ids"]),
        ({"ids": ["{id}"] * 1001}, 422, ["ids"]),
        ([], 422, []),
        (None, 422, []),
    ],
)
def test_neighbors__refuse_a_request_that_makes_no_sense(client, flipped, request_body, status, words):
    if isinstance(request_body, dict):
        request_body = {**request_body, "ids": replace_ids(request_body["ids"], flipped)}
    assert_problem(client.post(f"{BASE}/neighbors", json=request_body), status, *words)


def replace_ids(ids, point_id):
    return point_id if isinstance(ids, str) else [point_id if one == "{id}" else one for one in ids]


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b'{"ids": ["\\ud800"]}'])
def test_neighbors__refuse_broken_json(client, body):
    response = client.post(f"{BASE}/neighbors", content=body, headers={"content-type": "application/json"})
    assert_problem(response, response.status_code)
    assert response.status_code in {400, 404, 422}


def upload(client, data, **fields):
    return client.post(f"{BASE}/neighbors/image", files={"file": ("query.png", data)}, data=fields)


def test_neighbors_of_image__find_what_looks_like_it(client):
    neighbors = upload(client, png((230, 10, 10)), limit="8").json()["neighbors"]
    assert len(neighbors) == 8
    assert all(int(neighbor["point"]["object_key"]) % 2 == 0 for neighbor in neighbors)


def test_neighbors_of_image__search_by_a_box_and_a_class(client):
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, :20, 2], pixels[:, 20:, 0] = 230, 230  # OpenCV writes BGR: red on the left, blue on the right
    data = cv2.imencode(".png", pixels)[1].tobytes()
    right = upload(client, data, box="20,0,40,20", limit="5").json()["neighbors"]
    assert {neighbor["point"]["class_name"] for neighbor in right} == {"blue"}
    left = upload(client, data, box="0,0,20,20", limit="2", class_name="blue").json()["neighbors"]
    assert {neighbor["point"]["object_key"] for neighbor in left} == {"4", "6"}


def test_neighbors_of_image__are_the_only_thing_that_embeds(client, workspace, flipped):
    embedder = give_embedder(workspace, CountingEmbedder())
    search(client, ids=[flipped])
    client.get(f"{BASE}/suspects")
    assert embedder.n_embedded == 0
    upload(client, png((1, 2, 3)))
    assert embedder.n_embedded == 1


@pytest.mark.parametrize(
    ("data", "fields", "status", "words"),
    [
        (b"hello", {}, 422, ["'query.png' is not an image"]),
        (b"", {}, 422, ["'query.png' is not an image"]),
        (png((1, 2, 3), (200, 200)), {}, 422, ["40000 pixels", "at most 10000"]),
        (png((1, 2, 3)), {"box": "1,2,3"}, 422, ["box '1,2,3'", "left,top,right,bottom"]),
        (png((1, 2, 3)), {"box": "500,500,600,600"}, 422, ["500,500,600,600", "no pixel"]),
        (png((1, 2, 3)), {"limit": "0"}, 422, ["limit"]),
        (png((1, 2, 3)), {"class_name": "green"}, 422, ["unknown class 'green'"]),
        (b"x" * 200_001, {}, 413, ["larger than 200000 bytes"]),
    ],
)
def test_neighbors_of_image__refuse_what_cannot_be_searched(client, data, fields, status, words):
    assert_problem(upload(client, data, **fields), status, *words)


def test_neighbors_of_image__refuse_a_body_of_undeclared_length(client):
    async def body():
        yield b"--x--"

    headers = {"content-type": "multipart/form-data; boundary=x"}
    assert_problem(client.post(f"{BASE}/neighbors/image", content=body(), headers=headers), 411, "Content-Length")


def test_neighbors_of_image__need_a_file(client):
    assert_problem(client.post(f"{BASE}/neighbors/image", data={"limit": "5"}), 422, "file")


# Suspects


def test_suspects__are_the_mislabelled_squares(client, points):
    answer = client.get(f"{BASE}/suspects").json()
    wrong = {points[place]["id"] for place in [("first.png", "4"), ("second.png", "3"), ("third.png", "6")]}
    assert {suspect["id"] for suspect in answer["suspects"][:3]} == wrong
    scores = [suspect["score"] for suspect in answer["suspects"]]
    assert scores == sorted(scores, reverse=True)
    assert (answer["n_ranked"], answer["next_offset"], answer["why_empty"]) == (36, None, None)


def test_suspects__carry_what_to_show_and_why(client, flipped):
    found = {suspect["id"]: suspect for suspect in client.get(f"{BASE}/suspects").json()["suspects"]}[flipped]
    assert (found["class_name"], found["suggested_class"]) == ("blue", "red")
    assert (found["image_name"], found["object_key"], found["box"]) == ("first.png", "4", [85, 5, 95, 15])
    assert "red" in found["reason"]
    assert len(found["evidence"]) >= 1


def test_suspects__come_in_pages_that_cover_all_once(client):
    all_at_once = client.get(f"{BASE}/suspects").json()["suspects"]
    paged, offset = [], 0
    while offset is not None:
        page = client.get(f"{BASE}/suspects", params={"limit": 2, "offset": offset}).json()
        paged += page["suspects"]
        offset = page["next_offset"]
    assert paged == all_at_once


def test_suspects__of_a_class(client, points):
    answer = client.get(f"{BASE}/suspects?class_name=red").json()
    assert [suspect["id"] for suspect in answer["suspects"]] == [points["second.png", "3"]["id"]]


@pytest.mark.parametrize("query", ["class_name=green", "limit=0", "limit=100000", "offset=-1", "offset=1e999"])
def test_suspects__refuse_what_they_do_not_understand(client, query):
    assert_problem(client.get(f"{BASE}/suspects?{query}"), 422)


# Projections


@pytest.fixture(scope="module")
def projection(client):
    return client.get(f"{BASE}/projections").json()[0]


@pytest.fixture(scope="module")
def map_url(projection):
    return f"{BASE}/projections/{projection['id']}"


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
    scores = np.frombuffer(client.get(f"{map_url}/columns/score").content, np.uint8)
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
    rows = client.post(f"{map_url}/rows", json={"ids": [*ids, "nope", "\u00e9\U0001f99d"]}).json()
    assert [row["id"] for row in rows] == ids
    assert sorted(row["row"] for row in rows) == list(range(36))
    back = client.get(f"{map_url}/rows", params={"rows": ",".join(str(row["row"]) for row in rows)}).json()
    assert [row["point"]["id"] for row in back] == ids
    assert client.post(f"{map_url}/rows", json={"ids": []}).json() == []


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


@pytest.mark.parametrize("path", ["", "/map", "/columns/score", "/rows?rows=1", "/rows/1/crop"])
@pytest.mark.parametrize("projection_id", ["nope", "%2e%2e", "20240101T000000000000Z-pca", "%00"])
def test_projection__of_an_unknown_id_is_not_found(client, path, projection_id):
    assert_problem(client.get(f"{BASE}/projections/{projection_id}{path}"), 404)


# Anything at all

ODD_WORDS = st.sampled_from([NAME, "0", "-1", "null", "1e999"])
ODD_TEXT = ODD_WORDS | st.text(st.characters(exclude_characters="\n"), max_size=30)
ODD_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def get_operations(client):
    """Path, path parameters and query parameters of every GET, as the documentation tells them."""
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    described = {path: methods["get"] for path, methods in paths.items() if "get" in methods}
    parameters = {path: operation.get("parameters", []) for path, operation in described.items()}
    return [
        (path, *([one["name"] for one in known if one["in"] == place] for place in ("path", "query")))
        for path, known in parameters.items()
    ]


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_get__answers_odd_requests_without_failing(client, get_operations, data):
    for path, names, queries in get_operations:
        address = path.format(**{name: quote(data.draw(ODD_TEXT), safe="") for name in names})
        response = client.get(f"/api/v1{address}", params={name: data.draw(ODD_TEXT) for name in queries})
        assert response.status_code < 500, (address, response.text)


@settings(max_examples=25, deadline=None)
@given(body=ODD_JSON)
def test_every_post__answers_odd_bodies_without_failing(client, map_url, body):
    for address in (f"{BASE}/neighbors", f"{map_url}/rows", "/api/v1/runs"):
        content = json.dumps(body).encode()
        response = client.post(address, content=content, headers={"content-type": "application/json"})
        assert response.status_code in {200, 404, 422}, (address, response.text)
