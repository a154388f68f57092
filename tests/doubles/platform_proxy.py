"""The platform's proxy before an app: one session under ``/net/SESSION/``, for people whom the platform let in."""

import logging
import socket
import threading
import time
from contextlib import contextmanager

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

HOPS = ("connection", "transfer-encoding", "keep-alive", "host")
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE"]


class PlatformProxy:
    """What the proxy does, as switches.

    Attributes:
        url: Where browsers find it.
        session: The session's secret.
        keeps_prefix: Whether the app is asked for paths with ``/net/SESSION``; otherwise it is taken off.
        keeps_host: Whether the app is told the browser's host; otherwise its own name.
        asked: Paths that browsers asked for, in order.
        told: All that the app answered: headers and bodies.
    """

    def __init__(self, app_url, session="5f2c9a7e1d", *, keeps_prefix=False, keeps_host=False):
        self.url, self.session, self._app_url = "", session, app_url
        self.keeps_prefix, self.keeps_host = keeps_prefix, keeps_host
        self.asked, self.told = [], []

    @property
    def prefix(self):
        return f"/net/{self.session}"

    async def answer(self, request):
        path = request.url.path
        self.asked.append(path)
        if not path.startswith(f"{self.prefix}/"):
            return PlainTextResponse("there is no such page on this platform", 404)
        target = path if self.keeps_prefix else path.removeprefix(self.prefix)
        headers = [(name, value) for name, value in request.headers.items() if name not in HOPS]
        headers.append(("x-forwarded-for", "203.0.113.7"))
        headers.append(("host", request.headers["host"] if self.keeps_host else "app-container:8000"))
        url = httpx.URL(f"{self._app_url}{target}", query=request.url.query.encode())
        http = httpx.AsyncClient(timeout=120, trust_env=False)
        asked = http.build_request(request.method, url, headers=headers, content=await request.body())
        answer = await http.send(asked)
        await answer.aclose()
        self.told.append(f"{answer.headers} {answer.content!r}")
        kept = {name: value for name, value in answer.headers.items() if name not in (*HOPS, "content-encoding")}
        kept.pop("content-length", None)

        async def body():
            yield answer.content

        return StreamingResponse(body(), answer.status_code, headers=kept, background=BackgroundTask(http.aclose))


@contextmanager
def running_proxy(app_url, **habits):
    """Run a proxy before an app until the block ends."""
    proxy, listening = PlatformProxy(app_url, **habits), socket.socket()
    listening.bind(("127.0.0.1", 0))
    proxy.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    routes = [Route("/{path:path}", proxy.answer, methods=METHODS)]
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="platform proxy")
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield proxy
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
