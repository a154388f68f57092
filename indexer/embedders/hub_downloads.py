"""Model files of the Hugging Face hub: from its local cache first, from the network only when they are not there."""

from __future__ import annotations

import errno
import os
import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from indexer.embedders.base import shorten
from indexer.errors import ModelLoadError
from lookalike.visible_text import show_reason

_DISK_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


def find_cached_folder(repository: str) -> Path | None:
    """The newest local snapshot of a repository, perhaps not all of it; None if there is none. No network."""
    import huggingface_hub as hub
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(hub.snapshot_download(repository, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        return None


def download_folder(repository: str, patterns: Sequence[str], *, model: str, instead: str) -> Path:
    """Download the files of a repository that match ``patterns``, and return their folder.

    Args:
        repository: Name on the hub.
        patterns: Which files.
        model: What the user calls the model, for the message.
        instead: What the user can do without the hub, for the message.

    Raises:
        ModelLoadError: There is no such repository, it needs a permission, or it cannot be downloaded.
    """
    import huggingface_hub as hub
    from huggingface_hub.errors import GatedRepoError, HFValidationError, RepositoryNotFoundError

    try:
        return Path(hub.snapshot_download(repository, allow_patterns=list(patterns)))
    except GatedRepoError as error:
        why = "its owner must grant access first; log in with 'hf auth login'"
        raise ModelLoadError(f"cannot download model '{model}': {why}, or {instead}") from error
    except HFValidationError as error:
        raise ModelLoadError(
            f"model '{model}' is neither a folder here nor a name that the hub can have; write it as hf:OWNER/NAME"
        ) from error
    except RepositoryNotFoundError as error:
        raise ModelLoadError(
            f"{_hub()} has no model '{repository}' that you may see; check the name, "
            "or log in with 'hf auth login' if it is private"
        ) from error
    except Exception as error:  # several libraries raise here, and what they raise depends on their versions
        raise ModelLoadError(f"cannot download model '{model}': {_explain(error)}, or {instead}") from error


def _explain(error: BaseException) -> str:
    """Why a download failed, and the first thing to do about it."""
    from huggingface_hub.errors import OfflineModeIsEnabled

    causes = list(_causes_of(error))
    if any(isinstance(cause, OfflineModeIsEnabled) for cause in causes):
        return "HF_HUB_OFFLINE forbids to ask the hub; unset it"
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return f"the certificate of {_hub()} is not trusted; name those to trust in SSL_CERT_FILE"
    answers = [response for cause in causes if (response := getattr(cause, "response", None)) is not None]
    if answers:
        return f"{_hub()} answered with status {answers[0].status_code}; try again later"
    reason = next((cause for cause in causes if _is_of_system(cause)), None)
    if reason is None:
        return f"the download broke off ({shorten(show_reason(error))}); try again"
    if isinstance(reason, OSError) and (reason.filename is not None or reason.errno in _DISK_FULL):
        return f"it cannot be written ({show_reason(reason)}); set HF_HOME to a folder with room"
    return f"{_hub()} cannot be reached; connect to the network"


def _causes_of(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what it was raised from, and so on."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_of_system(error: BaseException) -> bool:
    """Whether the system gave an error; those of libraries may be an OSError too, but have no number."""
    return isinstance(error, TimeoutError) or (isinstance(error, OSError) and error.errno is not None)


def _hub() -> str:
    """Name of the hub in messages: its address if the environment has one."""
    return os.environ.get("HF_ENDPOINT") or "the model hub"
