"""Tags, jobs, collections and write-back on servers with other habits than the one that they were written against."""

import pytest

from indexer.supervisely.image_collections import Collected, collect_images
from indexer.supervisely.jobs import JobWish, make_jobs
from indexer.supervisely.tags import Tagging, tag_points
from indexer.supervisely.undo import undo_run
from indexer.supervisely.work_runs import WorkRuns
from tests.integration.supervisely.projects import points_by_object

HABITS = {
    "pages of two": {"max_per_page": 2, "counts_in_text": True},
    "pages of three that are told to be long": {"max_per_page": 3, "tells_page_size": False, "time_resolution_s": 1.0},
    "own order": {"shuffles_bulk_answers": True, "sorts_figures": False, "filters_by_time": False},
    "still time stamps": {
        "tag_edits_touch_figures": False,
        "tag_edits_touch_images": False,
        "figure_edits_touch_images": False,
        "lists_figures_of_projects": False,
    },
    "few ids": {"max_bulk_ids": 50, "sends_checksums": False, "has_page_tokens": False},
}


@pytest.mark.parametrize("habits", HABITS.values(), ids=HABITS)
def test_work__is_the_same_on_servers_with_other_habits(server, sample, collection, run, tmp_path, habits):
    for name, value in habits.items():
        setattr(server.habits, name, value)
    run(sample.address)
    points = points_by_object(collection)
    runs, ids = WorkRuns(tmp_path), [points[str(one)].id for one in sample.figures]

    tagged = tag_points(collection, runs, ids, Tagging("ISSUE", who="ann"))
    again = tag_points(collection, runs, ids, Tagging("ISSUE", who="ann"))
    assert (tagged.added, again.added, again.already) == (12, 0, 12)
    assert all(len(row["tags"]) == 1 for row in server.tables.figures.values())
    assert run(sample.address, full=True).instances.embedded == 0

    jobs = make_jobs(collection, runs, ids, JobWish("look", ["bob", "eva"], who="ann"))
    assert (jobs.created, jobs.existing) == (12, 0)
    assert make_jobs(collection, runs, ids, JobWish("look", ["bob", "eva"], who="ann")).existing == 12
    assert len(server.tables.jobs) == 12

    found = collect_images(collection, ids, "odd")
    assert (found.added, found.already, found.missing) == (6, 0, 0)
    assert collect_images(collection, ids, "odd") == Collected(found.collection_id, 0, 6, 0)

    assert (undo_run(runs, tagged.run), undo_run(runs, jobs.run)) == (12, 12)
    assert not any(row["tags"] for row in server.tables.figures.values())
    assert all(row["disabled"] for row in server.tables.jobs.values())
