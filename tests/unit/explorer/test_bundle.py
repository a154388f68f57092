"""Modules joined into one script, run by node as a browser would run it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from explorer.bundle import bundle, version_of
from explorer.errors import ExplorerError

ASSETS = Path(__file__).parents[3] / "explorer" / "assets"


@pytest.fixture
def write(tmp_path):
    (tmp_path / "page").mkdir()

    def write_modules(**modules: str) -> Path:
        for name, code in modules.items():
            (tmp_path / "page" / f"{name}.mjs").write_text(code)
        return tmp_path

    return write_modules


EARLY = "import { twice as double } from './sums.mjs';\nexport function beginEarly() { return { n: double(2) }; }\n"
SUMS = """/** Words. */
const TWO = 2;
export function twice(n) { return TWO * n; }
export const { floor, ceil: up } = Math;
"""
PAGE = "import { twice, up } from './sums.mjs';\nconst TWO = 'another';\nexport const answer = [TWO, twice(up(2.5))];\n"


def test_bundle__names_stay_apart_and_modules_meet(write):
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on the PATH; install it to run the joined scripts")
    script = bundle(write(early=EARLY, sums=SUMS, page=PAGE))
    script += "console.log(early.n, JSON.stringify(loadPage()));"
    done = subprocess.run([node, "--input-type=module"], input=script, capture_output=True, text=True, check=True)
    assert done.stdout == '4 {"answer":["another",6]}\n'


def test_bundle__a_module_runs_when_it_is_asked_for(write):
    script = bundle(write(early="export function beginEarly() {}\n", page="export const x = window.React;\n"))
    assert "loadPage = m1;" in script  # and not m1()


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("import { beginEarly } from './early.mjs';\nimport { x } from './page.mjs';\n", "imports itself through"),
        ("export default 3;\n", "'export default 3;' cannot be joined"),
        ("import './early.mjs';\n", "cannot be joined"),
    ],
)
def test_bundle__says_what_it_cannot_join(write, page, says):
    with pytest.raises(ExplorerError, match=says):
        bundle(write(early="export function beginEarly() {}\n", page=page))


def test_bundle__has_every_module_of_the_page_once():
    script = bundle(ASSETS)
    names = [line[3:] for line in script.splitlines() if line.startswith("// ") and line.endswith(".mjs")]
    assert sorted(names) == sorted(path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*.mjs"))


def test_version_of__differs_with_the_script():
    assert version_of("a") == version_of("a") != version_of("b")
