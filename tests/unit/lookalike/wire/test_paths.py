"""Paths that travel as JSON."""

import os

import pytest

from lookalike.wire.exports import Exported, ExportRequest


@pytest.mark.parametrize("name", ["/tmp/photos", "/tmp/猫 100%", os.fsdecode(b"/tmp/caf\xe9 100%"), "file-of-mine"])
def test_paths__any_name_arrives_as_it_was_sent(name):
    request = ExportRequest(folder=name)
    answer = Exported(path=name, n_points=1, format="csv", left_out={})

    assert ExportRequest.model_validate_json(request.model_dump_json()).folder == name
    assert Exported.model_validate_json(answer.model_dump_json()).path == name


def test_paths__what_is_utf_8_is_written_plainly():
    assert '"folder":"/tmp/猫 100%"' in ExportRequest(folder="/tmp/猫 100%").model_dump_json()


def test_paths__other_bytes_are_an_address():
    assert '"folder":"file:///tmp/caf%E9"' in ExportRequest(folder=os.fsdecode(b"/tmp/caf\xe9")).model_dump_json()
