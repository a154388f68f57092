import numpy as np

from api.services.map_columns import find_places, number_classes


def ids(*names):
    return np.array(names, dtype="S4")


def test_find_places__of_a_sorted_column():
    assert find_places(ids("c", "a", "x", "0"), ids("a", "b", "c")).tolist() == [2, 0, -1, -1]


def test_find_places__of_a_shuffled_column_with_the_order_that_sorts_it():
    column = ids("c", "a", "b")
    assert find_places(ids("b", "a", "z"), column, ascending=np.argsort(column)).tolist() == [2, 1, -1]


def test_find_places__in_nothing_finds_nothing():
    assert find_places(ids("a"), ids()).tolist() == [-1]
    assert find_places(ids(), ids("a")).tolist() == []


def test_number_classes__begins_with_the_most_frequent_and_counts_the_unlabelled():
    names = np.array(["dog", None, "cat", "cat", "ant"], dtype=object)
    numbers, counts = number_classes(names)
    assert [(one.name, one.count) for one in counts] == [("cat", 2), ("", 1), ("ant", 1), ("dog", 1)]
    assert numbers.tolist() == [3, 1, 0, 0, 2]
