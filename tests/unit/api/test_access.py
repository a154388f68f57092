"""Keys, their file, and the cookies that stand for them."""

import pytest

from api import access
from api.access import SESSION_S, Access, AccessKey, Keyring, read_key_file
from lookalike.errors import InvalidOptionsError

READ = AccessKey(Access.READ, "read-" + 20 * "r")
ADMIN = AccessKey(Access.ADMIN, "admin-" + 20 * "a")


@pytest.fixture
def clock():
    return [1_000_000.0]


@pytest.fixture
def keyring(clock):
    return Keyring([READ, ADMIN], now=lambda: clock[0])


def write(tmp_path, text):
    path = tmp_path / "keys"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_access_of__a_key_gives_its_rights(keyring):
    assert keyring.access_of(READ.secret) is Access.READ
    assert keyring.access_of(ADMIN.secret) is Access.ADMIN


@pytest.mark.parametrize("secret", ["", READ.secret[:-1], READ.secret + "x", READ.secret.upper(), "ä", "\ud800"])
def test_access_of__anything_else_gives_none(keyring, secret):
    assert keyring.access_of(secret) is Access.NONE


@pytest.mark.parametrize("secret", ["wrong", READ.secret, ADMIN.secret])
def test_access_of__a_wrong_key_costs_as_many_comparisons_as_a_right_one(keyring, monkeypatch, secret):
    compared = []
    real = access.hmac.compare_digest
    monkeypatch.setattr(access.hmac, "compare_digest", lambda *both: compared.append(both) or real(*both))
    keyring.access_of(secret)
    assert [second for _, second in compared] == [READ.secret.encode(), ADMIN.secret.encode()]
    compared.clear()
    keyring.access_of_session(f"9999999999.x.{secret}")
    assert len(compared) == 2


def test_session__stands_for_its_key_and_does_not_tell_it(keyring):
    cookie = keyring.open_session(ADMIN.secret)
    assert ADMIN.secret not in cookie
    assert keyring.access_of_session(cookie) is Access.ADMIN


def test_session__ends_with_its_time_and_with_its_key(keyring, clock):
    cookie = keyring.open_session(READ.secret)
    assert Keyring([ADMIN], now=lambda: clock[0]).access_of_session(cookie) is Access.NONE
    clock[0] += SESSION_S + 1
    assert keyring.access_of_session(cookie) is Access.NONE


def test_session__cannot_be_made_longer(keyring):
    until, _, rest = keyring.open_session(READ.secret).partition(".")
    assert keyring.access_of_session(f"{int(until) + 1}.{rest}") is Access.NONE


def test_session__of_each_login_is_another(keyring):
    assert keyring.open_session(READ.secret) != keyring.open_session(READ.secret)


@pytest.mark.parametrize("value", ["", ".", "9", "9.", "nan.0", "²." + 64 * "0", "9" * 400 + ".0", "1.ä"])
def test_session__anything_else_is_none(keyring, value):
    assert keyring.access_of_session(value) is Access.NONE


def test_read_key_file__scopes_keys_names_and_comments(tmp_path):
    text = f"# the team\n\nread  {READ.secret}\n  admin {ADMIN.secret} Ana of the curators \n"
    read, admin = read_key_file(write(tmp_path, text))
    assert (read.access, read.secret, read.name) == (Access.READ, READ.secret, "")
    assert (admin.access, admin.secret, admin.name) == (Access.ADMIN, ADMIN.secret, "Ana of the curators ")
    assert ADMIN.secret not in repr(admin)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no key"),
        ("# nothing", "has no key"),
        (f"read {READ.secret}\nwrite {ADMIN.secret}", "line 2: write a scope (read, review, admin)"),
        (f"owner {ADMIN.secret}", "line 1: write a scope (read, review, admin)"),
        (f"{ADMIN.secret}", "line 1: write a scope"),
        ("review short", "line 1: the key needs 20 to 500 ASCII characters; make one with 'openssl rand -hex 32'"),
        (f"review {30 * 'ä'}", "line 1: the key needs"),
        (f"read {READ.secret}\nadmin {READ.secret}", "has one key twice"),
        (b"read \xff\xfe", "it is not UTF-8"),
    ],
)
def test_read_key_file__faults_are_told_without_the_key(tmp_path, text, words):
    with pytest.raises(InvalidOptionsError) as raised:
        read_key_file(write(tmp_path, text))
    assert words in str(raised.value)
    assert ADMIN.secret not in str(raised.value)
    assert READ.secret not in str(raised.value)


def test_read_key_file__absent(tmp_path):
    with pytest.raises(InvalidOptionsError, match="keys cannot be read \\(No such file or directory\\)"):
        read_key_file(tmp_path / "keys")
