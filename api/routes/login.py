"""Login of people with a browser: a form that takes a key and gives a cookie for it."""

from __future__ import annotations

from html import escape
from typing import Final, cast
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from api.access import MAX_KEY_CHARS, SESSION_S, Access
from api.middleware.authentication import Door
from lookalike.errors import ConfigurationError, TokenError, TooManyTriesError

PUBLIC: Final = frozenset({"/login", "/logout"})
"""Paths that need no key."""
_MAX_BODY_BYTES: Final = 8 * MAX_KEY_CHARS
_MAX_QUERY_CHARS: Final = 2000

router = APIRouter()

_PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><title>Log in · Lookalike</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center;
       background: light-dark(#f4f5f7, #141518); color: light-dark(#1d2129, #dfe2e7); }
main { box-sizing: border-box; width: min(24rem, 100vw - 2rem); padding: 2rem; border-radius: 8px;
       background: light-dark(#fff, #25272c); border: 1px solid light-dark(#d9dce2, #3a3d45); }
h1 { display: flex; align-items: center; gap: .375rem; margin: 0 0 1rem; font-size: 1.25rem; }
h1::before { width: 24px; height: 24px; content: ""; background:
  radial-gradient(circle at 36% 50%, transparent 5.5px, #2f7fd6 6px 7.5px, transparent 8px),
  radial-gradient(circle at 66% 50%, #e8a317 5px, transparent 5.6px); }
label { display: block; margin-bottom: .25rem; font-size: .875rem; }
input, button { box-sizing: border-box; width: 100%; padding: .5rem .75rem; font: inherit; border-radius: 4px; }
input { border: 1px solid light-dark(#767c88, #8a909c); background: transparent; color: inherit; }
button { margin-top: 1rem; border: 0; background: #1864ab; color: #fff; cursor: pointer; }
:focus-visible { outline: 2px solid light-dark(#1864ab, #74c0fc); outline-offset: 2px; }
p { margin: 1rem 0 0; font-size: .875rem; } [role=alert] { color: light-dark(#b42318, #ff9a8f); }
a { color: light-dark(#1864ab, #74c0fc); }
</style>
</head>
<body><main><h1>Lookalike</h1>__CONTENT__</main></body>
</html>"""
_FORM: Final = """<form method="post" action="login__QUERY__">
<label for="key">Key</label>
<input id="key" name="key" type="password" autocomplete="current-password" maxlength="500" required autofocus>
<button>Log in</button>
</form>__FAULT__<p>The person who runs this server has the keys.</p>"""
_INSIDE: Final = """<p>You are logged in with __ACCESS__ access.</p>
<form method="post" action="logout"><button>Log out</button></form><p><a href="./">Back to the explorer</a></p>"""


@router.get("/login")
async def show_login(request: Request) -> Response:
    """Show the form or, to those who are logged in, how to leave."""
    if (access := _door_of(request).access_of_session(request.headers)) > Access.NONE:
        return _page(_INSIDE.replace("__ACCESS__", access.word))
    return _page(_form(request))


@router.get("/session")
async def show_session(request: Request) -> Response:
    """Tell the page whether somebody has logged in, as it cannot see the cookie."""
    access = _door_of(request).access_of_session(request.headers)
    told = {"access": access.word if access > Access.NONE else None}
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


@router.post("/login")
async def log_in(request: Request) -> Response:
    """Take a key and give a cookie for it, then show the page."""
    door = _door_of(request)
    try:
        key = await _read_key(request)
        door.check_secret(request.scope, key)
    except ConfigurationError as fault:
        wait = fault.wait_s if isinstance(fault, TooManyTriesError) else None
        text = str(fault) if wait is not None else "This is not a key of this server"
        answer = _page(_form(request, text), status=401 if wait is None else 429)
        if wait is not None:
            answer.headers["Retry-After"] = str(round(wait) + 1)
        return answer
    inside = RedirectResponse(f"./{_query_of(request)}", status_code=303)
    _set_cookie(request, inside, door.keyring.open_session(key), SESSION_S)
    return inside


@router.post("/logout")
async def log_out(request: Request) -> Response:
    """End the session, so that no copy of its cookie is worth anything, and take the cookie away."""
    await run_in_threadpool(_door_of(request).end_session, request.headers)  # a file is written
    answer = RedirectResponse("login", status_code=303, headers={"Cache-Control": "no-store"})
    _set_cookie(request, answer, "", 0)
    return answer


def _door_of(request: Request) -> Door:
    return cast("Door", request.app.state.door)


async def _read_key(request: Request) -> str:
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > _MAX_BODY_BYTES:
        raise TokenError("the form is larger than any key")
    text = (await request.body()).decode("utf-8", "replace")
    return parse_qs(text).get("key", [""])[0].strip()


def _set_cookie(request: Request, answer: Response, value: str, max_age_s: int) -> None:
    """Set the session's cookie, for https alone if the person came by it; other sites' pages cannot have it sent."""
    answer.set_cookie(
        _door_of(request).identity.session_name,
        value,
        max_age=max_age_s,
        path=f"{request.app.state.root_path}/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def _form(request: Request, fault: str = "") -> str:
    shown = f'<p role="alert">{escape(fault[0].upper() + fault[1:])}.</p>' if fault else ""
    return _FORM.replace("__QUERY__", escape(_query_of(request))).replace("__FAULT__", shown)


def _query_of(request: Request) -> str:
    """The query of the page that was asked for first: what it showed."""
    query = request.url.query
    return f"?{query}" if query and len(query) <= _MAX_QUERY_CHARS else ""


def _page(content: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(_PAGE.replace("__CONTENT__", content), status, headers={"Cache-Control": "no-store"})
