"""The lock fits pyproject.toml, pins everything but PyTorch, and names no place to download from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "constraints.txt").read_text(encoding="utf-8")
PINS = [Requirement(line) for line in LOCK.splitlines() if line and not line.startswith("#")]
PYTORCH = {"torch", "torchvision", "triton"}


def requirements():
    """All requirements of the project and of its extras, but those on itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    texts = project["dependencies"] + [text for extra in project["optional-dependencies"].values() for text in extra]
    return [requirement for text in texts if (requirement := Requirement(text)).name != "lookalike"]


def version_of(pin):
    return re.fullmatch(r"==(.+)", str(pin.specifier))[1]


@pytest.mark.parametrize("python", ["3.11", "3.13"])
@pytest.mark.parametrize("requirement", requirements(), ids=lambda requirement: requirement.name)
def test_lock__pins_every_requirement_inside_its_range(requirement, python):
    environment = {"python_version": python, "python_full_version": f"{python}.5"}
    is_wanted = requirement.marker is None or requirement.marker.evaluate(environment)
    pins = [
        version_of(pin)
        for pin in PINS
        if canonicalize_name(pin.name) == canonicalize_name(requirement.name)
        and (pin.marker is None or pin.marker.evaluate(environment))
    ]

    assert len(pins) == (is_wanted and requirement.name not in PYTORCH), "run `make lock`"
    assert all(requirement.specifier.contains(version) for version in pins), "run `make lock`"


def test_lock__leaves_the_build_of_pytorch_to_the_machine():
    names = {canonicalize_name(pin.name) for pin in PINS}

    assert names & PYTORCH == set()
    assert [name for name in names if name.startswith(("nvidia-", "cuda-"))] == []


def test_lock__names_no_host_no_option_and_no_folder():
    lines = [line for line in LOCK.splitlines() if not line.startswith("#")]

    assert [line for line in lines if "//" in line or line.startswith("-") or " @ " in line] == []
    assert "make lock" in LOCK
