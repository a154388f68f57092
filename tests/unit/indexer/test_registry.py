import pytest

from indexer.errors import ConfigurationError, UnknownNameError
from indexer.registry import Registry

GROUP = "lookalike.things"


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a package with entry points of the group."""

    def install_entries(entries):
        facts = tmp_path / "things-1.0.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text("Name: things\nVersion: 1.0\n")
        (facts / "entry_points.txt").write_text(f"[{GROUP}]\n{entries}\n")
        monkeypatch.syspath_prepend(tmp_path)

    return install_entries


def test_registry__entries_of_other_packages_come_after_ours(install):
    install("ratio = fractions:Fraction")
    registry = Registry("thing", {"path": "pathlib:Path"}, group=GROUP)

    assert list(registry) == ["path", "ratio"]
    assert registry.load("ratio").__name__ == "Fraction"


def test_registry__a_name_of_ours_cannot_be_taken(install):
    install("path = fractions:Fraction")

    assert dict(Registry("thing", {"path": "pathlib:Path"}, group=GROUP)) == {"path": "pathlib:Path"}


def test_registry__without_a_group_nothing_is_added(install):
    install("ratio = fractions:Fraction")

    assert list(Registry("thing", {"path": "pathlib:Path"})) == ["path"]


@pytest.mark.parametrize("target", ["no_such_module:Thing", "fractions:NoSuchThing"])
def test_load__broken_package__says_which_and_what_to_do(install, target):
    install(f"ratio = {target}")

    with pytest.raises(ConfigurationError, match=rf"the thing 'ratio' is not at {target} .* repair or remove"):
        Registry("thing", {}, group=GROUP).load("ratio")


def test_load__unknown_name__lists_all(install):
    install("ratio = fractions:Fraction")

    with pytest.raises(UnknownNameError, match="unknown thing 'x'; known: path, ratio"):
        Registry("thing", {"path": "pathlib:Path"}, group=GROUP).load("x")
