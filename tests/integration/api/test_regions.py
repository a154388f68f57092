"""Parts of images over HTTP: of real files, also turned ones, whatever part is asked for."""

import numpy as np
import pytest
from PIL import Image

from api.app import create_app
from api.settings import ApiSettings
from indexer.domain import CropOptions
from indexer.pipeline.sync import SyncOptions
from indexer.settings import IndexerSettings
from indexer.workspace import Workspace
from tests.doubles import CountingEmbedder, MemoryImage, make_object
from tests.image_files import encode, make_exif
from tests.integration.api.samples import NAME, AppClient, FolderSource, assert_problem, decode, give_embedder

WIDTH, HEIGHT = 640, 480
"""Of every image as people see it."""
LINES = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
LINES[:, ::2] = 255
"""Lines of one pixel, which a picture at half the scale shows as grey."""
FILES = {
    "upright.jpg": encode(LINES, "JPEG", quality=95),
    "turned.jpg": encode(
        Image.fromarray(LINES).transpose(Image.Transpose.ROTATE_90), "JPEG", quality=95, exif=make_exif()
    ),
    "turned.png": encode(Image.fromarray(LINES).transpose(Image.Transpose.ROTATE_90), "PNG", exif=make_exif()),
}
BOX = (600, 440, 620, 460)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("regions")
    (folder / "images").mkdir()
    source = FolderSource({key: MemoryImage(data, [make_object("1", box=BOX)]) for key, data in FILES.items()},
                          folder / "images")  # fmt: skip
    with Workspace.open(IndexerSettings(data_dir=folder / "data")) as workspace:
        give_embedder(workspace, CountingEmbedder())
        workspace.index(source, collection_name=NAME)
        yield workspace


@pytest.fixture(scope="module")
def client(workspace):
    return AppClient(create_app(ApiSettings(), workspace))


@pytest.fixture(params=FILES)
def ask(client, request):
    """Ask for a part of one image, without its annotations."""
    listed = client.get(f"/collections/{NAME}/points").json()["points"]
    [point_id] = [point["id"] for point in listed if point["image_name"] == request.param]

    def ask_region(region, size=64):
        query = {"region": region, "size": size, "annotation": "none"}
        return client.get(f"/images/{point_id}", params=query)

    return ask_region


@pytest.mark.parametrize(
    ("beyond", "inside"),
    [
        ("600,440,9000,9000", "600,440,640,480"),
        ("-9000,-9000,40,40", "0,0,40,40"),
        ("600,-5000,5000,5000", "600,0,640,480"),
        ("-2147483648,-2147483648,2147483648,2147483648", "0,0,640,480"),
    ],
)
def test_image__region_beyond_the_image_is_as_sharp_as_its_part_inside(ask, beyond, inside):
    clipped, whole = ask(beyond), ask(inside)
    assert decode(clipped).shape == decode(whole).shape
    assert clipped.content == whole.content


def test_image__region_at_the_edge_shows_every_line(ask):
    part = decode(ask("608,448,9000,9000")).astype(int)
    assert part.shape == (64, 64, 3)
    assert part.max() - part.min() > 200


@pytest.mark.parametrize("region", ["640,0,700,40", "0,480,40,500", "-40,-40,0,0", "5000,5000,6000,6000", "-9,0,0,9"])
def test_image__region_beside_the_image_is_a_wrong_request(ask, region):
    assert_problem(ask(region), 422, f"region '{region}'", "holds no pixel of the image of 640 x 480 px", "0,0,640,480")


@pytest.mark.parametrize("region", ["5,5,5,9", "5,5,9,5", "9,9,5,5", "0,0,0,0"])
def test_image__region_of_no_size_is_a_wrong_request(ask, region):
    assert_problem(ask(region), 422, f"region '{region}' holds no pixel", "right and bottom must exceed left and top")


@pytest.mark.parametrize("region", ["0,0,nan,nan", "0,0,inf,inf", "0,0,1.5,9", "1,2,3", "1,2,3,4,5", "a,b,c,d"])
def test_image__region_that_is_none_is_a_wrong_request(ask, region):
    assert_problem(ask(region), 422, f"region '{region}' is not left,top,right,bottom in whole pixels")


def test_crop__of_a_box_cut_smaller_shows_every_line(workspace):
    """A crop is decoded for what is left of its box, which here is a sixteenth of the image."""
    name = "smaller"
    source = FolderSource({"a.jpg": MemoryImage(FILES["upright.jpg"], [make_object("1", box=(0, 0, 640, 480))])},
                          workspace.data_dir)  # fmt: skip
    workspace.index(source, options=SyncOptions(crops=CropOptions(padding=-208)), collection_name=name)
    client = AppClient(create_app(ApiSettings(), workspace))
    [point] = client.get(f"/collections/{name}/points").json()["points"]
    crop = decode(client.get(f"/collections/{name}/points/{point['id']}/crop?size=224")).astype(int)
    assert crop.shape == (64, 224, 3)
    assert crop.max() - crop.min() > 200
