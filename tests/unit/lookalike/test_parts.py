"""Parts are made once, when they are first asked for."""

import threading

from lookalike.parts import is_made, part


class House:
    """Counts the doors that were made."""

    def __init__(self):
        self.made = []
        self.is_asked = threading.Barrier(2)

    @part
    def door(self):
        """The door."""
        self.made.append("door")
        return object()

    @part
    def key(self):
        """The key, which needs the door."""
        return (self.door,)


def test_part__is_made_once_and_by_one_of_several_threads():
    house, found = House(), []

    def ask():
        house.is_asked.wait()
        found.append(house.door)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert house.made == ["door"]
    assert found[0] is found[1] is house.door


def test_part__may_need_another_and_is_each_ones_own():
    house, other = House(), House()

    assert house.key == (house.door,)
    assert other.door is not house.door


def test_part__is_not_made_before_it_is_asked_for():
    assert House().made == []


def test_is_made__nobody_has_asked__makes_nothing():
    house = House()
    assert (is_made(house, "door"), house.made) == (False, [])

    assert house.key == (house.door,)
    assert (is_made(house, "door"), house.made) == (True, ["door"])
