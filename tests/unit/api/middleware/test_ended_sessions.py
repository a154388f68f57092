"""Sessions that were ended, in memory and in a file that several servers read."""

import pytest

from api.middleware.ended_sessions import EndedSessions


@pytest.fixture
def clock():
    return [1_000.0]


def test_has__in_memory__only_what_was_ended(clock):
    ended = EndedSessions(now=lambda: clock[0])
    ended.add("2000.a.b", 2_000)
    assert (ended.has("2000.a.b"), ended.has("2000.a.c")) == (True, False)


def test_has__file__other_servers_and_later_ones_know(clock, tmp_path):
    path = tmp_path / "sessions" / "ended.json"
    first, second = (EndedSessions(path, now=lambda: clock[0]) for _ in range(2))
    assert not second.has("2000.a.b")
    first.add("2000.a.b", 2_000)
    second.add("2000.c.d", 2_000)
    for one in (first, second, EndedSessions(path)):
        assert one.has("2000.a.b")
        assert one.has("2000.c.d")
    assert "2000.a.b" not in path.read_text()  # the file gives no cookie away


def test_add__forgets_what_is_over_by_itself(clock, tmp_path):
    ended = EndedSessions(tmp_path / "ended.json", now=lambda: clock[0])
    ended.add("2000.a.b", 2_000)
    clock[0] = 2_001.0
    ended.add("3000.a.b", 3_000)
    assert (tmp_path / "ended.json").read_text().count(":") == 1


def test_has__broken_file__says_so_and_keeps_what_this_process_knows(tmp_path, caplog):
    path = tmp_path / "ended.json"
    ended = EndedSessions(path)
    ended.add("9999999999.a.b", 9_999_999_999)
    path.write_text("[broken")
    assert ended.has("9999999999.a.b")
    assert "cannot be read" in caplog.text


def test_add__file_that_cannot_be_written__ends_it_in_this_process(tmp_path, caplog):
    (tmp_path / "taken").write_text("a file")
    ended = EndedSessions(tmp_path / "taken" / "ended.json")
    ended.add("9999999999.a.b", 9_999_999_999)
    assert ended.has("9999999999.a.b")
    assert "a restart forgets it" in caplog.text
