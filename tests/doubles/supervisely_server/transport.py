"""HTTP of the double: tokens, multipart bodies, what was asked, and answers that break."""

import json
from collections import Counter

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from tests.doubles.supervisely_server import edits, work  # noqa: F401 - they register methods
from tests.doubles.supervisely_server.methods import METHODS
from tests.doubles.supervisely_server.tables import RefusedError, checksum


def make_app(double):
    """The double as an ASGI application."""
    app = FastAPI()

    @app.api_route("/public/api/v3/{method}", methods=["GET", "POST"])
    async def answer(method: str, request: Request):
        failure = double.failures.take(method)
        double.note(method, request)
        if failure is not None and failure.act is not None:
            failure.act()
        if failure is not None and failure.status is not None:
            if failure.is_done:
                await _work(double, method, request)
            error = {"error": failure.message, "details": {"message": failure.message}}
            return JSONResponse(error, failure.status, headers=failure.headers)
        found = await _work(double, method, request)
        return found if failure is None else _broken(found, failure)

    return app


async def _work(double, method, request):
    if request.headers.get("x-api-key") != double.token:
        return _error(401, "Unauthorized", "bad token")
    try:
        asked = await _read_body(method, request)
        if method in UPLOADS:
            return JSONResponse(UPLOADS[method](double.tables, asked, **request.query_params))
        double.bodies.append((method, asked))
        if method not in METHODS:
            return _error(404, f"Method {method} is not implemented", method)
        found = METHODS[method](double.tables, asked)
    except RefusedError as refused:
        return _error(refused.status, refused.error, refused.message)
    return found if isinstance(found, Response) else JSONResponse(found)


async def _read_body(method, request):
    if method in UPLOADS:
        async with request.form() as form:
            parts = form.multi_items()
            return [(name, await value.read() if hasattr(value, "read") else value) for name, value in parts]
    body = await request.body()
    return json.loads(body) if body else dict(request.query_params)


def _upload_images(tables, parts):
    for _, data in parts:
        tables.blobs[checksum(data)] = data
    return [{"hash": checksum(data), "mime": "image/png"} for _, data in parts]


def _upload_masks(tables, parts):
    ids = [int(value) for name, value in parts if name == "figureId"]
    masks = [json.loads(value) for name, value in parts if name == "geometry"]
    tables.masks |= dict(zip(ids, masks, strict=True))
    return {"SUCCESS": {}}


UPLOADS = {
    "file-storage.bulk.upload": work.upload_files,
    "images.bulk.upload": _upload_images,
    "figures.bulk.upload.geometry": _upload_masks,
}


def _error(status, error, message):
    return JSONResponse({"error": error, "details": {"message": message}}, status)


def _broken(found, failure):
    """An answer whose body was changed or that ends too early."""
    body = found.body if failure.change is None else failure.change(found.body)
    if failure.keep_share is None:
        headers = {name: value for name, value in found.headers.items() if name != "content-length"}
        return Response(body, found.status_code, headers=headers)
    return CutResponse(found, body, int(len(body) * failure.keep_share))


class CutResponse(Response):
    """An answer that promises its whole length, and ends after some bytes."""

    def __init__(self, found, body, n_bytes):
        super().__init__(body, found.status_code, headers=dict(found.headers))
        self._n_bytes = n_bytes

    async def __call__(self, scope, receive, send):
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body[: self._n_bytes], "more_body": False})


class Requests(Counter):
    """How often each method was asked."""

    @property
    def n_all(self):
        return sum(self.values())
