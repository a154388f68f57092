"""A project on a Supervisely server: ``supervisely://PROJECT`` or ``supervisely://PROJECT/DATASET``.

Server and token come from ``SERVER_ADDRESS`` and ``API_TOKEN``. The key of the source is the server and the project's
id. Keys of images and objects are the server's ids, as names repeat.

A run lists images and objects without geometry, and compares. Only changed images' annotations are downloaded, and only
the files that an embedding needs. **Absence never deletes** here either. A listing with fewer images than the server
counts marks its data sets incomplete. An annotation with fewer objects than the server counts is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from http import HTTPStatus
from pathlib import Path
from typing import Any, ClassVar, Final, Self

from indexer.domain import DEFAULT_LIMITS, InstanceMode, SourceImage, SourceObject
from indexer.errors import AnnotationFormatError, ImageReadError, SourceUnavailableError
from indexer.sources.base import Recognised, select_datasets
from indexer.sources.notes import NoteKind, SourceNotes
from indexer.sources.supervisely_address import SCHEME, ProjectAddress, parse_project_address
from indexer.sources.supervisely_answers import Row
from indexer.sources.supervisely_archive import ListingArchive
from indexer.sources.supervisely_datasets import Dataset, count_of, read_datasets, select_below
from indexer.sources.supervisely_downloads import Downloads
from indexer.sources.supervisely_images import make_locator
from indexer.sources.supervisely_labels import (
    make_objects,
    name_by_meta,
    parse_class_colors,
    parse_size_hw,
    parse_tags,
    parse_time,
)
from indexer.sources.supervisely_listing import ImageFigures, ImageRow, ProjectLister, ProjectListing
from indexer.sources.supervisely_pixels import to_pixels
from indexer.sources.supervisely_server import ServerAnswerError, ServerFailingError, SuperviselyServer

_DATASETS_PER_PAGE: Final = 1_000
_UNFINISHED: Final = "its upload is not finished; index again when it is"


class SuperviselyApiSource:
    """Images and objects of a project on a server.

    Args:
        server: The server.
        address: Which project, and which data set of it.
        project: The project as the server describes it.
        source_key: Identity of the source; the server and the project's id if None.
        full: Whether to list everything, whatever is known from the last run.

    Attributes:
        server: The server.
        scope: Paths of the data sets that this source covers; None if it covers the project.
    """

    expects: ClassVar[str] = f"{SCHEME}://PROJECT[/DATASET]"
    default_mode = InstanceMode.OBJECTS
    recognised = Recognised("supervisely_server")
    limits = DEFAULT_LIMITS

    def __init__(
        self,
        server: SuperviselyServer,
        address: ProjectAddress,
        project: Row,
        *,
        source_key: str | None = None,
        full: bool = False,
    ) -> None:
        self.server, self._address, self._project = server, address, project
        self.key = source_key or f"{SCHEME}://{server.host}/{address.project_id}"
        self.project = str(project.get("name") or address.project_id)
        self.notes = SourceNotes()
        self._full = full
        self._archive: ListingArchive | None = None
        self._lister = ProjectLister(server, address.project_id)
        self._downloads = Downloads(server, self._lister, self._describe_forbidden)
        self._rows: dict[str, ImageRow] = {}
        self._figures: Mapping[int, ImageFigures] = {}
        self._read_tree()
        self._read_meta()

    @classmethod
    def recognises(cls, path: Path) -> str | None:
        """Never a path: an address names its format itself."""
        del path
        return None

    @classmethod
    def open(cls, path: str | Path, *, source_key: str | None = None, full: bool = False) -> Self:
        """Open the project at an address.

        Args:
            path: The address.
            source_key: Identity of the source; the server and the project's id if None.
            full: Whether to list everything, whatever is known from the last run.

        Raises:
            ConfigurationError: The address, the server or the token is missing or wrong, or the SDK is not installed.
            SourceUnavailableError: The server does not answer, or the token may not see the project.
        """
        address = parse_project_address(str(path))
        server = SuperviselyServer.connect()
        return cls(server, address, read_project(server, address.project_id), source_key=source_key, full=full)

    def keep_state_in(self, folder: Path) -> None:
        """Keep in a folder what helps the next run to ask less."""
        self._archive = ListingArchive(folder, self.key)

    @property
    def scope(self) -> tuple[str, ...] | None:
        """Paths of the data sets that this source covers; None if it covers the project."""
        root = self._address.dataset_id
        return None if root is None else (self._datasets[root].path,)

    def dataset_names(self) -> Sequence[str]:
        """Paths of all data sets that are covered, sorted."""
        return [self._datasets[one].path for one in self._covered]

    def count_images(self, datasets: Sequence[str] | None = None) -> int | None:
        """Number of images that the server counts; asks nothing."""
        wanted = set(select_datasets(datasets, self.dataset_names()))
        counts = [self._datasets[one].n_images for one in self._covered if self._datasets[one].path in wanted]
        known = [count for count in counts if count is not None]
        return sum(known) if len(known) == len(counts) else None

    def list_images(self, datasets: Sequence[str] | None = None) -> Iterator[SourceImage]:
        """List anew and yield the images by data set and id; costs some requests and no download.

        Raises:
            UnknownNameError: A data set does not exist.
            SourceUnavailableError: A list could not be read.
        """
        wanted = set(select_datasets(datasets, self.dataset_names()))
        self.server.reopen()
        self._downloads.forget()
        listing = self._list()
        self._figures = listing.figures
        self._rows = {str(row.id): row for row in listing.images.values()}
        for row in sorted(self._rows.values(), key=lambda row: (self._path_of(row), row.id)):
            if self._path_of(row) in wanted:
                yield self._make_image(row)

    def expect(self, images: Sequence[SourceImage], new_files: Collection[str], mode: InstanceMode) -> None:
        """Download in bulk what is asked for next.

        Args:
            images: Images whose annotations are asked for.
            new_files: Keys of those whose pixels are new.
            mode: What becomes a point; the file of an image without objects is needed for its own point only.
        """
        rows = [self._rows[image.key] for image in images if image.problem is None]
        needs_all = mode is not InstanceMode.OBJECTS
        with_files = [row for row in rows if str(row.id) in new_files and (needs_all or self._has_objects(row))]
        self._downloads.announce(rows, with_files)

    def describe(self, image: SourceImage) -> SourceImage:
        """The image with the size and the tags that its annotation states.

        Raises:
            AnnotationFormatError: The annotation is not there or not whole.
        """
        annotation = name_by_meta(self._annotation(image), self._class_names, self._tag_names)
        tags = parse_tags(annotation, partial(self._note_broken, image))
        return replace(image, size_hw=parse_size_hw(annotation.get("size")), tags=tags)

    def read_objects(self, image: SourceImage) -> Sequence[SourceObject]:
        """The objects of one image; an object's key is its id on the server.

        Raises:
            AnnotationFormatError: The annotation is not there or not whole.
        """
        annotation = self._annotation(image)
        size_hw = parse_size_hw(annotation.get("size"))
        named = [name_by_meta(label, self._class_names, self._tag_names) for label in annotation["objects"]]
        labels = [to_pixels(label, size_hw) for label in named]
        return make_objects(labels, self._class_shapes, partial(self._note_broken, image))

    def read_bytes(self, image: SourceImage) -> bytes:
        """The image's file, through the server also where it only has a link.

        Raises:
            ImageReadError: The file is not there, damaged or too long.
        """
        try:
            return self._downloads.file(self._rows[image.key], self.limits)
        except ImageReadError as error:
            raise ImageReadError(f"cannot read image {image.locator}: {error}") from error

    def close(self) -> None:
        """Drop what is being downloaded."""
        self.server.give_up()
        self._downloads.close()
        self.server.close()  # listing opens it again

    def _read_tree(self) -> None:
        """Ask for the data sets.

        Raises:
            SourceUnavailableError: The project has no such data set, or the token may not see it.
        """
        body = {"projectId": self._address.project_id, "filter": [], "recursive": True}
        try:
            found = self.server.list_rows("datasets.list", body, per_page=_DATASETS_PER_PAGE)
        except ServerAnswerError as error:
            raise _explain_missing(error, f"the data sets of project {self._address.project_id}") from error
        self._datasets: dict[int, Dataset] = read_datasets(found.rows)
        self._tree_is_whole = found.is_whole
        root = self._address.dataset_id
        if root is not None and root not in self._datasets:
            raise self._describe_missing_dataset(root)
        self._covered = list(self._datasets) if root is None else select_below(self._datasets, root)

    def _describe_missing_dataset(self, dataset_id: int) -> SourceUnavailableError:
        try:
            self.server.ask("datasets.info", {"id": dataset_id})
        except ServerAnswerError as error:
            if error.status == HTTPStatus.FORBIDDEN:
                return self._describe_forbidden(dataset_id)
        known = ", ".join(f"{one.id} ({one.path})" for one in list(self._datasets.values())[:5]) or "none"
        return SourceUnavailableError(
            f"project {self._address.project_id} on {self.server.address} has no data set {dataset_id}; known: {known}"
        )

    def _describe_forbidden(self, dataset_id: int) -> SourceUnavailableError:
        dataset = self._datasets.get(dataset_id)
        shown = str(dataset_id) if dataset is None else f"{dataset_id} ({dataset.path})"
        return SourceUnavailableError(
            f"the token has no rights to data set {shown} on {self.server.address}; ask for them, or name another"
        )

    def _read_meta(self) -> None:
        """Ask for the names of classes and tags, which no time stamp tells of."""
        meta = self.server.ask("projects.meta", {"id": self._address.project_id})
        try:
            classes, tags = meta["classes"], meta["tags"]
            self._class_names = {int(one["id"]): str(one["title"]) for one in classes}
            self._class_shapes = {str(one["title"]): one.get("shape") for one in classes}
            self.class_colors = parse_class_colors(classes)
            self._tag_names = {int(one["id"]): str(one["name"]) for one in tags}
        except (KeyError, TypeError, ValueError) as error:
            raise AnnotationFormatError(
                f"{self.server.address} answers projects.meta with something that describes no classes"
            ) from error

    def _list(self) -> ProjectListing:
        """The listing now; it is kept if it can be believed, and noted if it cannot."""
        is_part = self._address.dataset_id is not None
        archive = None if is_part else self._archive
        known = archive.read() if archive is not None and not self._full else None
        if known is not None and not known.is_cheap and self._tree_is_whole:
            listing = self._list_new(known)
            if listing is not None and self._is_confirmed(listing):
                if archive is not None:
                    archive.keep(listing)
                return listing
        return self._list_whole(archive, is_part=is_part)

    def _list_new(self, known: ProjectListing) -> ProjectListing | None:
        try:
            return self._lister.list_new(known)
        except (ServerAnswerError, ServerFailingError) as error:  # perhaps a server that does not filter or sort so
            if isinstance(error, ServerAnswerError) and error.status == HTTPStatus.UNAUTHORIZED:
                raise
            return None

    def _list_whole(self, archive: ListingArchive | None, *, is_part: bool) -> ProjectListing:
        try:
            listing = self._lister.list_whole(self._covered, is_part=is_part)
        except ServerAnswerError as error:
            where = self._address.dataset_id
            if error.status == HTTPStatus.FORBIDDEN and where is not None:
                raise self._describe_forbidden(where) from error
            raise _explain_missing(error, f"the images of project {self._address.project_id}") from error
        short = self._find_short(listing)
        if short:  # it may have been edited meanwhile: count again
            self._count_again()
            short = self._find_short(listing)
        for path, reason in short.items():
            self.notes.add_missing_part(path, f"{reason}; nothing of it is removed")
        if archive is not None and not short:
            archive.keep(listing)
        return listing

    def _is_confirmed(self, listing: ProjectListing) -> bool:
        """Whether the server counts exactly the images of a listing that was not read whole."""
        n_listed = self._count_listed(listing)
        n_images = count_of(self._project, "imagesCount", "itemsCount")
        return n_images == len(listing.images) == sum(n_listed.values()) and all(
            self._datasets[one].n_images in (n, sum(n_listed[below] for below in select_below(self._datasets, one)))
            for one, n in n_listed.items()
        )

    def _count_listed(self, listing: ProjectListing) -> dict[int, int]:
        n_listed = dict.fromkeys(self._datasets, 0)
        for row in listing.images.values():
            if row.dataset_id in n_listed:
                n_listed[row.dataset_id] += 1
        return n_listed

    def _find_short(self, listing: ProjectListing) -> dict[str, str]:
        """Data sets of which fewer images were listed than there are, each with the reason; "" is the project."""
        if not self._tree_is_whole or not listing.images_are_whole:
            return {"": f"the lists of {self.server.address} changed while they were read"}
        n_listed = self._count_listed(listing)
        short = {}
        for one in self._covered:
            dataset = self._datasets[one]
            if n_listed[one] < (dataset.n_images or 0):
                if self._counts_nested(dataset, n_listed):
                    continue
                short[dataset.path] = _describe_short(f"data set {dataset.path}", n_listed[one], dataset.n_images)
        n_images = count_of(self._project, "imagesCount", "itemsCount")
        if self._address.dataset_id is None and not short and len(listing.images) < (n_images or 0):
            short[""] = _describe_short(f"project {self.project}", len(listing.images), n_images)
        return short

    def _counts_nested(self, dataset: Dataset, n_listed: Mapping[int, int]) -> bool:
        """Whether a count is that of a data set with those nested in it, as some servers count."""
        below = select_below(self._datasets, dataset.id)
        return len(below) > 1 and sum(n_listed[one] for one in below) >= (dataset.n_images or 0)

    def _count_again(self) -> None:
        self._project = read_project(self.server, self._address.project_id)
        self._read_tree()

    def _make_image(self, row: ImageRow) -> SourceImage:
        dataset = self._path_of(row)
        if not row.pixels:
            self.notes.add(NoteKind.UNFINISHED, f"image {row.id} ({row.name}) in {dataset}")
        return SourceImage(
            key=str(row.id),
            name=row.name,
            dataset=dataset,
            locator=make_locator(self.server.host, self._address.project_id, row.dataset_id, row.id),
            pixels_stamp=row.pixels,
            annotation_stamp=self._stamp_annotation(row),
            updated_at=parse_time(row.updated_at),
            problem=None if row.pixels else _UNFINISHED,
        )

    def _stamp_annotation(self, row: ImageRow) -> str:
        """Changes with the objects and tags of an image, and with the names of their classes and tags."""
        figures = self._figures.get(row.id, ImageFigures())
        classes = [self._class_names.get(one) for one in figures.class_ids]
        tags = [self._tag_names.get(one) for one in figures.tag_ids]
        # The image's own time stamp is among them, as some servers move that of no object.
        facts = repr((figures.n, figures.digest, classes, tags, row.n_labels, row.tags, row.updated_at))
        return blake2b(facts.encode("utf-8", "backslashreplace"), digest_size=12).hexdigest()

    def _has_objects(self, row: ImageRow) -> bool:
        return bool(row.n_labels) or row.id in self._figures

    def _path_of(self, row: ImageRow) -> str:
        return self._datasets[row.dataset_id].path

    def _annotation(self, image: SourceImage) -> Mapping[str, Any]:
        return self._downloads.annotation(self._rows[image.key])

    def _note_broken(self, image: SourceImage, reason: str) -> None:
        self.notes.add(NoteKind.BROKEN_ANNOTATION, f"image {image.key} ({image.name}) in {image.dataset}: {reason}")


def read_project(server: SuperviselyServer, project_id: int) -> Row:
    """A project as the server describes it.

    Raises:
        SourceUnavailableError: There is none, the token may not see it, or it holds no images.
    """
    try:
        project: Row | None = server.ask("projects.info", {"id": project_id})
    except ServerAnswerError as error:
        raise _explain_missing(error, f"project {project_id}") from error
    if not isinstance(project, dict) or not project:
        raise SourceUnavailableError(f"{server.address} has no project {project_id} that the token may see")
    kind = project.get("type") or "images"
    if kind != "images":
        raise SourceUnavailableError(f"project {project_id} on {server.address} holds {kind}; only images are read")
    return project


def _explain_missing(error: ServerAnswerError, what: str) -> SourceUnavailableError:
    if error.status == HTTPStatus.UNAUTHORIZED:
        return error
    if error.status in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN):
        reason = "does not have" if error.status == HTTPStatus.NOT_FOUND else "does not show"
        return SourceUnavailableError(
            f"the server {reason} {what} ({error.status}); is the id right, and may the token see it? {error}"
        )
    return error


def _describe_short(what: str, n_listed: int, n_counted: int | None) -> str:
    return f"{what}: the server lists {n_listed} of the {n_counted} images that it counts"
