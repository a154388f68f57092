"""Runs that wait for workers, known to every process that shares the file."""

import threading

import pytest

from api.services.external_runs import SILENT_S
from api.services.run_queue import WAITING, RunQueue
from lookalike.errors import InvalidOptionsError, StoreUnavailableError, UnknownPathNameError
from lookalike.wire.runs import IndexRun, RunProgress


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def queue(tmp_path, clock):
    return RunQueue(tmp_path / "runs", clock)


def add(queue, source="/images", collection="pets", **more):
    return queue.add("index", collection, IndexRun(source=source, collection=collection, **more))


def progress(done, stage="indexing images", total=100):
    return RunProgress(stage=stage, done=done, total=total)


def test_add__waits_until_a_worker_takes_it(queue):
    added = add(queue)
    assert (added.state, added.stage) == ("running", WAITING)
    claimed = queue.claim("ana", ["index"])
    assert claimed.run.id == added.id
    assert claimed.request.source == "/images"
    assert queue.find(added.id).stage == "starting at worker ana"
    assert queue.claim("ben", ["index"]) is None


def test_claim__takes_the_oldest_and_leaves_kinds_that_it_does_not_do(queue):
    first, _ = add(queue, collection="a"), add(queue, collection="b")
    assert queue.claim("ana", ["project"]) is None
    assert queue.claim("ana", ["index"]).run.id == first.id


def test_claim__leaves_a_collection_at_which_another_works(queue):
    add(queue, collection="a")
    second, other = add(queue, collection="a"), add(queue, collection="b")
    first = queue.claim("ana", ["index"]).run
    assert queue.claim("ben", ["index"]).run.id == other.id
    assert queue.claim("eve", ["index"]) is None
    queue.end(first.id, state="succeeded")
    assert queue.claim("eve", ["index"]).run.id == second.id


def test_queue__is_the_same_in_another_process(queue, tmp_path, clock):
    added = add(queue)
    other = RunQueue(tmp_path / "runs", clock)
    assert [one.id for one in other.infos()] == [added.id]
    other.claim("ana", ["index"])
    other.note(added.id, progress(5))
    assert queue.find(added.id).done == 5
    other.end(added.id, state="succeeded", result={"images": 1})
    assert queue.find(added.id).result == {"images": 1}
    assert queue.find(added.id).finished_at is not None


def test_claim__gives_each_run_to_one_worker(queue, tmp_path):
    ids = {add(queue, collection=str(number)).id for number in range(20)}
    taken = []

    def work(name):
        mine = RunQueue(tmp_path / "runs")
        while (claimed := mine.claim(name, ["index"])) is not None:
            taken.append(claimed.run.id)

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(ids)


def test_note__tells_the_rate_of_the_stage(queue, clock):
    run = add(queue)
    queue.claim("ana", ["index"])
    queue.note(run.id, progress(0))
    clock.now += 5
    assert queue.note(run.id, progress(50)) is False
    info = queue.find(run.id)
    assert (info.rate_per_s, info.seconds_left) == (10.0, 5.0)


def test_cancel__of_a_run_that_waits_ends_it(queue):
    run = queue.cancel(add(queue).id)
    assert (run.state, run.error.code) == ("cancelled", "CancelledError")
    assert queue.claim("ana", ["index"]) is None


def test_cancel__of_a_run_at_work_tells_its_worker(queue):
    run = add(queue)
    queue.claim("ana", ["index"])
    assert queue.cancel(run.id).state == "running"
    assert queue.note(run.id, progress(1)) is True


def test_queue__gives_up_a_worker_that_falls_silent(queue, clock):
    run = add(queue)
    queue.claim("ana", ["index"])
    clock.now += SILENT_S + 1
    info = queue.find(run.id)
    assert info.state == "failed"
    assert "worker ana does not answer any more" in info.error.detail
    assert queue.note(run.id, progress(1)) is True  # it is told to stop if it comes back
    assert queue.end(run.id, state="succeeded").state == "failed"


def test_claim__the_run_of_a_killed_worker_keeps_the_next_one_waiting_no_longer_than_it_is_silent(queue, clock):
    """Nobody looks at the runs meanwhile."""
    first, second = add(queue), add(queue)
    queue.claim("killed", ["index"])
    assert queue.claim("ana", ["index"]) is None
    clock.now += SILENT_S + 1
    assert queue.claim("ana", ["index"]).run.id == second.id
    assert queue.find(first.id).state == "failed"


def test_queue__waits_for_a_worker_again_after_the_api_was_away(queue, tmp_path, clock):
    run = add(queue)
    queue.claim("ana", ["index"])
    clock.now += 10 * SILENT_S
    started_again = RunQueue(tmp_path / "runs", clock)
    assert started_again.find(run.id).state == "running"
    clock.now += SILENT_S + 1
    assert started_again.find(run.id).state == "failed"


def test_queue__waits_for_a_worker_for_ever(queue, clock):
    run = add(queue)
    clock.now += 100 * SILENT_S
    assert queue.find(run.id).state == "running"


def test_add__with_the_key_of_an_earlier_request_gives_its_run(queue, tmp_path):
    first = add(queue, idempotency_key="key-of-mine")
    other = RunQueue(tmp_path / "runs")
    assert add(other, idempotency_key="key-of-mine").id == first.id
    with pytest.raises(InvalidOptionsError, match="belongs to another request"):
        add(other, source="/more", idempotency_key="key-of-mine")


def test_queue__forgets_the_oldest_that_are_over(queue):
    waiting = add(queue, collection="waits")
    over = [queue.cancel(add(queue, collection=str(number)).id).id for number in range(55)]
    ids = [one.id for one in queue.infos()]
    assert over[0] not in ids
    assert waiting.id in ids
    assert over[-1] in ids


def test_queue__unknown_run(queue):
    assert queue.find("none") is None
    with pytest.raises(UnknownPathNameError, match="none"):
        queue.cancel("none")


def test_queue__broken_file_is_named(queue, tmp_path):
    add(queue)
    (tmp_path / "runs" / "queue.json").write_text("[{")
    with pytest.raises(StoreUnavailableError, match=r"queue\.json is broken; delete that file"):
        queue.infos()


def test_end__long_result_is_cut_in_lists_whole_for_who_asks_and_goes_with_its_run(queue, tmp_path):
    run, told = add(queue), {"n": 50, "outcomes": list(range(50))}
    assert queue.end(run.id, state="succeeded", result=told).result == told
    assert queue.find(run.id).result == told
    assert queue.infos()[0].result == {"n": 50, "outcomes": list(range(20))}
    assert len(list((tmp_path / "runs" / "results").iterdir())) == 1
    for _ in range(51):
        queue.end(add(queue).id, state="succeeded")
    add(queue)
    assert list((tmp_path / "runs" / "results").iterdir()) == []
