"""YOLO data sets with damaged annotation files: one-line errors, nothing read outside the folder, bounded memory."""

import os
import random
import resource
import shutil
import sys

import pytest

from indexer.domain import CropOptions, InstanceMode
from indexer.errors import SourceError
from indexer.sources.instances import make_instances
from indexer.sources.opening import open_source
from tests.source_formats import write_image, write_text

SIZE_HW = (50, 100)
N_DRAWS = 250
MAX_BYTES = 128 << 20

NUMBERS = [
    "nan",
    "-inf",
    "1e400",
    "-1",
    "0.0",
    "1e9",
    "9" * 5000,
    "",
    "true",
    "\x00",
    "64px",
    "0x10",
    "1_0",
    "٣",
    "null",
]
NAMES = [
    "../secret.png",
    "/etc/hostname",
    "..\\..\\secret.png",
    "images/" * 900 + "a.png",
    "a/" * 100_000,
    "x" * 300,
    "\x00",
    "images/train",
    "%2e%2e/secret.png",
    "link/secret.png",
    "pipe",
    ".",
    "..",
    "/",
    "~",
    "*",
    "data.yaml",
]
VALUES = [
    "[]",
    "{}",
    "null",
    "''",
    "[[]]",
    "{a: [1]}",
    "[null, 1]",
    "*a",
    "&a [*a]",
    "!!python/name:os.system",
    "1e400",
]
VALUES += ["'\\ud800'", "-", ">", "[" * 300, "9" * 5000]
LINES = ["0 0.5 0.5 0.2 0.4", "1 0.1 0.2 0.5 0.2 0.6 0.6 0.1 0.8", "0 0.2 0.2 0.2 0.2 0.9"]

opened = []
watching = [False]


def _watch(event, arguments):
    if watching[0] and event in {"open", "os.listdir", "os.scandir"} and isinstance(arguments[0], str):
        opened.append(arguments[0])


sys.addaudithook(_watch)


def write_data_set(root):
    """Every way to name something: a YAML with folders and lists, darknet's file, labels of all kinds."""
    write_text(
        root / "data.yaml",
        "path: .\ntrain: [images/train, more.txt]\nval: val.txt\nnames: {0: cat, 1: dog}\nnc: 2\nkpt_shape: [2, 2]\n",
    )
    write_text(root / "obj.data", "classes = 2\ntrain = val.txt\nvalid = more.txt\nnames = obj.names\n")
    write_text(root / "obj.names", "cat\ndog\n")
    for name in ("images/train/a.png", "images/val/b.png", "images/more/c.png"):
        write_image(root / name, SIZE_HW)
        write_text((root / name.replace("images", "labels")).with_suffix(".txt"), "\n".join(LINES))
    write_text(root / "more.txt", "images/more/c.png\n./images/train/a.png\n")
    write_text(root / "val.txt", "images/val/b.png\nimages\\val\\b.png\n/content/images/val/b.png\n")
    (root / "link").symlink_to(root.parent / "outside")
    os.mkfifo(root / "pipe")
    return root


def mutate_bytes(text, draw):
    data = bytearray(text.encode())
    for _ in range(draw.randint(1, 4)):
        place = draw.randrange(len(data) + 1)
        how = draw.randrange(4)
        if how == 0:
            data[place : place + draw.randint(1, 8)] = b""
        elif how == 1:
            data[place:place] = draw.choice(
                [b"\xff", b"\0", b"\n", b"[", b"{", b": ", b"- ", b"\t", b"*", b"\xef\xbb\xbf"]
            )
        elif how == 2 and data:
            data[min(place, len(data) - 1)] = draw.randrange(256)
        else:
            data = data[:place]
    return bytes(data)


def mutate_words(text, draw):
    lines = text.splitlines()
    number = draw.randrange(len(lines))
    words = lines[number].split(" ")
    words[draw.randrange(len(words))] = draw.choice([*NUMBERS, *NAMES, *VALUES])
    lines[number] = " ".join(words)
    return "\n".join(lines).encode("utf-8", "replace")


def mutate_values(text, draw):
    lines = text.splitlines()
    number = draw.randrange(len(lines))
    key, found, _ = lines[number].partition(draw.choice([": ", " = "]))
    sign = ": " if ":" in text else " = "
    lines[number] = f"{key}{sign}{draw.choice([*VALUES, *NAMES, *NUMBERS])}" if found else draw.choice(NAMES)
    return "\n".join(lines).encode("utf-8", "replace")


def read_all(path):
    """Everything that a run asks of a source; raises SourceError only."""
    source = open_source(path)
    source.count_images()
    for image in source.list_images():
        try:
            objects = source.read_objects(source.describe(image)) if image.problem is None else ()
        except SourceError as error:
            check_message(error)
            continue
        instances, _ = make_instances(image, objects, mode=InstanceMode.OBJECTS, size_hw=SIZE_HW, options=CropOptions())
        assert all(not one.box.is_empty for one in instances)
    return source


def check_message(error):
    assert "\n" not in str(error)


def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def is_allowed(path, root):
    return path.startswith((f"{root}/", sys.prefix, sys.base_prefix)) or path == str(root)


@pytest.mark.parametrize("name", ["data.yaml", "obj.data", "obj.names", "more.txt", "val.txt", "labels/train/a.txt"])
def test_source__damaged_file(tmp_path, name):
    write_image(tmp_path / "secret.png")
    write_image(tmp_path / "outside" / "secret.png")
    root = write_data_set(tmp_path / "data")
    if name.startswith("obj"):
        (root / "data.yaml").unlink()
    text = (root / name).read_text()
    read_all(root)  # imports what it needs
    draw = random.Random(name)
    before = peak_bytes()
    try:
        for _ in range(N_DRAWS):
            damaged = draw.choice([mutate_bytes, mutate_words, mutate_values])(text, draw)
            (root / name).write_bytes(damaged)
            opened.clear()
            watching[0] = True
            try:
                read_all(root)
            except SourceError as error:
                check_message(error)
            finally:
                watching[0] = False
            outside = [path for path in opened if not is_allowed(path, root)]
            assert not outside, (damaged, outside)
        assert peak_bytes() - before < MAX_BYTES
    finally:
        shutil.rmtree(root)
