"""A server that a team reaches: keys with scopes, a login, folders that may be named."""

import pytest

from api.access import Access
from api.middleware.failed_tries import FREE_TRIES
from indexer.errors import StoreUnavailableError
from lookalike.server import Surroundings, create_server
from tests.integration.api.samples import BASE, AppClient, assert_problem
from tests.integration.api.team.keys import IDENTITY, KEYS

PAGE = {"Accept": "text/html", "Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}
READ_BY_POST = {
    "/collections/{collection}/find",
    "/collections/{collection}/points",
    "/collections/{collection}/points/embeddings",
    "/collections/{collection}/neighbors",
    "/collections/{collection}/neighbors/image",
    "/collections/{collection}/neighbors/box",
    "/collections/{collection}/neighbors/text",
    "/collections/{collection}/projections/{projection}/rows",
    "/collections/{collection}/suspects",
    "/collections/{collection}/suspects/group",
    "/collections/{collection}/outliers",
    "/collections/{collection}/picks",
    "/collections/{collection}/gallery",
    "/collections/{collection}/facets",
    "/collections/{collection}/clusters",
    "/collections/{collection}/clusters/{cluster}/points",
    "/collections/{collection}/duplicates",
    "/collections/{collection}/confusion",
    "/collections/{collection}/projections/{projection}/matches",
    "/collections/{collection}/reviews/apply",  # a dry run
}
"""Questions that are too long for an address; everything else that is no GET takes more than read access."""


@pytest.fixture
def guest(app):
    return AppClient(app)


@pytest.mark.parametrize("url", [BASE, "/api/v1/docs", "/api/v1/openapi.json", "/_dash-layout", "/assets/bridge.js"])
def test_guest__is_told_nothing(guest, url):
    answer = guest.get(url)
    assert_problem(answer, 401, "asks for a key", "LOOKALIKE_API_KEY")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_guest__sees_that_the_server_lives(guest):
    assert guest.get("/api/v1/health").json()["status"] == "ok"


def test_guest__is_sent_to_the_login_and_keeps_the_link(guest):
    answer = guest.get("/?collection=squares&id=1", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "login?collection=squares&id=1")
    assert 'action="login?collection=squares&amp;id=1"' in guest.get("/login?collection=squares&id=1").text


def test_scopes__each_allows_what_the_one_before_does(clients, roots):
    wish = {"kind": "index", "source": str(roots[0] / "nothing")}
    project = {"kind": "project", "method": "no such method"}
    expected = {Access.READ: (200, 403, 403), Access.REVIEW: (200, 422, 403), Access.ADMIN: (200, 422, 202)}
    for access, client in clients.items():
        statuses = (
            client.get(BASE).status_code,
            client.post("/api/v1/runs", json=project).status_code,
            client.post("/api/v1/runs", json=wish).status_code,
        )
        assert statuses == expected[access], access


def test_scopes__no_request_that_changes_anything_is_open_to_readers(clients):
    reader = clients[Access.READ]
    paths = reader.get("/api/v1/openapi.json").json()["paths"]
    n_asked = 0
    for path, operations in paths.items():
        for method in operations.keys() - {"get"}:
            address = "/api/v1" + path.replace("{collection}", "squares").replace("{run_id}", "x")
            answer = reader.request(method.upper(), address, json={})
            n_asked += 1
            if method == "post" and path in READ_BY_POST:
                assert answer.status_code in {200, 404, 422}, (path, answer.text)
            else:
                assert answer.status_code in {403, 422}, (method, path, answer.text)
                assert answer.status_code == 403 or _refuses_in_the_end(path), (method, path, answer.text)
    assert n_asked > 25


def _refuses_in_the_end(path):
    """Routes that look at who asks after they looked at the request; ``test_scopes__...`` below asks them properly."""
    return path in {
        "/imports",
        "/runs/attached",
        "/runs/attached/next",
        "/runs/{run_id}/progress",
        "/runs/{run_id}/end",
    } or any(
        word in path for word in ("/backups", "/restores", "/moves", "/exports", "/supervisely", "/restore", "/uploads")
    )


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/imports", {"folder": "/x"}),
        ("/runs/attached", {"pid": 1, "source": "/x"}),
        ("/runs/attached/next", {"worker": "w1", "kinds": ["index"]}),
        ("/collections/squares/backups", {"file": "/x"}),
        ("/restores", {"file": "/x"}),
        ("/collections/squares/moves", {"to": "/x"}),
        ("/collections/squares/exports", {"folder": "/x"}),
        ("/collections/squares/reviews/apply", {"who": "ann"}),
        ("/supervisely/undo", {"run": "x"}),
        ("/store/collections/new", {}),
    ],
)
def test_scopes__writing_takes_admin_access(clients, path, body):
    for access in (Access.READ, Access.REVIEW):
        assert_problem(clients[access].post(f"/api/v1{path}", json=body), 403, "this client may not")


def test_page__its_callbacks_may_do_what_the_person_may(clients, guest):
    reader = clients[Access.READ]
    known = reader.get("/_dash-dependencies").json()
    listing = next(one for one in known if "header-collection.data" in one["output"])
    values = {"search": ""}
    body = {
        "output": listing["output"],
        "outputs": [
            dict(zip(("id", "property"), one.rsplit(".", 1), strict=True))
            for one in listing["output"].strip(".").split("...")
        ],
        "inputs": [{**one, "value": values.get(one["property"])} for one in listing["inputs"]],
        "state": [{**one, "value": values.get(one["property"])} for one in listing["state"]],
        "changedPropIds": [],
    }
    assert_problem(guest.post("/_dash-update-component", json=body), 401, "asks for a key")
    answer = reader.post("/_dash-update-component", json=body)
    assert answer.json()["response"]["header-collection"]["data"][0]["value"] == "squares"


def test_login__gives_a_cookie_that_opens_the_page(app, guest):
    wrong = guest.post("/login", content="key=wrong")
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)
    assert "This is not a key of this server." in wrong.text

    right = guest.post("/login?collection=squares", content=f"key={KEYS[Access.READ].secret}")
    assert (right.status_code, right.headers["location"]) == (303, "./?collection=squares")
    cookie = right.headers["set-cookie"]
    assert cookie.startswith("lookalike-session-8050=")
    for part in ("; HttpOnly", "; Path=/", "; SameSite=lax", "; Max-Age="):
        assert part in cookie
    assert "Secure" not in cookie
    assert KEYS[Access.READ].secret not in cookie

    logged_in = {"Cookie": cookie.partition(";")[0]}
    assert guest.get("/", headers=PAGE | logged_in).status_code == 200
    assert guest.get(BASE, headers=logged_in).status_code == 200
    assert "You are logged in with read access." in guest.get("/login", headers=logged_in).text
    assert_problem(guest.post(f"{BASE}/reviews/undo", json={"who": "x"}, headers=logged_in), 403, "review access")


def test_login__over_https_the_cookie_is_for_https_alone(workspace):
    around = Surroundings(allow_hosts=["test"], trust_proxies=["127.0.0.1"])
    client = AppClient(create_server(workspace, identity=IDENTITY, surroundings=around))
    form = {"content": f"key={KEYS[Access.READ].secret}"}
    assert "Secure" in client.post("/login", headers={"X-Forwarded-Proto": "https"}, **form).headers["set-cookie"]
    assert "Secure" not in client.post("/login", **form).headers["set-cookie"]


def test_logout__takes_the_cookie_away(guest):
    answer = guest.post("/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "login")
    assert answer.headers["set-cookie"].startswith('lookalike-session-8050=""; HttpOnly; Max-Age=0')


def test_logout__ends_the_session_for_every_copy_of_its_cookie_and_no_other(app, guest, workspace):
    form = {"content": f"key={KEYS[Access.REVIEW].secret}"}
    ended, other = ({"Cookie": guest.post("/login", **form).headers["set-cookie"].partition(";")[0]} for _ in range(2))
    assert guest.get("/session", headers=ended).json() == {"access": "review"}
    assert guest.post("/logout", headers=ended).status_code == 303

    assert_problem(guest.get(BASE, headers=ended), 401, "asks for a key")
    assert guest.get("/", headers=PAGE | ended).headers["location"] == "login"
    assert "You are logged in" not in guest.get("/login", headers=ended).text
    assert guest.get(BASE, headers=other).status_code == 200
    again = AppClient(create_server(workspace, identity=IDENTITY, surroundings=Surroundings(allow_hosts=["test"])))
    assert again.get(BASE, headers=ended).status_code == 401  # after a restart, too
    assert again.get(BASE, headers=other).status_code == 200


@pytest.mark.parametrize("beside", ['prefs={"x":"y"}', "a[0]=1", 'q="open', "two words", "=x", "ä=1"])
def test_session__beside_odd_cookies_of_other_services_of_the_host__is_known(guest, beside):
    cookie = guest.post("/login", content=f"key={KEYS[Access.READ].secret}").headers["set-cookie"].partition(";")[0]
    for given in (f"{beside}; {cookie}", f"{cookie}; {beside}"):
        assert guest.get("/session", headers={"Cookie": given.encode()}).json() == {"access": "read"}


def test_session__without_a_login__tells_nobody_s_access(guest, clients):
    assert_problem(guest.get("/session"), 401, "asks for a key")
    assert clients[Access.ADMIN].get("/session").json() == {"access": None}  # a program's key is no login


def test_events__of_a_run_with_the_cookie_of_a_login(guest, clients):
    cookie = guest.post("/login", content=f"key={KEYS[Access.REVIEW].secret}").headers["set-cookie"].partition(";")[0]
    wish = {"kind": "project", "method": "pca", "collection": "squares"}
    own = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin"}
    run = guest.post("/api/v1/runs", json=wish, headers=own).json()
    url = f"/api/v1/runs/{run['id']}/events"
    assert "event: end" in guest.get(url, headers={"Cookie": cookie}).text
    assert_problem(guest.get(url), 401, "asks for a key")
    foreign = {"Cookie": cookie, "Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    answer = guest.get(url, headers=foreign)
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in answer.headers
    assert_problem(guest.post("/api/v1/runs", json=wish, headers=foreign), 403, "page of another site")


def test_ready__guests_hear_no_reason(guest, clients, app, monkeypatch):
    workspace = app.state.api.state.services.workspace

    def fail():
        raise StoreUnavailableError("the store in /srv/secret/place at http://qdrant:6333 does not answer")

    monkeypatch.setattr(workspace.collections, "names", fail)
    answer = guest.get("/api/v1/ready")
    assert_problem(answer, 503, "ask with a key to hear why")
    assert "secret" not in answer.text
    assert "/srv/secret/place" in clients[Access.READ].get("/api/v1/ready").text


@pytest.mark.parametrize("url", ["/login", "/logout"])
def test_login__not_from_the_page_of_another_site(guest, url):
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    assert_problem(guest.post(url, content="key=x", headers=foreign), 403, "page of another site")


@pytest.mark.parametrize("content", ["", "key=", "x" * 5000, "key=%ff%00", "&".join(["key=a"] * 50)])
def test_login__odd_forms(workspace, content):
    around = Surroundings(allow_hosts=["test"])
    client = AppClient(create_server(workspace, identity=IDENTITY, surroundings=around))
    assert client.post("/login", content=content).status_code == 401


def test_wrong_keys__slow_down_the_one_who_sends_them(workspace):
    around = Surroundings(allow_hosts=["test"], trust_proxies=["127.0.0.1"])
    app = create_server(workspace, identity=IDENTITY, surroundings=around)
    eve, ana = {"X-Forwarded-For": "192.0.2.66"}, {"X-Forwarded-For": "192.0.2.1"}
    wrong, right = AppClient(app, token="wrong"), AppClient(app, token=KEYS[Access.READ].secret)
    assert right.get(BASE, headers=eve).status_code == 200
    for _ in range(FREE_TRIES):
        assert wrong.get(BASE, headers=eve).status_code == 401

    late = wrong.get(BASE, headers=eve)
    assert_problem(late, 429, "too many wrong keys came from this address; try again in 1 s")
    assert late.headers["retry-after"] == "1"
    assert AppClient(app).post("/login", content="key=x", headers=eve).status_code == 429
    assert AppClient(app, token=KEYS[Access.ADMIN].secret).get(BASE, headers=eve).status_code == 429
    assert right.get(BASE, headers=eve).status_code == 200  # it was right before
    assert right.get(BASE, headers=ana).status_code == 200


def test_forwarded_headers__what_a_client_writes_before_the_proxy_does_not_count(workspace):
    around = Surroundings(allow_hosts=["test"], trust_proxies=["127.0.0.1"])
    app = create_server(workspace, identity=IDENTITY, surroundings=around)
    wrong = AppClient(app, token="wrong")
    for number in range(FREE_TRIES):
        forged = {"X-Forwarded-For": f"198.51.100.{number}, 192.0.2.66"}
        assert wrong.get(BASE, headers=forged).status_code == 401
    assert wrong.get(BASE, headers={"X-Forwarded-For": "198.51.100.99, 192.0.2.66"}).status_code == 429
    assert wrong.get(BASE, headers={"X-Forwarded-For": "198.51.100.99, 192.0.2.67"}).status_code == 401


def test_forwarded_headers__are_believed_from_named_proxies_alone(workspace):
    app = create_server(workspace, identity=IDENTITY, surroundings=Surroundings(allow_hosts=["test"]))
    wrong = AppClient(app, token="wrong")
    for number in range(FREE_TRIES):
        assert wrong.get(BASE, headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code == 401
    assert wrong.get(BASE, headers={"X-Forwarded-For": "192.0.2.200"}).status_code == 429


def test_scopes__reviewers_export_to_a_file_to_be_fetched(clients):
    path = f"{BASE}/exports"
    assert_problem(clients[Access.READ].post(path, json={"format": "ids-of-nobody"}), 403, "may not export points")
    assert_problem(clients[Access.REVIEW].post(path, json={"format": "ids-of-nobody"}), 422, "ids-of-nobody")
