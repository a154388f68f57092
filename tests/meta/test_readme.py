"""Links, tasks, commands, settings and formats that the README and the pages behind it name do exist."""

import re
from pathlib import Path

import pytest
import typer

from indexer.settings import IndexerSettings
from indexer.sources import SOURCES
from lookalike.commands.main import app
from lookalike.environment import API_KEY_NAME, SERVER_NAME

ROOT = Path(__file__).parents[2]
PAGES = [path.relative_to(ROOT) for path in ROOT.glob("docs/*.md")]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SOURCES_PAGE = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
COMMANDS_PAGE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")


OF_COMPOSE = {
    name for path in ROOT.glob("docker-compose*.yml") for name in re.findall(r"\$\{(LOOKALIKE_\w+)", path.read_text())
}
"""Names that only the compose files read."""


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", *sorted(map(str, PAGES))])
def test_page__every_link_leads_somewhere(name):
    page = ROOT / name
    targets = re.findall(r"\]\(([^)#]+)\)|(?:src|srcset)=\"([^\"]+)\"", page.read_text(encoding="utf-8"))
    local = [one or other for one, other in targets if not (one or other).startswith("http")]

    assert [target for target in local if not (page.parent / target).exists()] == []


def test_readme__leads_to_every_page():
    assert [name for name in map(str, PAGES) if f"]({name})" not in README] == []


def test_readme__every_make_task_exists():
    tasks = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"make ([a-z]+)", README))

    assert {"demo", "test", "check", "bench"} <= named <= tasks


def test_pages__every_command_and_option_exists():
    commands = typer.main.get_command(app).commands
    used = re.findall(r"lookalike ([a-z]+)", README + COMMANDS_PAGE)

    assert len(used) > 20
    assert [name for name in used if name not in commands] == []
    index_options = {name for parameter in commands["index"].params for name in parameter.opts}
    rows = SOURCES_PAGE[SOURCES_PAGE.index("| option of `lookalike index`") :].split("\n\n")[0]
    assert [name for name in re.findall(r"`(--[a-z-]+)", rows) if name not in index_options] == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", *sorted(map(str, PAGES))])
def test_page__every_option_is_one_of_its_command(name):
    commands = typer.main.get_command(app).commands
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    unknown = []
    for line in re.findall(r"(?<![\w/.-])lookalike ([a-z][^`|\n#;]*)", text):
        first, *words = line.split()
        command = commands.get(first)
        if command is None:
            assert (name, first) == ("docs/extending.md", "purity")  # a command that the page adds
            continue
        command = getattr(command, "commands", {}).get(next(iter(words), ""), command)
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        unknown += [f"{first} {word}" for word in words if re.fullmatch(r"--[a-z-]+", word) and word not in known]

    assert unknown == []


def test_pages__every_command_is_told():
    hidden = {name for name, command in typer.main.get_command(app).commands.items() if command.hidden}
    told = re.findall(r"`(?:lookalike )?([a-z]+)", COMMANDS_PAGE)

    assert sorted(set(typer.main.get_command(app).commands) - set(told) - hidden) == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", *sorted(map(str, PAGES))])
def test_page__every_setting_exists(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    _, _, after = text.partition("variable, after `LOOKALIKE_STORE__GROWTH__`")
    of_growth = [
        f"STORE__GROWTH__{row}" for row in re.findall(r"^\| `([A-Z_]+)`", after.split("\n\n")[0], re.MULTILINE)
    ]
    assert bool(of_growth) == (name == "docs/scaling.md")
    for setting in (*re.findall(r"LOOKALIKE_([A-Z_]*[A-Z])(?![A-Z_])", text), *of_growth):
        if f"LOOKALIKE_{setting}" in {SERVER_NAME, API_KEY_NAME} | OF_COMPOSE:
            continue
        model = IndexerSettings
        for field in setting.lower().split("__"):
            assert field in model.model_fields, setting
            model = model.model_fields[field].annotation


def test_sources_page__every_format_is_in_its_table():
    table = SOURCES_PAGE[SOURCES_PAGE.index("| format |") :].split("\n\n")[0].lower()

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
