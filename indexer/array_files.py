"""Files of NumPy arrays (``.npz``, without pickles) that may be damaged or somebody else's."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

Arrays = Mapping[str, npt.NDArray[Any]]

# All that NumPy, zipfile and json say about bytes that are not theirs, the memory for a size that no machine has.
_DAMAGES: Final = (
    OSError, ValueError, LookupError, TypeError, AttributeError, EOFError, RuntimeError, SyntaxError, MemoryError,
    OverflowError, zipfile.BadZipFile, zlib.error, struct.error,
)  # fmt: skip


class DamagedFileError(Exception):
    """A file is not what it should be; the text says why."""


@contextmanager
def open_arrays(path: Path) -> Iterator[Arrays]:
    """Give the arrays of a file, each read when it is asked for.

    Raises:
        FileNotFoundError: There is no file.
        DamagedFileError: It cannot be read, or what is done with its arrays fails.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            yield cast("Arrays", arrays)
    except FileNotFoundError:
        raise
    except _DAMAGES as error:
        raise DamagedFileError(" ".join(str(error).split()) or type(error).__name__) from error
