"""CI runs every test: its jobs cover the parts, the parts cover the files, and its actions are pinned."""

import re
from itertools import product
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
RUN = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
WORKFLOW = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
TEST_PARTS = ("unit", "integration", "browser")


def recipe_of(task):
    """The commands of a make task."""
    return re.search(rf"^{task}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)[1]


def folders_of(part):
    """Folders that ``make PART`` hands to pytest."""
    return re.search(r"-m pytest (.+)", recipe_of(part))[1].split()


def jobs():
    """Pairs of a part and a Python version that the workflow runs."""
    matrix = yaml.safe_load(WORKFLOW)["jobs"]["part"]["strategy"]["matrix"]
    return set(product(matrix["part"], matrix["python"])) | {(one["part"], one["python"]) for one in matrix["include"]}


def parts_of_run():
    """Names that ``.ci/run`` takes, from its branches."""
    branches = re.findall(r"^  ([a-z |]+)\)", RUN, re.MULTILINE)
    return {name.strip() for branch in branches for name in branch.split("|")} - {"all"}


def test_parts__each_test_file_is_in_exactly_one():
    files = list((ROOT / "tests").rglob("test_*.py"))
    parts = {
        path.relative_to(ROOT).as_posix(): [
            part for part in TEST_PARTS for folder in folders_of(part) if path.is_relative_to(ROOT / folder)
        ]
        for path in files
    }

    assert len(files) > 150
    assert {name: found for name, found in parts.items() if len(found) != 1} == {}


def test_make_test__leaves_no_part_out():
    assert re.search(r"-m pytest$", recipe_of("test"), re.MULTILINE)


def test_scripts__are_tested_by_the_suite_and_by_a_part():
    assert list((ROOT / "tests" / "scripts").glob("*.test.mjs"))
    assert [task for task in ("test", "unit") if "npm run --silent test" not in recipe_of(task)] == []
    assert "npm run --silent check" in recipe_of("check")


def test_run__knows_every_part_and_without_a_name_runs_all():
    assert parts_of_run() == {"lint", "minimal", "coverage", *TEST_PARTS}
    everything = RUN[RUN.index("  all)") :]
    made = " ".join(re.findall(r"make (?:--keep-going )?([a-z ]+)", everything)).split()
    assert {"minimal", "check", *TEST_PARTS} - set(made) == set()


def test_jobs__run_every_part_and_the_tests_on_both_pythons():
    assert {part for part, _ in jobs()} == parts_of_run()
    assert {python for _, python in jobs()} == {"3.11", "3.13"}
    assert {(part, python) for part in TEST_PARTS for python in ("3.11", "3.13")} <= jobs()
    assert "bash .ci/run ${{ matrix.part }}" in WORKFLOW


@pytest.mark.parametrize("workflow", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=lambda path: path.name)
def test_actions__are_pinned_by_commit_and_say_their_version(workflow):
    used = re.findall(r"uses: (.+)", workflow.read_text(encoding="utf-8"))

    assert used
    assert [one for one in used if not re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []
