"""The wheel has every file of the four packages, with py.typed and all assets, and nothing else."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("lookalike", "indexer", "api", "explorer")
BESIDE = ("tests", "benchmarks", "docs")
"""Folders of the repository that nobody installs."""


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """Names of the files in a wheel that is built from a copy of the repository."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for folder in (*PACKAGES, *BESIDE):
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    (source / "node_modules" / "tool").mkdir(parents=True)
    (source / "node_modules" / "tool" / "index.js").write_text("")
    command = (sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", out)
    subprocess.run([*map(str, command), str(source)], check=True, timeout=300)
    (wheel,) = out.glob("lookalike-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_wheel__has_every_file_of_the_packages_and_no_other(names):
    expected = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert {name for name in names if ".dist-info/" not in name} == expected
    assert {"lookalike/py.typed", "explorer/assets/map/renderer.mjs"} <= expected
    assert any(name.endswith(".css") for name in expected)


def test_wheel__brings_its_licence_and_its_command(names):
    ends = {name.split(".dist-info/")[1] for name in names if ".dist-info/" in name}

    assert {"licenses/LICENSE", "entry_points.txt", "METADATA"} <= ends
