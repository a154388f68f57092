"""A tag put on the images or objects of points, or taken off them; the server is read before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final, Literal
from zlib import crc32

from indexer.errors import AnnotationFormatError, InvalidOptionsError, SourceUnavailableError, UnknownNameError
from indexer.sources.supervisely_answers import Row
from indexer.sources.supervisely_server import SuperviselyServer
from indexer.sources.supervisely_writes import write_missing
from indexer.stores.base import Collection
from indexer.supervisely.targets import Target, connect_to, find_targets, group_ids, list_by_ids, require_there
from indexer.supervisely.work_runs import WorkRuns

Owner = Literal["object", "image"]

_TAGS_PER_REQUEST: Final = 100
_MAX_NAME_CHARACTERS: Final = 255
_APPLICABLE: Final = {"object": ("all", "objectsOnly"), "image": ("all", "imagesOnly")}


@dataclass(frozen=True, slots=True)
class Tagging:
    """A wish about one tag.

    Attributes:
        tag: Its name.
        on: What carries it; found out from the points if None.
        removes: Whether it is taken off instead.
        is_dry_run: Whether nothing is written, only told.
        who: Who wants it.
    """

    tag: str
    on: Owner | None = None
    removes: bool = False
    is_dry_run: bool = False
    who: str = ""


@dataclass(frozen=True, slots=True)
class Tagged:
    """The outcome of a wish about a tag.

    Attributes:
        on: What carries the tag.
        added: How many got it.
        already: How many were as wanted.
        removed: How many lost it.
        run: Name to take it back by; None if nothing was written.
    """

    on: Owner
    added: int = 0
    already: int = 0
    removed: int = 0
    run: str | None = None


def tag_points(collection: Collection, runs: WorkRuns, point_ids: Sequence[str], wish: Tagging) -> Tagged:
    """Put a tag on points, or take it off; the points follow when their source is indexed again.

    Raises:
        PointNotFoundError, InvalidOptionsError, UnknownNameError: The request is wrong.
        SourceUnavailableError: The server does not answer, or an object is gone.
    """
    if not wish.tag.strip() or len(wish.tag) > _MAX_NAME_CHARACTERS:
        raise InvalidOptionsError(f"a tag has 1 to {_MAX_NAME_CHARACTERS} characters; '{wish.tag[:20]}' has not")
    targets = find_targets(collection, point_ids)
    on = wish.on or _choose_owner(targets)
    for one in targets:
        if on == "object" and one.figure_id is None:
            raise InvalidOptionsError(f"point '{one.point_id}' is a whole image; say --on image")
    with closing(connect_to(targets[0].host)) as server:
        projects = [
            _ProjectTag(server, wish.tag, on, project_id, [one for one in targets if one.project_id == project_id])
            for project_id in sorted({one.project_id for one in targets})
        ]
        changes = {one.project_id: one.plan(removes=wish.removes) for one in projects}
        n_changed = sum(len(ids) for ids in changes.values())
        n_already = sum(one.n_owners for one in projects) - n_changed
        run = None
        if n_changed and not wish.is_dry_run:
            plans = [one.to_json(changes[one.project_id]) for one in projects]
            plan = {"host": server.host, "tag": wish.tag, "on": on, "removes": wish.removes, "projects": plans}
            run = runs.begin("tag", wish.who, plan)
            for project in projects:
                project.write(changes[project.project_id], removes=wish.removes, run=run)
    return Tagged(on, 0 if wish.removes else n_changed, n_already, n_changed if wish.removes else 0, run)


def undo_tags(record: Mapping[str, Any]) -> int:
    """Take back what a run did to a tag; gives how many images or objects are again as they were before it."""
    n_undone = 0
    with closing(connect_to(record["host"])) as server:
        for plan in record["projects"]:
            one = _ProjectTag.from_json(server, record["tag"], record["on"], plan)
            try:
                ids = one.plan(removes=not record["removes"], is_undo=True)
            except UnknownNameError:  # somebody deleted the tag
                continue
            one.write(ids, removes=not record["removes"], run=record["run"], values=plan["values"])
            n_undone += len(ids)
    return n_undone


def _choose_owner(targets: Sequence[Target]) -> Owner:
    kinds: set[Owner] = {"image" if one.figure_id is None else "object" for one in targets}
    if len(kinds) > 1:
        raise InvalidOptionsError("some points are objects and some whole images; say --on object or --on image")
    return kinds.pop()


class _ProjectTag:
    """One tag on images or objects of one project.

    Attributes:
        project_id: The project.
        n_owners: How many images or objects are meant.
    """

    def __init__(
        self, server: SuperviselyServer, tag: str, on: Owner, project_id: int, targets: Sequence[Target]
    ) -> None:
        self._server, self._tag, self._on, self.project_id = server, tag, on, project_id
        ids = [(one.dataset_id, one.image_id, one.figure_id or 0) for one in targets]
        self._images = group_ids((dataset_id, image_id) for dataset_id, image_id, _ in ids)
        self._owners = {figure_id if on == "object" else image_id for _, image_id, figure_id in ids}
        self.n_owners, self._taggings = len(self._owners), dict[int, list[tuple[int, Any]]]()

    @classmethod
    def from_json(cls, server: SuperviselyServer, tag: str, on: Owner, plan: Mapping[str, Any]) -> _ProjectTag:
        """Take up the plan that ``to_json`` wrote, as far as its images and objects still exist."""
        made = cls(server, tag, on, int(plan["project_id"]), [])
        made._images = {int(dataset_id): ids for dataset_id, ids in plan["images"].items()}
        made._owners = {int(one) for one in plan["values"]}
        made._owners &= made._read().keys()
        return made

    def to_json(self, changed: Sequence[int]) -> dict[str, Any]:
        """The plan with what is needed to take it back."""
        values = {str(one): [value for _, value in self._taggings.get(one, ())] for one in changed}
        return {"project_id": self.project_id, "images": self._images, "values": values}

    def plan(self, *, removes: bool, is_undo: bool = False) -> list[int]:
        """The images or objects that have to change.

        Args:
            removes: Whether the tag is taken off.
            is_undo: Whether they had it before, with its values.

        Raises:
            UnknownNameError: The project has no such tag that could be removed.
            InvalidOptionsError: The tag needs a value, or does not go on these.
            SourceUnavailableError: One is gone, or the server does not answer.
        """
        metas = self._read_metas()
        if removes and self._tag not in metas:
            raise UnknownNameError("tag", self._tag, metas)
        self._taggings = self._read(metas.get(self._tag))
        require_there(self._on, self._owners, self._taggings)
        if not (removes or is_undo) and self._tag in metas:
            self._check(metas[self._tag])
        return sorted(one for one in self._owners if bool(self._taggings[one]) == removes)

    def write(
        self, ids: Sequence[int], *, removes: bool, run: str, values: Mapping[str, Sequence[Any]] | None = None
    ) -> None:
        """Write until all is there.

        Args:
            ids: Images or objects that change.
            removes: Whether the tag is taken off.
            run: The run, for the message.
            values: Values of the tag by image or object, where it had some.

        Raises:
            SourceUnavailableError: It is not there in the end; the message says how to take back what was written.
        """
        if not ids:
            return
        meta = self._find_or_make()

        def find_missing() -> list[int]:
            self._taggings = self._read(meta)
            return [one for one in ids if one in self._taggings and bool(self._taggings[one]) == removes]

        def write(batch: Sequence[int]) -> None:
            if removes:
                self._remove(batch, int(meta["id"]))
            else:
                self._add(batch, int(meta["id"]), values or {})

        is_single = removes and self._on == "object"
        with_values = any((values or {}).get(str(one), [None])[:1] not in ([None], []) for one in ids)
        size = 1 if is_single or (with_values and not removes) else _TAGS_PER_REQUEST
        left = write_missing(self._server, find_missing, write, batch_size=size)
        if left:
            one, reason = next(iter(left.items()))
            raise SourceUnavailableError(
                f"the tag of {len(left)} {self._on}s did not change, the first is {one}: {reason}; "
                f"'lookalike supervisely undo {run}' takes back what was written"
            )

    def _add(self, ids: Sequence[int], tag_id: int, values: Mapping[str, Sequence[Any]]) -> None:
        value = next(iter(values.get(str(ids[0]), [])), None)
        with_value = {} if value is None else {"value": value}
        if self._on == "image":
            body = {"tagId": tag_id, "ids": list(ids), **with_value}
            self._server.ask("image-tags.bulk.add-to-image", body, attempts=1)
        else:
            tags = [{"tagId": tag_id, "figureId": one, **with_value} for one in ids]
            body = {"projectId": self.project_id, "tags": tags}
            self._server.ask("figures.tags.bulk.add", body, attempts=1)

    def _remove(self, ids: Sequence[int], tag_id: int) -> None:
        if self._on == "image":
            body = {"tagIds": [tag_id], "ids": list(ids)}
            self._server.ask("image-tags.bulk.remove-from-images", body, attempts=1)
            return
        for one in ids:
            for tagging_id, _ in self._taggings[one]:
                asked = {"tagId": tag_id, "figureId": one, "id": tagging_id}
                self._server.ask("object-tags.remove-from-figure", asked, attempts=1)

    def _read(self, meta: Row | None = None) -> dict[int, list[tuple[int, Any]]]:
        """Id and value of each assignment of the tag, by image or object; those that exist."""
        tag_id = None if meta is None else int(meta["id"])
        method, field = ("figures.list", "entityId") if self._on == "object" else ("images.list", "id")
        found: dict[int, list[tuple[int, Any]]] = {}
        for dataset_id, image_ids in self._images.items():
            for row in list_by_ids(self._server, method, dataset_id, field, image_ids):
                tags = [tag for tag in row.get("tags") or () if int(tag["tagId"]) == tag_id]
                found[int(row["id"])] = [(int(tag["id"]), tag.get("value")) for tag in tags]
        return found

    def _read_metas(self) -> dict[str, Row]:
        meta = self._server.ask("projects.meta", {"id": self.project_id})
        try:
            return {str(one["name"]): one for one in meta["tags"]}
        except (KeyError, TypeError) as error:
            message = f"{self._server.address} answers projects.meta with something that describes no tags"
            raise AnnotationFormatError(message) from error

    def _find_or_make(self) -> Row:
        """The tag as the project knows it; made if it does not."""

        def find_missing() -> list[str]:
            return [] if self._tag in self._read_metas() else [self._tag]

        def write(names: Sequence[str]) -> None:
            settings = {"type": "none", "applicableType": "all", "targetType": "all"}
            color = f"#{crc32(self._tag.encode()) & 0xFFFFFF:06X}"
            tags = [{"title": name, "color": color, "settings": settings} for name in names]
            self._server.ask("tags.bulk.add", {"projectId": self.project_id, "tags": tags}, attempts=1)

        if left := write_missing(self._server, find_missing, write):
            raise SourceUnavailableError(f"tag '{self._tag}' cannot be made: {left[self._tag]}")
        return self._read_metas()[self._tag]

    def _check(self, meta: Row) -> None:
        """Refuse a tag that does not go on these images or objects.

        Raises:
            InvalidOptionsError: It does not.
        """
        kind, where = meta.get("value_type") or "none", meta.get("applicable_type") or "all"
        if kind != "none":
            raise InvalidOptionsError(f"tag '{self._tag}' takes a value ({kind}), and none is given; use another tag")
        if where not in _APPLICABLE[self._on]:
            raise InvalidOptionsError(f"tag '{self._tag}' goes on {where}, not on an {self._on}; use another tag")
