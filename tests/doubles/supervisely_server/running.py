"""The double on a free port of loopback, in a thread."""

import logging
import socket
import threading
import time
from contextlib import contextmanager

import uvicorn

from tests.doubles.supervisely_server.failures import Failure, Failures
from tests.doubles.supervisely_server.tables import Tables
from tests.doubles.supervisely_server.transport import Requests, make_app

TOKEN = "s3cret-token-of-ann"


class SuperviselyServerDouble:
    """The server with what a test may do to it.

    Attributes:
        url: Where it listens.
        token: What it lets in.
        tables: What it holds.
        requests: How often each method was asked, since ``forget_requests``.
        bodies: What was asked, in order.
        headers: The last request's headers.
    """

    def __init__(self, habits=None):
        self.url, self.token = "", TOKEN
        self.tables, self.failures = Tables(habits), Failures()
        self.requests, self.bodies, self.headers = Requests(), [], {}

    @property
    def habits(self):
        return self.tables.habits

    @property
    def environment(self):
        """The settings that a user of this server has."""
        return {
            "SERVER_ADDRESS": self.url,
            "API_TOKEN": self.token,
            "SUPERVISELY_PUBLIC_API_RETRY_SLEEP_SEC": "0",
            "SUPERVISELY_SKIP_HTTPS_USER_HELPER_CHECK": "1",
        }

    def fail(self, method, status=None, **how):
        """Order a failure; see ``Failure``."""
        self.failures.order(Failure(method, status, **how))

    def note(self, method, request):
        self.requests[method] += 1
        self.headers = dict(request.headers)

    def forget_requests(self):
        self.requests.clear()
        self.bodies.clear()

    def reset(self, habits=None):
        """Forget everything."""
        self.tables, self.failures = Tables(habits), Failures()
        self.forget_requests()


@contextmanager
def running_server(habits=None):
    """Run a double until the block ends."""
    double, listening = SuperviselyServerDouble(habits), socket.socket()
    listening.bind(("127.0.0.1", 0))
    double.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    config = uvicorn.Config(make_app(double), log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # cut answers are meant
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="supervisely double")
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield double
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
