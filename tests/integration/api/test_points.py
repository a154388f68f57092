"""The api over a real embedded store: what there is, points and pictures."""

import numpy as np
import pytest

from api.app import create_app
from api.settings import ApiSettings
from indexer.embedders.devices import describe_engines, list_devices
from tests.integration.api.samples import BASE, NAME, AppClient, assert_problem, decode

# What there is


def test_health__answers(client):
    assert client.get("/api/v1/health").json()["status"] == "ok"


def test_catalogue__says_every_name_that_requests_may_use(client):
    catalogue = client.get("/api/v1/catalogue").json()
    names = {
        part: [entry["name"] for entry in catalogue[part]] for part in catalogue if part not in ("models", "engines")
    }
    assert names["projection_methods"] == ["umap", "tsne", "pca", "densmap", "pca-umap", "pca-tsne"]
    assert {"supervisely", "coco", "image_folder"} <= set(names["source_formats"])
    assert "parquet" in names["export_formats"]
    assert names["embedders"] == ["timm", "hf"]
    assert all(entry["description"] for part in names for entry in catalogue[part])
    assert catalogue["engines"] == describe_engines()
    assert any("efficientnet_lite0" in model["name"] for model in catalogue["models"])


def test_models__name_the_devices_of_the_machine_to_who_asks(client):
    assert client.get("/api/v1/models").json()["devices"] is None
    assert client.get("/api/v1/models?with_devices=true").json()["devices"] == list_devices()


def test_models__do_not_know_the_devices_of_workers(workspace):
    queued = AppClient(create_app(ApiSettings(has_workers=True), workspace))
    assert queued.get("/models?with_devices=true").json()["devices"] is None


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
    assert "url: 'openapi.json'" in page
    assert client.get("/api/v1/openapi.json").json()["servers"][0]["url"] == "."


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
    assert_problem(client.get(f"{BASE}/points?tags=large"), 422, "unknown tag 'large'")
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
        ("updated_after=2024-01-01T00:00:00", ["updated_after", "a time with its zone"]),
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
ODD_IDS = ["x", "0", NO_ID, "%00", "%F0%9F%A6%9D", "%FF", "a" * 100, "%2e%2e", "'; drop"]


@pytest.mark.parametrize("path", ["/points/{}", "/points/{}/crop"])
@pytest.mark.parametrize("point_id", ODD_IDS)
def test_point__of_an_odd_id_is_not_found(client, path, point_id):
    assert_problem(client.get(BASE + path.format(point_id)), 404)


@pytest.mark.parametrize("path", [f"{BASE}/points/{{}}", f"{BASE}/points/{{}}/crop", "/api/v1/images/{}"])
def test_point__of_an_id_with_a_slash_is_told(client, path):
    assert_problem(client.get(path.format("one%2Ftwo")), 404, "no point 'one/two'")


@pytest.mark.parametrize("path", ["collections/one%2Ftwo/suspects", f"collections/{NAME}/projections/one%2Ftwo"])
def test_name__with_a_slash_is_told(client, path):
    assert_problem(client.get(f"/api/v1/{path}"), 404, "there is no 'one/two'")


@pytest.mark.parametrize("path", [f"{BASE}/points/{{}}", f"{BASE}/points/{{}}/crop", "/api/v1/images/{}"])
def test_point__of_an_endless_id_is_a_wrong_request(client, path):
    assert_problem(client.get(path.format("a" * 101)), 422, "point_id")


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


def has_color(pixels, name, client):
    """Whether the colour of a class is in a picture."""
    color = client.get(BASE).json()["class_colors"][name]
    rgb = list(bytes.fromhex(color.removeprefix("#")))
    return (np.abs(pixels.astype(int) - rgb).sum(axis=-1) < 60).any()


@pytest.mark.parametrize(
    ("annotation", "highlights", "draws_others"), [("object", True, False), ("all", True, True), ("none", False, False)]
)
def test_image__draws_annotations_in_the_colours_of_their_classes(
    client, flipped, annotation, highlights, draws_others
):
    given = client.get(f"{BASE}/points/{flipped}").json()["class_name"]
    [other] = {"red", "blue"} - {given}
    image = decode(client.get(f"/api/v1/images/{flipped}", params={"annotation": annotation, "collection": NAME}))
    assert image.shape == (40, 240, 3)
    assert has_color(image[2:18, 82:98], given, client) == highlights
    assert has_color(image[:, :80], given, client) == draws_others
    assert has_color(image, other, client) == draws_others


def test_image__shows_a_part_of_it_enlarged(client, flipped):
    point = client.get(f"/api/v1/collections/{NAME}/points/{flipped}")
    box = ",".join(map(str, point.json()["box"]))
    address = f"/api/v1/images/{flipped}"
    part = decode(client.get(address, params={"region": "80,0,100,20", "size": 200}))
    assert part.shape == (200, 200, 3)
    given = point.json()["class_name"]
    assert has_color(part, given, client)
    beside = decode(client.get(address, params={"region": "120,0,160,20", "size": 200}))
    assert beside.shape == (100, 200, 3)
    assert not has_color(beside, given, client)
    plain = decode(client.get(address, params={"region": box, "size": 80, "annotation": "none"}))
    assert max(plain.shape) == 80
    crop = decode(client.get(f"/api/v1/collections/{NAME}/points/{flipped}/crop"))
    assert np.abs(plain.mean(axis=(0, 1)) - crop.mean(axis=(0, 1))).max() < 12


def test_image__needs_no_collection_where_there_is_one(client, flipped):
    assert decode(client.get(f"/api/v1/images/{flipped}?size=64")).shape == (11, 64, 3)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("nope", 404),
        ("{id}?collection=nope", 404),
        ("{id}?annotation=some", 422),
        ("{id}?size=9999999", 422),
        ("{id}?region=1,2", 422),
    ],
)
def test_image__refuses_what_is_not_there(client, flipped, path, status):
    assert_problem(client.get(f"/api/v1/images/{path.format(id=flipped)}"), status)


# Neighbors
