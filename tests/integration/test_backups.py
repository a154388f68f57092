"""Backups, restores and moves: everything arrives, damage is refused, and kills leave no half."""

import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from indexer.domain import CollectionSpec, Point, PointFilter
from indexer.errors import (
    CollectionMismatchError,
    InvalidOptionsError,
    SnapshotOutdatedError,
    SourceUnavailableError,
    StoreLockedError,
    StoreUnavailableError,
)
from indexer.reviews.judgement import Judgement
from indexer.reviews.review import ReviewVerdict
from indexer.settings import IndexerSettings, StoreSettings
from indexer.stores.embedded_collection import EmbeddedCollection
from indexer.stores.leases import Lease
from indexer.workspace import Workspace
from tests.doubles.qdrant_server import Fault, running_server

SPEC = CollectionSpec(embedder="fake:eight", fingerprint="f1", dimension=8, crops="padding=0px min=1px")
N_POINTS, N_EMBEDDED = 300, 290


def make_points():
    """Points in three clouds, some without a vector, with payloads of every kind."""
    random = np.random.default_rng(0)
    centers = random.normal(size=(3, 8))
    points = []
    for number in range(N_POINTS):
        vector = centers[number % 3] + random.normal(scale=0.3, size=8)
        payload = {
            "version": 1,
            "source_key": "/photos",
            "dataset": "train",
            "image_key": f"größe {number}.png",
            "image_name": f"größe {number}.png",
            "instance": "object" if number < N_EMBEDDED else "image",
            "class_name": f"class {number % 3}",
            "box": [0, 0, 10, 10 + number],
            "embedded_at": f"2026-01-02T03:04:05.{number:06}+00:00",
        }
        if number >= N_EMBEDDED:
            del payload["embedded_at"]
        embedding = vector.astype(np.float32) if number < N_EMBEDDED else None
        points.append(Point(f"00000000-0000-0000-0000-{number:012}", payload, embedding))
    return points


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A data directory with a collection, two verdicts and a map."""
    data_dir = tmp_path_factory.mktemp("made")
    with open_workspace(data_dir) as workspace:
        workspace.collections.create("animals", SPEC).upsert(make_points())
        for point_id in (make_points()[3].id, make_points()[7].id):
            workspace.reviews.add("animals", [point_id], Judgement(ReviewVerdict.DISMISS, who="ann"))
        workspace.maps.make("animals", method="pca")
    return data_dir


@pytest.fixture
def data_dir(made, tmp_path):
    shutil.copytree(made, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def double():
    with running_server() as running:
        yield running


def open_workspace(data_dir, url=None):
    return Workspace.open(IndexerSettings(data_dir=data_dir, store=StoreSettings(url=url, retries=0)))


@pytest.fixture
def backup(data_dir, tmp_path):
    with open_workspace(data_dir) as workspace:
        workspace.backups.back_up("animals", tmp_path / "animals.zip")
    return tmp_path / "animals.zip"


def read_all(workspace, name="animals"):
    """All that a collection is: points, vectors, verdicts, places on its map."""
    collection = workspace.collections.open(name)
    points = [point for page in collection.scroll(with_embeddings=True) for point in page]
    payloads = {point.id: point.payload for point in points}
    vectors = {point.id: point.embedding for point in points if point.embedding is not None}
    maps = [workspace.maps.read(name, one) for one in workspace.maps.ids(name)]
    places = [(one.header.method, one.point_ids.tolist(), one.coordinates.tolist()) for one in maps]
    return collection.spec, payloads, vectors, places, {one.point_id for one in workspace.reviews.standing(name)}


def assert_same(found, wanted):
    assert found[0] == wanted[0]
    assert found[1] == wanted[1]
    assert found[2].keys() == wanted[2].keys()
    for point_id, vector in found[2].items():
        assert vector == pytest.approx(wanted[2][point_id], abs=1e-6)
    assert found[3:] == wanted[3:]


@pytest.mark.parametrize("has_server", [False, True], ids=["embedded", "server"])
def test_restore__elsewhere__everything_is_as_it_was(data_dir, backup, double, tmp_path, has_server):
    with open_workspace(data_dir) as workspace:
        wanted = read_all(workspace)
    with open_workspace(tmp_path / "elsewhere", double.url if has_server else None) as workspace:
        restored = workspace.backups.restore(backup, None)

        assert (restored.n_points, restored.n_events, restored.n_maps) == (N_POINTS, 2, 1)
        assert_same(read_all(workspace), wanted)
        made = workspace.backups.back_up("animals", tmp_path / "again.zip")
        assert (made.n_points, made.n_embedded) == (N_POINTS, N_EMBEDDED)


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


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from indexer.backups import backup_file, backups, copies
    from indexer.settings import IndexerSettings, StoreSettings
    from indexer.stores.embedded_collection import EmbeddedCollection
    from indexer.stores.server_collection import ServerCollection
    from indexer.workspace import Workspace

    what, data_dir, argument, kill_at = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    n_steps = [0]

    def step(kind, name):
        real = getattr(kind, name)
        def killing(self, *arguments, **options):
            n_steps[0] += 1
            if n_steps[0] == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(self, *arguments, **options)
        setattr(kind, name, killing)

    step(EmbeddedCollection, "_update")
    step(ServerCollection, "upsert")
    step(backup_file.BackupWriter, "_add")
    for kind in (EmbeddedCollection, ServerCollection):
        scroll = kind.scroll
        kind.scroll = lambda self, *a, page_size=40, scroll=scroll, **o: scroll(self, *a, page_size=page_size, **o)
    with Workspace.open(IndexerSettings(data_dir=data_dir)) as workspace:
        if what == "backup":
            workspace.backups.back_up("animals", Path(argument))
        elif what == "restore":
            workspace.backups.restore(Path(argument), None)
        else:
            workspace.backups.move("animals", argument)
"""


def run_killed(what, data_dir, argument, kill_at):
    """Do something in a process that is killed at its n-th step; gives whether it was."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", dedent(KILLED), what, str(data_dir), str(argument), str(kill_at)],
        env=environment, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr.decode()
    return done.returncode == -signal.SIGKILL


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
        with pytest.raises(InvalidOptionsError, match="'animals' exists already"):
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


def test_move__from_a_server_to_another_data_directory__takes_reviews_and_maps_along(data_dir, double, tmp_path):
    with open_workspace(data_dir) as workspace:
        wanted = read_all(workspace)
        workspace.backups.move("animals", double.url)
    with open_workspace(data_dir, double.url) as workspace:
        moved = workspace.backups.move("animals", str(tmp_path / "elsewhere"))

    assert (moved.n_copied, moved.n_events, moved.n_maps) == (N_POINTS, 2, 1)
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
