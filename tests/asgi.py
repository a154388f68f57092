"""An app asked by a synchronous client, without a network."""

import asyncio

import httpx


class AppTransport(httpx.BaseTransport):
    """Has an ASGI app answer each request as a whole."""

    def __init__(self, app):
        self._transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)

    def handle_request(self, request):
        async def ask():
            sent = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
            answer = await self._transport.handle_async_request(sent)
            return answer.status_code, answer.headers, await answer.aread()

        status, headers, content = asyncio.run(ask())
        return httpx.Response(status, headers=headers, content=content)
