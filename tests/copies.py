"""Copies of data directories. Their files have more holes than bytes, which a plain copy would fill: 200 MB a store."""

import errno
import os
import shutil
from pathlib import Path


def copy_data(source, target, **options) -> Path:
    """Copy a folder as ``shutil.copytree`` does, with holes where its files have them; gives the copy."""
    return Path(shutil.copytree(source, target, copy_function=copy_file, **options))


def copy_file(source, target):
    """Copy the parts of a file that hold bytes, and its times and rights."""
    with Path(source).open("rb") as whole, Path(target).open("wb") as copied:
        size = os.fstat(whole.fileno()).st_size
        end = 0
        while (start := _start_of_bytes(whole.fileno(), end)) is not None:
            end = os.lseek(whole.fileno(), start, os.SEEK_HOLE)
            whole.seek(start)
            copied.seek(start)
            copied.write(whole.read(end - start))
        copied.truncate(size)
    shutil.copystat(source, target)
    return target


def _start_of_bytes(file, place):
    """Where bytes begin from a place on; None behind the last one."""
    try:
        return os.lseek(file, place, os.SEEK_DATA)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        return None
