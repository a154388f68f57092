"""Files of the data directory that are broken, missing or foreign: each is made anew or reported by name."""

import contextlib
import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest

from indexer.domain import CollectionSpec, Point
from indexer.errors import InvalidOptionsError, StoreLockedError, StoreUnavailableError
from indexer.stores import collection_files
from indexer.stores.collection_files import RevisionFile
from indexer.stores.edge_calls import hold_back_panics
from indexer.stores.qdrant_embedded import EmbeddedStore
from tests.copies import copy_data

SPEC = CollectionSpec(embedder="fake:three", fingerprint="f1", dimension=3, crops="padding=0px min=1px")
POINT = Point("00000000-0000-0000-0000-000000000001", {"class_name": "cat"}, np.ones(3, np.float32))
NO_JSON = [b"", b'{"token": "a', b"no json", b"\xff\xfe", b"[]", b"null", b"7", b"[" * 100_000]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A data directory with two collections of one point each."""
    data_dir = tmp_path_factory.mktemp("made")
    store = EmbeddedStore(data_dir)
    for name in ("animals", "plants"):
        store.create_collection(name, SPEC).upsert([POINT])
    store.close()
    return data_dir


@pytest.fixture
def data_dir(made, tmp_path):
    copy_data(made, tmp_path / "data")
    return tmp_path / "data"


def open_both(data_dir):
    """What is said of the animals, and how many plants there are."""
    store = EmbeddedStore(data_dir)
    try:
        with pytest.raises(StoreUnavailableError) as said:
            store.open_collection("animals").retrieve([POINT.id], with_embeddings=True)
        assert store.collection_names() == ["animals", "plants"]
        assert store.open_collection("plants").count() == 1
    finally:
        store.close()
    assert "\n" not in str(said.value)
    return str(said.value)


def break_file(path, content):
    path.unlink()
    if content is None:
        path.mkdir()
        (path / "something").write_text("of somebody")
    else:
        path.write_bytes(content)


@pytest.mark.parametrize("name", ["revision.json", "review_revision.json"])
@pytest.mark.parametrize(
    "content",
    [
        *NO_JSON, None, b"{}", b'{"token": 1, "count": 2, "is_open": false}',
        b'{"token": "a", "count": "two", "is_open": false}', b'{"token": "a", "count": 1, "is_open": null}',
    ],
    ids=lambda content: str(content)[:30],
)  # fmt: skip
def test_revision__broken_file__is_made_anew(tmp_path, name, content):
    path = tmp_path / name
    before = RevisionFile(path)
    break_file(path, content)

    anew = RevisionFile(path)

    assert str(anew) != str(before)
    assert str(RevisionFile(path)) == str(anew)


@pytest.mark.parametrize("content", [b"", None], ids=["empty", "folder"])
def test_open__revision_broken__finds_the_points(data_dir, content):
    break_file(data_dir / "collections" / "animals" / "revision.json", content)
    store = EmbeddedStore(data_dir)

    assert store.open_collection("animals").count() == 1

    store.close()


@pytest.mark.parametrize(
    "content",
    [
        *NO_JSON, None, b"{}", b'{"embedder": "x"}',
        b'{"embedder": "x", "fingerprint": "x", "dimension": "3", "crops": ""}',
        b'{"embedder": 1, "fingerprint": "x", "dimension": 3, "crops": ""}',
        b'{"embedder": "x", "fingerprint": "x", "dimension": -3, "crops": ""}',
        b'{"embedder": "x", "fingerprint": "x", "dimension": 3, "crops": "", "later": 1}',
    ],
    ids=lambda content: str(content)[:60],
)  # fmt: skip
def test_open__spec_broken__is_reported_by_name_and_others_work(data_dir, content):
    path = data_dir / "collections" / "animals" / "collection.json"
    break_file(path, content)

    said = open_both(data_dir)

    assert said.startswith(f"collection 'animals': its file {path} cannot be read (")
    assert said.endswith(f"put it back from a backup, or delete the folder {path.parent} and index again")


def test_open__spec_missing__is_reported_and_nothing_is_deleted(data_dir):
    path = data_dir / "collections" / "animals" / "collection.json"
    path.rename(data_dir / "put_back.json")

    assert f"its file {path} cannot be read (it is missing)" in open_both(data_dir)
    store = EmbeddedStore(data_dir)
    with pytest.raises(InvalidOptionsError, match="collection 'animals' exists already"):
        store.create_collection("animals", SPEC)
    store.close()
    (data_dir / "put_back.json").rename(path)
    store = EmbeddedStore(data_dir)
    assert store.open_collection("animals").count() == 1
    store.close()


BROKEN_SHARD_FILES = [
    "edge_config.json", "segments/*/segment.json", "segments/*/version.info", "segments/*/payload_storage/config.json",
    "segments/*/vector_storage-embedding/vectors/status.dat",
    "segments/*/vector_storage-embedding/vectors/chunk_0.mmap",
    "segments/*/payload_storage/page_0.dat", "wal/open-1", "wal/first-index",
]  # fmt: skip


@pytest.mark.parametrize("pattern", BROKEN_SHARD_FILES)
def test_open__shard_file_cut_off__is_one_error_and_others_work(data_dir, pattern):
    folder = data_dir / "collections" / "animals"
    (path,) = (folder / "shard").glob(pattern)
    with path.open("r+b") as file:
        file.truncate(0)

    said = open_both(data_dir)

    assert said.startswith(("collection 'animals' is damaged (", "collection 'animals' failed ("))
    assert said.endswith(f"if that stays so, put {folder} back from a backup, or delete it and index again")


def test_open__the_engine_panics__is_one_error_and_nothing_else_on_stderr(data_dir, capfd):
    (path,) = (data_dir / "collections" / "animals" / "shard").glob("segments/*/vector_storage-*/vectors/status.dat")
    path.write_bytes(b"")

    assert "collection 'animals' is damaged (index out of bounds" in open_both(data_dir)
    assert capfd.readouterr() == ("", "")


def test_hold_back_panics__no_panic__what_was_written_appears(capfd):
    with hold_back_panics():
        os.write(2, b"a warning\n")
    with contextlib.suppress(ValueError), hold_back_panics():
        os.write(2, b"another\n")
        raise ValueError

    assert capfd.readouterr().err == "a warning\nanother\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("flags", [os.O_WRONLY, os.O_RDONLY], ids=["full disk", "not open for writing"])
def test_hold_back_panics__stderr_takes_nothing__the_work_is_done(flags):
    earlier, full = os.dup(2), os.open("/dev/full", flags)
    os.dup2(full, 2)
    try:
        with hold_back_panics():
            os.write(2, b"a warning\n")
        done = True
    finally:
        os.dup2(earlier, 2)
        os.close(earlier)
        os.close(full)

    assert done


def test_hold_back_panics__no_room_to_hold__what_was_written_appears(capfd, monkeypatch):
    def refuse():
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("indexer.stores.edge_calls.tempfile.TemporaryFile", refuse)
        with hold_back_panics():
            os.write(2, b"a warning\n")

    assert capfd.readouterr().err == "a warning\n"


def test_delete_collection__damaged__is_gone(data_dir):
    (path,) = (data_dir / "collections" / "animals" / "shard").glob("segments/*/segment.json")
    path.unlink()
    store = EmbeddedStore(data_dir)

    store.delete_collection("animals")

    assert store.collection_names() == ["plants"]
    assert store.create_collection("animals", SPEC).count() == 0
    store.close()


def test_create__killed_half_way__leaves_nothing_that_counts(tmp_path, monkeypatch):
    store = EmbeddedStore(tmp_path)

    def die(path, spec):
        raise KeyboardInterrupt

    with monkeypatch.context() as killing:
        killing.setattr("indexer.stores.qdrant_embedded.write_spec", die)
        killing.setattr("indexer.stores.qdrant_embedded.shutil.rmtree", lambda folder, **_: None)  # no time to tidy up
        with pytest.raises(KeyboardInterrupt):
            store.create_collection("animals", SPEC)

    assert store.collection_names() == []
    assert store.create_collection("animals", SPEC).count() == 0
    assert [path.name for path in (tmp_path / "collections").iterdir()] == ["animals"]
    store.close()


@pytest.mark.parametrize("content", [*NO_JSON, b'{"owner": 1}'], ids=lambda content: str(content)[:30])
def test_lock__owner_file_broken__still_says_that_it_is_locked(tmp_path, content):
    first = EmbeddedStore(tmp_path)
    (tmp_path / "owner.json").write_bytes(content)

    with pytest.raises(StoreLockedError, match="is in use by another process; stop it first"):
        EmbeddedStore(tmp_path)

    first.close()


@pytest.mark.parametrize("name", ["lock", "owner.json", "collections"])
def test_embedded_store__something_else_in_the_place_of_its_files__is_one_error(tmp_path, name):
    if name == "collections":
        (tmp_path / name).write_text("a file")
    else:
        (tmp_path / name).mkdir()
        (tmp_path / name / "something").write_text("of somebody")

    with pytest.raises(StoreUnavailableError, match=f"data directory {tmp_path} cannot be written: .*{name}"):
        EmbeddedStore(tmp_path)


def test_embedded_store__owner_cannot_be_noted__leaves_no_lock(tmp_path, monkeypatch):
    def fail(path, content):
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as full:
        full.setattr(collection_files, "_write_json", fail)
        with pytest.raises(StoreUnavailableError, match=r"No space left on device \(.*owner\.json\)"):
            EmbeddedStore(tmp_path)

    EmbeddedStore(tmp_path).close()


def test_close__one_collection_fails__closes_the_others_and_gives_the_lock_back(data_dir, monkeypatch):
    store = EmbeddedStore(data_dir)
    animals, plants = store.open_collection("animals"), store.open_collection("plants")
    for one in (animals, plants):
        one.set_payload({POINT.id: {"class_name": "dog"}})

    def fail():
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(animals._revision, "close", fail)
    with pytest.raises(StoreUnavailableError, match=r"collection 'animals' failed .*No space left"):
        store.close()

    assert json.loads((data_dir / "collections" / "plants" / "revision.json").read_text())["is_open"] is False
    EmbeddedStore(data_dir).close()
