"""Files of a team on a Supervisely server: listed, downloaded, and uploaded until they are there."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from indexer.errors import SourceUnavailableError
from indexer.sources.supervisely_answers import Row, Upload
from indexer.sources.supervisely_server import ServerAnswerError, SuperviselyServer
from indexer.sources.supervisely_writes import write_missing

_CHUNK_BYTES: Final = 2**20


class TeamFiles:
    """The files of one team.

    Args:
        server: The server.
        team_id: The team.
    """

    def __init__(self, server: SuperviselyServer, team_id: int) -> None:
        self._server, self._team_id = server, team_id

    def list(self, folder: str) -> dict[str, Row]:
        """All files in a folder and below, by path; none if there is no such folder.

        Raises:
            SourceUnavailableError: The server does not answer, or not with files.
        """
        try:
            answer = self._server.ask("file-storage.list", {"teamId": self._team_id, "path": folder, "recursive": True})
            rows = answer.get("entities", ()) if isinstance(answer, dict) else answer
            return {str(row["path"]): row for row in rows if not row.get("isDir")}
        except ServerAnswerError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return {}
            raise
        except (TypeError, KeyError, AttributeError) as error:
            message = f"{self._server.address} answers file-storage.list with something that is no list of files"
            raise SourceUnavailableError(message) from error

    def download(self, path: str) -> bytes:
        """The bytes of a file.

        Raises:
            SourceUnavailableError: It is not there, or the server does not answer.
        """
        return self._server.ask_file("file-storage.download", {"teamId": self._team_id, "path": path})

    def upload(self, files: Sequence[Path], folder: str) -> dict[str, Row]:
        """Put local files into a folder, in their order, over what has the same name there.

        Returns:
            Each file's path on the server and how it is listed there.

        Raises:
            SourceUnavailableError: One is not there in the end.
        """
        checksums = {f"{folder}{path.name}": _checksum(path) for path in files}
        local = {f"{folder}{path.name}": path for path in files}

        def find_missing() -> Sequence[str]:
            there = self.list(folder)
            return [path for path in local if not self._is_same(there.get(path), local[path], checksums[path])]

        def write(paths: Sequence[str]) -> None:
            with ExitStack() as opened:
                parts: list[tuple[str, tuple[str | None, Any]]] = []
                for path in paths:
                    file = opened.enter_context(local[path].open("rb"))
                    parts += [("name", (None, local[path].name)), ("path", (None, folder))]
                    parts += [("file", (local[path].name, file))]
                upload = Upload({"files": parts, "params": {"teamId": str(self._team_id)}})
                self._server.ask("file-storage.bulk.upload", upload, attempts=1)

        left = write_missing(self._server, find_missing, write, batch_size=1)
        if left:
            path, reason = next(iter(left.items()))
            raise SourceUnavailableError(f"{path} cannot be written to Team Files: {reason}")
        there = self.list(folder)
        return {path: there[path] for path in local}

    def remove(self, paths: Sequence[str]) -> None:
        """Remove files.

        Raises:
            SourceUnavailableError: One stays.
        """

        def find_missing() -> Sequence[str]:
            there = {one for path in paths for one in self.list(path.rpartition("/")[0] + "/")}
            return [path for path in paths if path in there]

        def write(batch: Sequence[str]) -> None:
            for path in batch:
                self._server.ask("file-storage.remove", {"teamId": self._team_id, "path": path}, attempts=1)

        left = write_missing(self._server, find_missing, write, batch_size=1)
        if left:
            path, reason = next(iter(left.items()))
            raise SourceUnavailableError(f"{path} cannot be removed from Team Files: {reason}")

    def _is_same(self, row: Row | None, path: Path, checksum: str) -> bool:
        """Whether a listed file has the bytes of a local one, by its checksum or, if there is none, by its length."""
        if row is None:
            return False
        if row.get("hash"):
            return bool(row["hash"] == checksum)
        size = (row.get("meta") or {}).get("size", row.get("size"))
        return size is None or int(size) == path.stat().st_size


def _checksum(path: Path) -> str:
    """A file's checksum as the platform writes it, read in parts."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_CHUNK_BYTES):
            found.update(part)
    return b64encode(found.digest()).decode()
