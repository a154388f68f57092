"""Damages a small data set of one format again and again, and reads it as a run does; a process of its own.

``python -m tests.damaged_sources FORMAT FOLDER N_DRAWS SEED`` prints one JSON document: what became of the draws, what
escaped, which files outside the data set were opened, how much memory was taken. Each draw has a time limit, and the
process a memory limit.
"""

from __future__ import annotations

import json
import os
import random
import re
import resource
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

from indexer.domain import CropOptions, InstanceMode
from indexer.errors import AnnotationFormatError, ImageReadError, SourceError
from indexer.points import SourceIdentity, make_object_payload
from indexer.sources.instances import make_instances
from indexer.sources.opening import open_source
from tests.memory import peak_bytes
from tests.source_formats import IMAGES, WRITERS, sly_rectangle, write_image, write_json

DRAW_LIMIT_S = 10
"""Of the processor: a busy machine takes longer by the clock."""
WAIT_LIMIT_S = 120
"""By the clock, for what waits and does nothing."""
MAX_MEMORY_BYTES = 1 << 30
TEXT_ENDINGS = (".json", ".xml", ".yaml", ".txt")

NUMBERS = ["NaN", "-Infinity", "1e400", "-1", "0", "1e308", "4294967296", "9" * 5000, "0.5", "-0.0", "1_0", "٣"]
NAMES = [
    "../secret/1.png", "/etc/hostname", "..\\..\\secret\\1.png", "link/1.png", "pipe", "a.png/", ".", "..", "/", "",
    "~", "x" * 300, "a/" * 3000 + "1.png", "\0", "\ud800", "%2e%2e/secret/1.png", "file:///etc/hostname", "\u202ea.png",
]  # fmt: skip
VALUES = [
    None, True, [], {}, [[]], [None], {"a": 1}, "", "64px", "null", -1, 0, 0.5, 1e308, float("inf"), float("nan"),
    10**18, 10**300, [1, 2], [1e308, -1e308], [[1, 2], [3]], list(range(1000)),
    {"size": [100_000, 100_000], "counts": [10**10]},
    {"data": "eJwDAAAAAAE=", "origin": [10**9, -1]}, {"exterior": [[1, 2]], "interior": 7}, *NAMES,
]  # fmt: skip
XML = ["<!DOCTYPE a [<!ENTITY b 'c'>]>", "<object/>", "<bndbox/>", "&b;", "<a>" * 2000, "<!--", "<![CDATA[", "]]>", "<"]
YAML = [
    "*a",
    "&a [*a, *a]",
    "!!python/name:os.system",
    "[" * 400,
    "{a: [1]}",
    "- ",
    "|",
    "'\\ud800'",
    "yes",
    "? [a]\n: b",
]
BYTES = [b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\x80", b"\xed\xa0\x80", b"\n", b" " * 1000, b'"', b"}", b"[" * 5000]


class TooSlow(BaseException):
    """A draw took longer than its limit."""


def make_data_set(name, folder):
    """The data set of the contract, with one object of every geometry that the format has."""
    root = WRITERS[name](folder / "data")
    if name == "supervisely":
        add_geometries(root)
    if name == "coco":
        path = root / "annotations" / "instances_train.json"
        content = json.loads(path.read_text())
        rle = {"size": [20, 20], "counts": [3, 5, 392]}
        for shape in ([[1, 2, 9, 2, 9, 8]], rle, {"size": [20, 20], "counts": "04L00O1O10"}):
            content["annotations"].append({"id": 9, "image_id": 102, "category_id": 1, "segmentation": shape})
        write_json(path, content)
    return root


def add_geometries(root):
    corners = [[1, 2], [9, 2], [9, 8]]
    points = {"exterior": corners, "interior": []}
    labels = [{"classTitle": "cat", "geometryType": kind, "points": points} for kind in ("polygon", "line", "point")]
    labels += [
        {"classTitle": "cat", "geometryType": "bitmap", "bitmap": {"data": "eJwDAAAAAAE=", "origin": [1, 2]}},
        {"classTitle": "cat", "geometryType": "graph", "nodes": {"a": {"loc": [1, 2]}, "b": {"loc": [5, 6]}}},
        sly_rectangle(
            "cat", (1, 2, 5, 6), id=7, updatedAt="2024-02-03T04:05:06Z", tags=[{"name": "night", "value": 1}]
        ),
    ]
    write_json(
        root / "train" / "ann" / "a.png.json", {"size": {"height": 40, "width": 60}, "tags": [], "objects": labels}
    )


def damage(root, random):
    """Change one to three things of a data set."""
    for _ in range(random.choice((1, 1, 2, 3))):
        files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
        texts = [path for path in files if path.name.endswith(TEXT_ENDINGS)]
        if texts and random.random() < 0.85:
            damage_text(random.choice(texts), random)
        elif files:
            damage_tree(root, random.choice(files), random)


def damage_text(path, random):
    way = random.choice(("bytes", "bytes", "values", "values", "values", "tokens"))
    if way == "values" and path.name.endswith(".json") and damage_json(path, random):
        return
    content = path.read_bytes()
    if way == "bytes":
        path.write_bytes(damage_bytes(content, random))
        return
    tokens = {".xml": XML, ".yaml": YAML}.get(path.suffix, []) + NUMBERS + NAMES
    parts = re.split(r"([A-Za-z0-9_./-]+)", content.decode("utf-8", "surrogateescape"))
    place = random.randrange(len(parts))
    parts[place] = random.choice(tokens)
    path.write_bytes("".join(parts).encode("utf-8", "surrogatepass"))


def damage_bytes(content, random):
    start, end = sorted(random.randrange(len(content) + 1) for _ in range(2))
    way = random.randrange(5)
    if way == 0:
        return content[:start]
    if way == 1:
        return content[:start] + content[end:]
    if way == 2:
        return content[:end] + content[start:end] * random.choice((1, 50)) + content[end:]
    if way == 3:
        return content.decode("utf-8", "replace").encode(random.choice(("utf-16", "utf-32-be", "utf-8-sig")))
    return content[:start] + random.choice(BYTES) + content[start + random.randrange(2) :]


def damage_json(path, random):
    """Put a hostile value or key at a random place of a JSON file; False if it is none any more."""
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return False
    places = []

    def visit(node):
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], dict | list):
                visit(node[key])

    if isinstance(content, dict | list):
        visit(content)
    if not places:
        return False
    node, key = random.choice(places)
    way = random.randrange(6)
    if way == 0:
        del node[key]
    elif way == 1 and isinstance(node, list):
        node.extend([node[key]] * random.choice((1, 20)))
    elif way == 2 and isinstance(node[key], list | dict):
        node[key] = [node[key], node[key]]
    else:
        node[key] = random.choice(VALUES)
    path.write_text(json.dumps(content), encoding="utf-8")
    return True


def damage_tree(root, path, random):
    """Remove, replace or rename a file or its folder."""
    way = random.randrange(8)
    if way == 0:
        path.unlink()
    elif way == 1 and path.parent != root:
        shutil.rmtree(path.parent)
    elif way == 2:
        path.unlink()
        path.mkdir()
    elif way == 3:
        path.unlink()
        os.mkfifo(path)
    elif way == 4:
        path.unlink()
        path.symlink_to(path.name)
    elif way == 5:
        path.write_bytes(b"")
    elif way == 6:
        odd = random.choice((b"caf\xe9", b"\xf0\x9f\x98\x80", b"a\nb", b"%2e%2e", b"x" * 240, b" "))
        os.rename(os.fsencode(path), os.fsencode(path.parent) + b"/" + odd + path.suffix.encode())  # noqa: PTH104
    elif path.parent != root and not (path.parent / "loop").is_symlink():
        (path.parent / "loop").symlink_to(path.parent, target_is_directory=True)


def read_as_a_run_does(name, root):
    """Open, list and read; gives what became of it. Only errors that a run counts may come out of an image."""
    outcomes = Counter()
    source = open_source(root, format=name)
    source.dataset_names()
    source.count_images()
    keys = Counter()
    for image in source.list_images():
        keys[image.key] += 1
        if image.problem is not None:  # a run reads nothing of it
            outcomes["image refused"] += 1
            continue
        try:
            described = source.describe(image)
            objects = source.read_objects(described)
            size_hw = described.size_hw or (20, 30)
            instances, skipped = make_instances(
                described, objects, mode=InstanceMode.OBJECTS, size_hw=size_hw, options=CropOptions()
            )
            for instance in instances:
                identity = SourceIdentity("source", "project")
                payload = make_object_payload(identity, described, instance, size_hw=size_hw, pixels_hash="")
                json.dumps({key: one for key, one in payload.items() if not key.startswith("image")}, allow_nan=False)
            assert len({one.object_key for one in instances}) == len(instances), "two objects share a key"
            source.read_bytes(image)
        except (AnnotationFormatError, ImageReadError) as error:
            check_line(str(error))
            outcomes["image refused"] += 1
        else:
            outcomes["image read"] += 1
            outcomes["objects skipped"] += sum(skipped.values())
    assert not keys or max(keys.values()) == 1, f"two images share the key {keys.most_common(1)[0][0]!r}"
    for note in source.notes.collected().values():
        outcomes["notes"] += note.count
    return outcomes


def check_line(message):
    assert message, "an error says nothing"
    assert "more memory than there is" not in message, message


class Watcher:
    """Notes files outside a folder that this process opens while it is told to watch."""

    def __init__(self, inside):
        self.inside, self.is_on, self.opened = [os.path.realpath(inside), sys.prefix, sys.base_prefix], False, set()
        sys.addaudithook(self)

    def __call__(self, event, arguments):
        if (
            self.is_on
            and event == "open"
            and isinstance(arguments[0], str | bytes)
            and b"\0" not in os.fsencode(arguments[0])
        ):
            path = os.path.realpath(os.fsdecode(arguments[0]))
            if not any(path == one or path.startswith(f"{one}/") for one in self.inside):
                self.opened.add(path)


def stop_draw(*_):
    raise TooSlow


def main(name, folder, n_draws, seed):
    sound = make_data_set(name, Path(folder) / "sound")
    write_image(Path(folder) / "secret" / "1.png")
    if name == "coco":  # names its images and walks no folder, in which links are followed
        (sound / "link").symlink_to(Path(folder) / "secret", target_is_directory=True)
    assert read_as_a_run_does(name, sound)["image read"] == len(IMAGES)  # and imports everything
    watcher, rng = Watcher(Path(folder) / "draw"), random.Random(seed)
    for number in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(number, stop_draw)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MAX_MEMORY_BYTES,) * 2)
    before = peak_bytes()
    outcomes, escaped, slowest_s = Counter(), [], 0.0
    for draw in range(n_draws):
        root = Path(folder) / "draw" / "data"
        shutil.copytree(sound, root, symlinks=True)
        damage(root, rng)
        watcher.is_on, started = True, time.monotonic()
        signal.setitimer(signal.ITIMER_PROF, DRAW_LIMIT_S)
        signal.alarm(WAIT_LIMIT_S)
        try:
            outcomes += read_as_a_run_does(name, root)
        except SourceError as error:
            outcomes["source refused"] += 1
            if "more memory than there is" in str(error):
                escaped.append(f"draw {draw}: {error}")
        except TooSlow:
            watcher.is_on = False
            escaped.append(f"draw {draw}: longer than {DRAW_LIMIT_S} s at work or {WAIT_LIMIT_S} s in all")
        except BaseException:  # noqa: BLE001 - whatever it is, it is reported
            watcher.is_on = False  # a traceback reads our own files
            escaped.append(f"draw {draw}: {traceback.format_exc()}")
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        watcher.is_on, slowest_s = False, max(slowest_s, time.monotonic() - started)
        shutil.rmtree(root.parent)
    grown = peak_bytes() - before
    outside = sorted(watcher.opened)
    result = {
        "outcomes": outcomes,
        "escaped": escaped,
        "outside": outside,
        "grown_bytes": grown,
        "slowest_s": slowest_s,
    }
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
