"""Services as docker-compose.yml and the Dockerfile describe them, started as processes of this machine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.ports import free_port

ROOT = Path(__file__).parents[1]
_VARIABLE = re.compile(r"\$\{(\w+)(?:(:?[-?])([^}]*))?\}")


def read_compose(name: str = "docker-compose.yml") -> dict[str, Any]:
    """A compose file as it stands, its anchors put in."""
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def interpolate(value: Any, variables: Mapping[str, str]) -> Any:
    """Put variables into texts as the engine does.

    Raises:
        KeyError: One has to be set and is not.
    """
    if isinstance(value, dict):
        return {key: interpolate(one, variables) for key, one in value.items()}
    if isinstance(value, list):
        return [interpolate(one, variables) for one in value]
    if not isinstance(value, str):
        return value

    def replace(found: re.Match[str]) -> str:
        name, sign, rest = found.groups()
        given = variables.get(name)
        if given is None or (not given and sign and sign.startswith(":")):
            if sign and sign.endswith("-"):
                return rest
            raise KeyError(f"{name}: {rest}")
        return given

    return _VARIABLE.sub(replace, value)


def stages() -> dict[str, dict[str, str]]:
    """Instructions of the Dockerfile's stages, with those of the stages that they are made from."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    found: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word == "FROM":
            parent, _, name = rest.partition(" AS ")
            found[name] = current = dict(found.get(parent, {}))
        elif word in {"ENTRYPOINT", "CMD", "USER", "HEALTHCHECK"}:
            current[word] = rest
        elif word in {"RUN", "COPY", "ENV"}:
            current[word] = f"{current.get(word, '')}\n{rest}"
    return found


@dataclass
class Place:
    """What stands on this machine for what is inside the containers.

    Attributes:
        folder: For volumes and temporary files.
        images: Folder of images.
        tokens: File of keys.
        qdrant: Address of the store.
        variables: What .env would have.
    """

    folder: Path
    images: Path
    tokens: Path
    qdrant: str
    variables: dict[str, str]

    def __post_init__(self) -> None:
        self.ports = {name: free_port() for name in ("api", "explorer")}

    def url(self, service: str) -> str:
        """Address of a service from outside."""
        return f"http://127.0.0.1:{self.ports[service]}"

    def translate(self, service: str, text: str) -> str:
        """A text of a service, with this machine's addresses and paths."""
        own = self.ports.get(service, 0)
        for inside, outside in {
            "http://qdrant:6333": self.qdrant,
            "http://api:8050": self.url("api"),
            "http://127.0.0.1:8050": f"http://127.0.0.1:{own}",
            "--port=8050": f"--port={own}",
            "--host=0.0.0.0": "--host=127.0.0.1",
            "/run/secrets/lookalike_tokens": str(self.tokens),
            "/images": str(self.images),
            "/tmp/alive": str(self.folder / "alive"),
        }.items():
            text = text.replace(inside, outside)
        return str(self.folder / "data") if text == "/data" else text


def command_of(service: str, place: Place, compose: dict[str, Any]) -> list[str]:
    """The command line of a service: the image's entry point and the service's command."""
    described = compose["services"][service]
    entry = json.loads(stages()[described["build"]["target"]]["ENTRYPOINT"])
    assert entry == ["lookalike"]
    words = [place.translate(service, word) for word in interpolate(described["command"], place.variables)]
    return [sys.executable, "-m", "lookalike", *words]


def environment_of(service: str, place: Place, compose: dict[str, Any]) -> dict[str, str]:
    """The environment of a service, on top of this machine's."""
    described = interpolate(compose["services"][service].get("environment", {}), place.variables)
    own = {name: place.translate(service, text) for name, text in described.items()}
    outer = {name: value for name, value in os.environ.items() if not name.startswith("LOOKALIKE_")}
    return {**outer, "PYTHONPATH": str(ROOT), **own}


@contextmanager
def started(service: str, place: Place, compose: dict[str, Any]) -> Iterator[subprocess.Popen[bytes]]:
    """A service that runs until the end of the block; its stderr lies in the place's folder."""
    log = place.folder / f"{service}.log"
    with log.open("ab") as stderr:
        process = subprocess.Popen(
            command_of(service, place, compose),
            env=environment_of(service, place, compose),
            cwd=place.folder,
            stdout=stderr,
            stderr=stderr,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
