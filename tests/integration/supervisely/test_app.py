"""The app as the platform starts and serves it, asked through a proxy that strips its prefix and one that keeps it."""

import re
import time
from urllib.parse import quote

import httpx
import pytest

from lookalike.commands.platform_serving import PORT
from tests.doubles.platform_app import CONFIG, FOLDER, SESSION, running_app
from tests.doubles.platform_proxy import running_proxy
from tests.doubles.supervisely_server import Habits
from tests.integration.supervisely.projects import add_sample

API = "api/v1"


@pytest.fixture(scope="module")
def platform(running, tmp_path_factory):
    """The double with one project, the app opened on it, and two proxies before the app."""
    running.reset(Habits())
    sample = add_sample(running.tables, n_images=1)
    folder = tmp_path_factory.mktemp("app")
    output = folder / "output.txt"
    with (
        running_app(running, folder / "data", output, PROJECT_ID=str(sample.project)) as url,
        running_proxy(url, session=SESSION) as stripping,
        running_proxy(url, session=SESSION, keeps_prefix=True, keeps_host=True) as keeping,
    ):
        yield Platform(running, sample, url, {"stripped": stripping, "kept": keeping}, output)


class Platform:
    """What tests ask."""

    def __init__(self, server, sample, url, proxies, output):
        self.server, self.sample, self.url, self.proxies, self.output = server, sample, url, proxies, output

    def ask(self, method, path, *, by="stripped", **request):
        """Ask as the page does, through a proxy."""
        proxy = self.proxies[by]
        page = f"{proxy.url}{proxy.prefix}/"
        headers = {"Referer": page, "Origin": proxy.url, **request.pop("headers", {})}
        return httpx.request(method, f"{page}{path}", headers=headers, timeout=120, trust_env=False, **request)

    def index(self):
        """Index the project as the page does, unless that is done."""
        found = self.ask("GET", f"{API}/collections").json()
        if found:
            return found[0]["name"]
        run = self.ask("POST", f"{API}/runs", json={"kind": "index", "source": self.sample.address})
        assert run.status_code == 202, run.text
        while (told := self.ask("GET", f"{API}/runs/{run.json()['id']}").json())["state"] == "running":
            time.sleep(0.2)
        assert told["state"] == "succeeded", told
        return told["result"]["collection"]


def test_config__is_what_the_command_and_the_image_say():
    assert CONFIG["port"] == PORT == 8000
    assert CONFIG["context_menu"]["target"] == ["images_project", "images_dataset"]
    dockerfile = (FOLDER / "Dockerfile").read_text()
    command = re.search(r"^CMD (\[.*\])$", dockerfile, re.MULTILINE)
    assert command is not None
    assert command[1] == str(CONFIG["entrypoint"].split()).replace("'", '"')
    assert f"EXPOSE {PORT}" in dockerfile
    assert f"-t {CONFIG['docker_image']} " in dockerfile


@pytest.mark.parametrize(("method", "path"), [("GET", "/is_alive"), ("GET", "/livez"), ("GET", "/readyz"),
                                              ("POST", "/is_ready"), ("POST", "/is_running")])  # fmt: skip
def test_app__tells_the_platform_that_it_lives(platform, method, path):
    answer = httpx.request(method, platform.url + path, trust_env=False, timeout=120)
    assert (answer.status_code, answer.json()) == (200, {"status": "running"})


@pytest.mark.parametrize("by", ["stripped", "kept"])
def test_app__serves_a_page_whose_addresses_have_the_prefix(platform, by):
    page = platform.ask("GET", "?x", by=by).text
    prefix = platform.proxies[by].prefix

    assert f'<base href="{prefix}/">' in page
    named = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(named) > 10
    assert [one for one in named if not one.startswith((f"{prefix}/", "data:"))] == []
    scripts = [one for one in named if "/assets/" in one]
    found = {platform.ask("GET", one.removeprefix(f"{prefix}/"), by=by).status_code for one in scripts}
    assert found == {200}
    assert platform.ask("GET", "_dash-layout", by=by).status_code == 200


@pytest.mark.parametrize("by", ["stripped", "kept"])
def test_app__opens_the_project(platform, by):
    """At first it offers to index it; later it shows the collection."""
    prefix, known = platform.proxies[by].prefix, platform.ask("GET", f"{API}/collections", by=by).json()
    opened = platform.ask("GET", "", by=by)
    expected = f"collection={known[0]['name']}" if known else f"index={quote(platform.sample.address, safe='')}"
    assert (opened.status_code, opened.headers["location"]) == (307, f"{prefix}/?{expected}")

    name = platform.index()

    assert platform.ask("GET", "", by=by).headers["location"] == f"{prefix}/?collection={name}"


@pytest.mark.parametrize("by", ["stripped", "kept"])
def test_visitor__may_work_on_the_server_and_nothing_else(platform, by):
    name = platform.index()
    collection = f"{API}/collections/{name}"
    points = [one["id"] for one in platform.ask("GET", f"{collection}/points", by=by).json()["points"]]

    tagged = platform.ask("POST", f"{collection}/supervisely/tags", by=by, json={
        "ids": points[:2], "tag": f"ISSUE {by}", "who": "ann"})  # fmt: skip
    assert (tagged.status_code, tagged.json()["added"]) == (200, 2), tagged.text
    assert platform.ask("GET", f"{collection}/supervisely/members", by=by).json() == {"logins": ["ann", "bob", "eva"]}
    assert platform.ask("POST", f"{collection}/reviews/apply", by=by, json={"who": "ann"}).status_code == 202
    refused = [
        ("POST", f"{API}/runs", {"kind": "index", "source": "/proc/self"}),
        ("POST", f"{API}/runs", {"kind": "index", "source": " supervisely://11"}),
        ("POST", f"{collection}/exports", {"folder": "/tmp/x", "format": "csv"}),
        ("POST", f"{API}/imports", {"folder": "/proc/self"}),
        ("POST", f"{collection}/reviews/apply", {"who": "ann", "patch": "/tmp/x"}),
        ("DELETE", collection, None),
    ]
    for method, path, body in refused:
        answer = platform.ask(method, path, by=by, json=body)
        assert (answer.status_code, "may not" in answer.text) == (403, True), (path, answer.text)


@pytest.mark.parametrize("by", ["stripped", "kept"])
@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_page_of_another_site__may_not(platform, by, headers):
    answer = platform.ask("POST", f"{API}/runs", by=by, json={"kind": "index", "source": "/x"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "ForeignOriginError")


def test_neighbour_on_the_network__sees_the_bare_page_only(platform):
    """Whoever reaches the port, but was not let in by the platform."""

    def status(method, path):
        return httpx.request(method, platform.url + path, trust_env=False, timeout=120).status_code

    assert [status("GET", path) for path in ("/?x", "/assets/bridge.js")] == [200, 200]
    assert [
        status("GET", path)
        for path in (f"/{API}/collections", f"/{API}/health", f"/{API}/openapi.json", "/_dash-layout")
    ] == [403] * 4
    documentation = httpx.get(f"{platform.url}/{API}/docs", trust_env=False, timeout=120)
    assert (documentation.status_code, SESSION in documentation.text) == (200, False)
    assert [status("POST", path) for path in (f"/{API}/runs", "/_dash-update-component", "/")] == [403, 403, 405]


def test_token__is_handed_out_nowhere(platform):
    """Every path of the api, errors of the server, the page, and all that the processes print."""
    name = platform.index()
    paths = [path for path in platform.ask("GET", f"{API}/openapi.json").json()["paths"] if "{" not in path]
    for path in [
        *paths,
        "/nowhere",
        f"/collections/{name}/supervisely/members",
        "/supervisely/tree?level=project&id=999",
    ]:
        platform.ask("GET", f"{API}{path}")
    for path in (
        "?x",
        "_dash-layout",
        "_dash-dependencies",
        "sly/session-info",
        "debug",
        "..%2f..%2fproc/self/environ",
    ):
        platform.ask("GET", path)
        platform.ask("POST", path, json={})
    server = platform.server
    for failure in (
        {"status": 500, "message": f"bad {server.token}", "times": 9},
        {"status": 403, "message": server.token},
    ):
        server.fail("members.list", **failure)
        answer = platform.ask("GET", f"{API}/collections/{name}/supervisely/members")
        assert answer.status_code >= 400
    server.failures.clear()
    server.fail("images.list", 403, message=f"no {server.token}", times=50)
    run = platform.ask("POST", f"{API}/runs", json={"kind": "index", "source": platform.sample.address}).json()
    while platform.ask("GET", f"{API}/runs/{run['id']}").json()["state"] == "running":
        time.sleep(0.2)
    server.failures.clear()
    said = "".join(platform.proxies["stripped"].told + platform.proxies["kept"].told) + platform.output.read_text()

    assert "ISSUE" in said or "members" in said
    assert server.token not in said
    assert "Traceback" not in platform.output.read_text()


def test_app__ends_with_one_line_if_the_platform_is_not_there(server, lookalike, monkeypatch, tmp_path):
    for environment, code, words in (
        ({"API_TOKEN": ""}, 2, "API_TOKEN is not set"),
        ({"API_TOKEN": "wrong-one\n", "TASK_ID": "77"}, 1, "does not take the token"),
        ({"TASK_ID": "404"}, 1, "refuses tasks.info: 404"),
        ({"PROJECT_ID": "x"}, 2, "PROJECT_ID 'x' is no id"),
        ({"SERVER_ADDRESS": "http://127.0.0.1:9", "TASK_ID": "77"}, 1, "cannot reach http://127.0.0.1:9"),
    ):
        with monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            got, out, err = lookalike("supervisely", "app", "--data-dir", tmp_path / "data")
        assert (got, out, len(err.splitlines()), words in err) == (code, "", 1, True), err
        assert "wrong-one" not in err
