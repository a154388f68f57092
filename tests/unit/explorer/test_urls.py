from __future__ import annotations

from explorer.urls import columns_url, map_url, row_url


def test_urls__names_are_quoted():
    assert map_url("my pets/2", "m1", "v7") == "api/v1/collections/my%20pets%2F2/projections/m1/map?v=v7"
    assert columns_url("pets", "m1") == "api/v1/collections/pets/projections/m1/columns"
    assert row_url("pets", "m1") == "api/v1/collections/pets/projections/m1/rows"
