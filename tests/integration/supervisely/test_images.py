"""Image files of a server: shown by their locator, and turned as their annotation says."""

from io import BytesIO

import pytest
from PIL import Image

from indexer.domain import DEFAULT_LIMITS, ImageLimits
from indexer.errors import ImageReadError
from indexer.sources.opening import open_source
from indexer.sources.supervisely_images import SuperviselyImages
from tests.integration.supervisely.projects import add_image, add_sample


@pytest.fixture
def sample(server):
    return add_sample(server.tables, n_images=1)


def turned_jpeg():
    """A photograph stored 30 wide and 20 high, shown 20 wide and 30 high."""
    exif = Image.Exif()
    exif[0x0112] = 6
    file = BytesIO()
    Image.new("RGB", (30, 20), (200, 10, 10)).save(file, "JPEG", exif=exif)
    return file.getvalue()


@pytest.mark.parametrize(("size_hw", "n_failed"), [((20, 30), 0), ((30, 20), 0), ((99, 20), 1)])
def test_sync__turned_photograph__is_read_as_it_was_annotated(run, server, sample, size_hw, n_failed):
    add_image(server.tables, sample, sample.datasets["val"], "turned.jpg", data=turned_jpeg(), size_hw=size_hw)

    report = run(sample.address)

    assert report.images.failed == n_failed
    assert report.instances.embedded == 12 + 2 * (1 - n_failed)


def test_read__by_locator__gives_the_file(server, sample):
    image = next(iter(open_source(sample.address).list_images()))

    assert SuperviselyImages().read(image.locator, DEFAULT_LIMITS) == server.tables.file_of(int(image.key))
    with pytest.raises(ImageReadError, match=r"has \d+ bytes, and 10 is the most"):
        SuperviselyImages().read(image.locator, ImageLimits(max_bytes=10))


def test_read__image_that_cannot_be_shown__says_why(server, sample, monkeypatch):
    locator = next(iter(open_source(sample.address).list_images())).locator
    images = SuperviselyImages()

    with pytest.raises(ImageReadError, match=r"is not on http://127.0.0.1:.*; change SERVER_ADDRESS"):
        images.read("supervisely://elsewhere.invalid/1/2/3", DEFAULT_LIMITS)
    with pytest.raises(ImageReadError, match=r"404 image not found.*; index again"):
        images.read(locator.rpartition("/")[0] + "/999", DEFAULT_LIMITS)
    monkeypatch.delenv("API_TOKEN")
    with pytest.raises(ImageReadError, match="API_TOKEN is not set"):
        SuperviselyImages().read(locator, DEFAULT_LIMITS)
