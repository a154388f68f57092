"""Points written to files, and embeddings that other programs made brought in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Unpack

from lookalike.client.blocking.run import Progress, Run
from lookalike.client.blocking.sender import Sender
from lookalike.client.paths import collection_path, server_path
from lookalike.client.problems import make_request
from lookalike.client.selecting import Where, to_filter
from lookalike.errors import InvalidOptionsError
from lookalike.wire.exports import Exported, ExportRequest, Imported, ImportRequest
from lookalike.wire.runs import RunInfo


class ExportCalls(Sender):
    """Exports and imports. Those on the server's machine need local power."""

    def export(
        self,
        folder: str | os.PathLike[str] | None = None,
        collection: str | None = None,
        *,
        export_format: str = "parquet",
        on_progress: Progress | None = None,
        **where: Unpack[Where],
    ) -> Run[Exported]:
        """Start to write points to files: payloads, embeddings and places on the newest map.

        Args:
            folder: Folder to write into; made if it does not exist. None for a file that ``fetch_export`` fetches.
            collection: Name of the collection; may be left out if there is only one.
            export_format: A name of ``get_catalogue().export_formats``.
            on_progress: Told how far it is while somebody waits.
            **where: Conditions on the points, see ``Where``.

        Returns:
            The run; cancelling it leaves what was there before, and no half file.

        Example:
            >>> run = client.export("shoes/", "products", class_name="shoe")
            >>> run.wait().n_points
            120
        """
        request = make_request(
            ExportRequest,
            folder=None if folder is None else server_path(folder, is_local=self._is_local),
            format=export_format,
            filter=to_filter(where),
        )
        path = f"{collection_path(collection)}/exports"
        info = self._ask(RunInfo, "POST", path, json=request.model_dump(mode="json"))
        return Run(self, info, Exported, on_progress=on_progress)

    def fetch_export(self, exported: Exported, folder: str | os.PathLike[str] = ".") -> Path:
        """Save the file of an export without a folder on this machine.

        Args:
            exported: The result of its run.
            folder: Where the file goes; made if need be. A file of the same name is replaced.

        Returns:
            The file.

        Raises:
            InvalidOptionsError: The export wrote into a folder, or this folder takes no file.
            FileGoneError: It was kept for too long.

        Example:
            >>> exported = client.export(export_format="coco").wait()
            >>> client.fetch_export(exported, "shoes/")
            PosixPath('shoes/products-instances.json')
        """
        if exported.download is None:
            raise InvalidOptionsError(f"the export is in {exported.path} already; export without a folder to fetch it")
        file = Path(folder) / Path(exported.path).name
        self._save(exported.download, file)
        return file

    def import_embeddings(
        self,
        folder: str | os.PathLike[str],
        collection: str | None = None,
        *,
        on_progress: Progress | None = None,
    ) -> Run[Imported]:
        """Start to bring the embeddings of a folder into a collection of their own, without embedding anything.

        Args:
            folder: Folder on the server's machine.
            collection: Name of the collection; made of the model's name if None.
            on_progress: Told how far it is while somebody waits.

        Example:
            >>> run = client.import_embeddings("embeddings/")
            >>> run.wait().n_points
            1797
        """
        request = make_request(
            ImportRequest, folder=server_path(folder, is_local=self._is_local), collection=collection
        )
        info = self._ask(RunInfo, "POST", "/imports", json=request.model_dump(mode="json"))
        return Run(self, info, Imported, on_progress=on_progress)
