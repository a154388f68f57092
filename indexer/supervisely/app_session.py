"""The platform's word to the app that it starts: which project is meant, and where browsers find it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from indexer.errors import ConfigurationError, SourceUnavailableError
from indexer.sources.supervisely_address import SCHEME
from indexer.sources.supervisely_server import SuperviselyServer

_PROJECT_NAMES: Final = (
    *("PROJECT_ID", "context.projectId", "CONTEXT_PROJECTID"),
    *("modal.state.slyProjectId", "modal.state.inputProjectId"),
)
_DATASET_NAMES: Final = (
    *("DATASET_ID", "context.datasetId", "CONTEXT_DATASETID"),
    *("modal.state.slyDatasetId", "modal.state.inputDatasetId"),
)
_TASK_NAMES: Final = ("TASK_ID", "context.taskId")
_LARGE: Final = "@.@"
"""Beginning of what stands in for a value that is too long; the SDK puts the value there, ids never are."""


@dataclass(frozen=True, slots=True)
class AppWish:
    """Project or data set that somebody opened the app on.

    Attributes:
        project_id: The project; None if none was meant.
        dataset_id: One of its data sets; None for all.
        task_id: The platform's number of this session; None if the platform did not start it.
    """

    project_id: int | None
    dataset_id: int | None
    task_id: int | None

    @property
    def source(self) -> str | None:
        """The source that is it, such as ``supervisely://11/22``."""
        if self.project_id is None:
            return None
        return f"{SCHEME}://{self.project_id}" + ("" if self.dataset_id is None else f"/{self.dataset_id}")


def read_wish(environment: Mapping[str, str], server: SuperviselyServer) -> AppWish:
    """Read what the app was opened on; a data set without its project costs one request.

    Raises:
        ConfigurationError: An id in the environment is not a number.
        SourceUnavailableError: The server does not know the data set.
    """
    project, dataset = _read_id(environment, _PROJECT_NAMES), _read_id(environment, _DATASET_NAMES)
    context = _read_context(environment)
    project = project or _to_id("CONTEXT", context.get("projectId"))
    dataset = dataset or _to_id("CONTEXT", context.get("datasetId"))
    if project is None and dataset is not None:
        project = int(server.ask("datasets.info", {"id": dataset})["projectId"])
    return AppWish(project, dataset, _read_id(environment, _TASK_NAMES))


def find_prefix(server: SuperviselyServer, task_id: int | None) -> str | None:
    """Find how paths of a session begin in browsers, such as ``/net/SESSION``; None if there is no session.

    Raises:
        SourceUnavailableError: The server does not answer.
    """
    if task_id is None:
        return None
    task: Mapping[str, Any] = server.ask("tasks.info", {"id": task_id})
    session = (task.get("meta") or {}).get("sessionToken")
    if not isinstance(session, str) or not session or not session.replace("-", "").replace("_", "").isalnum():
        raise SourceUnavailableError(
            f"{server.address} does not say where it serves task {task_id}, so that nobody could be let in"
        )
    return f"/net/{session}"


def _read_id(environment: Mapping[str, str], names: tuple[str, ...]) -> int | None:
    for name in names:
        found = _to_id(name, environment.get(name))
        if found is not None:
            return found
    return None


def _to_id(name: str, value: object) -> int | None:
    text = "" if value is None else str(value).strip()
    if not text or text.startswith(_LARGE) or text.lower() in ("none", "null"):
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise ConfigurationError(f"{name} '{text[:40]}' is no id of the server; give its number")
    return int(text) or None


def _read_context(environment: Mapping[str, str]) -> Mapping[str, Any]:
    with suppress(ValueError):
        found = json.loads(environment.get("CONTEXT") or "{}")
        if isinstance(found, dict):
            return found
    return {}
