"""Exports that a client fetches, from a server and from a data directory of its own."""

import asyncio
import json

import pytest

import lookalike
from lookalike.errors import FileGoneError, InvalidOptionsError
from tests.integration.api.samples import NAME, open_indexed_workspace
from tests.integration.test_serving_teams import Served


@pytest.fixture
def data_dir(tmp_path):
    open_indexed_workspace(tmp_path).close()
    return tmp_path / "data"


@pytest.fixture
def server(data_dir):
    served = Served(data_dir)
    served.wait()
    yield served
    served.stop()


def check_annotations(file, folder):
    assert file == folder / f"{NAME}-instances.json"
    assert len(json.loads(file.read_text())["annotations"]) == 36
    assert list(folder.iterdir()) == [file]


def test_fetch_export__of_a_server(server, tmp_path):
    with lookalike.connect(server.url) as client:
        exported = client.export(export_format="coco").wait()
        check_annotations(client.fetch_export(exported, tmp_path / "here"), tmp_path / "here")


def test_fetch_export__of_an_api_in_this_process(data_dir, tmp_path):
    with lookalike.connect(data_dir) as client:
        exported = client.export(export_format="coco").wait()
        check_annotations(client.fetch_export(exported, tmp_path / "here"), tmp_path / "here")
        exported.download = f"/exports/{32 * '0'}"
        with pytest.raises(FileGoneError, match="export again"):
            client.fetch_export(exported, tmp_path / "there")
        assert not (tmp_path / "there").exists()


def test_fetch_export__awaited(server, tmp_path):
    async def fetch():
        async with lookalike.connect_async(server.url) as client:
            run = await client.export(export_format="coco")
            return await client.fetch_export(await run.wait(), tmp_path / "here")

    check_annotations(asyncio.run(fetch()), tmp_path / "here")


def test_command__fetch__saves_here(server, tmp_path, lookalike):
    code, out, err = lookalike("export", tmp_path / "here", "--format", "coco", "--fetch", "--server", server.url)
    assert (code, out) == (0, f"{tmp_path / 'here' / f'{NAME}-instances.json'}: 36 points\n"), err
    check_annotations(tmp_path / "here" / f"{NAME}-instances.json", tmp_path / "here")


def test_fetch_export__where_no_file_can_be(data_dir, tmp_path):
    (tmp_path / "file").write_text("mine")
    with lookalike.connect(data_dir) as client:
        exported = client.export(export_format="csv").wait()
        with pytest.raises(InvalidOptionsError, match=r"cannot write '.*file/.*'"):
            client.fetch_export(exported, tmp_path / "file")
        written = client.export(tmp_path / "out", export_format="csv").wait()
        with pytest.raises(InvalidOptionsError, match=r"is in .*points.csv already"):
            client.fetch_export(written, tmp_path / "here")
    assert (tmp_path / "file").read_text() == "mine"
