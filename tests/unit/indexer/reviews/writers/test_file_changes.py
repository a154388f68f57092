"""Changes of files: atomic, backed up before the first, and taken back from wherever a kill left them."""

import pytest

from indexer.errors import SourceError
from indexer.reviews.writers import file_changes
from indexer.reviews.writers.file_changes import (
    FileEdit,
    FileMove,
    back_up,
    digest_file,
    make_changes,
    undo_changes,
)


@pytest.fixture
def edits(tmp_path):
    """Two files that are to be edited and one that is to be moved into a folder that does not exist."""
    changes = []
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_bytes(b"old")
        changes.append(FileEdit(tmp_path / name, b"old", b"new"))
    (tmp_path / "c.png").write_bytes(b"pixels")
    target = tmp_path / "deep" / "er" / "c.png"
    return [*changes, FileMove(tmp_path / "c.png", target, digest_file(tmp_path / "c.png"))]


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("n_made", [0, 1, 2, 3])
def test_undo_changes__from_wherever_a_killed_run_stopped(edits, tmp_path, monkeypatch, n_made):
    before = contents(tmp_path)
    make, made = file_changes._make, []

    def make_or_die(change):
        if len(made) == n_made:
            raise KeyboardInterrupt
        made.append(change)
        make(change)

    back_up(edits, tmp_path / "runs" / "run", {"who": "ann"})
    monkeypatch.setattr(file_changes, "_make", make_or_die)
    if n_made < 3:
        with pytest.raises(KeyboardInterrupt):
            make_changes(edits, tmp_path / "runs" / "run")
    else:
        make_changes(edits, tmp_path / "runs" / "run")

    restored = undo_changes(tmp_path / "runs" / "run")

    assert len(restored.paths) == n_made
    assert restored.kept == {}
    assert contents(tmp_path) == before
    assert not (tmp_path / "deep").exists()


def test_undo_changes__a_file_that_took_the_old_place_is_not_lost(edits, tmp_path):
    back_up(edits, tmp_path / "run", {})
    make_changes(edits, tmp_path / "run")
    (tmp_path / "c.png").write_bytes(b"another")

    restored = undo_changes(tmp_path / "run")

    assert restored.kept == {tmp_path / "c.png": "there is another file of that name by now; move one of the two away"}
    assert (tmp_path / "c.png").read_bytes() == b"another"
    assert (tmp_path / "a.json").read_bytes() == b"old"


def test_undo_changes__damaged_backup(edits, tmp_path):
    back_up(edits, tmp_path / "run", {})
    (tmp_path / "run" / "manifest.json").write_text("{")

    with pytest.raises(SourceError, match=r"manifest\.json cannot be read"):
        undo_changes(tmp_path / "run")


def test_back_up__file_name_as_long_as_names_can_be(tmp_path):
    path = tmp_path / ("ü" * 125 + ".json")
    path.write_bytes(b"old")
    changes = [FileEdit(path, b"old", b"new")]

    back_up(changes, tmp_path / "run", {})
    make_changes(changes, tmp_path / "run")

    assert path.read_bytes() == b"new"
    assert undo_changes(tmp_path / "run").paths == [path]
    assert path.read_bytes() == b"old"


def test_make_changes__file_to_move_that_changed_meanwhile_stays(tmp_path):
    (tmp_path / "a.png").write_bytes(b"pixels")
    move = FileMove(tmp_path / "a.png", tmp_path / "cat" / "a.png", digest_file(tmp_path / "a.png"))
    back_up([move], tmp_path / "run", {})
    (tmp_path / "a.png").write_bytes(b"others")

    with pytest.raises(SourceError, match="it changed while labels were written"):
        make_changes([move], tmp_path / "run")

    assert (tmp_path / "a.png").read_bytes() == b"others"


def test_make_changes__link_to_nothing_is_not_written_over(tmp_path):
    (tmp_path / "a.png").write_bytes(b"pixels")
    (tmp_path / "b.png").symlink_to("nowhere")
    move = FileMove(tmp_path / "a.png", tmp_path / "b.png", digest_file(tmp_path / "a.png"))
    back_up([move], tmp_path / "run", {})

    with pytest.raises(SourceError, match="there is already a file"):
        make_changes([move], tmp_path / "run")

    assert (tmp_path / "b.png").is_symlink()


def test_back_up__folder_that_cannot_be_made(edits, tmp_path):
    with pytest.raises(SourceError, match=r"cannot back up into .*; nothing was changed"):
        back_up(edits, tmp_path / "a.json" / "run", {})


def test_make_changes__file_that_may_not_be_moved__leaves_no_empty_folder(edits, tmp_path, monkeypatch):
    def refuse(path, target):
        raise PermissionError(13, "Permission denied")

    back_up(edits, tmp_path / "runs" / "run", {})
    monkeypatch.setattr(type(tmp_path), "rename", refuse)

    with pytest.raises(SourceError, match=r"cannot change .*c\.png: Permission denied; 'lookalike reviews undo"):
        make_changes(edits[2:], tmp_path / "runs" / "run")

    assert (tmp_path / "c.png").read_bytes() == b"pixels"
    assert not (tmp_path / "deep").exists()
