"""Models that cannot be downloaded: the hub's own client asks a hub that is away, or that refuses."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from huggingface_hub import constants

from indexer.embedders.hub_downloads import download_folder
from indexer.embedders.huggingface_embedder import locate_folder
from indexer.embedders.timm_embedder import download_weights
from indexer.errors import ModelLoadError

HF_MODEL, TIMM_MODEL = "owner/model", "resnet18.a1_in1k"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


@pytest.fixture
def set_hub(monkeypatch, tmp_path):
    """Have the client ask this address, keep its files in a folder of the test, and go through no proxy."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))

    def set_address(address):
        monkeypatch.setattr(constants, "ENDPOINT", address)
        monkeypatch.setenv("HF_ENDPOINT", address)

    return set_address


@contextmanager
def running_hub(status, headers=()):
    """A hub that gives every question one answer; gives its address."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_GET  # noqa: N815 - the name that the base class calls

        def log_message(self, *_words):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def read_refusal(find, model):
    """The one line that a user sees."""
    with pytest.raises(ModelLoadError) as refused:
        find(model)
    message = str(refused.value)
    assert "\n" not in message
    assert "Errno" not in message
    return message


HF_WAY = "copy it from another machine and give its folder as hf:FOLDER"
TIMM_WAY = "copy its weights from another machine and give them with --checkpoint FILE"
WAYS = [
    (locate_folder, HF_MODEL, f"hf:{HF_MODEL}", HF_WAY),
    (download_weights, TIMM_MODEL, f"timm:{TIMM_MODEL}", TIMM_WAY),
]


@pytest.mark.parametrize("address", ["http://hub.invalid", "http://127.0.0.1:1"])
@pytest.mark.parametrize(("find", "model", "called", "way"), WAYS)
def test_download_folder__without_a_network(set_hub, address, find, model, called, way):
    set_hub(address)
    reason = f"{address} cannot be reached; connect to the network"
    assert read_refusal(find, model) == f"cannot download model '{called}': {reason}, or {way}"


@pytest.mark.parametrize(("find", "model", "called", "way"), WAYS)
def test_download_folder__by_a_client_that_may_not_ask(set_hub, monkeypatch, find, model, called, way):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    reason = "HF_HUB_OFFLINE forbids to ask the hub; unset it"
    assert read_refusal(find, model) == f"cannot download model '{called}': {reason}, or {way}"


@pytest.mark.parametrize("status", [401, 404])
@pytest.mark.parametrize(("find", "model", "name"), [(locate_folder, HF_MODEL, HF_MODEL),
                                                     (download_weights, TIMM_MODEL, f"timm/{TIMM_MODEL}")])  # fmt: skip
def test_download_folder__of_a_name_that_the_hub_does_not_know(set_hub, status, find, model, name):
    with running_hub(status, [("X-Error-Code", "RepoNotFound")]) as address:
        set_hub(address)
        message = read_refusal(find, model)
    assert message == (
        f"{address} has no model '{name}' that you may see; check the name, "
        "or log in with 'hf auth login' if it is private"
    )


def test_download_folder__of_a_model_that_needs_a_permission(set_hub):
    with running_hub(403, [("X-Error-Code", "GatedRepo")]) as address:
        set_hub(address)
        message = read_refusal(locate_folder, HF_MODEL)
    assert "its owner must grant access first; log in with 'hf auth login'" in message


def test_download_folder__from_a_hub_that_fails(set_hub):
    with running_hub(418) as address:
        set_hub(address)
        message = read_refusal(locate_folder, HF_MODEL)
    assert f"'hf:{HF_MODEL}': {address} answered with status 418; try again later, or {HF_WAY}" in message


def test_download_folder__of_what_is_no_name():
    message = read_refusal(locate_folder, "not a name")
    assert message == (
        "model 'hf:not a name' is neither a folder here nor a name that the hub can have; write it as hf:OWNER/NAME"
    )


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device"), "it cannot be written (No space left on device); set HF_HOME"),
        (PermissionError(13, "Permission denied", "/c"), "it cannot be written (Permission denied); set HF_HOME"),
        (RuntimeError("half of it came"), "the download broke off (half of it came); try again"),
    ],
)
def test_download_folder__that_fails_on_this_machine_or_midway(monkeypatch, error, words):
    def fail(*_arguments, **_options):
        raise error

    monkeypatch.setattr("huggingface_hub.snapshot_download", fail)
    message = read_refusal(lambda name: download_folder(name, ["*"], model=name, instead="give it"), HF_MODEL)
    assert message.startswith(f"cannot download model '{HF_MODEL}': {words}")
    assert message.endswith(", or give it")
