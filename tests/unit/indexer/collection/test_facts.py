from datetime import UTC, datetime

import pytest

from indexer.collection.facts import CollectionFacts, Facts
from indexer.errors import InvalidOptionsError, StoreUnavailableError


@pytest.fixture
def facts(tmp_path):
    return Facts(tmp_path)


def test_of__unknown_collection_has_its_own_name(facts):
    known = facts.of("c")
    assert (known, known.name_or("c"), known.last_indexed_at) == (CollectionFacts(), "c", None)


def test_note_source__names_the_collection_after_its_project(facts):
    facts.note_source("c", "/data/pets", "pets", is_whole=False)
    assert facts.of("c").name_or("c") == "pets"
    assert facts.of("c").last_indexed_at is None


def test_note_source__several_projects(facts):
    for key, project in [("/a", "pets"), ("/b", "cars"), ("/c", "pets"), ("/d", "")]:
        facts.note_source("c", key, project, is_whole=True)
    assert facts.of("c").name_or("c") == "pets and 1 more"


def test_note_source__time_of_the_last_whole_run_stays(facts):
    before = datetime.now(UTC)
    facts.note_source("c", "/a", "pets", is_whole=True)
    noted = facts.of("c").last_indexed_at
    assert before <= noted <= datetime.now(UTC)
    facts.note_source("c", "/a", "pets", is_whole=False)
    assert facts.of("c").last_indexed_at == noted


def test_note_source__colours_of_classes_are_those_of_the_first_source_that_has_one(facts):
    facts.note_source("c", "/a", "pets", is_whole=True, class_colors={"cat": "#ff0000"})
    facts.note_source("c", "/b", "cars", is_whole=True, class_colors={"cat": "#00ff00", "car": "#0000ff"})
    facts.note_source("c", "/c", "birds", is_whole=True)
    assert facts.of("c").class_colors == {"cat": "#ff0000", "car": "#0000ff"}
    facts.note_source("c", "/a", "pets", is_whole=True, class_colors={"cat": "#112233", "owl": "red"})
    assert "owl" not in facts.of("c").class_colors  # no colour that a page and a picture know
    assert facts.of("c").class_colors["cat"] == "#112233"


def test_rename__comes_before_the_project_and_can_be_taken_back(facts):
    facts.note_source("c", "/a", "pets", is_whole=True)
    facts.rename("c", "  Käfer & Co \N{BEETLE} ")
    assert facts.of("c").name_or("c") == "Käfer & Co \N{BEETLE}"
    facts.rename("c", "")
    assert facts.of("c").name_or("c") == "pets"


@pytest.mark.parametrize("name", ["x" * 201, "two\nlines", "\x1b[2J", "turned\u202e"])
def test_rename__name_that_cannot_be_shown(facts, name):
    with pytest.raises(InvalidOptionsError, match="is no name to show"):
        facts.rename("c", name)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"/a": 3}', b'{"/a": {"indexed_at": "soon"}}', b"\xff"])
def test_of__broken_files_count_as_absent(facts, tmp_path, content):
    facts.rename("c", "x")
    for name in ("display_name.json", "sources.json"):
        (tmp_path / "facts" / "c" / name).write_bytes(content)
    assert facts.of("c").name_or("c") == "c"
    assert facts.of("c").last_indexed_at is None
    facts.note_source("c", "/a", "pets", is_whole=True)
    assert facts.of("c").name_or("c") == "pets"


def test_forget__nothing_is_left(facts):
    facts.rename("c", "x")
    facts.forget("c")
    facts.forget("c")
    assert facts.of("c") == CollectionFacts()


def test_rename__cannot_be_written(facts, tmp_path):
    (tmp_path / "facts").write_text("a file")
    with pytest.raises(StoreUnavailableError, match="cannot be written"):
        facts.rename("c", "x")
