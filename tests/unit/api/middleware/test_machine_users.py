import os

import pytest

from api.middleware.machine_users import is_of_another_user

HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
PORT = 8050  # 1F72
OTHER = os.geteuid() + 1


def row(local, remote, uid):
    return f"   0: {local} {remote} 01 00000000:00000000 00:00000000 00000000 {uid:5}        0 7138276 1 0\n"


@pytest.fixture
def asked_by(tmp_path):
    """Judge a request from a client, as the tables of the machine list its sockets."""

    def judge(client, *rows):
        (tmp_path / "tcp").write_text(HEADER + "".join(rows))
        tables = (tmp_path / "tcp", tmp_path / "tcp6")
        return is_of_another_user({"client": client, "server": ("127.0.0.1", PORT)}, tables)

    return judge


@pytest.mark.parametrize(
    ("client", "local", "remote"),
    [
        (("127.0.0.1", 40000), "0100007F:9C40", "0100007F:1F72"),
        (("127.9.0.1", 40000), "0100097F:9C40", "0100007F:1F72"),
        (("::1", 40000), "00000000000000000000000001000000:9C40", "00000000000000000000000001000000:1F72"),
        (("::ffff:127.0.0.1", 40000), "0100007F:9C40", "0100007F:1F72"),
        (("127.0.0.1", 40000), "0000000000000000FFFF00000100007F:9C40", "0000000000000000FFFF00000100007F:1F72"),
    ],
)
def test_is_of_another_user__goes_by_the_owner_of_the_client_s_socket(asked_by, client, local, remote):
    server_s_own = row(remote, local, os.geteuid())
    assert asked_by(client, server_s_own, row(local, remote, OTHER))
    assert not asked_by(client, server_s_own, row(local, remote, os.geteuid()))
    assert not asked_by(client, server_s_own, row(local, remote, 0))


def test_is_of_another_user__of_other_connections_nothing_is_concluded(asked_by):
    client = ("127.0.0.1", 40000)
    others = (
        row("0100007F:9C41", "0100007F:1F72", OTHER),  # another port
        row("0200007F:9C40", "0100007F:1F72", OTHER),  # another address
        row("0100007F:9C40", "0100007F:1F73", OTHER),  # to another server
    )
    assert not asked_by(client, *others)
    assert asked_by(client, *others, row("0100007F:9C40", "0100007F:1F72", OTHER))


def test_is_of_another_user__a_system_that_does_not_tell__is_trusted(tmp_path):
    scope = {"client": ("127.0.0.1", 40000), "server": ("127.0.0.1", PORT)}
    assert not is_of_another_user(scope, (tmp_path / "none",))
    assert not is_of_another_user({"client": None, "server": None})
