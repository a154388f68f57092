"""Whatever a server does in the middle of a run: nothing is lost, nothing is doubled, and the next run completes it."""

import time
from contextlib import suppress

import pytest

from indexer.errors import SourceUnavailableError
from indexer.settings import IndexerSettings
from indexer.sources import supervisely_server
from indexer.stores.opening import open_store
from tests.doubles import CountingEmbedder
from tests.integration.supervisely.conftest import SPEC, dump
from tests.integration.supervisely.projects import add_image, add_sample

METHODS = ("projects.info", "datasets.list", "projects.meta", "images.list", "figures.list")
DOWNLOADS = ("annotations.bulk.info", "images.bulk.download")


@pytest.fixture
def sample(server):
    return add_sample(server.tables, n_images=3)


@pytest.fixture
def expected(run, sample, server, tmp_path, kept={}):  # noqa: B006 - ids repeat, so that one run serves all tests
    """What an undisturbed run gives."""
    if server.url not in kept:
        store = open_store(IndexerSettings(data_dir=tmp_path / "undisturbed"))
        undisturbed = store.create_collection("undisturbed", SPEC)
        run(sample.address, into=undisturbed, state=None)
        kept[server.url] = dump(undisturbed)
        store.close()
    return kept[server.url]


def damage(body):
    """Bytes of equal length, one of them changed in the middle of the first file."""
    at = body.index(b"IHDR") + 20
    return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]


@pytest.mark.parametrize(
    "failure",
    [
        {"status": 500},
        {"status": 503, "times": 3},
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"keep_share": 0.5},
        {"keep_share": 0.0},
        {"change": lambda body: body[: len(body) // 2]},
    ],
    ids=["500", "503 three times", "429", "cut", "lost", "half of the answer"],
)
def test_sync__every_method_fails_for_a_while__costs_repetitions(run, server, sample, expected, collection, failure):
    for method in (*METHODS, *DOWNLOADS):
        server.fail(method, **failure)

    report = run(sample.address)

    assert (report.images.failed, report.instances.embedded, report.notes) == (0, 36, {})
    assert dump(collection) == expected


def test_sync__damaged_bytes_of_equal_length__are_downloaded_again(run, server, sample, expected, collection):
    server.fail("images.bulk.download", change=damage)

    assert run(sample.address).images.failed == 0
    assert dump(collection) == expected
    assert server.requests["images.download"] == 1


def test_sync__bytes_that_stay_damaged__cost_that_image(run, server, sample, collection):
    hashes = [server.tables.images[one]["hash"] for one in sample.images[:2]]
    server.tables.blobs[hashes[0]] = server.tables.blobs[hashes[1]]

    report = run(sample.address)

    assert (report.images.failed, report.images.added, report.instances.embedded) == (1, 17, 34)
    assert "its bytes are not those that the server has a checksum of" in report.failures[0]["reason"]


def test_sync__bulk_answer_without_a_part__asks_for_the_rest(run, server, sample, expected, collection):
    def drop_first(body):
        boundary = body[: body.index(b"\r\n")]
        return boundary + b"\r\n" + boundary.join(body.split(boundary)[2:]).lstrip(b"\r\n")

    server.fail("images.bulk.download", change=drop_first)
    server.fail("annotations.bulk.info", change=lambda body: b"[" + body[body.index(b',{"imageId"') + 1 :])

    assert run(sample.address).images.failed == 0
    assert dump(collection) == expected


@pytest.mark.parametrize("method", ["images.list", *DOWNLOADS])
def test_sync__server_that_keeps_failing__ends_and_the_next_run_completes(
    run, server, sample, expected, collection, method
):
    server.fail(method, 500, times=1000, after=1 if method in DOWNLOADS else 0)
    if method == "images.bulk.download":
        server.fail("images.download", 500, times=1000)

    with pytest.raises(SourceUnavailableError, match=f"failed 5 times at {method.replace('bulk.d', '(bulk.)?d')}"):
        run(sample.address)

    server.failures.clear()
    assert run(sample.address).images.failed == 0
    assert dump(collection) == expected


@pytest.mark.parametrize("n_embedded", [0, 7, 35])
def test_sync__killed_while_it_embeds__is_completed_by_the_next(run, sample, expected, collection, n_embedded):
    with pytest.raises(RuntimeError, match="killed"):
        run(sample.address, embedder=CountingEmbedder(fail_after=n_embedded), batch_size=1)

    report = run(sample.address)

    assert report.instances.embedded + report.instances.unchanged == 36
    assert dump(collection) == expected


def test_sync__image_removed_between_two_pages__is_listed_again(run, server, sample, collection):
    run(sample.address)
    server.habits.max_per_page = 4
    server.fail("images.list", after=1, act=lambda: server.tables.remove_image(sample.images[0]))

    report = run(sample.address, full=True)

    assert (report.images.removed, report.images.seen, report.notes) == (1, 17, {})


def test_sync__listing_that_changes_all_the_time__removes_nothing_and_says_so(run, server, sample, collection):
    run(sample.address)
    server.tables.remove_image(sample.images[0])
    server.habits.max_per_page = 4
    new = iter(range(100))
    add = lambda: add_image(server.tables, sample, sample.datasets["val"], f"new {next(new)}.png")  # noqa: E731
    server.fail("images.list", times=100, act=add)

    report = run(sample.address, full=True)

    assert report.images.removed == 0
    assert str(sample.images[0]) in {point[0]["image_key"] for point in dump(collection).values()}
    assert any("changed while they were read" in note.examples[0] for note in report.notes.values())


def test_sync__listing_shorter_than_the_counts__removes_nothing_and_says_so(run, server, sample, collection):
    run(sample.address)
    before = dump(collection)
    server.habits.n_images_hidden = 4

    report = run(sample.address)

    assert (report.images.removed, report.instances.removed) == (0, 0)
    assert dump(collection) == before
    notes = [line for note in report.notes.values() for line in note.examples]
    assert "data set test: the server lists 0 of the 3 images that it counts; nothing of it is removed" in notes
    server.habits.n_images_hidden = 0
    assert run(sample.address).images.unchanged == 18


def test_sync__annotation_shorter_than_the_counts__keeps_its_objects(run, server, sample, collection):
    run(sample.address)
    before = dump(collection)
    server.habits.n_figures_hidden = 1

    report = run(sample.address)

    assert report.instances.removed == 0
    assert "the server gives 1 of 2 objects that it counts; the known ones are kept" in report.failures[0]["reason"]
    server.habits.n_figures_hidden = 0
    run(sample.address)
    assert dump(collection) == before


def test_sync__object_removed_after_it_was_listed__is_removed(run, server, sample, collection):
    run(sample.address)
    server.tables.edit_figure(sample.figures[0], classId=sample.classes["dog"])
    server.fail("annotations.bulk.info", act=lambda: server.tables.remove_figure(sample.figures[0]))

    report = run(sample.address)

    assert (report.images.failed, report.instances.removed) == (0, 1)


def test_sync__image_removed_after_it_was_listed__costs_that_image(run, server, sample, collection):
    server.fail("annotations.bulk.info", act=lambda: server.tables.remove_image(sample.images[0]))

    report = run(sample.address)

    assert (report.images.failed, report.images.added) == (1, 17)
    assert "it may be gone since it was listed" in report.failures[0]["reason"]


@pytest.mark.parametrize("method", ["images.list", "figures.list", "annotations.bulk.info", "images.bulk.download"])
@pytest.mark.parametrize("lists_projects", [True, False])
def test_sync__dataset_deleted_meanwhile__is_gone_after_the_next_run(
    run, server, sample, expected, collection, method, lists_projects
):
    server.habits.lists_figures_of_projects = lists_projects
    server.fail(method, act=lambda: server.tables.remove_dataset(sample.datasets["train"]))
    with suppress(SourceUnavailableError):
        run(sample.address)
    server.failures.clear()

    report = run(sample.address)

    assert (report.images.failed, report.notes) == (0, {})
    below = {key: one for key, one in expected.items() if not one[0]["dataset"].startswith(("train/", "train\n"))}
    assert dump(collection) == {key: one for key, one in below.items() if one[0]["dataset"] != "train"}


def test_sync__dataset_without_rights__ends_with_its_name(run, server, sample, collection):
    server.habits.forbidden_datasets = (sample.datasets["val"],)

    message = rf"the token has no rights to data set {sample.datasets['val']} \(val\)"
    with pytest.raises(SourceUnavailableError, match=message):
        run(sample.of_dataset("val"))


def test_sync__rights_to_a_dataset_taken_away__remove_nothing(run, server, sample, collection):
    run(sample.address)
    before = dump(collection)
    server.habits.forbidden_datasets = (sample.datasets["val"],)

    report = run(sample.address)

    assert (report.images.removed, dump(collection)) == (0, before)
    assert any("data set val: the server lists 0 of the 3" in note.examples[0] for note in report.notes.values())


def test_sync__upload_that_is_not_finished__costs_that_image_and_fails_the_run(run, server, sample, collection):
    waiting = add_image(server.tables, sample, sample.datasets["val"], "late.png", data=None, size_hw=(20, 30))

    report = run(sample.address)

    assert (report.images.failed, report.images.added) == (1, 18)
    finding = f"1 upload is not finished, the first: image {waiting} (late.png) in val"
    assert report.failure == f"{finding}; index again when it is"


def test_sync__retry_after_longer_than_anybody_waits__ends(run, server, sample):
    server.fail("images.list", 429, headers={"Retry-After": "3600"})

    with pytest.raises(SourceUnavailableError, match="asks to wait 3600 s; try again then"):
        run(sample.address)


def test_sync__redirect__is_not_followed_with_the_token(run, server, sample):
    server.fail("images.list", 307, headers={"Location": "https://elsewhere.invalid/x"}, times=9)

    message = "answers images.list with 307, which is not followed; set SERVER_ADDRESS to https://elsewhere.invalid"
    with pytest.raises(SourceUnavailableError, match=message):
        run(sample.address)


def test_sync__answer_without_an_end__is_given_up(run, server, sample, monkeypatch):
    monkeypatch.setattr(supervisely_server, "_MAX_BYTES", 100)

    with pytest.raises(SourceUnavailableError, match="the answer has more than 100 bytes"):
        run(sample.address)


def test_sync__rows_that_are_none__end_with_one_line(run, server, sample):
    for method in ("images.list", "figures.list", "datasets.list"):
        server.fail(method, times=5, change=lambda body: body.replace(b'"id"', b'"number"'))

        with pytest.raises(SourceUnavailableError, match=rf"failed 5 times at {method}: its answer cannot be read"):
            run(sample.address)


def test_sync__stopped__waits_for_no_repetition(run, server, sample, monkeypatch):
    monkeypatch.setenv("SUPERVISELY_PUBLIC_API_RETRY_SLEEP_SEC", "1000")
    monkeypatch.setattr("indexer.sources.supervisely_read_ahead.IDS_PER_REQUEST", 1)
    server.fail("images.bulk.download", 500, times=1000, after=3)  # the first image is among the three read ahead
    started = time.monotonic()

    with pytest.raises(RuntimeError, match="killed"):
        run(sample.address, embedder=CountingEmbedder(fail_after=0), batch_size=1)

    assert time.monotonic() - started < 500
