"""One door to all formats: ``open_source`` finds out what lies at a path."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from indexer.errors import AnnotationFormatError, InvalidOptionsError, SourceUnavailableError, UnknownNameError
from indexer.sources import LAST_RESORT, PATH_FORMATS, SCHEMES, SOURCES
from indexer.sources.base import CHOSEN, ImageSource, Recognised
from indexer.sources.files import is_image_name
from indexer.sources.unread_formats import find_unread
from lookalike.visible_text import show_controls

_ADDRESS: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://.*", re.DOTALL)


def open_source(
    path: str | Path,
    *,
    format: str | None = None,  # noqa: A002 - what users call it
    source_key: str | None = None,
    **options: bool,
) -> ImageSource:
    """Open the source at a path.

    Args:
        path: A folder, an annotation file, or an address such as ``supervisely://11``.
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
    path, recognised = recognise_source(path, format=format, options=options)
    opener = SOURCES.load(recognised.format).open
    try:
        source: ImageSource = opener(path, source_key=source_key, **options)
    except AnnotationFormatError:
        unread = find_unread(path) if isinstance(path, Path) and path.is_file() and not format else None
        if unread is None:
            raise
        raise SourceUnavailableError(unread) from None
    source.recognised = recognised
    return source


def recognise_source(
    path: str | Path,
    *,
    format: str | None = None,  # noqa: A002 - what users call it
    options: Iterable[str] = (),
) -> tuple[Path | str, Recognised]:
    """The path or address of a source and its format, as ``open_source`` takes them.

    Folders are listed and the beginning of some files is read, never all annotations.

    Raises:
        UnknownNameError: There is no such format, or no format has such addresses.
        InvalidOptionsError: The format has no such option, or is none of addresses, or only of addresses.
        SourceUnavailableError: Nothing is there, or no format fits; the message says what was looked for.
    """
    address = _ADDRESS.fullmatch(path) if isinstance(path, str) else None
    place = _find_path(Path(path)) if address is None else address[0]
    recognised = _recognise(place, format)
    known = set(inspect.signature(SOURCES.load(recognised.format).open).parameters) - {"path", "source_key"}
    for option in options:
        if option not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise InvalidOptionsError(f"the format {recognised.format} has no option '{option}'; its options: {listed}")
    return place, recognised


def _recognise(path: Path | str, format: str | None) -> Recognised:  # noqa: A002 - what users call it
    """The format of a path or an address.

    Raises:
        UnknownNameError: There is no such format, or no format has such addresses.
        InvalidOptionsError: The format that was asked for is none of addresses, or only of addresses.
        SourceUnavailableError: No format fits.
    """
    if isinstance(path, Path):
        if format is not None and format in SCHEMES.values():
            raise InvalidOptionsError(f"the format {format} reads {SOURCES.load(format).expects}, not the path {path}")
        return Recognised(format, CHOSEN) if format else recognise_format(path)
    scheme = path.partition(":")[0].lower()
    if scheme not in SCHEMES:
        raise UnknownNameError("kind of address", f"{scheme}://", [f"{one}://" for one in SCHEMES])
    if format not in (None, SCHEMES[scheme]):
        raise InvalidOptionsError(f"{scheme}:// is read as {SCHEMES[scheme]}, not as {format}")
    return Recognised(SCHEMES[scheme], f"an address of {scheme}://")


def recognise_format(path: Path) -> Recognised:
    """The first format in ``SOURCES`` that recognises an existing path.

    Images alone are the last resort: they are not taken if annotations of a format that is not read lie beside them.

    Raises:
        SourceUnavailableError: None does; the message says which format it looks like, or what each looked for.
    """
    sources = {name: SOURCES.load(name) for name in PATH_FORMATS}
    for name, source in sources.items():
        if name == LAST_RESORT:
            continue
        reason = source.recognises(path)
        if reason is not None:
            return Recognised(name, reason)
    reason, unread = sources[LAST_RESORT].recognises(path), find_unread(path)
    if unread is not None:
        override = f"; --format {LAST_RESORT} reads the images without annotations" if reason is not None else ""
        raise SourceUnavailableError(f"{unread}{override}")
    if reason is not None:
        return Recognised(LAST_RESORT, reason)
    if is_image_name(path.name) and path.is_file():
        raise SourceUnavailableError(f"{path} is one image; give the folder that holds it")
    looked_for = "; ".join(f"{name}: {source.expects}" for name, source in sources.items())
    raise SourceUnavailableError(f"the format of {path} is not recognised; looked for {looked_for}")


def _find_path(path: Path) -> Path:
    """The path with the user's folder for ``~``, if something is there and its name can be stored."""
    try:
        path = path.expanduser()
        is_there = path.exists()
        str(path.absolute()).encode()
    except UnicodeEncodeError as error:
        raise SourceUnavailableError(f"{show_controls(str(path))} is not valid UTF-8; rename it") from error
    except OSError as error:
        raise SourceUnavailableError(f"cannot look at {path}: {error.strerror}; give another path") from error
    except (RuntimeError, ValueError):  # no such user; a NUL
        is_there = False
    if is_there:
        return path
    raise SourceUnavailableError(f"{path} does not exist; give the path of a project, a data set or a folder of images")
