"""The last whole listing of a project, kept in a file, so that the next run asks only what is new.

It holds what the server said, never what the collection holds: a run compares with the collection all the same. So
it may be lost or old at any time. A damaged file counts as none.
"""

from __future__ import annotations

import contextlib
import gzip
import json
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from indexer.atomic_files import write_atomically
from indexer.sources.supervisely_listing import ImageFigures, ImageRow, ProjectListing

_VERSION: Final = 1


class ListingArchive:
    """The file of one project.

    Args:
        folder: Where files of sources are kept.
        source_key: Which project of which server.
    """

    def __init__(self, folder: Path, source_key: str) -> None:
        self._source_key = source_key
        name = blake2b(source_key.encode(), digest_size=12).hexdigest()
        self._path = folder / f"supervisely-{name}.json.gz"

    def read(self) -> ProjectListing | None:
        """The listing that was kept; None if there is none that can be read."""
        try:
            content = json.loads(gzip.decompress(self._path.read_bytes()))
            if (content["version"], content["source_key"]) != (_VERSION, self._source_key):
                return None
            return ProjectListing(
                {row[0]: ImageRow(*row) for row in content["images"]},
                {key: ImageFigures(n, digest, tuple(c), tuple(t)) for key, n, digest, c, t in content["figures"]},
                newest_at=datetime.fromisoformat(content["newest_at"]),
                n_pages=int(content["n_pages"]),
            )
        except (OSError, EOFError, ValueError, KeyError, TypeError):
            return None

    def keep(self, listing: ProjectListing) -> None:
        """Keep a listing, if it is one to go on from; a full disk only means that the next run lists everything."""
        if not (listing.images_are_whole and listing.figures_are_whole and listing.newest_at):
            self.forget()
            return
        content: dict[str, Any] = {
            "version": _VERSION,
            "source_key": self._source_key,
            "newest_at": listing.newest_at.isoformat(),
            "n_pages": listing.n_pages,
            "images": list(listing.images.values()),
            "figures": [[key, *figures] for key, figures in listing.figures.items()],
        }
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path, gzip.compress(json.dumps(content).encode(), compresslevel=1))

    def forget(self) -> None:
        """Remove the file."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
