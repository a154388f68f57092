"""Embeddings kept in Team Files, in the folder of Supervisely's app "Explore data with embeddings".

The folder is ``/embeddings/{project}_{id}/{model}/``. It is found by the project's id, as projects are renamed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np

from indexer.collection.collections import Collections
from indexer.domain import PointFilter, Progress, ignore_progress
from indexer.errors import InvalidOptionsError, SourceUnavailableError, UnknownNameError
from indexer.exports.export_collection import ExportParts, export_collection
from indexer.imports.import_embeddings import Imported, Origin, import_embeddings
from indexer.imports.info_lists import Column
from indexer.payload import PayloadField
from indexer.sources.supervisely_address import SCHEME, parse_project_address
from indexer.sources.supervisely_answers import Row
from indexer.sources.supervisely_api import read_project
from indexer.sources.supervisely_datasets import read_datasets
from indexer.sources.supervisely_images import make_locator, read_locator
from indexer.sources.supervisely_labels import parse_time
from indexer.sources.supervisely_server import SuperviselyServer
from indexer.stores.base import Collection
from indexer.supervisely.team_files import TeamFiles

_ROOT: Final = "/embeddings/"
_NEEDED: Final = ("embeddings.pt", "info.json")
_MAKER: Final = "lookalike"
_ROWS_PER_PAGE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Saved:
    """Embeddings that were saved.

    Attributes:
        folder: Their folder in Team Files.
        url: A link to it.
        files: Names of the files.
        points: How many embeddings there are.
    """

    folder: str
    url: str
    files: list[str]
    points: int


class ProjectArtifacts:
    """The kept embeddings of one project.

    Args:
        server: Where the project is; closed by who made it.
        address: ``supervisely://PROJECT``.
    """

    def __init__(self, server: SuperviselyServer, address: str) -> None:
        parsed = parse_project_address(address)
        if parsed.dataset_id is not None:
            raise InvalidOptionsError(f"embeddings are kept per project; say {SCHEME}://{parsed.project_id}")
        self._server, self._id = server, parsed.project_id
        self._project = read_project(server, parsed.project_id)
        self.source_key = f"{SCHEME}://{server.host}/{self._id}"
        self.files = TeamFiles(server, int(self._project["teamId"]))

    @property
    def name(self) -> str:
        """The project's name."""
        return str(self._project.get("name") or self._id)

    def find_folders(self) -> dict[str, list[str]]:
        """The folders with embeddings of the project, each with the names of its files."""
        pattern = re.compile(rf"({re.escape(_ROOT)}[^/]*_{self._id}/[^/]+/)([^/]+)")
        found: dict[str, list[str]] = {}
        for path in self.files.list(_ROOT):
            if match := pattern.fullmatch(path):
                found.setdefault(match[1], []).append(match[2])
        return {folder: names for folder, names in sorted(found.items()) if set(_NEEDED) <= set(names)}

    def folder_for(self, model: str) -> str:
        """The folder for a model: in that of the project, whatever the project was called then."""
        kept = re.sub(r"[^A-Za-z0-9_()-]", "", self.name)
        roots = [folder.rpartition(f"_{self._id}/")[0] for folder in self.find_folders()]
        root = roots[0] if roots else f"{_ROOT}{kept}"
        return f"{root}_{self._id}/{_model_name(model)}/"

    def url_of(self, row: Row) -> str:
        """A link to a file."""
        return f"{self._server.address}/files/{row['id']}"

    def read_datasets(self) -> Mapping[int, Any]:
        """The project's data sets, by id."""
        body = {"projectId": self._id, "filter": [], "recursive": True}
        return read_datasets(self._server.list_rows("datasets.list", body, per_page=_ROWS_PER_PAGE).rows)

    def read_names(self) -> dict[int, str]:
        """Names of the project's images, by id."""
        body = {"projectId": self._id, "filter": [], "recursive": True, "forceMetadataForLinks": False}
        found = self._server.list_rows("images.list", body, per_page=_ROWS_PER_PAGE, reduce=lambda row: row["name"])
        return {image_id: str(name) for image_id, name in found.rows.items()}

    def complete(self, fields: Mapping[str, Column]) -> dict[str, Column]:
        """Fields of a folder with what a run would know besides: paths of data sets, names and places of images."""
        datasets, names = self.read_datasets(), self.read_names()
        by_path = {one.path: one for one in datasets.values()}
        known = fields[PayloadField.DATASET]
        found = [datasets.get(_to_id(text)) or by_path.get(text) for text in known]
        images = [_to_id(text) for text in fields[PayloadField.IMAGE_KEY]]
        places = [
            None if dataset is None else make_locator(self._server.host, self._id, dataset.id, image_id)
            for dataset, image_id in zip(found, images, strict=True)
        ]
        added = {
            PayloadField.DATASET: [one.path if one else text for one, text in zip(found, known, strict=True)],
            PayloadField.IMAGE_NAME: [names.get(image_id) for image_id in images],
            PayloadField.IMAGE_LOCATOR: places,
        }
        columns = {str(name): np.fromiter(values, object, len(values)) for name, values in added.items()}
        return {**fields, **columns}


def save_embeddings(
    parts: ExportParts, name: str | None, address: str, *, on_progress: Progress = ignore_progress
) -> Saved:
    """Keep the embeddings of a project's points in Team Files, so that also the platform's app can read them.

    Args:
        parts: What an export asks.
        name: Name of the collection, None for the only one.
        address: ``supervisely://PROJECT``.
        on_progress: Told of the points written.

    Raises:
        ConfigurationError: The address or the environment is wrong, or the folder holds what another program computed.
        UnknownNameError: The collection holds no points of the project.
        SourceUnavailableError: The server does not answer, or does not take the files.
    """
    collection = parts.collections.open(name)
    with closing(SuperviselyServer.connect()) as server, TemporaryDirectory(prefix="lookalike-") as temporary:
        project = ProjectArtifacts(server, address)
        known = collection.facet(PayloadField.SOURCE_KEY)
        if project.source_key not in known:
            raise UnknownNameError("source", project.source_key, known)
        selection = PointFilter(equals_any={PayloadField.SOURCE_KEY.value: (project.source_key,)})
        local = Path(temporary) / "embeddings"
        written = export_collection(
            parts, name, local, export_format="embeddings-folder", selection=selection, on_progress=on_progress
        )
        _tell_platform_facts(local / "info.json", collection, selection)
        folder = project.folder_for(collection.spec.embedder)
        there = {path: row for path, row in project.files.list(folder).items() if path.startswith(folder)}
        if f"{folder}cfg.json" in there or f"{folder}embeddings.pt" in there:
            _require_own(project.files, folder, there)
        order = ("cfg.json", "embeddings.pt", *sorted(path.name for path in local.glob("projections_*")), "info.json")
        obsolete = [f"{folder}{one}" for one in ("info.json",) if f"{folder}{one}" in there]
        old_maps = [path for path in there if "/projections_" in path and Path(path).name not in order]
        project.files.remove([*obsolete, *old_maps])  # a killed upload leaves no folder that looks whole
        rows = project.files.upload([local / one for one in order], folder)
    return Saved(folder, project.url_of(rows[f"{folder}cfg.json"]), list(order), written.n_points)


def import_artifact(
    collections: Collections,
    mend: Callable[[str], object],
    address: str,
    *,
    model: str | None = None,
    collection_name: str | None = None,
    on_progress: Progress = ignore_progress,
) -> Imported:
    """Bring embeddings that are kept in Team Files into a collection, without embedding anything.

    Points get the ids that a run over the project gives them.

    Args:
        collections: Where the collection is made.
        mend: Gives points of a collection back the verdicts and tags that were written over.
        address: ``supervisely://PROJECT``.
        model: Which embeddings, as their folder is called; may be left out if there are only those of one model.
        collection_name: Name of the collection; made of the model's name if None.
        on_progress: Told of the points written.

    Raises:
        ConfigurationError: The address or the environment is wrong, or several models are kept and none is named.
        UnknownNameError: None is kept of that model.
        SourceUnavailableError: Nothing is kept, a file cannot be read, or the server does not answer.
        AnnotationFormatError: The files contradict each other.
    """
    with closing(SuperviselyServer.connect()) as server, TemporaryDirectory(prefix="lookalike-") as temporary:
        project = ProjectArtifacts(server, address)
        folders = project.find_folders()
        folder = _choose(folders, model, project)
        for name in folders[folder]:
            if name in (*_NEEDED, "cfg.json") or name.startswith("projections_"):
                (Path(temporary) / name).write_bytes(project.files.download(f"{folder}{name}"))
        origin = Origin(project.source_key, project.name, project.complete)
        return import_embeddings(
            collections,
            mend,
            Path(temporary),
            collection_name=collection_name,
            origin=origin,
            on_progress=on_progress,
        )


def _choose(folders: Mapping[str, Any], model: str | None, project: ProjectArtifacts) -> str:
    by_model: dict[str, str] = {folder.split("/")[-2]: folder for folder in folders}
    if not folders:
        raise SourceUnavailableError(f"Team Files keep no embeddings of project '{project.name}' in {_ROOT}")
    if model is not None:
        wanted = model if model in by_model else _model_name(model)
        if wanted not in by_model:
            raise UnknownNameError("model", model, by_model)
        return by_model[wanted]
    if len(by_model) > 1:
        raise InvalidOptionsError(f"embeddings of several models are kept: {', '.join(by_model)}; say --model NAME")
    return next(iter(by_model.values()))


def _require_own(files: TeamFiles, folder: str, there: Mapping[str, Row]) -> None:
    """Refuse to write over what another program computed."""
    made_by = None
    if f"{folder}cfg.json" in there:
        try:
            made_by = json.loads(files.download(f"{folder}cfg.json")).get("made_by")
        except (ValueError, AttributeError):
            made_by = None
    if made_by != _MAKER:
        raise InvalidOptionsError(f"{folder} holds what another program computed; move it away in Team Files first")


def _tell_platform_facts(path: Path, collection: Collection, selection: PointFilter) -> None:
    """Give the lists of ``info.json`` the platform's ids of data sets and its times of images."""
    fields = (PayloadField.IMAGE_KEY, PayloadField.IMAGE_LOCATOR, PayloadField.IMAGE_UPDATED_AT)
    datasets: dict[str, int] = {}
    times: dict[str, str] = {}
    for page in collection.scroll(selection, fields=fields):
        for point in page:
            key, place = point.payload[PayloadField.IMAGE_KEY], read_locator(point.payload[PayloadField.IMAGE_LOCATOR])
            moment = parse_time(point.payload.get(PayloadField.IMAGE_UPDATED_AT))
            if place is not None:
                datasets[key] = place[2]
            if moment is not None:
                times[key] = _time_text(moment)
    info = json.loads(path.read_bytes())
    keys = info["image_key"]
    info["dataset_id"] = [datasets.get(key, old) for key, old in zip(keys, info["dataset_id"], strict=True)]
    info["updated_at"] = [times.get(key, old) for key, old in zip(keys, info["updated_at"], strict=True)]
    path.write_text(json.dumps(info), encoding="utf-8")


def _time_text(moment: datetime) -> str:
    """A time as the platform writes it."""
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _model_name(model: str) -> str:
    """A model's name as the app names its folder."""
    return re.sub(r"[/\\]", "_", model.removeprefix("timm:"))


def _to_id(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() else -1
