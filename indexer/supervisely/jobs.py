"""Labeling jobs for the images of points: one per data set and person, none twice for the same selection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from indexer.errors import InvalidOptionsError, SourceUnavailableError, UnknownNameError
from indexer.sources.supervisely_api import read_project
from indexer.sources.supervisely_server import ServerAnswerError, SuperviselyServer
from indexer.sources.supervisely_writes import write_missing
from indexer.stores.base import Collection
from indexer.supervisely.targets import connect_to, find_targets, group_ids, list_by_ids, require_there
from indexer.supervisely.work_runs import WorkRuns

_ROWS_PER_PAGE: Final = 1_000
_MAX_NAME_CHARACTERS: Final = 255


@dataclass(frozen=True, slots=True)
class JobWish:
    """Jobs that somebody wants.

    Attributes:
        name: Name of each job.
        logins: The people who label.
        reviewer: Login of the person who reviews; the server's choice if None.
        is_dry_run: Whether nothing is written, only told.
        who: Who wants it.
    """

    name: str
    logins: Sequence[str]
    reviewer: str | None = None
    is_dry_run: bool = False
    who: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A labeling job.

    Attributes:
        id: The server's id; None if it is yet to be made.
        dataset_id: Its data set.
        images: How many images it holds.
    """

    id: int | None
    dataset_id: int
    images: int


@dataclass(slots=True)
class Jobs:
    """The jobs of a wish.

    Attributes:
        created: How many were made, or would be.
        existing: How many were there.
        jobs: All of them.
        run: Name to take those made back by; None if none was made.
    """

    created: int = 0
    existing: int = 0
    jobs: list[Job] = field(default_factory=list)
    run: str | None = None


def make_jobs(collection: Collection, runs: WorkRuns, point_ids: Sequence[str], wish: JobWish) -> Jobs:
    """Make the jobs that are not there yet.

    Raises:
        PointNotFoundError, InvalidOptionsError, UnknownNameError: The request is wrong.
        SourceUnavailableError: The server does not answer, or an image is gone.
    """
    _check(wish)
    targets = find_targets(collection, point_ids)
    projects = {one.dataset_id: one.project_id for one in targets}
    with closing(connect_to(targets[0].host)) as server:
        members = {one: _Team(server, one) for one in sorted(set(projects.values()))}
        datasets = [
            _DatasetJobs(server, members[projects[dataset_id]], dataset_id, image_ids, wish)
            for dataset_id, image_ids in group_ids((one.dataset_id, one.image_id) for one in targets).items()
        ]
        result = Jobs()
        missing = [one for one in datasets if one.find_missing()]
        result.existing = sum(len(one.existing) for one in datasets)
        if missing and not wish.is_dry_run:
            plan = {"host": server.host, "datasets": [one.to_json() for one in missing]}
            result.run = runs.begin("job", wish.who, plan)
        for one in datasets:
            new = one.find_missing() if wish.is_dry_run else one.make(result.run or "")
            result.created += len(new)
            ids = [*one.existing.values(), *([None] * len(new) if wish.is_dry_run else new)]
            result.jobs += [Job(job_id, one.dataset_id, one.n_images) for job_id in ids]
    return result


def undo_jobs(record: Mapping[str, Any]) -> int:
    """Archive the jobs that a run made; gives how many."""
    n_undone = 0
    with closing(connect_to(record["host"])) as server:
        for plan in record["datasets"]:
            made = _find_jobs(server, plan, plan["users"])
            ids = [one for one in made.values() if one not in plan["before"]]

            def find_missing(plan: Mapping[str, Any] = plan, ids: Sequence[int] = ids) -> list[int]:
                return [one for one in _find_jobs(server, plan, plan["users"]).values() if one in ids]

            def write(batch: Sequence[int]) -> None:
                for one in batch:
                    server.ask("jobs.archive", {"id": one}, attempts=1)

            if left := write_missing(server, find_missing, write, batch_size=1):
                raise SourceUnavailableError(f"job {next(iter(left))} cannot be archived: {next(iter(left.values()))}")
            n_undone += len(ids)
    return n_undone


def _check(wish: JobWish) -> None:
    if not wish.name.strip() or len(wish.name) > _MAX_NAME_CHARACTERS or "/" in wish.name:
        shown = wish.name[:40]
        raise InvalidOptionsError(f"'{shown}' cannot name a job; use up to {_MAX_NAME_CHARACTERS} characters without /")
    if not wish.logins:
        raise InvalidOptionsError("nobody is to do the job; say --assign LOGIN")


class _Team:
    """The team of a project, and what its jobs may use.

    Attributes:
        id: The server's id.
        users: Ids of the members by login.
        classes: Names of the project's classes.
        tags: Names of its tags.
    """

    def __init__(self, server: SuperviselyServer, project_id: int) -> None:
        self.id = int(read_project(server, project_id)["teamId"])
        rows = server.list_rows("members.list", {"teamId": self.id, "filter": []}, per_page=_ROWS_PER_PAGE).rows
        self.users = {str(row["login"]): user_id for user_id, row in rows.items()}
        meta = server.ask("projects.meta", {"id": project_id})
        self.classes = [str(one["title"]) for one in meta["classes"]]
        self.tags = [str(one["name"]) for one in meta["tags"]]

    def find(self, login: str) -> int:
        """The id of a member.

        Raises:
            UnknownNameError: There is none of that login.
        """
        if login not in self.users:
            raise UnknownNameError("login", login, self.users)
        return self.users[login]


class _DatasetJobs:
    """The jobs of one data set.

    Attributes:
        dataset_id: The data set.
        n_images: How many images are meant.
        existing: Jobs that were there, by person.
    """

    def __init__(
        self, server: SuperviselyServer, team: _Team, dataset_id: int, image_ids: Sequence[int], wish: JobWish
    ) -> None:
        self._server, self._team, self.dataset_id = server, team, dataset_id
        self._users = list(dict.fromkeys(team.find(login) for login in wish.logins))
        self._reviewer = None if wish.reviewer is None else team.find(wish.reviewer)
        rows = list_by_ids(server, "images.list", dataset_id, "id", image_ids)
        require_there("image", image_ids, [int(row["id"]) for row in rows])
        self._plan = {"team_id": team.id, "dataset_id": dataset_id, "name": wish.name, "images": list(image_ids)}
        self.n_images, self.existing = len(image_ids), _find_jobs(server, self._plan, self._users)

    def find_missing(self) -> list[int]:
        """The people who had no such job."""
        return [user for user in self._users if user not in self.existing]

    def to_json(self) -> dict[str, Any]:
        """The plan with what is needed to take it back."""
        return {**self._plan, "users": self.find_missing(), "before": list(self.existing.values())}

    def make(self, run: str) -> list[int]:
        """Make the missing jobs; gives their ids.

        Raises:
            SourceUnavailableError: One cannot be made.
        """
        wanted = self.find_missing()
        if not wanted:
            return []
        meta = {
            "classes": self._team.classes,
            "projectTags": self._team.tags,
            "imageTags": [],
            "imageFiguresLimit": 0,
            "imageTagsLimit": 0,
            "entityIds": self._plan["images"],
            "dynamicClasses": False,
            "dynamicTags": False,
            "allowRestore": False,
        }
        body = {"name": self._plan["name"], "datasetId": self.dataset_id, "meta": meta}
        body |= {} if self._reviewer is None else {"reviewerId": self._reviewer}
        left = write_missing(
            self._server,
            lambda: [user for user in wanted if user not in _find_jobs(self._server, self._plan, wanted)],
            lambda users: self._server.ask("jobs.add", {**body, "userIds": list(users)}, attempts=1),
        )
        if left:
            reason = next(iter(left.values()))
            raise SourceUnavailableError(
                f"the job for data set {self.dataset_id} cannot be made: {reason}; "
                f"'lookalike supervisely undo {run}' takes back what was made"
            )
        found = _find_jobs(self._server, self._plan, wanted)
        return [found[user] for user in wanted]


def _find_jobs(server: SuperviselyServer, plan: Mapping[str, Any], users: Sequence[int]) -> dict[int, int]:
    """The jobs of that name for exactly these images, by person."""
    condition = {"field": "datasetId", "operator": "=", "value": plan["dataset_id"]}
    body = {"teamId": plan["team_id"], "showDisabled": False, "filter": [condition]}
    found: dict[int, int] = {}
    for job_id, row in sorted(server.list_rows("jobs.list", body, per_page=_ROWS_PER_PAGE).rows.items()):
        user = int(row.get("userId") or 0)
        if row.get("name") != plan["name"] or row.get("disabled") or user not in users or user in found:
            continue
        try:
            info = server.ask("jobs.info", {"id": job_id})
        except ServerAnswerError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                continue
            raise
        if sorted(int(one["id"]) for one in info.get("entities") or ()) == plan["images"]:
            found[user] = job_id
    return found
