"""Settings of the indexer, read from the environment at the entry points only.

Every variable starts with ``LOOKALIKE_``; a section's fields follow after two underscores, for example
``LOOKALIKE_EMBEDDER__BATCH_SIZE=64``. Unknown ``LOOKALIKE_`` names are refused, so that a typing error is found.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from indexer.domain import DEFAULT_MAX_BYTES, DEFAULT_MAX_PIXELS, ImageLimits
from indexer.errors import InvalidOptionsError
from lookalike.environment import PREFIX, check_names


class EmbedderSettings(BaseModel):
    """Settings of the embedder, which turns crops into embeddings."""

    model_config = ConfigDict(extra="forbid")
    model: str | None = Field(None, description="timm name, or hf:NAME; the bundled EfficientNet-Lite0 if unset")
    checkpoint: Path | None = Field(None, description="weights file for the model")
    device: str = Field("auto", description="auto, cpu, cuda:N or mps")
    batch_size: int = Field(32, ge=1, le=4096, description="crops a forward pass")


class StoreSettings(BaseModel):
    """Where points live."""

    model_config = ConfigDict(extra="forbid")
    url: str | None = Field(None, description="address of a Qdrant server; embedded in the data directory if unset")
    api_key: SecretStr | None = Field(None, description="key of that server")


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

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid")
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
        raise InvalidOptionsError(f"environment variable {PREFIX}{where}: {first['msg']}") from error
