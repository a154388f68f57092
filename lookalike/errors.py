"""Every error that Lookalike raises on purpose. They stand at the foot, so that a client raises the very same.

    LookalikeError
    ├─ IndexerError
    │  ├─ ConfigurationError ── UnknownNameError ── UnknownPathNameError
    │  │    └─ InvalidOptionsError, RunActiveError, NotAllowedError, OutsideRootsError, NotFromPlatformError,
    │  │       TokenError, TooManyTriesError, ForeignOriginError, UnknownHostError, BodyTooLargeError, BodyLengthError
    │  ├─ SourceError ── SourceUnavailableError, AnnotationFormatError, ImageReadError
    │  ├─ EmbedderError ── ModelLoadError, EmbeddingError
    │  ├─ ProjectionError ── TooFewPointsError
    │  ├─ StoreError ── StoreUnavailableError, StoreLockedError, CollectionNotFoundError,
    │  │                PointNotFoundError, CollectionMismatchError, SnapshotOutdatedError
    │  ├─ ReviewConflictError
    │  ├─ ExportError, FileGoneError
    │  └─ CancelledError
    └─ ServerUnreachableError, UnexpectedAnswerError

A message is one line that says what is wrong, which value, and what to do. Third-party errors
are translated once, in the adapter that calls the third party.
"""

from __future__ import annotations

from collections.abc import Iterable


class LookalikeError(Exception):
    """Base of every error raised on purpose; its text is fit to be shown to a user as it is."""


class IndexerError(LookalikeError):
    """Base of what goes wrong with images, points and requests."""


class ConfigurationError(IndexerError):
    """The request itself is wrong; trying again unchanged cannot help."""


class UnknownNameError(ConfigurationError):
    """A name is not among the known ones.

    Args:
        kind: What was looked for, for example ``"embedder"``.
        name: The name that was asked for.
        known: The names that exist, listed in the message.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        self.kind, self.name, self.known = kind, name, names
        listed = ", ".join(one for one in names if one) or "none yet"
        super().__init__(f"unknown {kind} '{name}'; known: {listed}")


class InvalidOptionsError(ConfigurationError):
    """Options contradict each other, or one has an impossible value."""


class SourceError(IndexerError):
    """Something is wrong with the images or annotations that are to be indexed."""


class SourceUnavailableError(SourceError):
    """The source cannot be opened, or its format is not recognised."""


class AnnotationFormatError(SourceError):
    """An annotation file breaks its format; the message names the file and the place."""


class ImageReadError(SourceError):
    """One image cannot be read. A run counts it and goes on."""


class EmbedderError(IndexerError):
    """Something is wrong with the network."""


class ModelLoadError(EmbedderError):
    """A network cannot be built or its weights cannot be loaded."""


class EmbeddingError(EmbedderError):
    """A loaded network failed while it embedded."""


class ProjectionError(IndexerError):
    """A projection cannot be made."""


class TooFewPointsError(ProjectionError):
    """There are fewer points than any method can project."""


class StoreError(IndexerError):
    """Something is wrong with the vector store."""


class StoreUnavailableError(StoreError):
    """The store cannot be reached, read or written."""


class StoreLockedError(StoreError):
    """Another process owns the data directory, or writes to the collection."""


class CollectionNotFoundError(StoreError):
    """There is no collection of that name; the message lists those that exist."""

    def __init__(self, name: str | None, known: Iterable[str]) -> None:
        names = sorted(known)
        if name is None:
            super().__init__("there is no collection yet; run 'lookalike index SOURCE' first")
            return
        listed = f"known: {', '.join(names)}" if names else "there is none yet; run 'lookalike index SOURCE' first"
        super().__init__(f"no collection '{name}'; {listed}")


class PointNotFoundError(StoreError):
    """There is no point with that id in the collection."""


class CollectionMismatchError(StoreError):
    """The collection was made with other settings than those asked for; the message names the field."""


class SnapshotOutdatedError(StoreError):
    """Points were written while a question about them was answered.

    Args:
        name: Name of the collection.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"collection '{name}' changed while it was read; ask again")


class ReviewConflictError(IndexerError):
    """A point is not what a person saw who judged it: its class changed, or somebody else judged it."""


class ExportError(IndexerError):
    """The files of an export cannot be written, though the request is right: the disk is full or broken."""


class FileGoneError(IndexerError):
    """A file that was kept to be fetched is not there any more."""


class CancelledError(IndexerError):
    """The user cancelled the work; what was finished is kept."""


class UnknownPathNameError(UnknownNameError):
    """A name in the path of a request is not among the known ones."""


class RunActiveError(ConfigurationError):
    """A run was asked for while another one is at work."""


class NotAllowedError(ConfigurationError):
    """A request has no right to what it asks for.

    Args:
        what: What the request wants, as a verb with its object.
        needs: The access that a key must have; None for what reads folders or writes files of the server's machine.
    """

    def __init__(self, what: str, needs: str | None = None) -> None:
        super().__init__(
            f"this client may not {what} on the server's machine; run the command there, or set LOOKALIKE_API_KEY "
            "to the key that the server was started with"
            if needs is None
            else f"this client may not {what}; it takes a key with {needs} access"
        )


class OutsideRootsError(NotAllowedError):
    """A request names a path outside the folders that the server may read and write for others.

    Args:
        roots: Those folders.
    """

    def __init__(self, roots: Iterable[str]) -> None:
        listed = ", ".join(roots)
        known = f"it may use {listed}" if listed else "it was started without --root FOLDER"
        Exception.__init__(self, f"the path lies outside the folders that this server may use for its clients; {known}")


class NotFromPlatformError(ConfigurationError):
    """A request to the app of a platform does not come through that platform."""


class TokenError(ConfigurationError):
    """A request sends a token that the server does not know, or none although one is asked for."""


class TooManyTriesError(ConfigurationError):
    """Too many wrong keys came from one client.

    Args:
        wait_s: How long it has to wait.
    """

    def __init__(self, wait_s: float) -> None:
        self.wait_s = wait_s
        super().__init__(f"too many wrong keys came from this address; try again in {max(1, round(wait_s))} s")


class ForeignOriginError(ConfigurationError):
    """A request that may change something comes from another site's page."""


class UnknownHostError(ConfigurationError):
    """A request asks for another host than this server is."""


class BodyTooLargeError(ConfigurationError):
    """A request sends more than the api takes."""


class BodyLengthError(ConfigurationError):
    """A request does not say how much it sends."""


class ServerUnreachableError(LookalikeError):
    """No answer came from the server.

    Args:
        url: Address of the server.
        reason: What the connection said.
    """

    def __init__(self, url: str, reason: str) -> None:
        self.url = url
        super().__init__(f"the server at {url} does not answer ({reason}); is 'lookalike serve' running?")


class UnexpectedAnswerError(LookalikeError):
    """The server answered, but not in the form that was expected.

    Args:
        status: HTTP status of the answer.
        detail: What is wrong with it.
    """

    def __init__(self, status: int, detail: str) -> None:
        self.status = status
        super().__init__(detail)
