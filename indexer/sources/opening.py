"""One door to all formats: ``open_source`` finds out what lies at a path."""

from __future__ import annotations

import inspect
from pathlib import Path

from indexer.errors import InvalidOptionsError, SourceUnavailableError
from indexer.sources import SOURCES
from indexer.sources.base import CHOSEN, ImageSource, Recognised


def open_source(
    path: str | Path,
    *,
    format: str | None = None,  # noqa: A002 - what users call it
    source_key: str | None = None,
    **options: bool,
) -> ImageSource:
    """Open the source at a path.

    Args:
        path: A folder or an annotation file.
        format: A name in ``SOURCES``; found out from the path if None.
        source_key: Identity of the source; its resolved path if None.
        options: Options of one format, for example ``allow_remote=True`` for COCO.

    Returns:
        The source; its ``recognised`` says which format was taken and why.

    Raises:
        UnknownNameError: ``format`` is not known.
        InvalidOptionsError: The format has no such option.
        SourceUnavailableError: Nothing is there, or no format fits; the message says what was looked for.
        AnnotationFormatError: A file that describes the whole source is broken.
    """
    path = Path(path).expanduser()
    if not path.exists():
        raise SourceUnavailableError(
            f"{path} does not exist; give the path of a project, a data set or a folder of images"
        )
    recognised = Recognised(format, CHOSEN) if format else recognise_format(path)
    opener = SOURCES.load(recognised.format).open
    known = set(inspect.signature(opener).parameters) - {"path", "source_key"}
    for option in options:
        if option not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise InvalidOptionsError(f"the format {recognised.format} has no option '{option}'; its options: {listed}")
    source: ImageSource = opener(path, source_key=source_key, **options)
    source.recognised = recognised
    return source


def recognise_format(path: Path) -> Recognised:
    """The first format in ``SOURCES`` that recognises an existing path.

    Raises:
        SourceUnavailableError: None does; the message says what each looked for.
    """
    sources = {name: SOURCES.load(name) for name in SOURCES}
    for name, source in sources.items():
        reason = source.recognises(path)
        if reason is not None:
            return Recognised(name, reason)
    looked_for = "; ".join(f"{name}: {source.expects}" for name, source in sources.items())
    raise SourceUnavailableError(f"the format of {path} is not recognised; looked for {looked_for}")
