"""The api inside this process, for clients of a data directory that no server owns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self

from fastapi import FastAPI

from api.app import create_app, stop_answers, stop_runs
from api.settings import ApiSettings, ServerIdentity
from indexer.domain import ignore_progress
from indexer.settings import read_settings
from indexer.workspace import Workspace

Progress = Callable[[str, int, int | None], Any]

_ANY_LENGTH: Final = 2**40
"""In this process a body is not sent anywhere."""


class LocalApi:
    """An open data directory behind the api, without a port.

    Args:
        workspace: The data directory, which this owns.
        on_progress: Told what long answers do.

    Attributes:
        app: The application.
        headers: What a request needs to have local power.
    """

    def __init__(self, workspace: Workspace, *, on_progress: Progress | None = None) -> None:
        self._workspace = workspace
        identity = ServerIdentity.make()
        settings = ApiSettings(max_body_bytes=_ANY_LENGTH)
        self.app: FastAPI = create_app(
            settings, workspace, identity, on_progress=on_progress or ignore_progress, is_lazy=True
        )
        self.headers = {"Authorization": f"Bearer {identity.token}"}

    @classmethod
    def open(cls, data_dir: Path | None, *, on_progress: Progress | None = None, owner: str) -> Self:
        """Open a data directory, by default the one of the environment.

        Raises:
            InvalidOptionsError: The environment has an unknown name or an impossible value.
            StoreLockedError: Another process owns it; the message says which.
            StoreUnavailableError: It cannot be read or written.
        """
        settings = read_settings()
        if data_dir is not None:
            settings = settings.model_copy(update={"data_dir": data_dir})
        return cls(Workspace.open(settings, owner=owner), on_progress=on_progress)

    def cancel(self) -> None:
        """Stop what is answered at its next step, as the client has gone."""
        stop_answers(self.app)

    def close(self) -> None:
        """Stop what is at work and close the data directory; closing twice is fine."""
        stop_answers(self.app)
        stop_runs(self.app)
        self._workspace.close()
