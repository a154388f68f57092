"""Reads a tensor or NumPy array that ``torch.save`` wrote, without running or allocating what the file asks for.

The file is a zip archive of a pickle and the raw numbers. ``torch.load`` would make room for any shape that the pickle
claims before it looks for the numbers. Here a shape is first compared with what the file holds.
"""

from __future__ import annotations

import math
import os
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings
from indexer.errors import AnnotationFormatError, SourceUnavailableError
from indexer.imports.files import open_to_import
from indexer.imports.plain_pickles import Built, Named, NotPlainError, Stored, describe_pickle
from lookalike.visible_text import show_reason

_STORAGES: Final = {
    "torch.FloatStorage": "f4",
    "torch.DoubleStorage": "f8",
    "torch.HalfStorage": "f2",
    "torch.BFloat16Storage": "bfloat16",
    "torch.LongStorage": "i8",
    "torch.IntStorage": "i4",
    "torch.ShortStorage": "i2",
    "torch.CharStorage": "i1",
    "torch.ByteStorage": "u1",
}
_DTYPES: Final = frozenset({"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"})
_RECONSTRUCT: Final = frozenset({"numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"})
_BYTES: Final = frozenset({"__builtin__.bytes", "builtins.bytes"})
_MAX_LENGTH: Final = 2**40  # rows or columns; larger ones would only make the arithmetic slow
_LOCAL_HEADER: Final = struct.Struct("<26xHH")


class _Part(NamedTuple):
    """Where a member of the archive lies in the file."""

    start: int
    n_bytes: int


def read_matrix(path: Path) -> Embeddings:
    """Read a two-dimensional array or tensor of numbers as float32; they need not be finite.

    Raises:
        SourceUnavailableError: The file is missing, damaged, or holds anything but plain numbers.
        AnnotationFormatError: The numbers are no matrix, or the file does not hold as many as it claims.
    """
    with open_to_import(path) as file:
        try:
            return _read(file, path)
        except (NotPlainError, zipfile.BadZipFile, ValueError, OverflowError, struct.error) as error:
            message = f"'{path}' is no plain array of numbers and may carry code, so it is not opened"
            raise SourceUnavailableError(f"{message}; save it as a tensor with torch.save") from error
        except (NotImplementedError, RuntimeError, EOFError, OSError) as error:  # what zipfile says of odd archives
            raise SourceUnavailableError(f"'{path}' cannot be read: {show_reason(error)}; save it again") from error
        except MemoryError as error:
            raise SourceUnavailableError(f"'{path}' does not fit into the memory; import a part of it") from error


def _read(file: BinaryIO, path: Path) -> Embeddings:
    parts = _find_parts(file)
    pickles = [name for name in parts if name.endswith("/data.pkl")]
    if len(pickles) != 1:
        raise NotPlainError("the archive has no pickle, or several")
    described = describe_pickle(_read_part(file, parts[pickles[0]]))
    if isinstance(described, Built) and described.name == "torch._utils._rebuild_parameter" and described.arguments:
        described = described.arguments[0]
    if isinstance(described, Built) and described.name == "torch._utils._rebuild_tensor_v2":
        return _read_tensor(file, path, described, {name.split("/", 1)[1]: part for name, part in parts.items()})
    if isinstance(described, Built) and described.name in _RECONSTRUCT:
        return _read_array(path, described)
    if isinstance(described, Built | Named | Stored):
        raise NotPlainError("it describes something else than an array")
    kind = type(described).__name__
    raise AnnotationFormatError(f"'{path}' holds a {kind}, which is no matrix of numbers; save it as a float32 tensor")


def _find_parts(file: BinaryIO) -> dict[str, _Part]:
    """The members of the archive by name; only those that are stored as they are.

    Raises:
        NotPlainError: One is compressed, so that it may grow without limit, or lies outside the file.
    """
    n_bytes = os.fstat(file.fileno()).st_size
    parts = {}
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            is_plain = member.compress_type == zipfile.ZIP_STORED and member.compress_size == member.file_size
            if not is_plain or not 0 <= member.header_offset <= n_bytes - 30:
                raise NotPlainError("a part of the archive is compressed, or lies outside the file")
            file.seek(member.header_offset)
            start = member.header_offset + 30 + sum(_LOCAL_HEADER.unpack(file.read(30)))
            if start + member.file_size > n_bytes:
                raise NotPlainError("a part of the archive ends beyond the file")
            if "/" in member.filename:
                parts[member.filename] = _Part(start, member.file_size)
    return parts


def _read_part(file: BinaryIO, part: _Part) -> bytes:
    file.seek(part.start)
    return file.read(part.n_bytes)


def _read_tensor(file: BinaryIO, path: Path, tensor: Built, parts: dict[str, _Part]) -> Embeddings:
    storage, offset, shape, strides, *_ = tensor.arguments
    if not (isinstance(storage, Stored) and isinstance(storage.key, tuple) and len(storage.key) == 5):
        raise NotPlainError("the tensor has no storage")
    _, kind, key, _, n_claimed = storage.key
    if not (isinstance(kind, Named) and isinstance(key, str)):
        raise NotPlainError("the storage has no name")
    _check_shape(path, _word(kind), shape)
    if kind.name not in _STORAGES:
        raise AnnotationFormatError(
            f"'{path}' holds {_word(kind)} numbers of shape {shape}, not a matrix of real numbers; save it as float32"
        )
    if not (_are_lengths(strides) and len(strides) == 2 and _are_lengths((offset, n_claimed))):
        raise NotPlainError("the tensor has odd strides")
    part = parts.get(f"data/{key}", _Part(0, 0))
    code = _STORAGES[kind.name]
    dtype = np.dtype("u2" if code == "bfloat16" else code).newbyteorder(_byte_order(file, parts))
    end = offset + sum((length - 1) * stride for length, stride in zip(shape, strides, strict=True)) + 1
    n_values = math.prod(shape)
    n_held = min(n_claimed, part.n_bytes // dtype.itemsize)
    if n_values > n_held or (n_values and end > n_held):
        raise _lie(path, shape, n_held)
    if not n_values:
        return np.empty(shape, np.float32)
    file.seek(part.start + offset * dtype.itemsize)
    flat = np.fromfile(file, dtype, end - offset)
    if code == "bfloat16":
        flat = (flat.astype(np.uint32) << 16).view(np.float32)
    steps = [stride * flat.itemsize for stride in strides]
    return _to_float32(np.lib.stride_tricks.as_strided(flat, shape, steps))


def _word(storage: Named) -> str:
    """A storage's kind in a word, ``float`` for ``torch.FloatStorage``."""
    return storage.name[:40].removeprefix("torch.").removesuffix("Storage").lower()


def _byte_order(file: BinaryIO, parts: dict[str, _Part]) -> Any:
    is_big = "byteorder" in parts and _read_part(file, parts["byteorder"]) == b"big"
    return ">" if is_big else "<"


def _read_array(path: Path, array: Built) -> Embeddings:
    if not (isinstance(array.state, tuple) and len(array.state) == 5):
        raise NotPlainError("the array has no state")
    _, shape, dtype, is_fortran, data = array.state
    if not (isinstance(dtype, Built) and dtype.name == "numpy.dtype" and isinstance(dtype.state, tuple)):
        raise NotPlainError("the array has no type")
    code, order = (dtype.arguments or ("",))[0], (dtype.state[1:] or ("|",))[0]
    _check_shape(path, str(code)[:20], shape)
    if not (isinstance(code, str) and code in _DTYPES and isinstance(order, str) and order in {"<", ">", "|", "="}):
        raise AnnotationFormatError(f"'{path}' holds '{str(code)[:20]}' of shape {shape}, not a matrix of numbers")
    raw = _to_bytes(data)
    kind = np.dtype(code).newbyteorder("<" if order == "=" else order)  # type: ignore[arg-type]
    if math.prod(shape) * kind.itemsize != len(raw):
        raise _lie(path, shape, len(raw) // kind.itemsize)
    return _to_float32(np.frombuffer(raw, kind).reshape(shape, order="F" if is_fortran is True else "C"))


def _to_bytes(data: Any) -> bytes:
    """Bytes as they are, or as protocol 2 spells them."""
    if isinstance(data, bytes):
        return data
    if isinstance(data, Built) and data.name in _BYTES and not data.arguments:
        return b""
    if isinstance(data, Built) and data.name == "_codecs.encode" and len(data.arguments) == 2:
        text, encoding = data.arguments
        if isinstance(text, str) and isinstance(encoding, str) and encoding == "latin1":
            return text.encode("latin1")
    raise NotPlainError("the array's numbers are no bytes")


def _check_shape(path: Path, kind: str, shape: Any) -> None:
    if not _are_lengths(shape):
        raise NotPlainError("the shape is not made of lengths")
    if len(shape) != 2:
        text = str(tuple(shape[:8]))
        raise AnnotationFormatError(f"'{path}' holds {kind[:40]} of shape {text}, not a matrix of numbers")


def _are_lengths(values: Any) -> bool:
    return isinstance(values, tuple) and all(type(value) is int and 0 <= value <= _MAX_LENGTH for value in values)


def _lie(path: Path, shape: Sequence[int], n_held: int) -> AnnotationFormatError:
    claimed = f"{shape[0]:,} rows of {shape[1]:,}"
    message = f"'{path}' claims {claimed} numbers, but holds {n_held:,} of them"
    return AnnotationFormatError(f"{message}; save a copy (tensor.clone()), not an expanded view")


def _to_float32(values: npt.NDArray[Any]) -> Embeddings:
    with np.errstate(over="ignore"):  # becomes infinite, which is found where it matters
        return np.ascontiguousarray(values, np.float32)
