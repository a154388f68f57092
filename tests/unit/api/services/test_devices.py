"""Devices of the machine: another process asks torch, once."""

import threading

import pytest

from api.services import devices
from api.services.devices import Devices
from indexer.embedders.devices import list_devices


@pytest.fixture
def asked(monkeypatch):
    """Count the processes that are started."""
    started, start = [], devices.start_python

    def count_and_start(code, **options):
        started.append(code)
        return start(code, **options)

    monkeypatch.setattr(devices, "start_python", count_and_start)
    return started


def test_names__are_those_of_torch_and_asked_for_once(asked):
    known = Devices(threading.Event())
    assert known.names() == known.names() == list_devices()
    assert len(asked) == 1


def test_names__are_asked_for_again_if_torch_could_not_tell(asked, monkeypatch):
    known = Devices(threading.Event())
    with monkeypatch.context() as without_torch:
        without_torch.setattr(devices, "_ASK", "raise ImportError('torch')")
        assert known.names() is None
    monkeypatch.setattr(devices, "_ASK", "print('cuda:0', 'cpu')")
    assert known.names() == ["cuda:0", "cpu"]
    assert len(asked) == 2


def test_names__server_that_ends_does_not_wait(monkeypatch):
    monkeypatch.setattr(devices, "_ASK", "import time; time.sleep(600)")
    is_stopping = threading.Event()
    is_stopping.set()
    assert Devices(is_stopping).names() is None
