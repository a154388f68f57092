"""What only the embedded store does: it has one owner, and files of its own."""

import json
from dataclasses import asdict

import pytest

from indexer.errors import (
    StoreError,
    StoreLockedError,
    StoreUnavailableError,
)
from indexer.stores.collection_files import RevisionFile
from indexer.stores.qdrant_embedded import EmbeddedStore
from tests.contract.test_stores import SPEC, make_point, point_id


def test_embedded_store__second_owner_is_told_who_holds_it(tmp_path):
    first = EmbeddedStore(tmp_path, owner="lookalike serve")

    with pytest.raises(StoreLockedError, match=r"in use by 'lookalike serve' \(process \d+\)"):
        EmbeddedStore(tmp_path)

    first.close()
    EmbeddedStore(tmp_path).close()


def test_embedded_store__knows_which_points_were_reviewed(tmp_path):
    store = EmbeddedStore(tmp_path)
    collection = store.create_collection("animals", SPEC)
    collection.upsert([make_point("a", [1, 0, 0]), make_point("b", [1, 0, 0])])
    collection.set_reviews({point_id("a"): {"verdict": "skip"}})
    before = collection.review_revision

    assert collection.reviewed_since(before) == set()
    collection.set_reviews({point_id("b"): {"verdict": "skip"}, point_id("nobody"): {"verdict": "skip"}})
    assert collection.reviewed_since(before) == {point_id("b")}
    store.close()


def test_embedded_store__a_half_made_collection_does_not_exist(tmp_path):
    (tmp_path / "collections" / "animals" / "shard.partial").mkdir(parents=True)
    store = EmbeddedStore(tmp_path)

    assert store.collection_names() == []
    assert store.create_collection("animals", SPEC).count() == 0
    store.close()


@pytest.mark.parametrize(
    ("version", "words"),
    [
        (0, "payloads of version 0, and this Lookalike knows version 1; use the Lookalike that wrote them, or index"),
        (2, "payloads of version 2, and this Lookalike knows version 1; install a newer Lookalike, or index into"),
        (
            None,
            r"cannot be read \(it tells no version of its payloads\); put it back from a backup, or delete the folder",
        ),
    ],
    ids=["older", "newer", "missing"],
)
def test_embedded_store__payloads_of_another_version__are_refused_and_left_as_they_are(tmp_path, version, words):
    store = EmbeddedStore(tmp_path)
    store.create_collection("animals", SPEC).upsert([make_point("a", [1, 0, 0])])
    store.create_collection("plants", SPEC)
    store.close()
    folder = tmp_path / "collections" / "animals"
    (folder / "collection.json").write_text(
        json.dumps(asdict(SPEC) | ({} if version is None else {"version": version}))
    )
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    store = EmbeddedStore(tmp_path)
    for spec in (None, SPEC):
        with pytest.raises(StoreError, match=words):
            store.open_collection("animals", spec=spec)
    assert store.collection_names() == ["animals", "plants"]
    assert store.open_collection("plants").count() == 0
    store.close()

    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_embedded_store__unwritable_directory(tmp_path):
    (tmp_path / "file").write_text("not a folder")

    with pytest.raises(StoreUnavailableError, match="cannot be written"):
        EmbeddedStore(tmp_path / "file")


def test_revision__what_is_read_while_a_write_is_noted_is_of_another_revision(tmp_path, monkeypatch):
    """A reader may come between the note of a write and the write: it must not take the old points for the new."""
    store = EmbeddedStore(tmp_path)
    collection = store.create_collection("test", SPEC)
    note, read = RevisionFile.advance, []

    def note_and_read(revision):
        note(revision)
        read.append((collection.revision, collection.count()))

    monkeypatch.setattr(RevisionFile, "advance", note_and_read)
    collection.upsert([make_point("a", [1, 0, 0])])

    assert read[0][1] == 0
    assert collection.count() == 1
    assert collection.revision != read[0][0]
    store.close()
