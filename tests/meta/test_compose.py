"""The compose files and the Dockerfile keep their promises, read without an engine."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.compose import ROOT, interpolate, read_compose, stages

FILES = ("docker-compose.yml", "docker-compose.gpu.yml", "docker-compose.cluster.yml")
COMPOSE = read_compose()
SERVICES = COMPOSE["services"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUP = PROJECT["dependency-groups"]["explorer"]
TOO_HEAVY = {"torch", "torchvision", "qdrant-client", "qdrant-edge-py", "scikit-learn", "numba", "openvino", "timm"}
LOADED = """
import sys
from lookalike.commands.main import app
from api.settings import ServerIdentity
from lookalike.explorer_server import create_explorer_server
import lookalike.connecting, lookalike.listening
create_explorer_server("http://api:8050", host="127.0.0.1", identity=ServerIdentity.make())
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""


def closure(requirements):
    """Names of the distributions that requirements bring along in this environment."""
    waiting, found = [Requirement(text) for text in requirements], {}
    while waiting:
        one = waiting.pop()
        name, extras = canonicalize_name(one.name), one.extras or {""}
        if extras <= found.setdefault(name, set()):
            continue
        found[name] |= extras
        try:
            texts = requires(name) or ()
        except PackageNotFoundError:
            continue
        children = [Requirement(text) for text in texts]
        waiting += [
            child
            for child in children
            if child.marker is None or any(child.marker.evaluate({"extra": extra}) for extra in {"", *extras})
        ]
    return set(found)


@pytest.mark.parametrize("name", SERVICES)
def test_service__is_hardened(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not re.match(r"(0|root)\b", str(interpolate(service["user"], {})))
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert service["healthcheck"]["test"]
    assert not service.get("privileged")


@pytest.mark.parametrize("stage", ["explorer", "service"])
def test_image__does_not_run_as_root(stage):
    assert stages()[stage]["USER"] == "${UID}:${GID}"
    assert "pip" in stages()[f"{stage}-packages"]["RUN"]
    assert "pip" not in stages()[stage]["RUN"]  # the last stage takes what the one before it installed


def test_services__only_the_explorer_can_be_reached_and_on_loopback():
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports == {"explorer": ["127.0.0.1:${LOOKALIKE_PORT:-8050}:8050"]}
    assert {name for name, network in COMPOSE["networks"].items() if network.get("internal")} == {"store", "inside"}
    assert [name for name, service in SERVICES.items() if "store" in service["networks"]] == ["qdrant", "api", "worker"]
    assert "outside" not in SERVICES["api"]["networks"] + SERVICES["qdrant"]["networks"]


def test_explorer__is_told_the_name_and_the_address_of_a_proxy():
    given = {"LOOKALIKE_HOST": "lookalike.example", "LOOKALIKE_PROXY": "172.16.0.0/12"}
    command = interpolate(SERVICES["explorer"]["command"], given)
    assert {"--allow-host=lookalike.example", "--trust-proxy=172.16.0.0/12"} <= set(command)
    documented = (ROOT / "docs" / "compose.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in documented for name in given)


def test_models__that_the_worker_downloads_are_there_for_the_api():
    assert "HF_HOME=/data/models" in stages()["service"]["ENV"]
    assert all("data:/data" in SERVICES[name]["volumes"] for name in ("api", "worker"))


def test_services__wait_for_what_they_ask():
    waits = {name: set(service.get("depends_on", {})) for name, service in SERVICES.items()}
    assert waits == {"qdrant": set(), "api": {"qdrant"}, "worker": {"api"}, "explorer": {"api"}}
    conditions = [one["condition"] for service in SERVICES.values() for one in service.get("depends_on", {}).values()]
    assert set(conditions) == {"service_healthy"}


@pytest.mark.parametrize("file", FILES)
def test_secrets__are_in_no_file(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    values = re.findall(r"(?:API_KEY|PASSWORD|TOKEN):\s*(.+)", text)
    assert [value for value in values if not value.startswith('"${')] == []
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {".env", "secrets/"} <= set(ignored)


@pytest.mark.parametrize(
    ("missing", "service"), [("QDRANT_API_KEY", "qdrant"), ("QDRANT_API_KEY", "api"), ("LOOKALIKE_IMAGES", "worker")]
)
def test_variables__that_are_needed_are_asked_for(missing, service):
    variables = {"QDRANT_API_KEY": "key", "LOOKALIKE_IMAGES": "/pictures"}
    interpolate(SERVICES[service], variables)
    del variables[missing]
    with pytest.raises(KeyError, match=f"{missing}: write"):
        interpolate(SERVICES[service], variables)


def test_volumes__are_named_and_images_are_only_read():
    used = [volume for service in SERVICES.values() for volume in service.get("volumes", ())]
    named = {volume.partition(":")[0] for volume in used if isinstance(volume, str)}
    assert named == set(COMPOSE["volumes"])
    assert all(volume["read_only"] for volume in used if isinstance(volume, dict))


def test_overlays__name_services_and_volumes_that_exist():
    for file in FILES[1:]:
        overlay = read_compose(file)
        added = {name for name, service in overlay["services"].items() if "extends" in service}
        assert set(overlay["services"]) - added <= set(SERVICES)
        assert {service["extends"]["service"] for service in overlay["services"].values() if "extends" in service} <= {
            "qdrant"
        }
        used = [volume for service in overlay["services"].values() for volume in service.get("volumes", ())]
        assert {volume.partition(":")[0] for volume in used} == set(overlay.get("volumes", ()))


def test_overlays__set_what_the_settings_have(monkeypatch):
    from indexer.settings import read_settings

    for file in FILES:
        for service in read_compose(file)["services"].values():
            environment = interpolate(service.get("environment", {}), {"QDRANT_API_KEY": "k", "LOOKALIKE_IMAGES": "i"})
            for name, value in environment.items():
                if name.startswith("LOOKALIKE_"):
                    monkeypatch.setenv(name, value)
    settings = read_settings()
    assert settings.store.url == "http://qdrant:6333"
    assert settings.store.growth.replication_factor == 2
    assert settings.embedder.device == "cuda:0"


def test_explorer_group__is_a_part_of_the_dependencies():
    assert set(GROUP) <= set(PROJECT["project"]["dependencies"])
    assert "--group explorer" in stages()["explorer-packages"]["RUN"]
    assert closure(GROUP) & TOO_HEAVY == set()
    assert "scikit-learn" in closure(PROJECT["project"]["dependencies"])  # the closure sees what is there


def test_explorer__loads_nothing_but_its_group():
    done = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True)
    installed, allowed = packages_distributions(), closure(GROUP) | {"lookalike", "setuptools"}
    loaded = {canonicalize_name(name) for module in done.stdout.split() for name in installed.get(module, ())}
    optional = {"pillow", "h2", "hpack", "hyperframe"}  # plotly and httpx look whether they are there
    assert {"dash", "fastapi", "httpx"} <= loaded
    assert loaded - allowed - optional == set()
    assert "indexer" not in done.stdout.split()


def test_api__loads_no_torch_until_somebody_searches(tmp_path):
    program = (
        "import sys; from pathlib import Path; from indexer.settings import IndexerSettings\n"
        "from indexer.workspace import Workspace; from lookalike.server import create_server\n"
        "from lookalike.guards import Surroundings; around = Surroundings(has_page=False, has_workers=True)\n"
        "with Workspace.open(IndexerSettings(data_dir=Path(sys.argv[1]))) as w: create_server(w, surroundings=around)\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "fastapi" in loaded
    assert loaded & {"torch", "timm", "openvino", "dash"} == set()


def test_dockerignore__lets_in_what_is_copied():
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line[1:] for line in lines if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    assert names
    assert names <= let_in
    assert all((ROOT / name).exists() for name in let_in)


def test_check__covers_the_files():
    recipe = Path(ROOT / "Makefile").read_text(encoding="utf-8")
    assert "hadolint Dockerfile supervisely_app/Dockerfile" in recipe
    assert "check-jsonschema --builtin-schema vendor.compose-spec docker-compose*.yml" in recipe
