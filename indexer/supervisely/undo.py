"""Runs of tags and jobs, taken back."""

from __future__ import annotations

from indexer.errors import SourceError
from indexer.supervisely.jobs import undo_jobs
from indexer.supervisely.tags import undo_tags
from indexer.supervisely.work_runs import WorkRuns


def undo_run(runs: WorkRuns, run: str) -> int:
    """Take a run back; gives how many images, objects or jobs that concerned.

    Raises:
        UnknownNameError: There was no such run.
        SourceError: Its record is broken, or the server does not answer.
    """
    record = runs.read(run)
    try:
        return undo_tags(record) if record["kind"] == "tag" else undo_jobs(record)
    except (KeyError, TypeError, ValueError) as error:
        raise SourceError(f"the record of run {run} is broken ({type(error).__name__}: {error})") from error
