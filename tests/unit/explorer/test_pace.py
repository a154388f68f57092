from datetime import UTC, datetime

import pytest

from explorer.panels.map_making import describe_pace
from lookalike.wire.runs import RunInfo

RUN = RunInfo(
    id="r",
    kind="index",
    collection=None,
    state="running",
    stage="indexing images",
    done=1,
    total=9,
    started_at=datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("pace", "text"),
    [
        ({}, "indexing images"),
        ({"rate_per_s": 1234.5, "seconds_left": 12.4}, "indexing images, 1,234 per second, 12 s left"),
        ({"rate_per_s": 0.25, "seconds_left": 200.0}, "indexing images, 0.2 per second, 3 min left"),
        ({"rate_per_s": 7.0}, "indexing images, 7 per second"),
    ],
)
def test_describe_pace__says_what_is_known(pace, text):
    assert describe_pace(RUN.model_copy(update=pace)) == text
