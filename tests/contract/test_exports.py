"""Every registered export keeps the promises of ``indexer.exports.base.Export``, and can be read again."""

import inspect
import json
import os
import threading
from collections import Counter

import numpy as np
import pytest
import torch
from pycocotools.coco import COCO
from torchvision.datasets import CocoDetection

from indexer.domain import CropOptions, InstanceMode, PointColumns
from indexer.errors import InvalidOptionsError
from indexer.exports import EXPORTS
from indexer.exports.base import WantedExport
from indexer.images.crops import decode_image
from indexer.imports.embeddings_folder import read_embeddings_folder
from indexer.points import SourceIdentity, make_object_payload, make_point_id
from indexer.sources import PATH_FORMATS, SOURCES
from indexer.sources.instances import make_instances
from indexer.sources.opening import open_source
from tests.source_formats import WRITERS
from tests.unit.indexer.exports.exported_points import SPEC, column, map_of_two, three_points

FORMATS_WITH_OBJECTS = [name for name in PATH_FORMATS if name != "image_folder"]


def read_instances(source):
    """Every object of a source that becomes a point, with its image."""
    for image in source.list_images():
        described = source.describe(image)
        size_hw = decode_image(source.read_bytes(described), size_hw=described.size_hw).shape[:2]
        objects = source.read_objects(described)
        found, skipped = make_instances(
            described, objects, mode=InstanceMode.OBJECTS, size_hw=size_hw, options=CropOptions()
        )
        assert not skipped
        yield from ((described, size_hw, one) for one in found)


def points_of(source):
    """The points that indexing a source makes, with embeddings that tell them apart."""
    identity = SourceIdentity(source.key, source.project)
    payloads = {
        make_point_id(source.key, image.key, one.object_key): make_object_payload(
            identity, image, one, size_hw=size_hw, pixels_hash="hash"
        )
        for image, size_hw, one in read_instances(source)
    }
    ids = sorted(payloads)
    names = {name for payload in payloads.values() for name in payload}
    fields = {name: column(*(payloads[point_id].get(name) for point_id in ids)) for name in sorted(names)}
    return PointColumns(np.array(ids), np.arange(len(ids) * 2, dtype=np.float32).reshape(-1, 2), fields)


def open_coco(path, **options):
    """Open a COCO export whose images lie elsewhere."""
    if "allow_outside" in inspect.signature(SOURCES.load("coco").open).parameters:
        options["allow_outside"] = True
    return open_source(path, **options)


def read_coco(path):
    found = read_instances(open_coco(path))
    return Counter((image.locator, one.class_name, tuple(one.box)) for image, _, one in found)


def read_embeddings(path):
    found = read_embeddings_folder(path).fields
    names = ("image_key", "class_name", "box")
    return Counter((key, class_name, tuple(box)) for key, class_name, box in zip(*map(found.get, names), strict=True))


READERS = {"coco": (read_coco, "image_locator"), "embeddings-folder": (read_embeddings, "image_key")}
"""Our own readers, and what they know an image by; the other formats have none."""


def read_with_pycocotools(path):
    coco = COCO(str(path))
    names = {one["id"]: one["name"] for one in coco.loadCats(coco.getCatIds())}
    annotations = coco.loadAnns(coco.getAnnIds())
    assert all(coco.annToMask(one).sum() == one["area"] for one in annotations)
    return Counter((names[one["category_id"]], tuple(one["bbox"][:2])) for one in annotations)


def read_with_pandas(path):
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    table = pandas.read_parquet(path) if path.suffix == ".parquet" else pandas.read_csv(path)
    boxes = [json.loads(box) if isinstance(box, str) else box.tolist() for box in table["box"]]
    return Counter((name, tuple(box[:2])) for name, box in zip(table["class_name"], boxes, strict=True))


def read_with_torch(path):
    info = json.loads((path / "info.json").read_text(encoding="utf-8"))
    embeddings = torch.load(path / "embeddings.pt", weights_only=True)
    assert {len(values) for values in info.values()} == {len(embeddings)}
    rows = zip(info["object_cls"], info["crop_yxyx"], strict=True)
    return Counter((name, (left, top)) for name, (top, left, _, _) in rows)


INDEPENDENT_READERS = {
    "coco": read_with_pycocotools,
    "parquet": read_with_pandas,
    "csv": read_with_pandas,
    "embeddings-folder": read_with_torch,
}


@pytest.fixture(params=list(EXPORTS))
def export(request):
    return EXPORTS.load(request.param)


@pytest.mark.parametrize("source_format", FORMATS_WITH_OBJECTS)
@pytest.mark.parametrize("name", list(READERS))
def test_export__our_own_reader__finds_the_same_objects(tmp_path, name, source_format):
    points = points_of(open_source(WRITERS[source_format](tmp_path / "data")))
    read, known_by = READERS[name]
    rows = zip(points.fields[known_by], points.fields["class_name"], points.fields["box"], strict=True)
    expected = Counter((image, class_name, tuple(box)) for image, class_name, box in rows)
    assert expected.total() == 4
    for folder in (tmp_path / "elsewhere", tmp_path / "data"):
        assert read(EXPORTS.load(name)(WantedExport(folder, points)).path) == expected


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # within pycocotools
@pytest.mark.parametrize("source_format", FORMATS_WITH_OBJECTS)
@pytest.mark.parametrize("name", list(EXPORTS))
def test_export__reader_of_somebody_else__finds_the_same_objects(tmp_path, capsys, name, source_format):
    points = points_of(open_source(WRITERS[source_format](tmp_path / "data")))
    rows = zip(points.fields["class_name"], points.fields["box"], strict=True)
    expected = Counter((class_name, tuple(box[:2])) for class_name, box in rows)
    assert INDEPENDENT_READERS[name](EXPORTS.load(name)(WantedExport(tmp_path / "out", points)).path) == expected


@pytest.mark.parametrize("source_format", ["coco", "yolo"])  # the others have folders of their own in every path
def test_export__coco_into_the_data_set__has_the_same_points(tmp_path, source_format):
    source = open_source(WRITERS[source_format](tmp_path / "data"))
    points = points_of(source)
    path = EXPORTS.load("coco")(WantedExport(tmp_path / "data", points)).path
    assert min(one["file_name"] for one in json.loads(path.read_text())["images"]) == "images/train/a.png"
    assert points_of(open_source(path, source_key=source.key)).ids.tolist() == points.ids.tolist()


@pytest.mark.parametrize("folder", ["out", "data"])
def test_export__coco__is_opened_by_torchvision(tmp_path, monkeypatch, capsys, folder):
    points = points_of(open_source(WRITERS["coco"](tmp_path / "data")))
    path = EXPORTS.load("coco")(WantedExport(tmp_path / folder, points)).path
    monkeypatch.chdir("/")
    pictures = CocoDetection(root=str(path.parent), annFile=str(path))
    assert sorted(len(annotations) for _, annotations in pictures) == [1, 1, 2]
    images = [pictures.coco.imgs[number] for number in pictures.ids]
    sizes = [picture.size for picture, _ in pictures]
    assert sizes == [(image["width"], image["height"]) for image in images]


def test_export__full_call__writes_what_it_returns(tmp_path, export):
    assert export(WantedExport(tmp_path / "a" / "b", three_points(), newest_map=map_of_two(), spec=SPEC)).path.exists()


def test_export__twice__leaves_the_same_files(tmp_path, export):
    export(WantedExport(tmp_path, three_points(), newest_map=map_of_two(), spec=SPEC))
    once = sorted(path.name for path in tmp_path.iterdir())
    export(WantedExport(tmp_path, three_points(), newest_map=map_of_two(), spec=SPEC))
    assert sorted(path.name for path in tmp_path.iterdir()) == once


def test_export__no_points__is_no_error(tmp_path, export):
    whole = three_points()
    none = type(whole)(whole.ids[:0], whole.embeddings[:0], {name: values[:0] for name, values in whole.fields.items()})
    assert export(WantedExport(tmp_path, none)).path.exists()


def test_export__progress__ends_complete(tmp_path, export):
    seen = []
    export(WantedExport(tmp_path, three_points(), on_progress=lambda *report: seen.append(report)))
    assert seen[0] == ("export", 0, 3)
    assert seen[-1] == ("export", 3, 3)


def test_export__folder_is_a_file__says_so(tmp_path, export):
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidOptionsError, match=r"cannot write into '.*file': it is not a folder; choose another"):
        export(WantedExport(tmp_path / "file", three_points()))


def write_and_list(export, folder):
    export(WantedExport(folder, three_points(), newest_map=map_of_two(), spec=SPEC))
    return sorted(folder.iterdir())


@pytest.mark.parametrize("kind", ["folder", "link", "loop", "pipe", "read-only", "of somebody else"])
def test_export__something_else_in_the_place__is_refused_and_stays(tmp_path, export, kind):
    names = [path.name for path in write_and_list(export, tmp_path / "first")]
    for number, name in enumerate(names):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = folder / name
        if kind == "folder":
            path.mkdir()
        elif kind == "link":
            (tmp_path / "precious").write_text("precious")
            path.symlink_to(tmp_path / "precious")
        elif kind == "loop":
            path.symlink_to(path)
        elif kind == "pipe":
            os.mkfifo(path)
        else:
            path.write_text("precious")
            path.chmod(0o444 if kind == "read-only" else 0o644)
        before = path.lstat()
        with pytest.raises(InvalidOptionsError, match=f"cannot write '.*{name}': it is .*; choose another folder"):
            export(WantedExport(folder, three_points(), newest_map=map_of_two(), spec=SPEC))
        assert list(folder.iterdir()) == [path]
        assert path.lstat() == before


def test_export__two_at_once__one_of_them_is_there_whole(tmp_path, export):
    """Both write at the same time: the first waits in the middle until the second has finished."""
    export(WantedExport(tmp_path, three_points(), spec=SPEC))
    whole = three_points()
    none = PointColumns(whole.ids[:0], whole.embeddings[:0], {name: one[:0] for name, one in whole.fields.items()})
    second = threading.Thread(target=lambda: export(WantedExport(tmp_path, none, spec=SPEC)))
    started = []

    def wait(stage, done, total):
        if not started:
            started.append(second.start())
            second.join()

    export(WantedExport(tmp_path, whole, spec=SPEC, on_progress=wait))
    export(WantedExport(tmp_path / "alone", whole, spec=SPEC))
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir() if path.is_file()}
    assert sizes == {path.name: path.stat().st_size for path in (tmp_path / "alone").iterdir()}
