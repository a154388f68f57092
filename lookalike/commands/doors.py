"""Options of ``serve`` that say who may come in, by which names and through which proxies."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from lookalike.commands.parameters import parse_path
from lookalike.errors import InvalidOptionsError

if TYPE_CHECKING:
    from api.settings import ServerIdentity
    from lookalike.guards import Surroundings

_ROOT_PATH: Final = re.compile(r"(/[A-Za-z0-9._~-]+)+")
_ORIGIN: Final = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+")


@dataclass(frozen=True, slots=True)
class Doors:
    """Who may come in, and how.

    Attributes:
        allow_hosts: Further names by which requests may ask.
        trust_proxies: Proxies that are believed.
        root_path: Path below which a proxy serves us.
        frame_ancestors: Origins that may show the page in a frame.
        roots: Folders in which clients with admin access may read and write.
        token_file: File of keys.
        is_open: Whether those without a key may review all the same.
    """

    allow_hosts: tuple[str, ...] = ()
    trust_proxies: tuple[str, ...] = ()
    root_path: str = ""
    frame_ancestors: tuple[str, ...] = ()
    roots: tuple[Path, ...] = ()
    token_file: Path | None = None
    is_open: bool = False

    def is_shared(self, host: str) -> bool:
        """Whether others than this machine's users may reach a server that listens on ``host``."""
        from api.middleware.allowed_hosts import is_loopback

        is_named = bool(self.allow_hosts or self.trust_proxies or self.root_path)
        return not is_loopback(host) or is_named or self.token_file is not None

    def make_identity(self, host: str, port: int, api_key: str | None) -> tuple[ServerIdentity, str | None]:
        """The server's identity, and its key if one had to be made.

        Args:
            host: The address that it listens on.
            port: Its port.
            api_key: A key with admin access; None for none.

        Raises:
            InvalidOptionsError: The token file cannot be read, or the key is too short to be shared.
        """
        from api.access import MIN_KEY_CHARS, Access, AccessKey, read_key_file
        from api.settings import ServerIdentity

        identity = ServerIdentity.make(api_key=api_key)
        if not self.is_shared(host):
            return identity, None
        if api_key is not None and len(api_key) < MIN_KEY_CHARS:
            raise InvalidOptionsError(
                f"LOOKALIKE_API_KEY has fewer than {MIN_KEY_CHARS} characters; make one with 'openssl rand -hex 32'"
            )
        keys = identity.keys + (() if self.token_file is None else read_key_file(self.token_file))
        made = None if keys or self.is_open else AccessKey.make()
        guest_access = Access.REVIEW if self.is_open else Access.NONE
        shared = replace(
            identity,
            keys=keys if made is None else (made,),
            guest_access=guest_access,
            trusts_own_page=False,  # a proxy on this machine looks like a browser on it
            name=str(port),
        )
        return shared, None if made is None else made.secret

    def to_surroundings(
        self, identity: ServerIdentity, *, has_page: bool = True, has_workers: bool = False
    ) -> Surroundings:
        """Surroundings of the server; a shared one reads no folder unless it was named.

        Args:
            identity: Who the server is.
            has_page: Whether it serves the page, too.
            has_workers: Whether its runs wait for workers.
        """
        from lookalike.guards import Surroundings

        return Surroundings(
            allow_hosts=self.allow_hosts,
            trust_proxies=self.trust_proxies,
            root_path=self.root_path,
            frame_ancestors=self.frame_ancestors,
            roots=None if identity.trusts_own_page and not self.roots else self.roots,
            has_page=has_page,
            has_workers=has_workers,
        )

    def notes(self, host: str, port: int, key: str | None) -> Iterator[str]:
        """Notes for the person who starts the server.

        Args:
            host: The address that it listens on.
            port: Its port.
            key: A key that was made and is known to nobody yet.
        """
        if key is not None:
            yield f"log in with this key, which has admin access and is shown only now: {key}"
        if self.is_open:
            yield f"anybody who reaches port {port} of {host} can read everything and give verdicts; no key is asked"
        if self.token_file is not None and _others_can_read(self.token_file):
            yield f"other users of this machine can read {self.token_file}; take that right away with 'chmod 600'"


def read_doors(
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help="Further name by which requests may ask; repeatable."),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            parser=parse_path,
            metavar="PATH",
            help="File of keys, one per line: read, review or admin, the key, a name.",
        ),
    ] = None,
    no_token: Annotated[
        bool, typer.Option("--no-token", help="Ask for no key, as a proxy does: all who come may give verdicts.")
    ] = False,
    root: Annotated[
        list[Path] | None,
        typer.Option(
            "--root",
            parser=parse_path,
            metavar="PATH",
            help="Folder that clients with an admin key may index or export to; repeatable.",
        ),
    ] = None,
    trust_proxy: Annotated[
        list[str] | None,
        typer.Option("--trust-proxy", metavar="IP", help="Proxy whose X-Forwarded headers are believed; repeatable."),
    ] = None,
    root_path: Annotated[
        str, typer.Option("--root-path", metavar="PATH", help="Path below which a proxy serves it, as /lookalike.")
    ] = "",
    allow_frame: Annotated[
        list[str] | None,
        typer.Option("--allow-frame", metavar="ORIGIN", help="Site that may show the page in a frame; repeatable."),
    ] = None,
) -> Doors:
    """The doors that the options describe.

    Raises:
        InvalidOptionsError: One has an impossible value.
    """
    if root_path and not _ROOT_PATH.fullmatch(root_path):
        raise InvalidOptionsError(f"--root-path '{root_path}' is no path; write one such as /tools/lookalike")
    if no_token and token_file is not None:
        raise InvalidOptionsError("--no-token and --token-file contradict each other; use one of them")
    for name in allow_host or ():
        _check_host(name)
    for network in trust_proxy or ():
        _check_network(network)
    for origin in allow_frame or ():
        if not _ORIGIN.fullmatch(origin):
            raise InvalidOptionsError(f"--allow-frame '{origin}' is no origin; write one such as https://example.com")
    for folder in root or ():
        if not folder.is_dir():
            raise InvalidOptionsError(f"--root {folder} is no folder; name one that exists")
    return Doors(
        allow_hosts=tuple(allow_host or ()),
        trust_proxies=tuple(trust_proxy or ()),
        root_path=root_path,
        frame_ancestors=tuple(allow_frame or ()),
        roots=tuple(folder.resolve() for folder in root or ()),
        token_file=token_file,
        is_open=no_token,
    )


def _check_host(text: str) -> None:
    from api.middleware.allowed_hosts import is_host

    if not is_host(text):
        raise InvalidOptionsError(
            f"--allow-host '{text}' is no name of a host; write one such as lookalike.example, without scheme and port"
        )


def _check_network(text: str) -> None:
    try:
        ipaddress.ip_network(text)
    except ValueError as error:
        raise InvalidOptionsError(
            f"--trust-proxy '{text}' is no address or network; write one such as 10.0.0.2 or 10.0.0.0/24"
        ) from error


def _others_can_read(path: Path) -> bool:
    return os.name == "posix" and bool(path.stat().st_mode & 0o004)
