from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.embedders.model_facts import FactsCache, KnownModel, ModelFacts, compute_fingerprint, hash_weights
from indexer.embedders.preprocessing import Preprocessing

FACTS = ModelFacts(8, Preprocessing((4, 5), (0.1, 0.2, 0.3), (1.0, 1.0, 1.0), "bicubic"), "pooler", has_text_tower=True)


@pytest.fixture
def known(tmp_path: Path) -> KnownModel:
    file = tmp_path / "weights.bin"
    file.write_bytes(b"weights")
    return KnownModel(FACTS, (file,), "0123")


def test_find__remembered__is_equal_in_another_cache(tmp_path: Path, known: KnownModel) -> None:
    FactsCache(tmp_path / "cache").remember("timm:a", known)

    assert FactsCache(tmp_path / "cache").find("timm:a") == known
    assert FactsCache(tmp_path / "cache").find("timm:b") is None


def test_find__weights_changed__is_nothing(tmp_path: Path, known: KnownModel) -> None:
    cache = FactsCache(tmp_path)
    cache.remember("timm:a", known)

    known.files[0].write_bytes(b"other weights")

    assert cache.find("timm:a") is None


def test_find__weights_gone__is_nothing(tmp_path: Path, known: KnownModel) -> None:
    cache = FactsCache(tmp_path)
    cache.remember("timm:a", known)

    known.files[0].unlink()

    assert cache.find("timm:a") is None


def test_find_by_fingerprint__tells_models_apart_though_their_weights_are_gone(
    tmp_path: Path, known: KnownModel
) -> None:
    cache, other = FactsCache(tmp_path), replace(FACTS, has_text_tower=False)
    cache.remember("hf:a", known)
    cache.remember("hf:b", replace(known, facts=other, weights_hash="4567"))
    known.files[0].unlink()

    assert cache.find_by_fingerprint(compute_fingerprint("0123", FACTS)) == FACTS
    assert cache.find_by_fingerprint(compute_fingerprint("4567", other)) == other
    assert cache.find_by_fingerprint("another") is None


@pytest.mark.parametrize("change", ["format", "files", "stamps", "weights_hash", "facts"])
@pytest.mark.parametrize("value", [None, 7, [], {}, [[1]]], ids=str)
def test_find__entry_of_other_content__is_nothing(
    tmp_path: Path, known: KnownModel, change: str, value: object
) -> None:
    FactsCache(tmp_path).remember("timm:a", known)
    entries = json.loads((tmp_path / "models.json").read_text())
    entries["timm:a"][change] = value
    (tmp_path / "models.json").write_text(json.dumps(entries))

    assert FactsCache(tmp_path).find("timm:a") is None


@pytest.mark.parametrize(
    "text", ["", "[1]", '{"timm:a": {"format": 0}}', "{", '{"timm:a": 7}', '{"timm:a": null}', "[" * 100_000]
)
def test_find__file_of_other_content__is_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "models.json").write_text(text)

    assert FactsCache(tmp_path).find("timm:a") is None


def test_remember__no_folder__is_forgotten(known: KnownModel) -> None:
    cache = FactsCache(None)
    cache.remember("timm:a", known)

    assert cache.find("timm:a") is None


def test_remember__folder_cannot_be_made__costs_only_memory(tmp_path: Path, known: KnownModel) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")

    FactsCache(tmp_path / "taken").remember("timm:a", known)


def test_hash_weights__is_the_hash_of_the_files_hashes(tmp_path: Path) -> None:
    files = (tmp_path / "1", tmp_path / "2")
    for file, content in zip(files, (b"one", b"two"), strict=True):
        file.write_bytes(content)

    expected = hashlib.sha256(hashlib.sha256(b"one").digest() + hashlib.sha256(b"two").digest()).hexdigest()
    assert hash_weights(files) == expected


@pytest.mark.parametrize(
    "other",
    [
        replace(FACTS, dimension=9),
        replace(FACTS, reduction="class token"),
        replace(FACTS, preprocessing=replace(FACTS.preprocessing, std=(1, 1, 2))),
    ],
)
def test_compute_fingerprint__anything_that_changes_an_embedding__changes_it(other: ModelFacts) -> None:
    assert compute_fingerprint("0123", other) != compute_fingerprint("0123", FACTS)
    assert compute_fingerprint("0124", FACTS) != compute_fingerprint("0123", FACTS)
