"""Wrong keys slow down the one who sends them."""

import pytest

from api.middleware.failed_tries import FREE_TRIES, FailedTries

ANA, EVE = "192.0.2.1", "192.0.2.66"


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def tries(clock):
    return FailedTries(clock=lambda: clock[0])


def fail(tries, client, n):
    for _ in range(n):
        tries.note_failure(client)


def test_seconds_to_wait__some_tries_are_free_and_then_it_doubles_up_to_a_minute(tries):
    fail(tries, EVE, FREE_TRIES - 1)
    waits = []
    for _ in range(9):
        waits.append(tries.seconds_to_wait(EVE, "x"))
        fail(tries, EVE, 1)
    assert waits == [0, 1, 2, 4, 8, 16, 32, 60, 60]


def test_seconds_to_wait__time_passes(tries, clock):
    fail(tries, EVE, FREE_TRIES + 2)
    clock[0] += 3
    assert tries.seconds_to_wait(EVE, "x") == 1
    clock[0] += 1
    assert tries.seconds_to_wait(EVE, "x") == 0


def test_seconds_to_wait__others_do_not_wait(tries):
    fail(tries, EVE, 100)
    assert tries.seconds_to_wait(ANA, "x") == 0


def test_seconds_to_wait__a_key_that_was_right_from_there_goes_through(tries):
    tries.note_success(EVE, "right")
    fail(tries, EVE, 100)
    assert tries.seconds_to_wait(EVE, "right") == 0
    assert tries.seconds_to_wait(EVE, "guess") > 0


def test_seconds_to_wait__a_right_key_does_not_make_guessing_free(tries):
    fail(tries, EVE, 100)
    tries.note_success(EVE, "right")
    assert tries.seconds_to_wait(EVE, "guess") > 0


def test_seconds_to_wait__one_network_of_ipv6_is_one_client(tries):
    for number in range(100):
        tries.note_failure(f"2001:db8:0:1::{number:x}")
    assert tries.seconds_to_wait("2001:db8:0:1:ffff::1", "x") > 0
    assert tries.seconds_to_wait("2001:db8:0:2::1", "x") == 0


def test_seconds_to_wait__an_address_of_ipv4_is_the_same_written_as_ipv6_and_no_network(tries):
    fail(tries, f"::ffff:{EVE}", 100)
    assert tries.seconds_to_wait(EVE, "x") > 0
    assert tries.seconds_to_wait(f"::ffff:{ANA}", "x") == 0


def test_note_failure__is_forgotten_after_a_while_and_clients_are_bounded(tries, clock):
    fail(tries, EVE, 100)
    clock[0] += 1000
    fail(tries, EVE, 1)
    assert tries.seconds_to_wait(EVE, "x") == 0
    for number in range(20_000):
        tries.note_failure(f"client {number}")
    assert len(tries._failed) == 10_000
