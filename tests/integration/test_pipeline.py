"""Source -> embedded store: nothing is done twice or half, and what a run did not cover is left alone."""

from datetime import UTC, datetime

import numpy as np
import pytest

from indexer.domain import Box, CollectionSpec, CropOptions, InstanceMode, PointFilter
from indexer.errors import CancelledError, StoreUnavailableError
from indexer.pipeline.changes import Verdict
from indexer.pipeline.sync import SyncOptions, sync
from indexer.points import make_point_id
from indexer.settings import IndexerSettings
from indexer.stores.opening import open_store
from tests.doubles import CountingEmbedder, MemoryImage, MemorySource, make_object, png

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
SPEC = CollectionSpec("fake:mean-colour", "mean", 4, CropOptions().text)


@pytest.fixture
def store(tmp_path):
    with_store = open_store(IndexerSettings(data_dir=tmp_path))
    yield with_store
    with_store.close()


@pytest.fixture
def collection(store):
    return store.create_collection("test", SPEC)


@pytest.fixture
def source():
    return MemorySource(
        {
            "a": MemoryImage(png(RED), [make_object("1"), make_object("2", "dog", (12, 2, 28, 18))], dataset="train"),
            "b": MemoryImage(png(GREEN), [make_object("3")], dataset="train/day"),
            "empty": MemoryImage(png(BLUE), [], dataset="val"),
        }
    )


def dump(collection):
    """Everything a collection holds, but for the times of writing."""
    points = [point for page in collection.scroll(with_embeddings=True) for point in page]
    return {
        p.id: (
            {key: value for key, value in p.payload.items() if key != "embedded_at"},
            None if p.embedding is None else p.embedding.round(5).tolist(),
        )
        for p in points
    }


def run(source, collection, embedder=None, **options):
    embedder = embedder or CountingEmbedder()
    return sync(source, embedder, collection, SyncOptions(**options)), embedder


def test_sync__first_run_stores_objects_and_knows_every_image(source, collection):
    report, _ = run(source, collection)

    assert (report.images.seen, report.images.added, report.images.failed) == (3, 3, 0)
    assert report.instances.embedded == 3
    assert report.model_loaded
    assert collection.count(PointFilter(has_embedding=True)) == 3
    assert collection.count() == 6
    (point,) = collection.retrieve([make_point_id("memory", "a", "2")], with_embeddings=True)
    assert point.payload["class_name"] == "dog"
    assert point.payload["box"] == [12, 2, 28, 18]
    assert point.payload["image_size_hw"] == [20, 30]
    red = np.array([1, 0, 0, 0.5])
    assert point.embedding == pytest.approx(red / np.linalg.norm(red), abs=1e-5)


def test_sync__again_reads_nothing_and_embeds_nothing(source, collection):
    run(source, collection)
    revision = collection.revision
    source.n_images_read = source.n_annotations_read = 0

    report, embedder = run(source, collection)

    assert report.images.unchanged == 3
    assert report.instances.unchanged == 3
    assert not report.model_loaded
    assert (embedder.n_embedded, source.n_images_read, source.n_annotations_read) == (0, 0, 0)
    assert collection.revision == revision


def test_sync__image_without_objects_is_never_read(source, collection):
    run(source, collection)

    assert source.n_images_read == 2


def test_sync__class_renamed_on_one_object_is_one_payload_write(source, collection):
    run(source, collection)
    source.n_images_read = 0
    source.change("a", "1", class_name="tiger")

    report, embedder = run(source, collection)

    assert (report.instances.embedded, report.instances.payload_updated, report.instances.unchanged) == (0, 1, 2)
    assert (report.images.updated, report.images.unchanged) == (1, 2)
    assert (embedder.n_embedded, source.n_images_read) == (0, 0)
    assert collection.facet("class_name") == {"cat": 1, "dog": 1, "tiger": 1}


def test_sync__box_moved_is_one_embedding(source, collection):
    run(source, collection)
    source.change("a", "1", box=Box(0, 0, 5, 5))

    report, embedder = run(source, collection)

    assert (report.instances.embedded, report.instances.unchanged, embedder.n_embedded) == (1, 2, 1)


def test_sync__image_replaced_embeds_its_objects(source, collection):
    run(source, collection)
    source.images["a"].data = png(BLUE)

    report, _ = run(source, collection)

    assert (report.instances.embedded, report.instances.unchanged) == (2, 1)
    (point,) = collection.retrieve([make_point_id("memory", "a", "1")], with_embeddings=True)
    assert point.embedding[2] > 0.8


def test_sync__file_touched_but_same_pixels_embeds_nothing(source, collection):
    run(source, collection)
    source.images["a"].touched = 1

    report, embedder = run(source, collection)

    assert (report.images.unchanged, report.images.updated, embedder.n_embedded) == (3, 0, 0)
    source.n_images_read = 0
    run(source, collection)
    assert source.n_images_read == 0


def test_sync__object_and_image_deleted(source, collection):
    source.images["c"] = MemoryImage(png(GREEN), [], dataset="train/day")
    run(source, collection)
    source.images["a"].objects.pop(0)
    del source.images["b"]

    report, _ = run(source, collection)

    assert (report.instances.removed, report.images.removed) == (2, 1)
    left = [("a", "2"), ("a", None), ("c", None), ("empty", None)]
    assert sorted(dump(collection)) == sorted(make_point_id("memory", *one) for one in left)


def test_sync__only_the_covered_datasets_and_source_are_touched(source, collection):
    run(source, collection)
    other = MemorySource({"a": MemoryImage(png(BLUE), [make_object("1")])}, key="other")
    run(other, collection)
    before = dump(collection)
    del source.images["a"]
    source.images["empty"].objects.append(make_object("9"))

    report, _ = run(source, collection, datasets=("train/day",))
    assert (report.images.seen, report.images.removed) == (1, 0)
    assert dump(collection) == before

    report, _ = run(source, collection, datasets=("train",))
    assert (report.images.seen, report.images.removed) == (1, 1)
    assert make_point_id("other", "a", "1") in dump(collection)
    assert make_point_id("memory", "empty", "9") not in dump(collection)


def test_sync__batches_fill_across_images(collection):
    source = MemorySource({f"i{n}": MemoryImage(png(RED), [make_object("1")]) for n in range(10)})

    _, embedder = run(source, collection, batch_size=4)

    assert embedder.batch_sizes == [4, 4, 2]


def test_sync__without_a_batch_size__fills_what_the_embedder_says_suits_its_device(collection):
    source = MemorySource({f"i{n}": MemoryImage(png(RED), [make_object("1")]) for n in range(10)})
    suited = CountingEmbedder()
    suited.batch_size = 7

    run(source, collection, suited)

    assert suited.batch_sizes == [7, 3]


def test_sync__batch_size_never_changes_what_is_stored(source, store):
    stored = []
    for size in (1, 2, 32):
        collection = store.create_collection(f"size{size}", SPEC)
        run(source, collection, batch_size=size)
        stored.append(dump(collection))

    assert stored[0] == stored[1] == stored[2]


def test_sync__modes(source, collection):
    source.images["empty"].class_name = "sky"
    report, _ = run(source, collection, mode=InstanceMode.BOTH)
    assert report.instances.embedded == 6

    report, embedder = run(source, collection, mode=InstanceMode.OBJECTS)
    assert (embedder.n_embedded, collection.count(PointFilter(has_embedding=True))) == (0, 3)

    report, embedder = run(source, collection, mode=InstanceMode.IMAGES)
    assert (embedder.n_embedded, report.instances.removed) == (3, 3)
    assert collection.count() == collection.count(PointFilter(has_embedding=True)) == 3
    assert collection.facet("class_name") == {"sky": 1}

    report, embedder = run(source, collection, mode=InstanceMode.IMAGES)
    assert (report.images.unchanged, report.instances.unchanged, embedder.n_embedded) == (3, 3, 0)


def test_sync__broken_image_is_one_failure_and_its_points_stay(source, collection):
    run(source, collection)
    source.images["a"].data = png(RED)[:40]
    source.images["b"].data = None

    report, _ = run(source, collection)

    assert (report.images.seen, report.images.failed, report.images.unchanged) == (3, 2, 1)
    assert {failure["image"] for failure in report.failures} == {"/images/a", "/images/b"}
    assert report.failure is None
    assert collection.count(PointFilter(has_embedding=True)) == 3


def test_sync__skipped_objects_are_counted_with_their_reason_in_every_run(source, collection):
    source.images["a"].objects.append(make_object("outside", box=(40, 40, 50, 50)))

    first, _ = run(source, collection)
    second, _ = run(source, collection)

    assert first.skipped_reasons == second.skipped_reasons == {"outside the image": 1}
    assert first.instances.skipped == second.instances.skipped == 1


def test_sync__older_state_of_the_source_never_overwrites(source, collection):
    newer, older = datetime(2026, 5, 2, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
    source.change("a", "1", class_name="lion", updated_at=newer)
    run(source, collection)
    source.change("a", "1", class_name="cat", updated_at=older)

    report, _ = run(source, collection)

    assert report.skipped_reasons == {Verdict.STALE: 1}
    assert collection.retrieve([make_point_id("memory", "a", "1")])[0].payload["class_name"] == "lion"


def test_sync__force_does_everything_anew_and_keeps_reviews(source, collection):
    run(source, collection)
    reviewed = make_point_id("memory", "a", "1")
    collection.set_payload({reviewed: {"review": {"verdict": "dismiss"}}})

    report, _ = run(source, collection, force=True)

    assert report.instances.embedded == 3
    assert collection.retrieve([reviewed])[0].payload["review"] == {"verdict": "dismiss"}


def test_sync__review_ends_with_a_new_class(source, collection):
    run(source, collection)
    reviewed = make_point_id("memory", "a", "1")
    collection.set_payload({reviewed: {"review": {"verdict": "dismiss"}}})
    source.change("a", "1", tags=("night",))
    run(source, collection)
    assert "review" in collection.retrieve([reviewed])[0].payload

    source.change("a", "1", class_name="lynx")
    run(source, collection)

    assert "review" not in collection.retrieve([reviewed])[0].payload


@pytest.mark.parametrize("n_done", [0, 5, 600, 1100])
def test_sync__stopped_anywhere_and_run_again_equals_one_run(store, n_done):
    images = {
        f"i{n}": MemoryImage(png((n % 256, n // 8, 0), (16, 16)), [make_object("1"), make_object("2", "dog")])
        for n in range(700)
    }
    undisturbed = store.create_collection("undisturbed", SPEC)
    _, whole = run(MemorySource(images), undisturbed, batch_size=8)
    collection = store.create_collection("disturbed", SPEC)
    broken = CountingEmbedder(fail_after=n_done)
    with pytest.raises(RuntimeError, match="killed"):
        run(MemorySource(images), collection, broken, batch_size=8)
    n_stored = collection.count(PointFilter(has_embedding=True))

    _, second = run(MemorySource(images), collection, batch_size=8)

    assert dump(collection) == dump(undisturbed)
    assert second.n_embedded == whole.n_embedded - n_stored


def test_sync__disk_that_runs_full_is_a_clear_error_and_the_next_run_goes_on(source, collection, monkeypatch):
    class Usage:
        free = 12 * 2**20

    with monkeypatch.context() as full:
        full.setattr("indexer.stores.edge_calls.shutil.disk_usage", lambda _: Usage)
        with pytest.raises(StoreUnavailableError, match=r"a write needs 256 MB free in \S+ and there are 12 MB"):
            run(source, collection)
    assert collection.count() == 0

    report, _ = run(source, collection)
    assert (report.images.added, report.instances.embedded) == (3, 3)


@pytest.mark.parametrize("n_writes", [0, 1, 2])
def test_sync__store_that_goes_away_leaves_what_the_next_run_completes(store, monkeypatch, n_writes):
    images = {f"i{n}": MemoryImage(png((n % 256, n // 8, 0), (16, 16)), [make_object("1")]) for n in range(700)}
    undisturbed = store.create_collection("undisturbed", SPEC)
    run(MemorySource(images), undisturbed)
    collection = store.create_collection("disturbed", SPEC)
    write, n_left = collection.upsert, [n_writes]

    def go_away(points):
        n_left[0] -= 1
        if n_left[0] < 0:
            raise StoreUnavailableError("the store is gone")
        write(points)

    with monkeypatch.context() as gone:
        gone.setattr(collection, "upsert", go_away)
        with pytest.raises(StoreUnavailableError, match="the store is gone"):
            run(MemorySource(images), collection)

    run(MemorySource(images), collection)

    assert dump(collection) == dump(undisturbed)


def test_sync__image_that_disappears_during_the_run_is_one_failure(source, collection):
    listed = list(source.list_images())
    source.list_images = lambda datasets=None: iter(listed)
    source.images["a"].data = None

    report, _ = run(source, collection)

    assert (report.images.failed, report.images.added) == (1, 2)
    assert "no such file" in report.failures[0]["reason"]


def test_sync__cancelled_by_the_progress_callback(source, collection):
    def cancel(stage, done, total):
        if done == 1:
            raise CancelledError("cancelled")

    with pytest.raises(CancelledError):
        sync(source, CountingEmbedder(), collection, on_progress=cancel)

    report, _ = run(source, collection)
    assert report.images.seen == 3


def test_sync__progress_counts_every_image(source, collection):
    told = []
    sync(source, CountingEmbedder(), collection, on_progress=lambda *facts: told.append(facts))

    assert told[0] == ("indexing images", 0, 3)
    assert ("indexing images", 3, 3) in told
    assert told[-1] == ("building the search index", 1, 1)


def test_sync__empty_source_is_a_result(collection):
    report, _ = run(MemorySource({}), collection)

    assert report.images.seen == 0
    assert report.failure is None
