"""Settings of the indexer, read from the environment at the entry points only.

Every variable starts with ``LOOKALIKE_``; a section's fields follow after two underscores, for example
``LOOKALIKE_EMBEDDER__BATCH_SIZE=64``. Unknown ``LOOKALIKE_`` names are refused, so that a typing error is found.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from indexer.domain import DEFAULT_MAX_BYTES, DEFAULT_MAX_PIXELS, ImageLimits
from indexer.errors import InvalidOptionsError
from lookalike.environment import PREFIX, check_names
from lookalike.value_faults import describe_fault

Quantization = Literal["none", "scalar", "binary", "turbo"]
TurboBits = Literal["1", "1.5", "2", "4"]


class EmbedderSettings(BaseModel):
    """Settings of the embedder, which turns crops into embeddings."""

    model_config = ConfigDict(extra="forbid")
    model: str | None = Field(None, description="timm name, or hf:NAME; the bundled EfficientNet-Lite0 if unset")
    checkpoint: Path | None = Field(None, description="weights file for the model")
    device: str = Field("auto", description="auto, cpu, cuda:N or mps")
    batch_size: int | None = Field(None, ge=1, le=4096, description="crops per forward pass; unset suits the device")


class GrowthSettings(BaseModel):
    """Layout of a new collection on a Qdrant server; docs/scaling.md says when to use which."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    shard_number: int | None = Field(None, ge=1, le=1024, description="parts that a cluster spreads over its nodes")
    replication_factor: int | None = Field(None, ge=1, le=32, description="copies of each shard, on different nodes")
    write_consistency_factor: int | None = Field(None, ge=1, le=32, description="copies that must confirm a write")
    vectors_on_disk: bool = Field(default=False, description="keep the full vectors on disk instead of in memory")
    payload_on_disk: bool | None = Field(None, description="keep payloads on disk; the server's default if unset")
    quantization: Quantization = Field("none", description="none, scalar, binary or turbo: small copies of the vectors")
    turbo_bits: TurboBits = Field("4", description="bits per number that turbo keeps: 1, 1.5, 2 or 4")
    rescore: bool = Field(default=True, description="rank what a search of small copies finds by the full vectors")
    oversampling: float = Field(2.0, ge=1, le=100, description="how many times as many candidates are rescored")
    hnsw_m: int | None = Field(None, ge=0, le=512, description="edges per point of the search index; 0 builds none")
    hnsw_ef_construct: int | None = Field(None, ge=4, le=10_000, description="care that building the index takes")
    hnsw_on_disk: bool | None = Field(None, description="keep the search index on disk")
    acorn: bool = Field(default=True, description="search with two or more conditions by ACORN, if the server has it")

    @model_validator(mode="after")
    def _check_copies(self) -> Self:
        """Refuse a write that would wait for more copies than there are."""
        wanted, copies = self.write_consistency_factor, self.replication_factor or 1
        if wanted is not None and wanted > copies:
            raise ValueError(f"WRITE_CONSISTENCY_FACTOR {wanted} is more than REPLICATION_FACTOR {copies}; lower it")
        return self


class StoreSettings(BaseModel):
    """Where points live, and how a Qdrant server is asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    url: str | None = Field(None, description="address of a Qdrant server; embedded in the data directory if unset")
    api_key: SecretStr | None = Field(None, description="key of that server")
    grpc: bool = Field(default=False, description="ask it by gRPC, which sends a third of the bytes")
    grpc_port: int = Field(6334, ge=1, le=65535, description="port for gRPC")
    tls_ca: Path | None = Field(
        None, description="certificates (PEM) that are trusted for https:// instead of the usual"
    )
    timeout_s: float = Field(60.0, ge=1, le=3600, description="longest wait for one answer")
    retries: int = Field(5, ge=0, le=20, description="how often a request is repeated that failed for the moment")
    longest_wait_s: float = Field(30.0, ge=0, le=600, description="longest pause before a request is repeated")
    page_bytes: int = Field(8 * 2**20, ge=2**16, le=2**30, description="size of an answer or a write, roughly")
    growth: GrowthSettings = GrowthSettings()


class ImageSettings(BaseModel):
    """The largest image that is read, from a source or from a request."""

    model_config = ConfigDict(extra="forbid")
    max_pixels: int = Field(DEFAULT_MAX_PIXELS, ge=1, le=2**40, description="width times height of one image")
    max_bytes: int = Field(DEFAULT_MAX_BYTES, ge=1, le=2**40, description="length of one image file")

    @property
    def limits(self) -> ImageLimits:
        """The same as the nouns of the domain."""
        return ImageLimits(self.max_pixels, self.max_bytes)


class IndexerSettings(BaseSettings):
    """All settings of the indexer."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True, extra="forbid"
    )
    data_dir: Path = Field(Path(".lookalike"), description="folder of collections, projections and caches")
    embedder: EmbedderSettings = EmbedderSettings()
    store: StoreSettings = StoreSettings()
    images: ImageSettings = ImageSettings()


def read_settings() -> IndexerSettings:
    """Read the settings from the environment, refusing names that do not exist.

    Raises:
        InvalidOptionsError: An unknown name or an impossible value; the message names it.
    """
    check_names(os.environ)
    try:
        return IndexerSettings()
    except ValidationError as error:
        first = error.errors()[0]
        where = "__".join(str(part) for part in first["loc"]).upper()
        raise InvalidOptionsError(f"environment variable {PREFIX}{where}: {describe_fault(first)}") from error
