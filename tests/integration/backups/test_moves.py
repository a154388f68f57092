"""Moves of collections between stores: everything arrives, and kills leave no half."""

import pytest

from indexer.domain import PointFilter
from indexer.errors import (
    InvalidOptionsError,
    SnapshotOutdatedError,
    StoreLockedError,
    StoreUnavailableError,
)
from indexer.stores.embedded_collection import EmbeddedCollection
from tests.doubles.qdrant_server import Fault
from tests.integration.backups.making import (
    N_POINTS,
    SPEC,
    assert_same,
    make_points,
    open_workspace,
    read_all,
    run_killed,
)


@pytest.mark.parametrize("kill_at", [1, 4, 8])
def test_move__to_a_server_killed__goes_on_and_answers_alike(data_dir, double, kill_at):
    assert run_killed("move", data_dir, double.url, kill_at)

    with open_workspace(data_dir, double.url) as there:
        assert there.collection_names() == []
    with open_workspace(data_dir) as workspace:
        wanted = read_all(workspace)
        moved = workspace.backups.move("animals", double.url)

        assert moved.n_points == N_POINTS
        assert moved.n_copied == N_POINTS - 40 * (kill_at - 1)
        assert moved.n_queries == 100
        with pytest.raises(InvalidOptionsError, match=r"'animals' is in .* already; delete it there"):
            workspace.backups.move("animals", double.url)
    with open_workspace(data_dir, double.url) as there:
        assert_same(read_all(there), wanted)


def test_move__lease_of_another_machine_still_runs__says_who(data_dir, double):
    assert run_killed("move", data_dir, double.url, 2)
    say_of_another_machine(double)

    with (
        open_workspace(data_dir) as workspace,
        pytest.raises(StoreLockedError, match="'lookalike move animals to http"),
    ):
        workspace.backups.move("animals", double.url)


def say_of_another_machine(double):
    for name in double.tables.schemas:
        for point in double.tables.local.scroll(name, limit=1000)[0]:
            if "lease" in (point.payload or {}):
                lease = {**point.payload["lease"], "process": "7@machine-b"}
                double.tables.local.set_payload(name, {"lease": lease}, points=[point.id])


def test_move__from_a_server_to_another_data_directory__takes_all_along(data_dir, double, tmp_path):
    with open_workspace(data_dir) as workspace:
        wanted = read_all(workspace)
        workspace.backups.move("animals", double.url)
    with open_workspace(data_dir, double.url) as workspace:
        moved = workspace.backups.move("animals", str(tmp_path / "elsewhere"))

    assert (moved.n_copied, moved.n_events, moved.n_maps) == (N_POINTS, 2, 1)
    assert (moved.n_tags, moved.n_selections) == (5, 1)
    with open_workspace(tmp_path / "elsewhere") as workspace:
        assert_same(read_all(workspace), wanted)


def test_move__source_that_lost_points_after_a_kill__does_not_keep_them_there(data_dir, double):
    assert run_killed("move", data_dir, double.url, 4)

    with open_workspace(data_dir) as workspace:
        workspace.collections.open("animals").delete([make_points()[0].id])
        moved = workspace.backups.move("animals", double.url)
    with open_workspace(data_dir, double.url) as there:
        assert moved.n_points == there.collections.open("animals").count() == N_POINTS - 1


def test_move__to_where_it_is__is_refused(data_dir):
    with open_workspace(data_dir) as workspace, pytest.raises(InvalidOptionsError, match=r"is in .* already"):
        workspace.backups.move("animals", str(data_dir))


def test_move__copy_that_finds_others__is_not_seen(data_dir, double):
    answer = b'{"result": {"points": []}, "status": "ok", "time": 0}'
    double.fail(Fault("points/query", 200, {}, answer, times=100))

    with (
        open_workspace(data_dir) as workspace,
        pytest.raises(
            StoreUnavailableError, match=r"finds other neighbors of point .*; the copy is dropped, run it again"
        ),
    ):
        workspace.backups.move("animals", double.url)
    with open_workspace(data_dir, double.url) as there:
        assert there.collection_names() == []
    double.faults.clear()
    with open_workspace(data_dir) as workspace:
        assert workspace.backups.move("animals", double.url).n_copied == N_POINTS


def test_move__write_in_between__says_that_it_changed_and_goes_on(data_dir, double, monkeypatch):
    with open_workspace(data_dir) as workspace:
        collection, writes = workspace.collections.open("animals"), [1]

        def write(stage, done, total):
            while writes:
                writes.pop()
                collection.set_payload({make_points()[0].id: {"class_name": "other"}})

        with pytest.raises(SnapshotOutdatedError, match="changed while it was read; ask again"):
            workspace.backups.move("animals", double.url, on_progress=write)
        moved = workspace.backups.move("animals", double.url)

        assert moved.n_copied == 1
    with open_workspace(data_dir, double.url) as there:
        assert there.collections.open("animals").count(PointFilter(equals_any={"class_name": ("other",)})) == 1


def test_drafts__of_both_stores__are_embedded_alike(tmp_path):
    """A draft of the embedded store lies beside the collections and is found again."""
    with open_workspace(tmp_path) as workspace:
        workspace.store.open_draft("animals", SPEC, keeps=False).upsert(make_points()[:5])
        again = workspace.store.open_draft("animals", SPEC, keeps=True)

        assert isinstance(again, EmbeddedCollection)
        assert again.count() == 5
        assert workspace.store.open_draft("animals", SPEC, keeps=False).count() == 0
