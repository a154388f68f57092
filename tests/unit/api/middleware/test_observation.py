"""Requests in the log."""

import asyncio
import logging
from types import SimpleNamespace

from api.middleware import observation
from api.middleware.metrics import Metrics
from api.middleware.observation import Observation


def test_observation__what_is_done_after_the_answer_counts_for_nobody(monkeypatch, caplog):
    now_s = [10.0]
    monkeypatch.setattr(observation, "time", SimpleNamespace(perf_counter=lambda: now_s[0]))

    async def answer_and_work_on(scope, receive, send):
        now_s[0] += 2
        await send({"type": "http.response.start", "status": 201, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})
        now_s[0] += 100

    async def deliver(message):
        pass

    scope = {"type": "http", "method": "POST", "path": "/reviews", "headers": []}
    with caplog.at_level(logging.INFO, logger="lookalike.access"):
        asyncio.run(Observation(answer_and_work_on, Metrics())(scope, None, deliver))
    assert [record.request["seconds"] for record in caplog.records] == [2.0]
