"""A project of the double, indexed with a map of it, as a user of the platform has it."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.serving import MAP_IS_PAINTED, lookalike_command, serve
from tests.copies import copy_data
from tests.doubles.supervisely_server import SuperviselyServerDouble, running_server
from tests.integration.supervisely.projects import Sample, add_sample

COLLECTION = "tf_efficientnet_lite0"


@pytest.fixture(scope="session")
def double() -> Iterator[SuperviselyServerDouble]:
    if importlib.util.find_spec("supervisely") is None:
        pytest.skip("the Supervisely SDK is not installed: pip install supervisely")
    with running_server() as running:
        yield running


@pytest.fixture(scope="session")
def project(double) -> Sample:
    """120 objects on 60 images of 6 data sets."""
    double.tables.add_project("a project with a long name, " + "which goes on and on " * 4)
    return add_sample(double.tables, n_images=10)


@pytest.fixture(scope="session")
def indexed_project(double, project, tmp_path_factory) -> Path:
    data_dir = tmp_path_factory.mktemp("platform") / "data"
    for command in (("index", project.address), ("project",)):
        subprocess.run(
            lookalike_command(*command, "--data-dir", data_dir),
            check=True,
            capture_output=True,
            env={**os.environ, **double.environment},
        )
    return data_dir


@pytest.fixture(scope="module")
def platform_server(chromium, double, indexed_project, tmp_path_factory) -> Iterator[str]:
    data_dir = copy_data(indexed_project, tmp_path_factory.mktemp("served") / "data")
    with serve(data_dir, double.environment) as url:
        yield url


@pytest.fixture
def explorer(open_page, platform_server) -> Page:
    """The explorer with the project's map, and with 30 points selected."""
    page = open_page(platform_server)
    select_points(page)
    return page


def select_points(page: Page) -> None:
    page.wait_for_function(MAP_IS_PAINTED)
    page.evaluate("lookalike.map.select([...Array(30).keys()])")
    on_a_phone = page.get_by_role("navigation", name="Views").get_by_role("button", name=re.compile("^Selection"))
    if on_a_phone.is_visible():
        on_a_phone.click()
    expect(buttons_of(page)).to_be_visible()


def buttons_of(page: Page) -> Locator:
    """The buttons beside the selection."""
    return page.get_by_role("region", name="Selected points").get_by_role("group", name="On the Supervisely server")


def open_dialog(page: Page, name: str, title: str) -> Locator:
    buttons_of(page).get_by_role("button", name=name).click()
    return page.get_by_role("dialog", name=title)
