import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.errors import AnnotationFormatError, IndexerError, SourceUnavailableError
from indexer.exports.base import WantedExport
from indexer.exports.embeddings_folder import write_embeddings_folder
from indexer.imports.embeddings_folder import read_embeddings_folder
from tests.unit.indexer.exports.exported_points import SPEC, map_of_two, three_points

INFO = {
    "dataset_id": [5, 5],
    "image_id": [11, 11],
    "object_id": [None, 77],
    "object_cls": [None, "dog"],
    "crop_yxyx": [[0, 0, 20, 30], [3, 2, 8, 11]],
    "updated_at": ["2026-01-02T03:04:05.000Z"] * 2,
    "instance_mode": "both",
}
EMBEDDINGS = np.array([[1, 2, 3], [4, 5, 6]], np.float32)


def app_folder(folder, *, embeddings=EMBEDDINGS, info=INFO):
    """A folder as the app writes it: NumPy arrays in pickles."""
    torch.save(embeddings, folder / "embeddings.pt")
    (folder / "info.json").write_text(json.dumps(info))
    (folder / "cfg.json").write_text(json.dumps({"model_name": "openai/clip-vit-base-patch32", "expand_hw": [0, 0]}))
    torch.save(np.array([[0, 1], [2, 3]]), folder / "projections_PCA-t-SNE_euclidean.pt")
    return folder


def test_read_embeddings_folder__the_apps_folder__becomes_columns(tmp_path):
    imported = read_embeddings_folder(app_folder(tmp_path))
    np.testing.assert_array_equal(imported.embeddings, EMBEDDINGS)
    assert {name: values.tolist() for name, values in imported.fields.items()} == {
        "dataset": ["5", "5"],
        "image_key": ["11", "11"],
        "object_key": [None, "77"],
        "class_name": [None, "dog"],
        "image_updated_at": ["2026-01-02T03:04:05.000Z"] * 2,
        "instance": ["image", "object"],
        "box": [[0, 0, 30, 20], [2, 3, 12, 9]],
    }
    assert imported.options["model_name"] == "openai/clip-vit-base-patch32"
    (found,) = imported.maps
    assert (found.method, found.metric, found.coordinates.tolist()) == ("pca-tsne", "euclidean", [[0, 1], [2, 3]])


def test_read_embeddings_folder__our_own_export__comes_back(tmp_path):
    write_embeddings_folder(WantedExport(tmp_path, three_points(), newest_map=map_of_two(), spec=SPEC))
    imported = read_embeddings_folder(tmp_path)
    np.testing.assert_array_equal(imported.embeddings, three_points().embeddings)
    for name in ("dataset", "image_key", "object_key", "class_name", "box", "image_name", "image_updated_at"):
        assert imported.fields[name].tolist() == three_points().fields[name].tolist()
    np.testing.assert_array_equal(imported.maps[0].coordinates, map_of_two().coordinates)


def test_read_embeddings_folder__map_of_other_points__is_named_and_left_out(tmp_path):
    app_folder(tmp_path)
    torch.save(np.zeros((9, 2)), tmp_path / "projections_UMAP_cosine.pt")
    imported = read_embeddings_folder(tmp_path)
    assert imported.stale_files == ("projections_UMAP_cosine.pt",)
    assert [found.method for found in imported.maps] == ["pca-tsne"]


class Hostile:
    """Runs a command when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self):
        return os.system, (f"touch '{self.target}'",)


@pytest.mark.parametrize("name", ["embeddings.pt", "projections_UMAP_cosine.pt"])
def test_read_embeddings_folder__pickle_with_code__is_refused_and_not_run(tmp_path, name):
    app_folder(tmp_path)
    torch.save(Hostile(tmp_path / "owned"), tmp_path / name)
    with pytest.raises(SourceUnavailableError, match=f"{name}' is no plain array of numbers and may carry code"):
        read_embeddings_folder(tmp_path)
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("content", [b"", b"rubbish", b"PK\x03\x04"])
def test_read_embeddings_folder__damaged_file__is_refused(tmp_path, content):
    app_folder(tmp_path)
    (tmp_path / "embeddings.pt").write_bytes(content)
    with pytest.raises(SourceUnavailableError, match="is no plain array"):
        read_embeddings_folder(tmp_path)


def test_read_embeddings_folder__missing_info__is_named(tmp_path):
    app_folder(tmp_path)
    (tmp_path / "info.json").unlink()
    with pytest.raises(SourceUnavailableError, match=r"cannot read '.*info\.json': No such file"):
        read_embeddings_folder(tmp_path)


@pytest.mark.parametrize("name", [".", "absent", "info.json"])
def test_read_embeddings_folder__no_embeddings__says_what_to_give(tmp_path, name):
    app_folder(tmp_path)
    (tmp_path / "embeddings.pt").unlink()
    with pytest.raises(SourceUnavailableError, match=r"has no embeddings\.pt; give a folder that 'lookalike export"):
        read_embeddings_folder(tmp_path / name)


@pytest.mark.parametrize(
    ("info", "message"),
    [
        (INFO | {"object_cls": ["dog"]}, "1 values in 'object_cls' for 2 embeddings"),
        (INFO | {"crop_yxyx": None}, "no list in 'crop_yxyx' for 2 embeddings"),
        ([1, 2], "holds a list instead of a JSON object"),
    ],
)
def test_read_embeddings_folder__info_that_does_not_fit__says_what(tmp_path, info, message):
    with pytest.raises(AnnotationFormatError, match=message):
        read_embeddings_folder(app_folder(tmp_path, info=info))


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_read_embeddings_folder__damaged_info__is_columns_or_one_line(tmp_path, data):
    if not (tmp_path / "embeddings.pt").exists():
        app_folder(tmp_path)
    whole = bytearray(json.dumps(INFO).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(whole) - 1))
        odd = st.sampled_from([b"null", b"1e999", b"NaN", b"-1", b'"\\ud800"', b"[", b"]", b"{}", b"9" * 5000, b"\x00"])
        part = data.draw(st.one_of(odd, st.binary(max_size=4)))
        whole[place : place + data.draw(st.sampled_from([0, 1, len(part)]))] = part
    (tmp_path / "info.json").write_bytes(whole)
    try:
        found = read_embeddings_folder(tmp_path)
    except IndexerError as error:
        message = str(error)
        assert "\n" not in message
    else:
        assert {len(values) for values in found.fields.values()} == {2}


def test_read_embeddings_folder__broken_json__says_where(tmp_path):
    app_folder(tmp_path)
    (tmp_path / "info.json").write_text("{")
    with pytest.raises(AnnotationFormatError, match=r"info\.json' is no JSON"):
        read_embeddings_folder(tmp_path)


@pytest.mark.parametrize("embeddings", [np.zeros(3, np.float32), np.array([["a"]])], ids=["vector", "text"])
def test_read_embeddings_folder__no_matrix_of_numbers__is_refused(tmp_path, embeddings):
    with pytest.raises((AnnotationFormatError, SourceUnavailableError), match=r"embeddings\.pt'"):
        read_embeddings_folder(app_folder(tmp_path, embeddings=embeddings))


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_read_embeddings_folder__embedding_that_is_not_finite__names_its_row(tmp_path, value, dtype):
    embeddings = np.array([[1, 2, 3], [4, 5, float(value)]], dtype)
    with pytest.raises(AnnotationFormatError, match=rf"embeddings\.pt' has {value} in row 1, column 2; embed its"):
        read_embeddings_folder(app_folder(tmp_path, embeddings=embeddings))


def test_read_embeddings_folder__numbers_too_large_for_float32__are_named(tmp_path):
    with pytest.raises(AnnotationFormatError, match="has inf in row 0, column 1"):
        read_embeddings_folder(app_folder(tmp_path, embeddings=np.array([[1, 1e200], [3, 4]])))


def test_read_embeddings_folder__large_embedding_with_an_infinite_sum__is_finite(tmp_path):
    embeddings = np.array([[3e38, 3e38], [3, 4]], np.float32)
    imported = read_embeddings_folder(app_folder(tmp_path, embeddings=embeddings))
    np.testing.assert_array_equal(imported.embeddings, embeddings)


@pytest.mark.parametrize(
    "saved",
    [
        torch.tensor(EMBEDDINGS).bfloat16(),
        torch.tensor(EMBEDDINGS).half(),
        torch.tensor(EMBEDDINGS).double(),
        torch.tensor(EMBEDDINGS).to(torch.int32),
        torch.nn.Parameter(torch.tensor(EMBEDDINGS)),
    ],
    ids=["bfloat16", "float16", "float64", "int32", "parameter"],
)
def test_read_embeddings_folder__tensor_of_another_kind__is_converted(tmp_path, saved):
    found = read_embeddings_folder(app_folder(tmp_path, embeddings=saved)).embeddings
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, EMBEDDINGS)


@pytest.mark.parametrize(
    ("saved", "message"),
    [
        (torch.zeros(2, 0), "holds 2 embeddings of no dimension"),
        (torch.zeros(2, 3, dtype=torch.complex64), "holds complexfloat numbers of shape"),
        (7, "holds a int, which is no matrix of numbers"),
    ],
    ids=["no dimension", "complex", "number"],
)
def test_read_embeddings_folder__no_matrix__says_what_it_is(tmp_path, saved, message):
    with pytest.raises(AnnotationFormatError, match=message) as raised:
        read_embeddings_folder(app_folder(tmp_path, embeddings=saved))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "box",
    [[0, 0, 9], "abcd", [0.5, 0, 9, 9], [0, 0, 9, None], [0, 0, 9, True], [0, 0, 9, 2**40], {"top": 0}, 7],
    ids=str,
)
def test_read_embeddings_folder__box_that_is_none__names_row_and_value(tmp_path, box):
    with pytest.raises(AnnotationFormatError, match="as 'crop_yxyx' in row 1; it must be top, left, bottom, right in"):
        read_embeddings_folder(app_folder(tmp_path, info=INFO | {"crop_yxyx": [None, box]}))


@pytest.mark.parametrize("boxes", [[[9, 9, 0, 0], None], [None, [9, 9, 0, 0]], [[0, 0, 0, 5], None]], ids=str)
def test_read_embeddings_folder__box_without_a_pixel__is_refused(tmp_path, boxes):
    with pytest.raises(AnnotationFormatError, match=r"has '\[.*\]' as 'crop_yxyx' in row [01]; .* holds no pixel"):
        read_embeddings_folder(app_folder(tmp_path, info=INFO | {"crop_yxyx": boxes}))


def test_read_embeddings_folder__object_of_one_pixel__is_no_empty_box(tmp_path):
    imported = read_embeddings_folder(app_folder(tmp_path, info=INFO | {"crop_yxyx": [None, [3.0, 2, 3, 2]]}))
    assert imported.fields["box"].tolist() == [None, [2, 3, 3, 4]]


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("object_cls", {"x": 1}, "{'x': 1}"),
        ("object_id", [7], r"'\[7\]'"),
        ("image_id", 1.5, "'1.5'"),
        ("dataset_id", float("nan"), "'nan'"),
        ("updated_at", True, "'True'"),
        ("object_cls", "\ud800", "ud800"),
    ],
)
def test_read_embeddings_folder__value_that_is_no_text__names_row_and_value(tmp_path, name, value, shown):
    info = INFO | {name: [INFO[name][0], value]}
    with pytest.raises(AnnotationFormatError, match=f"{shown}.* as '{name}' in row 1; it must be text"):
        read_embeddings_folder(app_folder(tmp_path, info=info))


def test_read_embeddings_folder__time_that_is_none__names_row_and_value(tmp_path):
    info = INFO | {"updated_at": [INFO["updated_at"][0], "yesterday"]}
    with pytest.raises(AnnotationFormatError, match="'yesterday' as 'updated_at' in row 1; it must be a time such as"):
        read_embeddings_folder(app_folder(tmp_path, info=info))


def test_read_embeddings_folder__several_stale_maps__are_named_in_order(tmp_path):
    app_folder(tmp_path)
    for name in "cba":
        torch.save(np.zeros((9, 2)), tmp_path / f"projections_{name}_cosine.pt")
    assert read_embeddings_folder(tmp_path).stale_files == tuple(f"projections_{name}_cosine.pt" for name in "abc")


@pytest.mark.parametrize("name", ["info.json", "cfg.json"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[" * 100_000 + "]" * 100_000, "is nested too deep|holds far more values"),
        ('{"a":' * 2_000 + "1" + "}" * 2_000, "is nested too deep|holds far more values"),
        ('{"dataset_id": [' + "9" * 5_000 + "]}", "is no JSON"),
        ("[" + "[]," * 2_000_000 + "[]]", "holds far more values|has 6,000,004 bytes, more than"),
        ('{"a": "' + "b" * 3_000_000, "is no JSON|has 3,000,007 bytes, more than"),
        ("\xff", "is no JSON"),
        ("7", "holds a int instead of a JSON object"),
    ],
    ids=["nested lists", "nested objects", "long number", "many lists", "long text", "no UTF-8", "number"],
)
def test_read_embeddings_folder__hostile_json__is_refused_in_a_line(tmp_path, name, content, message):
    app_folder(tmp_path)
    (tmp_path / name).write_bytes(content.encode("latin-1"))
    with pytest.raises(AnnotationFormatError, match=message) as raised:
        read_embeddings_folder(tmp_path)
    assert len(str(raised.value)) < 500


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_read_embeddings_folder__json_with_a_byte_order_mark__is_read(tmp_path, encoding):
    app_folder(tmp_path)
    (tmp_path / "info.json").write_text(json.dumps(INFO), encoding=encoding)
    assert read_embeddings_folder(tmp_path).fields["class_name"].tolist() == [None, "dog"]


@pytest.mark.parametrize("name", ["embeddings.pt", "info.json", "cfg.json", "projections_UMAP_cosine.pt"])
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "link to itself"])
def test_read_embeddings_folder__what_is_no_file__is_refused_at_once(tmp_path, name, kind):
    path = app_folder(tmp_path) / name
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(path)
    with pytest.raises(SourceUnavailableError, match=f"cannot read '.*{name}': "):
        read_embeddings_folder(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("image_id", "x" * 5000, "it must be no longer than 4096 characters"),
        ("object_cls", "x" * 5000, "it must be no longer than 4096 characters"),
        ("updated_at", "0001-01-01T00:00:00+14:00", "it must be a time such as"),
        ("object_cls", json.loads("[" * 500 + "]" * 500), "it must be text"),
        ("crop_yxyx", [0, 0, 10**400, 9], "it must be top, left, bottom, right"),
    ],
)
def test_read_embeddings_folder__value_beyond_all_limits__names_its_row(tmp_path, name, value, message):
    with pytest.raises(AnnotationFormatError, match=f"as '{name}' in row 1; {message}") as raised:
        read_embeddings_folder(app_folder(tmp_path, info=INFO | {name: [INFO[name][0], value]}))
    assert len(str(raised.value)) < 500


@pytest.mark.parametrize("name", ["image_name", "point_id", "dataset", "image_key", "object_key"])
def test_read_embeddings_folder__list_of_our_export_that_is_too_short__says_so(tmp_path, name):
    with pytest.raises(AnnotationFormatError, match=f"1 values in '{name}' for 2 embeddings"):
        read_embeddings_folder(app_folder(tmp_path, info=INFO | {name: ["a"]}))
