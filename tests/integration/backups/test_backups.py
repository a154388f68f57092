"""Backups, restores and moves: everything arrives, damage is refused, and kills leave no half."""

import hashlib
import json
import os
import zipfile

import pytest

from indexer.errors import (
    CancelledError,
    CollectionMismatchError,
    InvalidOptionsError,
    SnapshotOutdatedError,
    SourceUnavailableError,
    StoreLockedError,
    StoreUnavailableError,
)
from indexer.stores.leases import Lease
from tests.integration.backups.making import (
    N_EMBEDDED,
    N_POINTS,
    assert_same,
    make_points,
    open_workspace,
    read_all,
    run_killed,
)


@pytest.mark.parametrize("has_server", [False, True], ids=["embedded", "server"])
def test_restore__elsewhere__everything_is_as_it_was(data_dir, backup, double, tmp_path, has_server):
    with open_workspace(data_dir) as workspace:
        wanted = read_all(workspace)
    with open_workspace(tmp_path / "elsewhere", double.url if has_server else None) as workspace:
        restored = workspace.backups.restore(backup, None)

        assert (restored.n_points, restored.n_events, restored.n_maps) == (N_POINTS, 2, 1)
        assert (restored.n_tags, restored.n_selections) == (5, 1)
        assert_same(read_all(workspace), wanted)
        made = workspace.backups.back_up("animals", tmp_path / "again.zip")
        assert (made.n_points, made.n_embedded) == (N_POINTS, N_EMBEDDED)
        assert (made.n_events, len(made.maps), made.n_tags, made.n_selections) == (2, 1, 5, 1)


def test_restore__name_that_exists__is_refused_and_another_name_is_taken(data_dir, backup):
    with open_workspace(data_dir) as workspace:
        with pytest.raises(InvalidOptionsError, match="collection 'animals' exists already; choose another name"):
            workspace.backups.restore(backup, None)
        restored = workspace.backups.restore(backup, "animals-2")

        assert workspace.collection_names() == ["animals", "animals-2"]
        assert restored.n_events == 0  # the log has them
        assert read_all(workspace, "animals-2")[4] == read_all(workspace)[4]


def test_restore__older_verdict_than_that_of_today__stays_as_it_is_today(data_dir, backup):
    with open_workspace(data_dir) as workspace:
        point_id = make_points()[3].id
        workspace.reviews.undo(
            "animals", next(one.id for one in workspace.reviews.standing() if one.point_id == point_id), who="bob"
        )
        workspace.backups.restore(backup, "animals-2")

        assert read_all(workspace, "animals-2")[4] == {make_points()[7].id}


def test_restore__tags_and_selections__those_of_today_decide(data_dir, backup, tmp_path):
    first, second, third = (point.id for point in make_points()[:3])
    with open_workspace(data_dir) as workspace:
        workspace.tags.change("animals", [first], remove=["für Montag"])
        workspace.tags.change("animals", [second], add=["new"])
        restored = workspace.backups.restore(backup, "animals-2")

        assert restored.n_tags == 0  # the points are known here
        assert workspace.tags.counts("animals-2") == workspace.tags.counts("animals")
        tags = {
            one.id: one.payload.get("tags")
            for one in workspace.collections.open("animals-2").retrieve([first, second, third])
        }
        assert tags == {first: [], second: ["für Montag", "new"], third: ["blurred", "für Montag"]}
        assert workspace.selections.counts("animals-2") == {"odd ones": 4}
        assert workspace.facts.of("animals-2").display_name == "Our animals"


def test_restore__where_a_selection_of_that_name_is_kept__it_stays(backup, tmp_path):
    with open_workspace(tmp_path / "elsewhere") as workspace:
        workspace.selections.save("animals", "odd ones", ["mine"])

        assert workspace.backups.restore(backup, None).n_selections == 0
        assert workspace.selections.ids("animals", "odd ones") == ["mine"]


def test_back_up__tag_that_is_given_meanwhile__says_that_it_changed(data_dir, tmp_path):
    with open_workspace(data_dir) as workspace:

        def give(stage, done, total):
            workspace.selections.save("animals", "new", [make_points()[0].id])

        with pytest.raises(SnapshotOutdatedError, match="changed while it was read; ask again"):
            workspace.backups.back_up("animals", tmp_path / "b.zip", on_progress=give)


@pytest.mark.parametrize("has_server", [False, True], ids=["embedded", "server"])
@pytest.mark.parametrize("error", [CancelledError("cancelled on request"), StoreUnavailableError("the disk is full")])
def test_restore__stopped__leaves_nothing_in_the_store(backup, double, tmp_path, has_server, error):
    with open_workspace(tmp_path / "elsewhere", double.url if has_server else None) as workspace:

        def stop(stage, done, total):
            if stage == "restoring points":
                raise error

        with pytest.raises(type(error)):
            workspace.backups.restore(backup, None, on_progress=stop)

        assert [one.name for one in double.tables.local.get_collections().collections] == []
        assert list((tmp_path / "elsewhere").glob("collections/*animals*")) == []
        assert list((tmp_path / "elsewhere").glob("collections/.*draft")) == []
        assert workspace.collection_names() == []
        assert workspace.tags.given() == {}
        assert workspace.selections.counts("animals") == {}
        assert workspace.backups.restore(backup, None).n_points == N_POINTS


def spoil_byte(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def rewrite(path, change):
    """Write a backup anew, with another content of its files: name -> bytes."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def change_manifest(**changes):
    def change(files):
        files["manifest.json"] = json.dumps(json.loads(files["manifest.json"]) | changes).encode()

    return lambda path: rewrite(path, change)


def spoil_curation(path, **changes):
    """Change what curators made, with its checksum."""

    def change(files):
        files["curation.json"] = json.dumps(json.loads(files["curation.json"]) | changes).encode()
        manifest = json.loads(files["manifest.json"])
        manifest["members"]["curation.json"] = hashlib.sha256(files["curation.json"]).hexdigest()
        files["manifest.json"] = json.dumps(manifest).encode()

    rewrite(path, change)


def is_vectors(name):
    return name.endswith(".f32")


DAMAGES = {
    "a byte": spoil_byte,
    "cut off": lambda path: os.truncate(path, path.stat().st_size - 100),
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("not a backup"),
    "another zip": lambda path: rewrite(path, lambda files: files.clear()),
    "no manifest": lambda path: rewrite(path, lambda files: files.pop("manifest.json")),
    "a file less": lambda path: rewrite(path, lambda files: files.pop("points/000000000.f32")),
    "a file more": lambda path: rewrite(path, lambda files: files.update({"../../evil": b"x"})),
    "other vectors": lambda path: rewrite(
        path, lambda files: files.update({name: files[name][::-1] for name in files if is_vectors(name)})
    ),
    "another format": change_manifest(version=2),
    "another count": change_manifest(n_points=N_POINTS + 1),
    "no spec": change_manifest(spec={}),
    "tags that are none": lambda path: spoil_curation(path, tags={"blurred": "everywhere"}),
    "a selection of numbers": lambda path: spoil_curation(path, selections={"odd": [1, 2]}),
    "a list as its name": lambda path: spoil_curation(path, display_name=["Our animals"]),
    "a word too much": lambda path: spoil_curation(path, secret="x"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_restore__damaged_or_foreign_file__is_refused_before_anything_is_written(backup, tmp_path, damage):
    DAMAGES[damage](backup)

    with open_workspace(tmp_path / "elsewhere") as workspace:
        before = sorted(path.name for path in (tmp_path / "elsewhere").rglob("*"))
        with pytest.raises(SourceUnavailableError, match=r"is no backup|is damaged") as said:
            workspace.backups.restore(backup, None)

        assert "\n" not in str(said.value)
        assert sorted(path.name for path in (tmp_path / "elsewhere").rglob("*")) == before


def test_restore__payloads_of_another_version__are_refused_with_words(backup, tmp_path):
    rewrite(
        backup,
        lambda files: files.update(
            {"manifest.json": files["manifest.json"].replace(b'"version": 1\n', b'"version": 9\n')}
        ),
    )

    with (
        open_workspace(tmp_path / "elsewhere") as workspace,
        pytest.raises(CollectionMismatchError, match="payloads of version 9, and this Lookalike knows version 1"),
    ):
        workspace.backups.restore(backup, None)


def test_restore__no_such_file__says_so(tmp_path):
    with open_workspace(tmp_path) as workspace, pytest.raises(SourceUnavailableError, match="there is no backup"):
        workspace.backups.restore(tmp_path / "none.zip", None)


def test_back_up__another_file_in_its_place__stays(data_dir, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")

    with open_workspace(data_dir) as workspace:
        with pytest.raises(
            InvalidOptionsError, match="exists and is no whole backup of Lookalike, so it is not replaced"
        ):
            workspace.backups.back_up("animals", tmp_path / "thesis.txt")
        with pytest.raises(InvalidOptionsError, match="there is no folder"):
            workspace.backups.back_up("animals", tmp_path / "none" / "b.zip")
        with pytest.raises(InvalidOptionsError, match="is a folder; say the name of the file"):
            workspace.backups.back_up("animals", tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_back_up__while_a_run_writes__says_who(data_dir, tmp_path):
    with open_workspace(data_dir) as workspace:
        workspace.collections.open("animals").hold(Lease.make("'lookalike index /photos' (process 7 on here)"))

        with pytest.raises(StoreLockedError, match="is being written by 'lookalike index /photos'"):
            workspace.backups.back_up("animals", tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def test_back_up__write_in_between__says_that_it_changed(data_dir, tmp_path):
    with open_workspace(data_dir) as workspace:
        collection = workspace.collections.open("animals")

        def write(stage, done, total):
            collection.set_payload({make_points()[0].id: {"class_name": "other"}})

        with pytest.raises(SnapshotOutdatedError, match="changed while it was read; ask again"):
            workspace.backups.back_up("animals", tmp_path / "b.zip", on_progress=write)
    assert list(tmp_path.glob("*b.zip*")) == []


@pytest.mark.parametrize("kill_at", [1, 2, 3])
def test_restore__killed__is_not_seen_and_the_next_one_is_whole(data_dir, backup, tmp_path, kill_at):
    assert run_killed("restore", tmp_path / "elsewhere", backup, kill_at)

    with open_workspace(data_dir) as workspace:
        wanted = read_all(workspace)
    with open_workspace(tmp_path / "elsewhere") as workspace:
        assert workspace.collection_names() == []
        workspace.backups.restore(backup, None)
        assert_same(read_all(workspace), wanted)


@pytest.mark.parametrize("kill_at", [1, 4])
def test_back_up__killed__leaves_the_earlier_backup(data_dir, backup, tmp_path, kill_at):
    earlier = backup.read_bytes()

    assert run_killed("backup", data_dir, backup, kill_at)

    assert backup.read_bytes() == earlier
    with open_workspace(data_dir) as workspace:
        assert workspace.backups.back_up("animals", backup).n_points == N_POINTS
