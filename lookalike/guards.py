"""Guards judge the requests of a server before its routes do, whether it has the page, the api or both."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.middleware.allowed_hosts import AllowedHosts
from api.middleware.authentication import PUBLIC, Authentication, Door, PageCookie
from api.middleware.body_limit import BodyLimit
from api.middleware.metrics import Metrics
from api.middleware.observation import Observation
from api.middleware.patience import Crowd, Patience
from api.middleware.root_path import RootPath
from api.middleware.same_origin import SameOrigin
from api.middleware.security_headers import SecurityHeaders, page_policy
from api.routes import login
from lookalike.client.server_file import API_PREFIX


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Names, proxies and folders of a server, and limits on those who ask it.

    Attributes:
        allow_hosts: Further names by which it may be asked.
        trust_proxies: Addresses and networks of proxies that say truly who asks.
        root_path: Path below which a proxy serves it, such as ``/tools/lookalike``.
        frame_ancestors: Origins whose pages may show the page in a frame.
        roots: Folders in which clients with admin access may have it read and write; None for all.
        max_requests: How many requests it answers at once.
        has_page: Whether the page is served beside the api.
        has_workers: Whether index runs and maps wait for workers.
    """

    allow_hosts: Sequence[str] = ()
    trust_proxies: Sequence[str] = ()
    root_path: str = ""
    frame_ancestors: Sequence[str] = ()
    roots: tuple[Path, ...] | None = None
    max_requests: int = 256
    has_page: bool = True
    has_workers: bool = False


def add_guards(
    server: FastAPI, door: Door, metrics: Metrics, *, max_body_bytes: int, host: str | None, around: Surroundings
) -> None:
    """Put what judges requests before the routes; what is added last is asked first.

    Args:
        server: The server.
        door: Judges secrets.
        metrics: Counts.
        max_body_bytes: Larger bodies are refused.
        host: The address that it listens on; None for a platform's app, whose proxy is nobody in particular.
        around: What lies between the server and those who ask.
    """
    alive = frozenset(API_PREFIX + path for path in PUBLIC)
    if door.identity.trusts_own_page and host is not None:
        server.add_middleware(PageCookie, identity=door.identity)
    server.add_middleware(Authentication, door=door, public=alive | login.PUBLIC, page="/")
    server.add_middleware(BodyLimit, max_bytes=max_body_bytes)
    server.add_middleware(SameOrigin)  # the page's callbacks record verdicts too
    if host is not None:
        server.add_middleware(AllowedHosts, listening=host, names=around.allow_hosts)
    server.add_middleware(Patience)
    server.add_middleware(Crowd, n_in_flight=lambda: metrics.n_in_flight, limit=around.max_requests, exempt=alive)
    if around.root_path:
        server.add_middleware(RootPath, root_path=around.root_path, api_prefix=API_PREFIX)
    server.add_middleware(Observation, metrics=metrics)


def add_outermost(
    server: FastAPI, script_hashes: Sequence[str], ancestors: Sequence[str], around: Surroundings
) -> None:
    """Put on what every answer passes last: its headers, and whom proxies may speak for.

    Args:
        server: The server.
        script_hashes: Of the page's inline scripts.
        ancestors: Origins whose pages may show the page in a frame.
        around: What lies between the server and those who ask.
    """
    server.add_middleware(SecurityHeaders, policy=page_policy(script_hashes), frame_ancestors=tuple(ancestors))
    if around.trust_proxies:
        server.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(around.trust_proxies))


def user_name() -> str:
    """The user of this computer, as a first guess at who gives verdicts."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user need not have a name
        return "me"
