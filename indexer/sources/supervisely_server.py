"""One Supervisely server: requests with bounded retries, lists, files, and errors in one line.

The only module that imports the platform's SDK, and only when a server is named. The SDK gives address, headers and
connection. Repeating is done here, as the SDK's own waits without a limit, logs JSON, and follows redirects with the
token. Nothing here needs an event loop.
"""

from __future__ import annotations

import logging
import os
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from indexer.domain import DEFAULT_MAX_BYTES
from indexer.errors import ConfigurationError, SourceUnavailableError
from indexer.sources.supervisely_address import (
    ADDRESS_VARIABLE,
    PAUSE_VARIABLE,
    TOKEN_VARIABLE,
    read_address,
    read_pause_s,
    read_token,
)
from indexer.sources.supervisely_answers import (
    Page,
    Row,
    Upload,
    bounded_stream,
    read_error,
    read_file,
    read_page,
    read_parts,
    read_pause,
)

if TYPE_CHECKING:
    import httpx

_ATTEMPTS: Final = 5
_FIRST_ATTEMPTS: Final = 2
"""As long as the server has never answered: it is rather not there than busy."""
_TIMEOUT_S: Final = 60.0
_CONNECT_TIMEOUT_S: Final = 10.0
_DEADLINE_S: Final = 300.0
"""Longest time for one answer, however steadily it drips."""
_MAX_BYTES: Final = 2 * DEFAULT_MAX_BYTES
"""Longest answer that is read."""
_LONGEST_PAUSE_S: Final = 120.0
_ROUNDS: Final = 3
"""Number of times that a list is read from its beginning if it changes meanwhile."""
_LISTERS: Final = 4
_SHOWN_CHARS: Final = 200
_PASSING: Final = frozenset({408, 429, 499, 500, 502, 503, 504, 509, 598, 599})

T = TypeVar("T")


class ServerAnswerError(SourceUnavailableError):
    """The server refused a request.

    Args:
        message: One line.
        status: Status code of the answer.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class ServerFailingError(SourceUnavailableError):
    """The server failed at one request again and again, though it can be reached."""


@dataclass(frozen=True, slots=True)
class Found:
    """The content of one list.

    Attributes:
        rows: By id, in the order of the list.
        is_whole: Whether all pages were of one list: as many rows as it promised, none twice, and nothing changed.
        n_pages: How many pages it has.
    """

    rows: dict[int, Any]
    is_whole: bool
    n_pages: int = 0


class SuperviselyServer:
    """A connection to one server; safe for several threads.

    Args:
        api: The SDK's ``Api``.
        pause_s: Pause before the first repetition; each further one is twice as long.

    Attributes:
        api: The SDK's ``Api``, for what has no method here.
        host: Name and port, as they stand in keys.
    """

    def __init__(self, api: Any, *, pause_s: float) -> None:
        self.api = api
        self.address: str = api.server_address
        self.host = urlsplit(self.address).netloc.rpartition("@")[2].lower()
        self._pause_s, self._token = pause_s, api.token
        self._has_answered, self._is_api = False, False
        self._closing, self._opening = threading.Event(), threading.Lock()
        self.is_secure = self.address.startswith("https://")

    @classmethod
    def connect(cls, environment: Mapping[str, str] | None = None) -> SuperviselyServer:
        """Take the server and the token from the environment; nothing is asked yet.

        Raises:
            ConfigurationError: A variable is missing or cannot be used, or the SDK is not installed.
        """
        environment = os.environ if environment is None else environment
        address = read_address(environment.get(ADDRESS_VARIABLE, ""))
        token = read_token(environment.get(TOKEN_VARIABLE, ""))
        pause_s = read_pause_s(environment.get(PAUSE_VARIABLE, ""))
        # The SDK would read both numbers of seconds and attempts from the environment, where it names no variable.
        api = _load_sdk().Api(address, token, retry_count=_ATTEMPTS, retry_sleep_sec=1, ignore_task_id=False)
        api._version_check_completed = True  # noqa: SLF001 - it would follow redirects, and wait without a limit
        return cls(api, pause_s=pause_s)

    def give_up(self) -> None:
        """Refuse requests from now on and repeat none, so that nobody waits."""
        self._closing.set()

    def close(self) -> None:
        """Give up and close the connections."""
        self.give_up()
        with self._opening:
            client, self.api.httpx_client = self.api.httpx_client, None
        if client is not None:
            client.close()

    def reopen(self) -> None:
        """Take requests again."""
        self._closing.clear()

    def ask(self, method: str, body: Any, *, attempts: int = _ATTEMPTS) -> Any:
        """Ask for JSON.

        Args:
            method: Name of the API's method, such as ``projects.info``.
            body: The request's JSON, or an ``Upload``.
            attempts: How often a request that fails for the moment is made; 1 for a write.

        Raises:
            ServerAnswerError: The server refuses it.
            ServerFailingError: It failed each time.
            SourceUnavailableError: The server cannot be reached.
        """
        return self._repeat(method, body, lambda answer: answer.json(), attempts)

    def pause(self, n_made: int) -> None:
        """Wait before something is repeated that was made ``n_made`` times."""
        self._wait(min(self._pause_s * 2.0 ** (n_made - 1), _LONGEST_PAUSE_S))

    def ask_file(self, method: str, body: Any) -> bytes:
        """Ask for a file; its checksum is verified where the answer carries one. Raises as ``ask``."""
        return self._repeat(method, body, read_file, _ATTEMPTS)

    def ask_parts(self, method: str, body: Any) -> dict[int, bytes]:
        """Ask for several files; those that come, by the id that each is named after. Raises as ``ask``."""
        return self._repeat(method, body, read_parts, _ATTEMPTS)

    def list_rows(self, method: str, body: Row, *, per_page: int, reduce: Callable[[Row], Any] = dict) -> Found:
        """Read a list to its end, from the beginning if it changes meanwhile.

        The length of a page is that of the first one, whatever was asked for or is told. A server that refuses the
        wanted length chooses one itself.

        Args:
            method: Name of a method that lists.
            body: The request's JSON without paging.
            per_page: Wanted page length.
            reduce: What is kept of a row.

        Raises:
            SourceUnavailableError: A page could not be read; also what ``ask`` raises.
        """
        found = Found({}, is_whole=False)
        paged = {"sort": "id", "sort_order": "asc", **body, "per_page": per_page}
        for _ in range(_ROUNDS):
            try:
                found = self._list_once(method, paged, reduce)
            except ServerAnswerError as error:
                if error.status != HTTPStatus.BAD_REQUEST or "per_page" not in str(error) or "per_page" not in paged:
                    raise
                del paged["per_page"]
                continue
            if found.is_whole:
                break
        return found

    def _list_once(self, method: str, body: Row, reduce: Callable[[Row], Any]) -> Found:
        rows: dict[int, Any] = {}
        n_rows, n_pages, totals = 0, 0, set()
        for page in self._pages(method, body, reduce):
            n_pages += 1
            totals.add(page.total)
            n_rows += len(page.rows)
            rows.update(page.rows)
        return Found(rows, len(totals) == 1 and n_rows == len(rows) and totals <= {None, n_rows}, n_pages)

    def _pages(self, method: str, body: Row, reduce: Callable[[Row], T]) -> Iterator[Page[T]]:
        def ask(number: int) -> Page[T]:
            return self.ask_page(method, {**body, "page": number}, reduce)

        page, number = ask(1), 1
        yield page
        if page.total is None:  # no count, so on until a page brings nothing new, as some servers repeat the last one
            seen = {row_id for row_id, _ in page.rows}
            while page.rows:
                number += 1
                page = ask(number)
                new = {row_id for row_id, _ in page.rows} - seen
                if not new:
                    break
                seen |= new
                yield page
        elif page.rows and len(page.rows) < page.total:
            last = -(-page.total // len(page.rows))
            with ThreadPoolExecutor(_LISTERS, thread_name_prefix="pages") as pool:
                for start in range(2, last + 1, _LISTERS):  # a few at once, so that memory is bounded
                    yield from pool.map(ask, range(start, min(start + _LISTERS, last + 1)))

    def ask_page(self, method: str, body: Row, reduce: Callable[[Row], T]) -> Page[T]:
        """Ask for one page of a list. Raises as ``ask``; a row that ``reduce`` refuses is a damaged answer."""
        return self._repeat(method, body, lambda answer: read_page(answer, reduce), _ATTEMPTS)

    def _repeat(self, method: str, body: Any, read: Callable[[httpx.Response], T], attempts: int) -> T:
        problem, status, made = "", None, 0
        while made < (attempts if self._has_answered else min(attempts, _FIRST_ATTEMPTS)):
            if made:
                self._wait(self._pause_s * 2.0 ** (made - 1))
            made += 1
            try:
                return read(self._post(method, body))
            except _PassingError as error:
                problem, status = str(error), error.status
                if error.pause_s:
                    self._wait(error.pause_s)
            except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
                problem, status = f"its answer cannot be read ({type(error).__name__})", 0
        if status is None:
            raise SourceUnavailableError(
                f"cannot reach {self.address}: {problem}; is {ADDRESS_VARIABLE} right, and does the server run?"
            )
        raise ServerFailingError(f"{self.address} failed {made} times at {method}: {problem}; try again later")

    def _post(self, method: str, body: Any) -> httpx.Response:
        import httpx

        if self._closing.is_set():
            raise SourceUnavailableError(f"reading from {self.address} was given up")
        self._open()
        timeout = httpx.Timeout(_TIMEOUT_S, connect=_CONNECT_TIMEOUT_S)
        try:
            answer: httpx.Response = self.api.post_httpx(
                method, **_content_of(body), retries=1, raise_error=True, timeout=timeout
            )
        except httpx.HTTPStatusError as error:
            self._has_answered = True
            raise self._explain_refusal(method, error.response) from None
        except httpx.RequestError as error:
            is_there = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.UnsupportedProtocol)
            raise _PassingError(self._show(error), 0 if is_there else None) from None
        self._has_answered = True
        if answer.status_code != HTTPStatus.OK:
            raise self._explain_redirect(method, answer)
        self._require_api(method, answer)
        self._is_api = True
        return answer

    def _require_api(self, method: str, answer: httpx.Response) -> None:
        """Refuse a web page, as another server or a login page gives it; one that was the API before may fail so."""
        if not self._is_api and answer.headers.get("content-type", "").startswith("text/html"):
            raise SourceUnavailableError(
                f"{self.address} answers {method} with a web page ({answer.status_code}), not as a Supervisely server; "
                f"is {ADDRESS_VARIABLE} right?"
            )

    def _open(self) -> None:
        """See that there is a client that follows nothing and ends; it closes with the last reference to the server."""
        import httpx

        with self._opening:
            if self.api.httpx_client is None:
                limits = httpx.Limits(max_connections=16, max_keepalive_connections=8)
                hooks: dict[str, list[Callable[..., Any]]] = {"response": [_bound]}
                client = httpx.Client(http2=True, limits=limits, follow_redirects=False, event_hooks=hooks)
                weakref.finalize(self, client.close)
                self.api.httpx_client = client

    def _explain_refusal(self, method: str, answer: httpx.Response) -> Exception:
        """Translate an answer with an error status."""
        status, said = answer.status_code, self._show(read_error(answer))
        if status in _PASSING:
            pause_s = read_pause(answer)
            if pause_s > _LONGEST_PAUSE_S:
                return ServerFailingError(f"{self.address} asks to wait {pause_s:.0f} s; try again then")
            return _PassingError(f"{status} {said}", status, pause_s)
        if status == HTTPStatus.UNAUTHORIZED:
            return ServerAnswerError(
                f"{self.address} does not take the token in {TOKEN_VARIABLE} ({status}); get one from your account",
                status,
            )
        self._require_api(method, answer)
        return ServerAnswerError(f"{self.address} refuses {method}: {status} {said}", status)

    def _explain_redirect(self, method: str, answer: httpx.Response) -> Exception:
        """An answer that is no error and no success; a redirect is not followed, as the token would go with it."""
        target = answer.headers.get("location", "")
        where = urlsplit(target)
        hint = f"; set {ADDRESS_VARIABLE} to {where.scheme}://{where.netloc}" if where.netloc else ""
        message = f"{self.address} answers {method} with {answer.status_code}, which is not followed{self._show(hint)}"
        return ServerAnswerError(message, answer.status_code)

    def _wait(self, seconds: float) -> None:
        if self._closing.wait(seconds):
            raise SourceUnavailableError(f"reading from {self.address} was given up")

    def _show(self, text: object) -> str:
        """A foreign text in one short line, without the token."""
        line = " ".join(str(text).split()) or type(text).__name__
        return line.replace(self._token, "***")[:_SHOWN_CHARS]


class _PassingError(Exception):
    """A request failed, and the next try may succeed.

    Args:
        message: Why, in one line.
        status: Status code; 0 if the connection broke, None if there was none.
        pause_s: How long the server asks to wait.
    """

    def __init__(self, message: str, status: int | None, pause_s: float = 0.0) -> None:
        super().__init__(message)
        self.status, self.pause_s = status, pause_s


def _content_of(body: Any) -> Mapping[str, Any]:
    return body.arguments if isinstance(body, Upload) else {"json": body}


def _bound(answer: httpx.Response) -> None:
    """Have an answer end with an error if it is too long or takes too long."""
    answer.stream = bounded_stream(answer.stream, _MAX_BYTES, _DEADLINE_S)


def in_batches(ids: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut a sequence into parts of at most ``size``."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def _load_sdk() -> Any:
    """The SDK with its log silenced."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import supervisely
    except ImportError as error:
        raise ConfigurationError(
            "supervisely:// needs the Supervisely SDK, which is not installed; "
            f"install it with: pip install 'lookalike[supervisely]' ({error.name or error})"
        ) from None
    except ValueError as error:  # it reads numbers from the environment, and its message has the value only
        said = str(error).lower()
        names = ", ".join(name for name, value in os.environ.items() if value and repr(value).lower() in said)
        raise ConfigurationError(f"the SDK refuses {names or 'a variable of the environment'}: {error}") from None
    supervisely.logger.setLevel(logging.CRITICAL + 1)  # it writes JSON to stderr
    return supervisely
