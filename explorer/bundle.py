"""The page's modules and style sheets, each joined into one: two requests, and none when a page is reloaded.

The modules stay files that a checker, a linter and tests read. Joined, each becomes a function that runs when it is
first asked for. So the script can arrive before React, which some of them need.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from pathlib import Path
from typing import Final

from explorer.errors import ExplorerError

EARLY: Final = "page/early.mjs"
PAGE: Final = "page/page.mjs"

_IMPORT: Final = re.compile(r"^import \{([^}]*)\} from '([^']+)';\n", re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (?=(?:async )?(?:class|function|const)\b)", re.MULTILINE)
_EXPORTED: Final = re.compile(r"^export (?:async )?(?:class|function\*?|const) (?:(\w+)|\{([^}]*)\})", re.MULTILINE)
_COMMENT: Final = re.compile(r"^ */\*\*(?:[^*]|\*(?!/))*\*/\n", re.MULTILINE)
_HEAD: Final = "const once = (make) => { let made; return () => (made ??= make()); };\n"


def bundle(folder: Path) -> str:
    """Join the page's modules into one, which exports ``early`` and ``loadPage``.

    Args:
        folder: Where the scripts are; ``EARLY`` and ``PAGE`` are in it.

    Returns:
        An ES module. It paints the map at once, and makes the page's modules when ``loadPage`` is called.

    Raises:
        ExplorerError: Modules import each other in a circle, or are written in a form that is not understood.
    """
    order: list[Path] = []
    for entry in (EARLY, PAGE):
        _visit(folder / entry, order, ())
    numbers = {path: number for number, path in enumerate(order)}
    parts = [_wrapped(path, numbers, folder) for path in order]
    tail = (
        f"export const early = m{numbers[folder / EARLY]}().beginEarly();\n"
        f"export const loadPage = m{numbers[folder / PAGE]};\n"
    )
    return "".join([_HEAD, *parts, tail])


def bundle_styles(folder: Path) -> str:
    """Join the page's style sheets into one, in the order of their names."""
    return "".join(path.read_text(encoding="utf-8") for path in sorted((folder / "css").glob("*.css")))


def version_of(text: str) -> str:
    """A short name of this very script or sheet, for its address."""
    return blake2b(text.encode(), digest_size=8).hexdigest()


def _visit(path: Path, order: list[Path], importers: tuple[Path, ...]) -> None:
    """Append a module after all that it imports."""
    if path in order:
        return
    if path in importers:
        raise ExplorerError(f"{path} imports itself through {importers[-1]}; move what both need into a third module")
    for _, other in _IMPORT.findall(path.read_text(encoding="utf-8")):
        _visit((path.parent / other).resolve(), order, (*importers, path))
    order.append(path)


def _wrapped(path: Path, numbers: dict[Path, int], folder: Path) -> str:
    """A module as a function that gives what it exports."""
    code = path.read_text(encoding="utf-8")
    exported = [name for one, several in _EXPORTED.findall(code) for name in ([one] if one else _local_names(several))]

    def taken(match: re.Match[str]) -> str:
        names = match[1].replace(" as ", ": ")
        return f"const {{{names}}} = m{numbers[(path.parent / match[2]).resolve()]}();\n"

    code = _COMMENT.sub("", _EXPORT.sub("", _IMPORT.sub(taken, code)))
    if strange := re.search(r"^(?:import|export)\b.*", code, re.MULTILINE):
        raise ExplorerError(f"{path}: '{strange[0]}' cannot be joined; write import {{ a }} from './b.mjs';")
    name = path.relative_to(folder).as_posix()
    return f"// {name}\nconst m{numbers[path]} = once(() => {{\n{code}\nreturn {{ {', '.join(exported)} }};\n}});\n"


def _local_names(pattern: str) -> list[str]:
    """Names that a destructuring pattern without nesting binds."""
    return [part.split(":")[-1].split("=")[0].strip() for part in pattern.split(",") if part.strip()]
