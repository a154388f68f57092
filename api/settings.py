"""Limits of the api, and who a server is; the defaults suit one machine with a few people on it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field

from api.access import Access, AccessKey, Keyring

STOP_TIMEOUT_S: Final = 60.0
"""A run that was cancelled has so long for the step at which it is."""


class ApiSettings(BaseModel):
    """Settings of the api: how much a request may send and how much is remembered between requests."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    max_body_bytes: int = Field(64 * 2**20, gt=0, description="larger request bodies are refused")
    thumbnail_cache_bytes: int = Field(64 * 2**20, gt=0, description="encoded crops kept in memory")
    image_cache_bytes: int = Field(256 * 2**20, gt=0, description="decoded images kept in memory")
    has_workers: bool = Field(default=False, description="let index runs and maps wait for workers")
    roots: tuple[Path, ...] | None = Field(
        None, description="folders in which clients with admin access may have the server read and write; any if null"
    )


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """Who a server is, and what its clients prove their rights with.

    Attributes:
        server_id: Random name, told to anybody.
        token: Gives all rights; only the user who started the server can read it.
        keys: Further secrets and what each allows. They stay when the server is started again.
        guest_access: Rights of those who send nothing.
        trusts_own_page: Whether the page that it serves to a browser of this machine has all rights, too.
        name: Part of the names of its cookies; browsers keep those of all ports of a machine together.
    """

    server_id: str
    token: str = field(repr=False)
    keys: tuple[AccessKey, ...] = ()
    guest_access: Access = Access.REVIEW
    trusts_own_page: bool = True
    name: str = ""

    @classmethod
    def make(cls, *, api_key: str | None = None) -> Self:
        """An identity that nobody had before, for a server that only this machine reaches.

        Args:
            api_key: Gives admin access; None for none.
        """
        keys = () if api_key is None else (AccessKey(Access.ADMIN, api_key),)
        return cls(secrets.token_hex(16), secrets.token_urlsafe(32), keys)

    @property
    def all_keys(self) -> tuple[AccessKey, ...]:
        """The token and the keys."""
        return (AccessKey(Access.OWNER, self.token, "token"), *self.keys)

    def knows(self, secret: str) -> bool:
        """Whether ``secret`` is the token or a key; takes as long for a wrong one."""
        return Keyring(self.all_keys).access_of(secret) > Access.NONE

    @property
    def cookie_name(self) -> str:
        """Name of the page's cookie."""
        return f"lookalike-{self.server_id[:12]}"

    @property
    def cookie_value(self) -> str:
        """Value of the page's cookie; it does not tell the token."""
        return hmac.new(self.token.encode(), b"page", hashlib.sha256).hexdigest()

    @property
    def session_name(self) -> str:
        """Name of the cookie of a person who logged in; it is the same after a restart."""
        return f"lookalike-session-{self.name}" if self.name else "lookalike-session"
