"""What a real browser does on a server for a team, and with pages that mean harm."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from playwright.sync_api import expect

from benchmarks.ports import free_port
from tests.browser.conftest import FLAGS
from tests.browser.layout import layout_faults
from tests.browser.serving import MAP_IS_PAINTED, ROOT, _wait_for, lookalike_command
from tests.browser.test_accessibility import SIZES, axe, violations

__all__ = ["axe"]  # a fixture

KEY = "review-key-of-the-browser-tests"
MOST_TRIES = 30
"""Ten wrong keys are free, then each doubles the wait."""


@pytest.fixture(scope="module")
def team_server(sample, tmp_path_factory) -> Iterator[str]:
    """A server that asks for a key, below a path that a proxy would keep."""
    folder = tmp_path_factory.mktemp("team")
    (folder / "keys").write_text(f"review {KEY} ana\n")
    (folder / "keys").chmod(0o600)
    subprocess.run(["cp", "-r", str(sample), str(folder / "data")], check=True)
    port = free_port()
    options = ("--port", port, "--data-dir", folder / "data", "--token-file", folder / "keys")
    process = subprocess.Popen(lookalike_command("serve", *options, "--root-path", "/tools/look"), cwd=ROOT)
    _wait_for(f"http://127.0.0.1:{port}", process)
    yield f"http://127.0.0.1:{port}/tools/look/"
    process.terminate()
    process.wait(timeout=60)


@pytest.fixture
def evil_site() -> Iterator[tuple[str, dict[str, str]]]:
    """Another site, with pages by their paths."""
    pages: dict[str, str] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(pages.get(self.path, "").encode())

        def log_message(self, *_: object) -> None:
            pass

    site = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    yield f"http://evil.example:{site.server_address[1]}", pages
    site.shutdown()
    site.server_close()


@pytest.fixture
def visitor(browser, chromium):
    """A page of a browser to which evil.example is this machine, as after DNS rebinding."""
    rules = "--host-resolver-rules=MAP evil.example 127.0.0.1"
    opened = browser.browser_type.launch(executable_path=chromium, headless=True, args=[*FLAGS, rules])
    yield opened.new_page()
    opened.close()


def test_login__wrong_key_right_key_and_out_again(open_page, team_server, faults):
    page = open_page(f"{team_server}?v=0.5,0.5,1", viewport={"width": 1400, "height": 900})
    expect(page).to_have_url(re.compile("/login"))
    page.get_by_label("Key").fill("a wrong key")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_have_text("This is not a key of this server.")
    assert [fault for fault in faults if "401" in fault]
    faults.clear()

    page.get_by_label("Key").fill(KEY)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile(r"/tools/look/\?"))
    page.wait_for_function(MAP_IS_PAINTED)
    assert page.evaluate("document.cookie") == ""

    page.goto(f"{team_server}login")
    expect(page.get_by_text("You are logged in with review access.")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Key")).to_be_visible()
    page.goto(team_server)
    expect(page).to_have_url(re.compile("/login$"))


def test_login__has_no_fault_before_and_after_wrong_keys(open_page, team_server, axe, faults):
    page = open_page(team_server, viewport={"width": 1280, "height": 800})
    found = _faults_of_login(page, axe)
    _try(page, KEY)  # a key that was right is looked at whatever others try
    page.wait_for_function(MAP_IS_PAINTED)
    page.goto(f"{team_server}login")
    expect(page.get_by_text("You are logged in with review access.")).to_be_visible()
    found += _faults_of_login(page, axe)
    with page.expect_navigation():
        page.get_by_role("button", name="Log out").click()
    alert = page.get_by_role("alert")
    for _ in range(MOST_TRIES):
        _try(page, "a wrong key")
        if not alert.inner_text().startswith("This is not a key"):
            break
    expect(alert).to_have_text(re.compile("^Too many wrong keys came from this address; try again in"))
    found += _faults_of_login(page, axe)
    _try(page, KEY)
    page.wait_for_function(MAP_IS_PAINTED)
    assert any("429" in fault for fault in faults)
    faults.clear()
    assert found == []


def _try(page, key: str) -> None:
    page.get_by_label("Key").fill(key)
    with page.expect_navigation():
        page.get_by_role("button", name="Log in").click()


def _faults_of_login(page, axe) -> list[str]:
    """As ``faults_of``, but this page is dark by the system's setting alone."""
    found = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)
            found += [f"{scheme} at {width}: {one}" for one in (*layout_faults(page), *violations(page, axe))]
    return found


def test_menu__who_logged_in_may_log_out_and_the_session_is_over(open_page, team_server, axe, faults):
    page = open_page(team_server, viewport={"width": 390, "height": 844})
    page.get_by_label("Key").fill(KEY)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_function(MAP_IS_PAINTED)
    cookies = page.context.cookies()
    page.get_by_label("Menu: your name, light or dark").click()
    expect(page.get_by_text("Logged in with review access")).to_be_visible()
    assert violations(page, axe) == []
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile("/tools/look/login$"))
    expect(page.get_by_label("Key")).to_be_visible()

    page.context.add_cookies(cookies)  # a copy that somebody kept
    page.goto(team_server)
    expect(page).to_have_url(re.compile("/login$"))
    faults[:] = [fault for fault in faults if "401" not in fault]  # pictures that were on their way at the logout


def test_menu__who_did_not_log_in_is_not_asked_to_log_out(open_page, server):
    page = open_page(server)
    page.wait_for_function(MAP_IS_PAINTED)
    page.get_by_label("Menu: your name, light or dark").click()
    expect(page.get_by_text("Verdicts are given by")).to_be_visible()
    expect(page.get_by_role("button", name="Log out")).to_have_count(0)


def test_rebinding__a_foreign_name_that_leads_here_gets_nothing(server, visitor):
    port = server.rpartition(":")[2]
    answer = visitor.goto(f"http://evil.example:{port}/api/v1/collections")
    assert answer.status == 421
    assert "evil.example" in visitor.content()


def test_framing__no_other_site_shows_the_page(server, visitor, evil_site):
    address, pages = evil_site
    pages["/"] = f'<iframe src="{server}/"></iframe>'
    said = []
    visitor.on("console", lambda message: said.append(message.text))
    visitor.goto(f"{address}/")
    visitor.wait_for_timeout(1000)
    assert any("frame-ancestors" in text or "X-Frame-Options" in text for text in said), said
    assert visitor.frames[1].url == "chrome-error://chromewebdata/"


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain"])
def test_cross_site_post__changes_nothing(server, visitor, evil_site, kind):
    address, pages = evil_site
    path = "/api/v1/collections/tf_efficientnet_lite0/reviews/undo"
    pages["/"] = f'<form method="post" enctype="{kind}" action="{server}{path}"><button>Win</button></form>'
    visitor.goto(server)  # the visitor has the page's cookie
    visitor.goto(f"{address}/")
    with visitor.expect_navigation() as navigation:
        visitor.get_by_role("button", name="Win").click()
    assert navigation.value.status == 403
    assert "page of another site" in visitor.content()
    assert httpx.get(f"{server}/api/v1/collections/tf_efficientnet_lite0/reviews/log").json()["total"] == 0


def test_policy__an_inline_script_does_not_run(open_page, server, faults):
    page = open_page(server)
    page.wait_for_function(MAP_IS_PAINTED)
    page.evaluate("""() => {
        const script = document.createElement('script');
        script.textContent = 'window.isHarmed = true';
        document.body.append(script);
    }""")
    assert page.evaluate("window.isHarmed") is None
    assert any("Content Security Policy" in fault for fault in faults)
    faults.clear()


def test_documentation__works_under_the_policy(open_page, server):
    page = open_page(f"{server}/api/v1/docs")
    expect(page.get_by_text("Find similar objects, suspect labels and clusters")).to_be_visible()
