"""Damaged COCO files: whatever stands in them costs what it is about, in bounded time, and reads nothing outside."""

import json
import random
import sys
from pathlib import Path

import pytest

from indexer.domain import CropOptions, InstanceMode
from indexer.errors import SourceError
from indexer.sources.coco import CocoSource
from indexer.sources.instances import make_instances
from tests.source_formats import write_image, write_json

N_DRAWS = 250
OPENED = []
"""Paths opened while a test watches; the hook below cannot be taken away again."""
WATCHING = []

ODD_VALUES = [
    "NaN", "Infinity", "-Infinity", "1e400", "-1e308", "0", "-1", "1.5", "true", "false", "null", '""', "[]", "{}",
    '"64px"', '"1"', "[[]]", "[null]", "[1]", "[[[1]]]", '{"a": 1}', "9" * 5000, "1" * 30, '"\\u0000"', '"\\ud800"',
    '"../../etc/hostname"', '"/etc/hostname"', '"C:\\\\a\\\\b.png"', json.dumps("x" * 5000), "[" * 200 + "]" * 200,
    '{"size": [100000, 100000], "counts": [10000000000]}', '{"size": [24, 32], "counts": "ooooooooo"}',
    '{"size": [1e9, 1e9], "counts": [1, 2]}', "[0, 0, 1e308, 1e308]", '["a", "b", "c", "d"]', '"images/1.png"',
]  # fmt: skip


def watch(event, arguments):
    if WATCHING and event == "open" and isinstance(arguments[0], str):
        OPENED.append(arguments[0])


sys.addaudithook(watch)


def make_files(root):
    """Two JSON files about three images, with every part that the reader knows."""
    for name in ("images/1.png", "images/2.png", "images/val/1.png"):
        write_image(root / name, (24, 32))
    runs = {"size": [24, 32], "counts": [30, *[5, 19] * 6, 5, 589]}
    facts = [
        {"bbox": [4, 4, 12, 10], "area": 120, "iscrowd": 0, "segmentation": [[4, 4, 16, 4, 16, 14]]},
        {"bbox": [4, 4, 12, 10], "iscrowd": 1, "segmentation": runs},
        {"keypoints": [5, 5, 2, 9, 9, 1, 0, 0, 0], "num_keypoints": 2},
        {"segmentation": [runs]},
    ]
    images = [
        {"id": 1, "file_name": "1.png", "width": 32, "height": 24, "coco_url": "http://127.0.0.1:1/1.png"},
        {"id": 2, "file_name": "2.png", "width": 32, "height": 24},
    ]
    annotations = [
        {"id": number, "image_id": 1 + number % 2, "category_id": 1, **one} for number, one in enumerate(facts)
    ]
    content = {
        "info": {"year": 2020}, "images": images, "annotations": annotations,
        "categories": [{"id": 1, "name": "cup"}, {"id": 2, "name": "plate"}],
    }  # fmt: skip
    return {"instances.json": content, "instances_val.json": content | {"images": images[:1]}}


def find_places(value, place=()):
    """Every place in a JSON value, from the outside in."""
    yield place
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in members:
        yield from find_places(one, (*place, key))


def change_value(content, chance):
    """JSON text in which one value is odd, gone, doubled or that of another place."""
    content = json.loads(json.dumps(content))
    *way, last = chance.choice([place for place in find_places(content) if place])
    owner = content
    for key in way:
        owner = owner[key]
    action = chance.random()
    if action < 0.1:
        del owner[last]
    elif action < 0.2 and isinstance(owner, list):
        owner.insert(last, owner[last])
    else:
        owner[last] = "@odd@"
    return json.dumps(content).replace('"@odd@"', chance.choice(ODD_VALUES))


def change_bytes(content, chance):
    """The bytes of a JSON text with some cut out, doubled or turned."""
    data = bytearray(json.dumps(content).encode())
    start = chance.randrange(len(data))
    stop = start + chance.choice([1, 1, 2, 10, 1000])
    data[start:stop] = chance.choice([b"", bytes(data[start:stop]) * 2, chance.randbytes(3), b"\xff", b"}", b"]", b'"'])
    return bytes(data)


def read_everything(root):
    """Do what a run does with a source: images and instances, by outcome."""
    CocoSource.recognises(root)
    counts = {"failed": 0, "read": 0, "instances": 0}
    source = CocoSource.open(root)
    names = list(source.dataset_names())
    assert source.count_images(names) == sum(1 for _ in source.list_images(names))
    keys = set()
    for image in source.list_images():
        assert image.key not in keys
        keys.add(image.key)
        described = source.describe(image)
        objects = source.read_objects(described)
        if image.problem or image.pixels_stamp == "missing":
            counts["failed"] += 1
            continue
        source.read_bytes(image)
        counts["read"] += 1
        size_hw = described.size_hw or (24, 32)
        found, _ = make_instances(described, objects, mode=InstanceMode.BOTH, size_hw=size_hw, options=CropOptions())
        assert len({one.object_key for one in found}) == len(found)
        counts["instances"] += len(found)
    source.notes.collected()
    return counts


def check_nothing_outside(root):
    places = [Path(one) for one in OPENED if one.startswith("/") and "site-packages" not in one]
    outside = {str(one) for one in places if not one.is_relative_to(root) and one.suffix not in (".py", ".pyc")}
    assert {one for one in outside if not one.startswith((sys.prefix, sys.base_prefix, "/proc", "/sys"))} == set()


@pytest.mark.parametrize("change", [change_value, change_bytes])
def test_read__damaged_files_cost_what_is_damaged(tmp_path, change):
    root = (tmp_path / "data").resolve()
    files = make_files(root)
    chance = random.Random(20260101)
    total = {"failed": 0, "read": 0, "instances": 0}
    messages = []
    WATCHING.append(True)
    try:
        for draw in range(N_DRAWS):
            for position, (name, content) in enumerate(files.items()):
                changed = change(content, chance) if draw % 2 == position or draw % 7 == 0 else json.dumps(content)
                path = write_json(root / "annotations" / name, None)
                path.write_bytes(changed.encode() if isinstance(changed, str) else changed)
            try:
                counts = read_everything(root)
            except SourceError as error:
                messages.append(str(error))
            else:
                for outcome, count in counts.items():
                    total[outcome] += count
    finally:
        WATCHING.clear()
    check_nothing_outside(root)
    OPENED.clear()
    assert total["read"] > N_DRAWS  # one of the two files is sound in most draws
    assert total["instances"] > 3 * N_DRAWS
    assert len(messages) < N_DRAWS // 4
    assert not any("\n" in message for message in messages)
