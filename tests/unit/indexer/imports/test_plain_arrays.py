"""Tensors and arrays in files: what torch wrote is read as torch reads it, and what lies about itself is refused."""

import io
import os
import pickle
import tracemalloc
import zipfile

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.errors import AnnotationFormatError, IndexerError, SourceUnavailableError
from indexer.imports.plain_arrays import read_matrix

NUMBERS = np.arange(12, dtype=np.float32).reshape(3, 4)
DATA = NUMBERS.tobytes()
MAX_BYTES = 20_000_000


@pytest.fixture
def limited_memory():
    """Fails a test that asks for more than a few megabytes."""
    tracemalloc.start()
    yield
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MAX_BYTES


def plain(value):
    """The steps of a pickle that make a plain value."""
    return pickle.dumps(value, 2)[2:-1]


def named(name):
    module, _, attribute = name.rpartition(".")
    return f"c{module}\n{attribute}\n".encode()


def called(name, *arguments):
    """The steps that call a name with values that are steps themselves."""
    return named(name) + b"(" + b"".join(arguments) + b"tR"


def storage(kind="torch.FloatStorage", n_values=12, key="0"):
    return b"(" + plain("storage") + named(kind) + plain(key) + plain("cpu") + plain(n_values) + b"tQ"


def tensor(shape=(3, 4), strides=(4, 1), offset=0, **of_storage):
    arguments = [storage(**of_storage), plain(offset), plain(shape), plain(strides), b"\x89"]
    return called("torch._utils._rebuild_tensor_v2", *arguments, called("collections.OrderedDict"))


def array(shape, code, data, *, reconstruct_shape=(0,), order="<"):
    made = called("numpy.core.multiarray._reconstruct", named("numpy.ndarray"), plain(reconstruct_shape), plain(b"b"))
    dtype = called("numpy.dtype", plain(code), b"\x89", b"\x88")
    dtype += b"(" + plain(3) + plain(order) + b"NNN" + plain(-1) + plain(-1) + plain(0) + b"tb"
    return made + b"(" + plain(1) + plain(shape) + dtype + b"\x89" + plain(data) + b"tb"


def write(path, steps, *, data=DATA, more=()):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02" + steps + b".")
        archive.writestr("archive/data/0", data)
        for name, content in more:
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "dtype",
    ["float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8"],
)
@pytest.mark.parametrize("view", ["whole", "transposed", "columns", "rows", "every other", "one row", "empty"])
def test_read_matrix__tensor__is_what_torch_reads(tmp_path, dtype, view):
    whole = torch.arange(12).reshape(3, 4).to(getattr(torch, dtype))
    saved = {
        "whole": whole,
        "transposed": whole.T,
        "columns": whole[:, 1:3],
        "rows": whole[1:],
        "every other": whole[::2, ::3],
        "one row": whole[2:],
        "empty": whole[:0],
    }[view]
    torch.save(saved, tmp_path / "a.pt")
    found = read_matrix(tmp_path / "a.pt")
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, torch.load(tmp_path / "a.pt", weights_only=True).float().numpy())


@pytest.mark.parametrize("protocol", [2, 3, 4])
@pytest.mark.parametrize("code", ["<f4", ">f4", "<f8", "<f2", "<i8", ">i2", "u1"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_read_matrix__array__is_the_array(tmp_path, code, order, protocol):
    torch.save(np.array(NUMBERS, code, order=order), tmp_path / "a.pt", pickle_protocol=protocol)
    np.testing.assert_array_equal(read_matrix(tmp_path / "a.pt"), NUMBERS)


def test_read_matrix__array_without_rows__has_its_columns(tmp_path):
    torch.save(np.zeros((0, 4), np.float32), tmp_path / "a.pt")
    assert read_matrix(tmp_path / "a.pt").shape == (0, 4)


def test_read_matrix__numbers_of_a_big_endian_machine__are_turned(tmp_path):
    path = write(tmp_path / "a.pt", tensor(), data=NUMBERS.astype(">f4").tobytes(), more=[("archive/byteorder", "big")])
    np.testing.assert_array_equal(read_matrix(path), NUMBERS)


@pytest.mark.usefixtures("limited_memory")
@pytest.mark.parametrize(
    "saved",
    [
        torch.zeros(1, 3).expand(10**10, 3),
        torch.zeros(1).expand(10**5, 10**5),
        torch.zeros(4).as_strided((4, 9), (0, 0)),
    ],
    ids=["rows", "all", "few"],
)
def test_read_matrix__expanded_view__is_refused(tmp_path, saved):
    torch.save(saved, tmp_path / "a.pt")
    with pytest.raises(
        AnnotationFormatError, match=r"claims [\d,]+ rows of [\d,]+ numbers, but holds \d of them; save"
    ):
        read_matrix(tmp_path / "a.pt")


@pytest.mark.usefixtures("limited_memory")
@pytest.mark.parametrize(
    ("steps", "message"),
    [
        (tensor(shape=(10**9, 10**9)), "claims 1,000,000,000 rows of 1,000,000,000 numbers, but holds 12"),
        (tensor(strides=(10**9, 1)), "claims 3 rows of 4 numbers, but holds 12"),
        (tensor(offset=1), "claims 3 rows of 4 numbers, but holds 12"),
        (tensor(n_values=10**10, shape=(10**6, 10**4)), "but holds 12"),
        (tensor(key="1"), "claims 3 rows of 4 numbers, but holds 0"),
        (tensor(shape=(3, 4, 1), strides=(4, 1, 1)), r"holds float of shape \(3, 4, 1\), not a matrix"),
        (tensor(shape=(12,), strides=(1,)), r"holds float of shape \(12,\), not a matrix"),
        (
            tensor(kind="torch.ComplexFloatStorage"),
            r"holds complexfloat numbers of shape \(3, 4\), not a matrix of real",
        ),
        (tensor(kind="torch.BoolStorage"), r"holds bool numbers of shape \(3, 4\), not a matrix of real"),
        (
            array((10**9, 10**9), "f4", DATA),
            "claims 1,000,000,000 rows of 1,000,000,000 numbers, but holds 12",
        ),
        (array((3, 4), "f4", b"few"), "claims 3 rows of 4 numbers, but holds 0"),
        (array((3, 4), "O8", DATA), r"holds 'O8' of shape \(3, 4\), not a matrix"),
        (array((3, 4), "V99999999", DATA), r"holds 'V99999999' of shape \(3, 4\), not a matrix"),
        (array((12,), "f4", DATA), r"holds f4 of shape \(12,\), not a matrix"),
        (plain(7), "holds a int, which is no matrix of numbers"),
        (plain("text"), "holds a str, which is no matrix"),
    ],
)
def test_read_matrix__file_that_lies__says_what_it_claims(tmp_path, steps, message):
    path = write(tmp_path / "a.pt", steps)
    with pytest.raises(AnnotationFormatError, match=message) as raised:
        read_matrix(path)
    assert "\n" not in str(raised.value)


@pytest.mark.usefixtures("limited_memory")
@pytest.mark.parametrize(
    "steps",
    [
        called("os.system", plain("touch owned")),
        called("numpy.core.multiarray._reconstruct", named("numpy.ndarray"), plain((10**10,)), plain(b"O")),
        called("builtins.bytearray", plain(10**10)),
        called("torch._utils._rebuild_tensor_v2"),
        called("torch._utils._rebuild_tensor_v2", plain(1), plain(2), plain(3), plain(4)),
        called("torch._utils._rebuild_parameter"),
        tensor(strides=(-4, 1), offset=11),
        tensor(shape=(-3, 4)),
        tensor(shape=(2**90, 0)),
        tensor(offset="1"),
        tensor(shape="ab"),
        tensor(n_values=-1),
        array((3, 4), "f4", "no bytes"),
        array((3.0, 4), "f4", DATA),
        array([3, 4], "f4", DATA),
        plain([[1, 2], [3]]),
        plain({"embeddings": 1}),
        plain([[[]] * 9] * 9),
        b"(" * 100_000 + b"t" * 100_000,
        b"\x8f" * 1_000_000,
        b"R",
        b"t",
        b"h\x07",
        b"N" + b"r\xff\xff\xff\xff",
        b"N" * 999 + b"q\x00" * 999,
        b"I" + b"9" * 5000 + b"\n",
        b"S'\\q'\n.",
        b"\x8a\xff" + b"\x7f" * 255,
        b"",
    ],
)
def test_read_matrix__pickle_of_anything_else__is_refused_and_not_run(tmp_path, monkeypatch, steps):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((SourceUnavailableError, AnnotationFormatError)) as raised:
        read_matrix(write(tmp_path / "a.pt", steps))
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "owned").exists()


@pytest.mark.usefixtures("limited_memory")
def test_read_matrix__numbers_that_unpack_to_more__are_refused(tmp_path):
    n_values = 25_000_000
    path = tmp_path / "a.pt"
    steps = tensor(shape=(n_values, 1), strides=(1, 1), n_values=n_values)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02" + steps + b".")
        with archive.open("archive/data/0", "w") as part:
            for _ in range(100):
                part.write(bytes(1_000_000))
    assert path.stat().st_size < 1_000_000
    with pytest.raises(SourceUnavailableError, match="is no plain array of numbers and may carry code"):
        read_matrix(path)


def test_read_matrix__members_beyond_the_file__are_refused(tmp_path):
    data = bytearray(write(tmp_path / "a.pt", tensor()).read_bytes())
    place = data.rindex(b"archive/data/0") - 46  # its entry in the directory of the archive
    for sizes in (20, 24):
        data[place + sizes : place + sizes + 4] = (2**31).to_bytes(4, "little")
    (tmp_path / "a.pt").write_bytes(data)
    with pytest.raises(SourceUnavailableError, match="is no plain array"):
        read_matrix(tmp_path / "a.pt")


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "link to itself", "nothing"])
def test_read_matrix__what_is_no_file__is_refused_at_once(tmp_path, kind):
    path = tmp_path / "a.pt"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    elif kind == "link to itself":
        path.symlink_to(path)
    with pytest.raises(SourceUnavailableError, match=r"cannot read '.*a\.pt': "):
        read_matrix(path)


def saved(what):
    buffer = io.BytesIO()
    torch.save(what, buffer)
    return buffer.getvalue()


WHOLE = [saved(torch.from_numpy(NUMBERS)), saved(NUMBERS), saved(torch.from_numpy(NUMBERS).bfloat16().T)]


@settings(max_examples=600, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_read_matrix__damaged_in_any_place__is_numbers_or_one_line(tmp_path, data):
    whole = bytearray(data.draw(st.sampled_from(WHOLE)))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(whole) - 1))
        part = data.draw(st.binary(max_size=8))
        whole[place : place + data.draw(st.sampled_from([len(part), 0, 3]))] = part
    (tmp_path / "a.pt").write_bytes(whole[: data.draw(st.sampled_from([None, None, -1, len(whole) // 2]))])
    try:
        found = read_matrix(tmp_path / "a.pt")
    except IndexerError as error:
        message = str(error)
        assert "\n" not in message
    else:
        assert found.dtype == np.float32
        assert found.nbytes <= 2 * len(whole)
