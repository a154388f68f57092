"""Model files of the Hugging Face hub: from its local cache first, from the network only when they are not there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from indexer.embedders.base import shorten
from indexer.errors import ModelLoadError


def find_cached_folder(repository: str) -> Path | None:
    """The newest local snapshot of a repository, perhaps not all of it; None if there is none. No network."""
    import huggingface_hub as hub
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(hub.snapshot_download(repository, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        return None


def download_folder(repository: str, patterns: Sequence[str]) -> Path:
    """Download the files of a repository that match ``patterns``, and return their folder.

    Raises:
        ModelLoadError: There is no such repository, it needs a permission, or the hub cannot be reached.
    """
    import huggingface_hub as hub
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
    )

    try:
        return Path(hub.snapshot_download(repository, allow_patterns=list(patterns)))
    except GatedRepoError as error:
        reason = "its owner must grant access first; log in with 'hf auth login'"
        raise ModelLoadError(f"cannot download '{repository}': {reason}") from error
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise ModelLoadError(f"the hub has no model '{repository}', and there is no such folder here") from error
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise ModelLoadError(
            f"cannot download '{repository}': the hub cannot be reached ({shorten(error)}); "
            "download it on a machine with a network and copy it here: a timm model's weights go to --checkpoint FILE, "
            "a Hugging Face model is opened as hf:FOLDER"
        ) from error
