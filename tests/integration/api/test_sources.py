"""The datasets of a folder, told before it is indexed; refused like the run that would index it."""

import gzip
import os
import threading

import pytest
from fastapi import FastAPI

from api.app import create_app
from api.services import source_datasets
from api.services.source_datasets import list_datasets
from api.settings import ApiSettings
from indexer.errors import CancelledError, SourceUnavailableError
from tests.integration.api.samples import IDENTITY, AppClient, assert_problem
from tests.source_formats import write_image

DATASETS = "/api/v1/sources/datasets"


@pytest.fixture(scope="module")
def app(workspace):
    server = FastAPI()
    server.mount("/api/v1", create_app(ApiSettings(), workspace, IDENTITY))
    return server


@pytest.fixture(scope="module")
def owner(app):
    return AppClient(app, IDENTITY.token)


@pytest.fixture
def project(tmp_path):
    """A Supervisely project with a nested dataset."""
    for dataset in ("day", "night", "night/datasets/rain"):
        for part in ("img", "ann"):
            (tmp_path / "ways" / dataset / part).mkdir(parents=True)
    (tmp_path / "ways" / "meta.json").write_text('{"classes": [], "tags": [], "projectType": "images"}')
    return tmp_path / "ways"


def test_datasets__of_a_project_with_a_nested_one(owner, project):
    answer = owner.get(DATASETS, params={"source": str(project)})
    assert answer.json() == {"datasets": ["day", "night", "night/rain"]}


def test_datasets__of_an_annotation_file_are_one(owner, tmp_path):
    (tmp_path / "instances_val.json").write_text('{"images": [], "annotations": [], "categories": []}')
    answer = owner.get(DATASETS, params={"source": str(tmp_path / "instances_val.json")})
    assert answer.json() == {"datasets": ["val"]}


def test_datasets__one_whose_name_is_no_text_is_left_out(owner, project):
    for part in ("img", "ann"):
        (project / os.fsdecode(b"dus\xff") / part).mkdir(parents=True)
    assert owner.get(DATASETS, params={"source": str(project)}).json() == {"datasets": ["day", "night", "night/rain"]}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"source": "/nowhere/at/all"}, "/nowhere/at/all does not exist; give the path"),
        ({"source": "/nowhere\0"}, "does not exist; give the path"),
        ({"source": "supervisely://11"}, "supervisely://11 is on a server; /supervisely/tree lists its datasets"),
        ({"source": "supervisly://11"}, "unknown kind of address 'supervisly://'"),
        ({"source": "{project}", "source_format": "cocoa"}, "unknown source format 'cocoa'"),
        ({"source": "{project}/day"}, "day looks like a dataset of a Supervisely project; give the project's folder"),
        ({}, "source"),
    ],
)
def test_datasets__what_cannot_be_opened_is_one_line(owner, project, asked, words):
    params = {name: value.format(project=project) for name, value in asked.items()}
    assert_problem(owner.get(DATASETS, params=params), 422, words)


def test_datasets__of_a_broken_file_are_refused_in_its_words(owner, tmp_path):
    (tmp_path / "broken.json").write_text('{"images": [')
    answer = owner.get(DATASETS, params={"source": str(tmp_path / "broken.json"), "source_format": "coco"})
    assert_problem(answer, 422, "broken.json")
    assert answer.json()["code"] == "AnnotationFormatError"


def test_datasets__need_local_power(app, project):
    answer = AppClient(app).get(DATASETS, params={"source": str(project)})
    assert_problem(answer, 403, "may not index a folder on the server's machine")


def test_list_datasets__a_process_that_fails_says_why(project, monkeypatch):
    monkeypatch.setattr(source_datasets, "_ASK", "raise MemoryError('no room')")
    with pytest.raises(SourceUnavailableError, match=r"the datasets of .*ways cannot be listed: MemoryError: no room"):
        list_datasets(str(project), None, threading.Event())


def test_list_datasets__a_source_that_takes_too_long_is_not_waited_for(project, monkeypatch):
    monkeypatch.setattr(source_datasets, "_ASK", "import time; time.sleep(600)")
    with pytest.raises(SourceUnavailableError, match="takes longer than 0 s; give the names of its datasets"):
        list_datasets(str(project), None, threading.Event(), longest_s=0)


def test_list_datasets__server_that_ends_does_not_wait(project, monkeypatch):
    monkeypatch.setattr(source_datasets, "_ASK", "import time; time.sleep(600)")
    is_stopping = threading.Event()
    is_stopping.set()
    with pytest.raises(CancelledError):
        list_datasets(str(project), None, is_stopping)


def test_list_datasets__more_names_than_a_pipe_holds(monkeypatch):
    tell = "import json; print(json.dumps({'datasets': [f'dataset {one:06d}' for one in range(10_000)]}))"
    monkeypatch.setattr(source_datasets, "_ASK", tell)
    assert list_datasets("/data", None, threading.Event())[-1] == "dataset 009999"


REFUSED = {
    "an_empty_folder": ("empty", {}, "the format of {source} is not recognised; looked for supervisely: "),
    "a_folder_of_other_files": ("other", {}, "the format of {source} is not recognised; looked for supervisely: "),
    "annotations_that_are_not_read": ("labelme", {}, "a.json looks like LabelMe's JSON, which is not read"),
    "a_file_that_is_no_archive": ("broken.zip", {}, "the format of {source} is not recognised; looked for supervisely"),
    "json_that_is_not_coco": ("other.json", {}, "the format of {source} is not recognised; looked for supervisely"),
    "packed_json": ("coco.json.gz", {}, "{source} is packed"),
    "one_image": ("one.png", {}, "{source} is one image; give the folder that holds it"),
    "a_format_that_is_not_there": ("empty", {"source_format": "yolo"}, "{source} is no YOLO data set"),
    "json_that_is_not_coco_but_was_said_to_be": (
        "other.json",
        {"source_format": "coco"},
        "{source} is no COCO file: it has neither 'annotations' nor 'categories'",
    ),
    "an_unknown_format": ("empty", {"source_format": "cocoa"}, "unknown source format 'cocoa'"),
    "an_option_of_another_format": ("images", {"full": True}, "the format image_folder has no option 'full'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_index_run__what_cannot_be_opened_is_refused_before_there_is_a_run(owner, tmp_path, case):
    name, options, words = REFUSED[case]
    for folder in ("empty", "other", "labelme", "images"):
        (tmp_path / folder).mkdir()
    for picture in ("one.png", "labelme/a.png", "images/a.png"):
        write_image(tmp_path / picture)
    (tmp_path / "other" / "notes.txt").write_text("nothing")
    (tmp_path / "labelme" / "a.json").write_text('{"version": "5", "shapes": [], "imagePath": "a.png"}')
    (tmp_path / "broken.zip").write_text("no archive")
    (tmp_path / "other.json").write_text('{"cats": 1}')
    (tmp_path / "coco.json.gz").write_bytes(gzip.compress(b'{"images": [], "annotations": [], "categories": []}'))
    source = tmp_path / name

    response = owner.post("/api/v1/runs", json={"kind": "index", "source": str(source), **options})

    assert_problem(response, 422, words.format(source=source))
    assert owner.get("/api/v1/runs").json() == []
