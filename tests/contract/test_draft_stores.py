"""Collections that are not complete yet, alike in every store that restores and moves."""

import pytest

from tests.contract.test_stores import SPEC, make_point, store

__all__ = ["store"]  # a fixture


def test_drop_draft__removes_what_is_unfinished_and_nothing_else(store):
    if not hasattr(store, "open_draft"):
        pytest.skip("the points of another process come without drafts; that process restores and moves")
    store.create_collection("plants", SPEC)
    draft = store.open_draft("animals", SPEC, keeps=False)
    draft.upsert([make_point("a", [1, 0, 0], class_name="cat", dataset="train")])

    for name in ("animals", "animals", "plants"):
        store.drop_draft(name)

    assert set(store.collection_names()) & {"animals", "plants"} == {"plants"}
    assert store.open_draft("animals", SPEC, keeps=True).count() == 0  # nothing of the first one is left
    store.drop_draft("animals")
    assert store.create_collection("animals", SPEC).count() == 0
