"""What the README promises exists: links, tasks, commands, settings, formats."""

import re
from pathlib import Path

import pytest
import typer

from indexer.settings import IndexerSettings
from indexer.sources import SOURCES
from lookalike.commands.main import app
from lookalike.environment import API_KEY_NAME, SERVER_NAME

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_readme__every_link_leads_somewhere():
    targets = re.findall(r"\]\(([^)#]+)\)|(?:src|srcset)=\"([^\"]+)\"", README)
    local = [one or other for one, other in targets if not (one or other).startswith("http")]

    assert len(local) > 10
    assert [target for target in local if not (ROOT / target).exists()] == []


def test_readme__every_make_task_exists():
    tasks = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"make ([a-z]+)", README))

    assert {"demo", "test", "check", "bench"} <= named <= tasks


def test_readme__every_command_and_option_exists():
    commands = typer.main.get_command(app).commands
    used = re.findall(r"lookalike ([a-z]+)((?: --?[a-z-]+)*)", README)
    unknown = [name for name, _ in used if name not in commands]

    assert len(used) > 8
    assert unknown == []
    index_options = {name for parameter in commands["index"].params for name in parameter.opts}
    rows = README[README.index("| option of `lookalike index`") :].split("\n\n")[0]
    assert [name for name in re.findall(r"`(--[a-z-]+)", rows) if name not in index_options] == []


def test_readme__every_setting_exists():
    for name in re.findall(r"LOOKALIKE_([A-Z_]+)", README):
        section, _, field = name.lower().partition("__")
        if not section or f"LOOKALIKE_{name}" in (SERVER_NAME, API_KEY_NAME):
            continue
        assert section in IndexerSettings.model_fields
        if field:
            assert field in IndexerSettings.model_fields[section].annotation.model_fields


def test_readme__every_format_is_in_its_table():
    table = README[README.index("| format |") :].split("\n\n")[0].lower()

    for name in SOURCES:
        assert name.replace("_", " ") in table


@pytest.mark.parametrize(
    "pattern",
    ["lookalike/**/*.py", "indexer/**/*.py", "api/**/*.py", "explorer/**/*", "tests/**/*.py", "benchmarks/*.py"],
)
def test_files__none_is_longer_than_400_lines(pattern):
    code = [path for path in ROOT.glob(pattern) if path.suffix in {".py", ".mjs", ".js", ".css"}]
    too_long = {str(path): n for path in code if (n := len(path.read_text(encoding="utf-8").splitlines())) > 400}

    assert code
    assert too_long == {}
