from __future__ import annotations

import os

import pytest

from indexer.embedders.devices import choose_device, count_cores, list_devices
from indexer.errors import ConfigurationError


def test_choose_device__auto__is_the_first_of_the_list() -> None:
    assert choose_device("auto") == list_devices()[0]


def test_choose_device__cpu__is_always_there() -> None:
    assert choose_device("cpu") == "cpu"


@pytest.mark.parametrize("wanted", ["cuda:99", "gpu", "tpu"])
def test_choose_device__not_there__lists_what_is(wanted: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"no device '{wanted}'; this machine has: .*cpu"):
        choose_device(wanted)


def test_count_cores__is_between_one_and_all() -> None:
    assert 1 <= count_cores() <= (os.cpu_count() or 1)
