"""Names that annotation files give to files: found inside the source's folder, nowhere else."""

import os
import time
import unicodedata
from urllib.parse import quote

import pytest

from indexer.sources.files import MISSING
from indexer.sources.named_files import NamedFiles
from indexer.sources.notes import NoteKind, SourceNotes
from tests.source_formats import write_image


@pytest.fixture
def notes():
    return SourceNotes()


@pytest.fixture
def root(tmp_path):
    return tmp_path / "root"


@pytest.fixture
def files(root, notes):
    root.mkdir()
    return NamedFiles(root, notes)


def counts(notes):
    return {kind: note.count for kind, note in notes.collected().items()}


def test_find__first_folder_that_has_it(files, root, notes):
    write_image(root / "b" / "1.png")

    found = files.find("1.png", [f"{root}/a", f"{root}/b"])

    assert (found.path, found.problem) == (f"{root}/b/1.png", None)
    assert found.stamp != MISSING
    assert counts(notes) == {}


def test_find__nowhere_is_missing_at_the_first_place(files, root):
    found = files.find("1.png", [f"{root}/a", f"{root}/b"])

    assert found == (f"{root}/a/1.png", MISSING, None)


@pytest.mark.parametrize(
    "name", ["../outside.png", "a/../../outside.png", "linked.png", "linked/outside.png", "..\\outside.png"]
)
def test_find__name_that_leads_outside_is_refused(files, root, tmp_path, name):
    write_image(tmp_path / "outside.png")
    (root / "linked.png").symlink_to(tmp_path / "outside.png")
    (root / "linked").symlink_to(tmp_path, target_is_directory=True)

    found = files.find(name, [str(root)])

    assert found.stamp == MISSING
    assert found.problem == f"its name leads outside {root}; --allow-outside reads it all the same"


def test_find__absolute_name_outside_is_refused(files, root, tmp_path):
    outside = write_image(tmp_path / "outside.png")

    assert "leads outside" in files.find(str(outside), [str(root)]).problem


def test_find__outside_is_read_if_the_user_allows_it(root, tmp_path, notes):
    outside = write_image(tmp_path / "outside.png")
    root.mkdir()
    files = NamedFiles(root, notes, allow_outside=True)

    for name in (str(outside), "../outside.png"):
        assert files.find(name, [str(root)]).path == str(outside)


def test_find__dots_that_stay_inside_are_fine(files, root):
    write_image(root / "images" / "1.png")

    assert files.find("../images/1.png", [f"{root}/annotations"]).path == f"{root}/images/1.png"
    assert files.find("./images//1.png", [str(root)]).path == f"{root}/images/1.png"


@pytest.mark.parametrize("name", ["a b/1.png", "käse/1.png", "100%.png"])
def test_find__other_spellings_are_second_tries_and_counted(files, root, notes, name):
    decomposed = unicodedata.normalize("NFD", name)
    write_image(root / decomposed)

    for spelling in (quote(name), name.replace("/", "\\"), unicodedata.normalize("NFC", name)):
        assert files.find(spelling, [str(root)]).path == f"{root}/{decomposed}"

    assert counts(notes).get(NoteKind.OTHER_SPELLING, 0) >= (1 if quote(name) != name else 0)


def test_find__the_name_as_written_comes_first(files, root, notes):
    write_image(root / "a%20b.png")
    write_image(root / "a b.png")

    assert files.find("a%20b.png", [str(root)]).path == f"{root}/a%20b.png"
    assert counts(notes) == {}


@pytest.mark.parametrize(
    "prefix", ["/home/bob/set/", "C:\\Users\\bob\\set\\", "D:/", "http://10.0.0.1:8080/data/", "s3://bucket/"]
)
def test_find__another_machines_path_by_its_end(files, root, notes, prefix):
    write_image(root / "train" / "1.png")
    write_image(root / "val" / "1.png")

    found = files.find(f"{prefix}train/1.png", [str(root)])

    assert found.path == f"{root}/train/1.png"
    assert counts(notes) == {NoteKind.BY_FILE_NAME: 1}


def test_find__another_machines_path_by_its_file_name_only_if_that_is_unique(files, root):
    write_image(root / "a" / "1.png")
    write_image(root / "a" / "2.png")
    write_image(root / "b" / "2.png")

    assert files.find("/home/bob/x/1.png", [str(root)]).path == f"{root}/a/1.png"
    assert files.find("/home/bob/x/2.png", [str(root)]).stamp == MISSING


def test_find__relative_name_is_never_guessed_by_its_end(files, root):
    write_image(root / "b" / "1.png")

    assert files.find("a/1.png", [str(root)]).stamp == MISSING


@pytest.mark.parametrize("name", ["", ".", "..", "/", "a\0b.png", "x" * 300, "y/" * 3000 + "1.png", "\\", "\ud800.png"])
def test_find__names_of_no_file_are_missing(files, root, name):
    assert files.find(name, [str(root)]).stamp == MISSING


def test_find__file_is_not_two_of_another_machines_names(files, root, notes):
    write_image(root / "images" / "1.png")

    found = [files.find(f"/home/{who}/1.png", [str(root)]) for who in ("ann", "ben", "ann")]

    assert [one.stamp == MISSING for one in found] == [False, True, False]
    assert "cannot both be it; bring both files here" in found[1].problem


def test_find__pipe_and_folder_are_looked_at_like_files_of_no_folder_above(files, root, tmp_path):
    os.mkfifo(root / "pipe.png")
    (root / "folder.png").mkdir()
    (root / "link.png").symlink_to(tmp_path / "secret.png")
    write_image(tmp_path / "secret.png")

    assert files.find("folder.png", [str(root)]).stamp == MISSING
    assert files.find("pipe.png", [str(root)]).problem is None
    assert "leads outside" in files.find("link.png", [str(root)]).problem


@pytest.mark.parametrize("name", ["a/" * 1_000_000 + "1.png", "/a" * 1_000_000, "1\0.png"])
def test_find__name_that_no_file_can_have_is_refused_at_once(files, root, name):
    assert files.find(name, [str(root)]) == (name, MISSING, "its name cannot be that of a file")


def test_find__absolute_name_of_thousands_of_folders_takes_no_time(files, root):
    started = time.thread_time()
    assert files.find("/a" * 2000, [str(root)]).stamp == MISSING
    assert time.thread_time() - started < 1
