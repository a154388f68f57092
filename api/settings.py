"""Limits of the api, and who a server is; the defaults suit one machine with a few people on it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Self

from pydantic import BaseModel, ConfigDict, Field


class ApiSettings(BaseModel):
    """Settings of the api: how much a request may send and how much is remembered between requests."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    max_body_bytes: int = Field(64 * 2**20, gt=0, description="larger request bodies are refused")
    thumbnail_cache_bytes: int = Field(64 * 2**20, gt=0, description="encoded crops kept in memory")
    image_cache_bytes: int = Field(256 * 2**20, gt=0, description="decoded images kept in memory")


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """Who a server is, and what its clients prove their rights with.

    Attributes:
        server_id: Random name, told to anybody.
        token: Gives local power: to read folders and write files of the server's machine.
        api_key: Gives the same, and stays when the server is started again; None for none.
    """

    server_id: str
    token: str = field(repr=False)
    api_key: str | None = field(default=None, repr=False)

    @classmethod
    def make(cls, *, api_key: str | None = None) -> Self:
        """An identity that nobody had before."""
        return cls(secrets.token_hex(16), secrets.token_urlsafe(32), api_key)

    @property
    def cookie_name(self) -> str:
        """Name of the page's cookie; browsers keep those of all ports of a machine together."""
        return f"lookalike-{self.server_id[:12]}"

    @property
    def cookie_value(self) -> str:
        """Value of the page's cookie; it does not tell the token."""
        return hmac.new(self.token.encode(), b"page", hashlib.sha256).hexdigest()

    def knows(self, secret: str) -> bool:
        """Whether ``secret`` is the token or the key; takes as long for a wrong one."""
        given = secret.encode("utf-8", "backslashreplace")
        known = [one.encode() for one in (self.token, self.api_key) if one]
        return any([hmac.compare_digest(given, one) for one in known])  # noqa: C419 - compares with all
