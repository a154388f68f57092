"""A gRPC connection that breaks, as the network or the server is gone for a while, is picked up again."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from qdrant_client import models
from qdrant_client.grpc import points_pb2, points_service_pb2_grpc

from indexer.errors import StoreUnavailableError
from indexer.settings import StoreSettings
from indexer.stores.qdrant_server import ServerStore
from indexer.stores.server_connection import Connection
from tests.contract.test_stores import SPEC, make_point, real_settings
from tests.doubles.relay import Relay

N_POINTS = 7


class CountsPoints(points_service_pb2_grpc.PointsServicer):
    """A server that knows how many points there are, and nothing else."""

    def Count(self, request, context):  # noqa: N802 - the name is that of the protocol
        return points_pb2.CountResponse(result=points_pb2.CountResult(count=N_POINTS))


@pytest.fixture
def grpc_port():
    with ThreadPoolExecutor(2) as pool:
        server = grpc.server(pool)
        points_service_pb2_grpc.add_PointsServicer_to_server(CountsPoints(), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        yield port
        server.stop(None).wait()


@pytest.fixture
def relay(grpc_port):
    opened = Relay(grpc_port)
    yield opened
    opened.close()


def connect(relay, sleep, **more):
    settings = StoreSettings(url="http://127.0.0.1:1", grpc=True, grpc_port=port_of(relay), timeout_s=60, **more)
    return Connection.open(settings, sleep=sleep)


def port_of(relay):
    return int(relay.url.rpartition(":")[2])


def count(connection):
    return connection.call(lambda: connection.client.count("animals", count_filter=models.Filter())).count


def test_call__connection_is_cut__the_next_question_opens_another(relay):
    connection = connect(relay, lambda _: None)
    assert count(connection) == N_POINTS
    relay.cut()
    assert count(connection) == N_POINTS
    assert relay.n_connections == 2
    connection.close()


def test_call__server_is_away_for_a_while__is_asked_again_until_it_is_back(relay):
    pauses = []

    def sleep(pause_s):
        pauses.append(pause_s)
        if len(pauses) == 2:
            relay.open()
        threading.Event().wait(pause_s)

    connection = connect(relay, sleep, retries=8)
    assert count(connection) == N_POINTS
    relay.close()
    assert count(connection) == N_POINTS
    assert len(pauses) >= 2
    connection.close()


def test_call__server_stays_away__says_so(relay):
    connection = connect(relay, lambda _: None, retries=2)
    assert count(connection) == N_POINTS
    relay.close()
    with pytest.raises(StoreUnavailableError, match="the Qdrant server"):
        count(connection)
    connection.close()
    relay.open()


def test_store__of_a_real_server__goes_on_after_its_connection_was_cut():
    if "QDRANT_URL" not in os.environ or "QDRANT_GRPC_PORT" not in os.environ:
        pytest.skip("set QDRANT_URL and QDRANT_GRPC_PORT to cut the connection to a real Qdrant server")
    settings = real_settings()
    relay = Relay(settings.grpc_port)
    store = ServerStore.connect(settings.model_copy(update={"grpc_port": port_of(relay)}))
    try:
        collection = store.create_collection("cut-connection", SPEC)
        collection.upsert([make_point("a", [1, 0, 0], class_name="cat", dataset="train")])
        for _ in range(3):
            relay.cut()
            assert collection.count() == 1
            relay.cut()
            collection.upsert([make_point("b", [0, 1, 0], class_name="dog", dataset="train")])
            collection.delete([make_point("b", [0, 1, 0]).id])
    finally:
        store.delete_collection("cut-connection")
        store.close()
        relay.close()
