"""Archives of images over the api: sent, unpacked, indexed, refused."""

import io
import re
import zipfile
from pathlib import Path

import cv2
import numpy as np
from fastapi import FastAPI

from api.app import create_app
from api.settings import ApiSettings
from tests.integration.api.samples import IDENTITY, AppClient, assert_problem

UPLOADS = "/api/v1/uploads"


def client_of(own_workspace, token=IDENTITY.token, **limits):
    server = FastAPI()
    server.mount("/api/v1", create_app(ApiSettings(**limits), own_workspace, IDENTITY))
    return AppClient(server, token)


def make_zip(**files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


def picture():
    return cv2.imencode(".png", np.full((8, 8, 3), 90, np.uint8))[1].tobytes()


def test_upload__becomes_a_source(own_workspace):
    archive = make_zip(**{"cats__one.png": picture(), "dogs__two.png": picture()})
    answer = client_of(own_workspace).post(UPLOADS, files={"file": ("pets.zip", archive)})
    assert answer.status_code == 201
    uploaded = answer.json()
    folder = own_workspace.data_dir / "uploads"
    assert uploaded["path"].startswith(str(folder / "pets-"))
    assert (uploaded["n_files"], uploaded["n_bytes"]) == (2, 2 * len(picture()))


def test_upload__needs_local_power(own_workspace):
    answer = client_of(own_workspace, token=None).post(UPLOADS, files={"file": ("pets.zip", make_zip(a=b"1"))})
    assert_problem(answer, 403, "may not store images on the server's machine")
    assert not (own_workspace.data_dir / "uploads").exists()


def test_upload__hostile_archive_leaves_nothing(own_workspace, tmp_path):
    before = {path for path in tmp_path.rglob("*") if "qdrant" not in str(path)}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("cats/one.png", picture())
        archive.writestr("../../escaped.png", picture())
    answer = client_of(own_workspace).post(UPLOADS, files={"file": ("evil.zip", file.getvalue())})
    assert_problem(answer, 422, "archive 'evil.zip' is refused", "'../../escaped.png' leads out of its folder")
    assert {path for path in tmp_path.rglob("*") if "qdrant" not in str(path)} == before
    assert not (tmp_path.parent / "escaped.png").exists()


def test_upload__larger_than_a_request_may_be(own_workspace):
    client = client_of(own_workspace, max_body_bytes=1000)
    answer = client.post(UPLOADS, files={"file": ("big.zip", b"0" * 2000)})
    assert_problem(answer, 413, "larger than 1000 bytes")


def test_upload__page_offers_no_more_than_a_request_may_be():
    script = Path(__file__).parents[3] / "explorer" / "assets" / "page" / "jobs" / "index_order.mjs"
    offered_mb = re.search(r"MAX_UPLOAD_MB = (\d+)", script.read_text())
    assert int(offered_mb[1]) * 10**6 < ApiSettings().max_body_bytes
