"""Events of a run at a real server: told as they happen, also if the connection is cut in between."""

import asyncio
import queue

import pytest

import lookalike
from lookalike.errors import ServerUnreachableError, UnknownPathNameError
from tests.doubles.relay import Relay
from tests.integration.run_processes import Server

STEPS = 4


@pytest.fixture
def server(tmp_path):
    opened = Server(tmp_path / "data")
    yield opened
    opened.close()


class Work:
    """Work that does one step whenever it is told to."""

    def __init__(self):
        self._told = queue.Queue()

    def __call__(self, on_progress):
        for number in range(1, STEPS + 1):
            assert self._told.get(timeout=60)
            on_progress("counting", number, STEPS)
        assert self._told.get(timeout=60)
        return {"n": STEPS}

    def go_on(self):
        self._told.put(True)


def start(app):
    work = Work()
    api = getattr(app.state, "api", app)
    return work, api.state.services.runs.start_beside("export", "pets", work)


@pytest.fixture
def relay(server):
    opened = Relay(int(server.file.url.rpartition(":")[2]))
    yield opened
    opened.close()


def read_events(events, work, disturb=lambda: None):
    """What is told of a run whose work goes on with each event; ``disturb`` is called after the second step."""
    told = []
    for info in events:
        told.append((info.state, info.done))
        if info.done == 2:
            disturb()
        work.go_on()
    return told


WHOLE = [("running", number) for number in range(STEPS + 1)] + [("succeeded", STEPS)]


def test_events__tell_each_step_and_the_end(server):
    work, run = start(server.app)
    with lookalike.connect(server.file.url, api_key=server.file.token) as client:
        watched = client.get_run(run.id)
        assert read_events(watched.events(), work) == WHOLE
        assert watched.info.result == {"n": STEPS}
        assert watched.wait() == {"n": STEPS}
        assert [one.state for one in client.watch_run(run.id)] == ["succeeded"]  # over already


def test_events__connection_cut_in_the_middle__nothing_is_missed(server, relay):
    work, run = start(server.app)
    with lookalike.connect(relay.url, api_key=server.file.token) as client:
        assert read_events(client.watch_run(run.id), work, relay.cut) == WHOLE
    assert relay.n_connections == 2


def test_events__end_comes_while_nobody_is_connected__it_is_told(server, relay):
    work, run = start(server.app)

    def miss_the_rest():
        relay.close()
        for _ in range(STEPS):
            work.go_on()
        for thread in server.app.state.api.state.services.runs._threads:
            thread.join(60)
        relay.open()

    with lookalike.connect(relay.url, api_key=server.file.token) as client:
        told = read_events(client.watch_run(run.id), work, miss_the_rest)
    assert told == [*WHOLE[:3], ("succeeded", STEPS)]


def test_events__server_that_does_not_come_back__is_told_after_a_while(server, relay):
    work, run = start(server.app)
    with lookalike.connect(relay.url, api_key=server.file.token) as client:
        watched = client.get_run(run.id)
        with pytest.raises(ServerUnreachableError, match="does not answer"):
            read_events(watched.events(patience_s=0.2), work, relay.close)
    for _ in range(STEPS):
        work.go_on()


def test_events__awaited__also_over_a_connection_that_is_cut(server, relay):
    work, run = start(server.app)

    async def watch():
        told = []
        async with lookalike.connect_async(relay.url, api_key=server.file.token) as client:
            async for info in await client.watch_run(run.id):
                told.append((info.state, info.done))
                if info.done == 2:
                    relay.cut()
                work.go_on()
        return told

    assert asyncio.run(watch()) == WHOLE


def test_events__of_no_run__says_so(server):
    with (
        lookalike.connect(server.file.url, api_key=server.file.token) as client,
        pytest.raises(UnknownPathNameError, match="unknown run 'none'"),
    ):
        client.watch_run("none")


def test_events__api_in_this_process__is_asked_again_and_again(tmp_path):
    with lookalike.connect(tmp_path / "data") as client:
        work, run = start(client._http._transport._local.app)
        told = read_events(client.watch_run(run.id), work)
    assert (told[0], told[-1]) == (WHOLE[0], WHOLE[-1])
    assert told == sorted(told, key=lambda one: one[1])


def test_events__api_in_this_process_awaited__leaves_the_loop_free(tmp_path):
    async def watch():
        async with lookalike.connect_async(tmp_path / "data") as client:
            work, run = start(client._http._transport._local.app)
            told = []
            async for info in await client.watch_run(run.id):
                told.append(info.state)
                work.go_on()
            return told

    assert asyncio.run(watch())[-1] == "succeeded"
