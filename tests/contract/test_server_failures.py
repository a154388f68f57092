"""A Qdrant server that fails, seen through the real client: one line, the server's own reason, never the key."""

import http.server
import shutil
import socketserver
import ssl
import subprocess
import threading

import numpy as np
import pytest
from pydantic import SecretStr
from qdrant_client import QdrantClient, models

from indexer.domain import CollectionSpec, Point
from indexer.errors import CollectionNotFoundError, IndexerError, InvalidOptionsError, StoreUnavailableError
from indexer.settings import StoreSettings
from indexer.stores.qdrant_server import ServerStore
from tests.doubles.qdrant_server import running_server

SPEC = CollectionSpec(embedder="fake:three", fingerprint="f1", dimension=3, crops="padding=0px min=1px")
KEY = "SECRET-123"
ANSWERS = {
    "rate limit": (429, {"Retry-After": "7"}, b'{"status": {"error": "Rate limit exceeded"}, "time": 0}'),
    "rate limit in text": (429, {}, b"slow down"),
    "page": (200, {}, b"<html><title>Welcome to nginx</title></html>"),
    "failing gateway": (502, {}, b"<html><head><title>502 Bad\nGateway</title></head></html>"),
    "redirect": (302, {"Location": "https://login.example.com/"}, b""),
    "no key": (401, {}, b"Must provide an API key"),
    "wrong key": (403, {}, b'{"status": {"error": "forbidden: key SECRET-123 is wrong"}, "time": 0}'),
    "full disk": (500, {}, b'{"status": {"error": "No space left on device"}, "time": 0}'),
    "long": (500, {}, b"x" * 100_000),
    "other json": (200, {}, b"[1]"),
    "empty json": (200, {}, b"{}"),
    "nothing": (200, {}, b""),
    "bytes": (200, {}, b"\xff\xfe\x00"),
    "cut off": (200, {"Content-Length": "1000"}, b'{"result": '),
}


@pytest.fixture
def answer_with():
    """Starts a server that always gives one answer; gives its address."""
    servers = []

    def start(status, headers, body):
        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
                self.close_connection = True

            do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - the names are http.server's

            def log_message(self, *_):
                pass

        servers.append(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


ONCE = StoreSettings(retries=0)
"""Settings of a store that asks once."""


def connect(url, key=KEY):
    return ServerStore.connect(ONCE.model_copy(update={"url": url, "api_key": SecretStr(key)}))


def refusal(error, call):
    with pytest.raises(error) as said:
        call()
    assert isinstance(said.value, IndexerError)
    assert "\n" not in str(said.value)
    assert KEY not in str(said.value)
    assert len(str(said.value)) < 500
    return str(said.value)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("rate limit", "too many requests (429) Rate limit exceeded; wait 7 s and run the command again"),
        ("rate limit in text", "429 Too Many Requests: slow down; wait and run the command again"),
        ("page", "its answer is not that of a Qdrant server; check LOOKALIKE_STORE__URL"),
        ("failing gateway", "502 Bad Gateway: a web page, '502 Bad Gateway'; check LOOKALIKE_STORE__URL"),
        ("redirect", "302 Found, it sends us on to https://login.example.com/; check LOOKALIKE_STORE__URL"),
        ("no key", "401 Unauthorized: Must provide an API key; check LOOKALIKE_STORE__API_KEY"),
        ("wrong key", "403 Forbidden: forbidden: key *** is wrong; check LOOKALIKE_STORE__API_KEY"),
        ("full disk", "500 Internal Server Error: No space left on device; check"),
        ("long", "500 Internal Server Error: xxxx"),
        ("other json", "its answer is not that of a Qdrant server"),
        ("empty json", "its answer is not that of a Qdrant server"),
        ("nothing", "its answer is not that of a Qdrant server"),
        ("bytes", "its answer is not that of a Qdrant server"),
        ("cut off", "without sending complete message body"),
    ],
)
def test_connect__server_that_fails__is_one_line_with_its_reason(answer_with, answer, says):
    said = refusal(StoreUnavailableError, lambda: connect(answer_with(*ANSWERS[answer])))

    assert said.startswith("the Qdrant server failed: ")
    assert says in said


def test_connect__a_server_without_tls__says_so(answer_with):
    url = answer_with(*ANSWERS["page"]).replace("http:", "https:")
    said = refusal(StoreUnavailableError, lambda: connect(url))
    assert "it does not speak TLS" in said
    assert "write http:// in LOOKALIKE_STORE__URL, or check its port" in said


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A key and a certificate of this machine that nobody signed but itself."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed, which makes the certificate")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    files = ("-keyout", key, "-out", certificate)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names, *files],
        check=True,
        capture_output=True,
    )
    return certificate, key


@pytest.fixture
def tls_server(certificate):
    """Address of a double that speaks TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with running_server(context) as double:
        double.api_key = KEY
        yield double.url


def test_connect__certificate_that_is_named__is_trusted(tls_server, certificate):
    settings = ONCE.model_copy(update={"url": tls_server, "api_key": SecretStr(KEY), "tls_ca": certificate[0]})
    store = ServerStore.connect(settings)
    assert store.create_collection("animals", SPEC).count() == 0
    store.close()


def test_connect__certificate_that_nobody_knows__says_what_to_set(tls_server):
    said = refusal(StoreUnavailableError, lambda: connect(tls_server))
    assert "CERTIFICATE_VERIFY_FAILED" in said
    assert said.endswith("; name the file of certificates to trust in LOOKALIKE_STORE__TLS_CA")


def test_connect__no_tls_to_a_server_that_wants_it__says_so():
    class Alert(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.recv(4096)
            self.request.sendall(bytes.fromhex("15030300020246"))  # TLS's own word for a wrong version

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Alert) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        said = refusal(StoreUnavailableError, lambda: connect(f"http://127.0.0.1:{server.server_address[1]}"))
        server.shutdown()

    assert "it does not speak HTTP" in said
    assert "check port and https:// of LOOKALIKE_STORE__URL" in said


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("localhost:6333", "'localhost:6333' is no address of a server (it does not begin with http:// or https://)"),
        ("localhost", "it does not begin with http:// or https://"),
        ("", "it does not begin with"),
        ("ftp://127.0.0.1", "it does not begin with http:// or https://"),
        ("http://", "it names no host"),
        ("http:///path", "it names no host"),
        ("http://127.0.0.1:0", "it has port 0"),
        ("http://127.0.0.1:99999", "Port out of range"),
        ("http://127.0.0.1:abc", "is no address"),
        ("http://[::1", "is no address"),
        ("http://no such host", "it has a space or control character"),
        ("http://host\nX-Header: 1", "is no address"),
        ("http://127.0.0.1:6333?x=1", "it goes on after the path"),
        (
            "http://user:SECRET-123@127.0.0.1:6333",
            "has a user name in it; leave it out and set LOOKALIKE_STORE__API_KEY",
        ),
        ("http://user:SECRET-123/x@127.0.0.1:6333", "is no address"),
    ],
)
def test_connect__odd_address__is_refused_before_anything_is_sent(url, says):
    said = refusal(InvalidOptionsError, lambda: connect(url, "other"))

    assert said.startswith("LOOKALIKE_STORE__URL ")
    assert says in said


@pytest.mark.parametrize("key", ["", "schlüssel", "SECRET-123\nX: 1", "SECRET-123 "])
def test_connect__key_that_no_header_can_carry__is_refused_and_not_repeated(key):
    assert "copy it again" in refusal(InvalidOptionsError, lambda: connect("http://127.0.0.1:6333", key))


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://127.0.0.1:9/behind/a/proxy/"])
def test_connect__nobody_there__says_so(url):
    assert "refused" in refusal(StoreUnavailableError, lambda: connect(url))


@pytest.fixture
def client():
    return QdrantClient(location=":memory:")


def make_points(n_points):
    return [
        Point(f"00000000-0000-0000-0000-{number:012}", {"class_name": "cat"}, np.ones(3, np.float32))
        for number in range(n_points)
    ]


@pytest.mark.parametrize("n_left", [0, 1, 2])
def test_upsert__fails_half_way__is_a_new_revision(client, monkeypatch, n_left):
    collection = ServerStore(client, ONCE).create_collection("animals", SPEC)
    upsert, left, seen = client.upsert, [n_left], [collection.revision]

    def fail_later(*arguments, **options):
        left[0] -= 1
        if left[0] < 0:
            raise ConnectionError("the cable is out")
        seen.append(collection.revision)  # as another process reads it in between
        return upsert(*arguments, **options)

    monkeypatch.setattr(client, "upsert", fail_later)
    with pytest.raises(StoreUnavailableError, match="the cable is out"):
        collection.upsert(make_points(700))

    assert collection.count() == 256 * n_left
    assert collection.revision not in seen


def test_upsert__server_gone_for_good__is_a_new_revision_when_it_is_back(client, monkeypatch):
    collection = ServerStore(client, ONCE).create_collection("animals", SPEC)
    before, upsert = collection.revision, client.upsert

    def go_away(*arguments, **options):
        upsert(*arguments, **options)  # it arrived, its answer did not
        gone.setattr(client, "set_payload", fail)
        fail()

    def fail(*_, **__):
        raise ConnectionError("the cable is out")

    with monkeypatch.context() as gone:
        gone.setattr(client, "upsert", go_away)
        with pytest.raises(StoreUnavailableError, match="the cable is out"):
            collection.upsert(make_points(1))

    assert (collection.count(), collection.revision == before) == (1, False)


def test_collections__of_other_programs__are_left_alone(client):
    store = ServerStore(client, ONCE)
    client.create_collection("theirs", models.VectorParams(size=2, distance=models.Distance.DOT))
    client.upsert("theirs", [models.PointStruct(id=1, vector=[1, 2], payload={"spec": "x"})])
    store.create_collection("animals", SPEC)

    assert store.collection_names() == ["animals"]
    with pytest.raises(InvalidOptionsError, match="'theirs' is another program's on the server; choose another name"):
        store.create_collection("theirs", SPEC)
    with pytest.raises(StoreUnavailableError, match="'theirs' was not made by Lookalike"):
        store.open_collection("theirs")
    with pytest.raises(CollectionNotFoundError, match="no collection 'theirs'; known: animals"):
        store.delete_collection("theirs")
    assert client.count("theirs").count == 1
    client.delete_collection("animals")
    assert store.collection_names() == []


@pytest.mark.parametrize("spec", ["", "no json", "[]", '{"embedder": "x"}', '{"dimension": "3"}', "[" * 100_000])
def test_open_collection__spec_broken__is_one_line_and_others_work(client, spec):
    store = ServerStore(client, ONCE)
    for name in ("animals", "plants"):
        store.create_collection(name, SPEC)
    about = client.scroll("animals")[0][0].id
    client.set_payload("animals", {"spec": spec}, points=[about])

    said = refusal(StoreUnavailableError, lambda: store.open_collection("animals"))

    assert said.startswith("collection 'animals': its spec on the server is broken (")
    assert store.collection_names() == ["animals", "plants"]
    assert store.open_collection("plants").count() == 0
