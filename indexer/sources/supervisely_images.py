"""Single images of a Supervisely server, by the locator that their points have; for showing them."""

from __future__ import annotations

import re
import threading
from http import HTTPStatus
from typing import Final

from indexer.domain import ImageLimits
from indexer.errors import ConfigurationError, ImageReadError, SourceUnavailableError
from indexer.sources.supervisely_address import ADDRESS_VARIABLE, SCHEME
from indexer.sources.supervisely_server import ServerAnswerError, SuperviselyServer

_LOCATOR: Final = re.compile(rf"{SCHEME}://([^/]+)/([0-9]+)/([0-9]+)/([0-9]+)", re.ASCII)


def make_locator(host: str, project_id: int, dataset_id: int, image_id: int) -> str:
    """Where an image is, with all ids that lead to it."""
    return f"{SCHEME}://{host}/{project_id}/{dataset_id}/{image_id}"


def is_locator(text: str) -> bool:
    """Whether a locator is one of an image on a Supervisely server."""
    return _LOCATOR.fullmatch(text) is not None


def read_locator(text: str) -> tuple[str, int, int, int] | None:
    """Server, project, data set and image of a locator; None for one of another source."""
    match = _LOCATOR.fullmatch(text)
    return None if match is None else (match[1], int(match[2]), int(match[3]), int(match[4]))


class SuperviselyImages:
    """Reads images from the server that the environment names; connects when the first is asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: SuperviselyServer | None = None

    def read(self, locator: str, limits: ImageLimits) -> bytes:
        """Read one image file.

        Args:
            locator: As ``make_locator`` makes it.
            limits: A longer file is refused.

        Raises:
            ImageReadError: It is of another server, or the server does not give it.
        """
        match = _LOCATOR.fullmatch(locator)
        if match is None:
            raise ImageReadError(f"image {locator} is on no Supervisely server")
        try:
            server = self._connect()
            if server.host != match[1]:
                raise ImageReadError(f"image {locator} is not on {server.address}; change {ADDRESS_VARIABLE}")
            data = server.ask_file("images.download", {"id": int(match[4])})
        except ServerAnswerError as error:
            gone = "; index again" if error.status == HTTPStatus.NOT_FOUND else ""
            raise ImageReadError(f"cannot read image {locator}: {error}{gone}") from error
        except (ConfigurationError, SourceUnavailableError) as error:
            raise ImageReadError(f"cannot read image {locator}: {error}") from error
        if len(data) > limits.max_bytes:
            raise ImageReadError(f"image {locator} has {len(data):,} bytes, and {limits.max_bytes:,} is the most")
        return data

    def _connect(self) -> SuperviselyServer:
        with self._lock:
            if self._server is None:
                self._server = SuperviselyServer.connect()
            return self._server
