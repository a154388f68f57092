"""``lookalike reviews`` as a user meets it."""

import json

import pytest

from lookalike.commands.main import main
from tests.integration.reviews.points import id_of


@pytest.fixture
def lookalike(capsys, tmp_path, workspace, monkeypatch):
    """Run a command as the user "me"; gives exit code, stdout and stderr."""
    workspace.close()
    monkeypatch.setattr("getpass.getuser", lambda: "me")

    def run(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main([*map(str, arguments), "--data-dir", str(tmp_path / "data")])
        captured = capsys.readouterr()
        return stopped.value.code or 0, captured.out, captured.err

    return run


def test_reviews__add_list_undo(lookalike):
    code, out, _ = lookalike("reviews", "add", id_of(3), "--verdict", "accept", "--who", "ann", "--json")
    (added,) = json.loads(out)
    assert (code, added["class_name"], added["who"]) == (0, "cat", "ann")

    assert json.loads(lookalike("reviews", "list", "--json")[1])[0]["id"] == added["id"]
    assert "ann  accept   dog -> cat  3" in lookalike("reviews", "list", "--verdict", "accept")[1]
    assert id_of(3) not in lookalike("suspects", "--json")[1].replace(added["id"], "")
    code, out, _ = lookalike("reviews", "undo", "--json")
    assert (code, json.loads(out)["undone"]["id"], json.loads(out)["standing"]) == (0, added["id"], None)
    assert json.loads(lookalike("reviews", "list", "--json")[1]) == []
    assert added["id"] in lookalike("reviews", "list", "--log")[1]


def test_reviews__who_is_the_user_of_this_computer(lookalike):
    out = lookalike("reviews", "add", id_of(3), "--verdict", "skip", "--json")[1]

    assert json.loads(out)[0]["who"] == "me"
    assert "[skipped by me]" in lookalike("suspects")[1]


def test_reviews__apply_of_no_verdict__says_what_to_do(lookalike):
    code, _, err = lookalike("reviews", "apply", "--dry-run")

    assert code == 0
    assert "no accepted class waits to be written; 'lookalike reviews add ID --verdict accept' accepts one" in err


def test_reviews__apply_without_its_source(lookalike, tmp_path):
    lookalike("reviews", "add", id_of(3), "--verdict", "accept", "--class", "cat")

    code, out, err = lookalike("reviews", "apply", "--dry-run")

    assert code == 1
    assert "refused    dog -> cat  3  no source is at 'memory'; say where: reviews apply PATH" in out
    assert "would be: 0 written, 0 already so, 1 refused" in out
    assert "nothing could be written" in err
    code, out, _ = lookalike("reviews", "apply", "--patch", tmp_path / "patch.json", "--json")
    assert (code, json.loads(out)["written"], json.loads(out)["patch"]) == (0, 1, str(tmp_path / "patch.json"))


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["add", "x", "--verdict", "skip"], 1, "has no embedded point 'x'"),
        (["add", id_of(3), "--verdict", "reject"], 2, "unknown verdict 'reject'"),
        (["add", id_of(3), "--verdict", "accept", "--class", "lynx"], 2, "unknown class 'lynx'; known: cat, dog"),
        (["add", "--verdict", "skip"], 2, "Missing argument"),
        (["list", "--verdict", "reject"], 2, "unknown verdict 'reject'"),
        (["undo"], 2, "no review stands"),
        (["undo", "x"], 2, "no review 'x'"),
        (["undo", "--applied", "x"], 2, "unknown run 'x'; known: none yet"),
        (["undo", "x", "--applied", "y"], 2, "either which review or which run"),
        (["apply", "--source-key", "memory"], 2, "go with the path of a source"),
        (["apply", ".", "--source-key", "other"], 2, "unknown source 'other'; known: memory"),
    ],
)
def test_reviews__one_line_errors(lookalike, arguments, code, message):
    found, out, err = lookalike("reviews", *arguments)

    assert (found, out, err.count("\n")) == (code, "", 1)
    assert message in err
