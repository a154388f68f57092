"""Objects of a Supervisely server that get another class: in place, or as a copy that takes the object's place.

The SDK has no way to change the class of an object. Some servers take it in ``figures.editInfo``; the object is read
back, as others answer and change nothing. There a copy is made, gets the tags, and is read back; only then the object
is removed. Every step reads before it writes. So whatever a kill or a lost answer leaves can be carried out again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final

from indexer.sources.supervisely_answers import Upload
from indexer.sources.supervisely_figures import ALPHA_MASK, Figure, read_figures, read_masks
from indexer.sources.supervisely_server import ServerAnswerError, SuperviselyServer, in_batches
from indexer.sources.supervisely_writes import write_missing

GONE: Final = "it is no longer on the server; run 'lookalike index'"
CHANGED: Final = "it changed on the server; run 'lookalike index' and look again"

_PER_ROUND: Final = 50

Figures = Mapping[int, Figure]
NoteCopies = Callable[[Mapping[int, int]], None]
"""Told of copies, object -> copy, before the objects are removed."""


@dataclass(frozen=True, slots=True)
class ObjectRelabel:
    """An object that gets another class.

    Attributes:
        dataset_id: Its data set.
        image_id: Its image.
        figure_id: Its id.
        before: Id of the class that it has.
        after: Id of the class that it gets.
        known: Ids of the image's objects when this was decided; what is none of them may be a copy.
    """

    dataset_id: int
    image_id: int
    figure_id: int
    before: int
    after: int
    known: tuple[int, ...]

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> ObjectRelabel:
        """Make one of what ``dataclasses.asdict`` gave."""
        return cls(**{**record, "known": tuple(record["known"])})


class ObjectRelabeller:
    """Gives objects of one project another class.

    Args:
        server: Where they are.
        project_id: Their project.
        copies: Object -> copy, as far as it is known of an earlier try.
        note_copies: Told of further ones.
    """

    def __init__(
        self, server: SuperviselyServer, project_id: int, copies: Mapping[int, int], note_copies: NoteCopies
    ) -> None:
        self._server, self._project_id = server, project_id
        self._copies, self._note_copies = dict(copies), note_copies
        self._takes_classes = True

    def carry_out(self, relabels: Iterable[ObjectRelabel]) -> tuple[dict[ObjectRelabel, int], dict[ObjectRelabel, str]]:
        """Give each object its class; one that has it already is left.

        Returns:
            The id that each object has now, and why others are left as they were.

        Raises:
            SourceUnavailableError: The server failed again and again; to be carried out again.
        """
        done: dict[ObjectRelabel, int] = {}
        refused: dict[ObjectRelabel, str] = {}
        for batch in rounds_of(relabels):
            figures = self._read(batch, masks_of={one.figure_id for one in batch})
            left: list[ObjectRelabel] = []
            for one in batch:
                found = self._look_at(one, figures)
                if isinstance(found, int):
                    done[one] = found
                elif found:
                    refused[one] = found
                else:
                    left.append(one)
            copied = _find_copies(left, figures, figures)
            new = [one for one in left if one not in copied]
            in_place = self._relabel_in_place(new, figures)
            done |= {one: one.figure_id for one in in_place}
            moved, kept = self._replace([one for one in left if one not in in_place], figures)
            done |= moved
            refused |= kept
        return done, refused

    def remove_copies(self, relabels: Iterable[ObjectRelabel]) -> set[ObjectRelabel]:
        """Remove copies of objects that still have their class; gives the objects."""
        cleaned: set[ObjectRelabel] = set()
        for batch in rounds_of(relabels):
            figures = self._read(batch)
            there = [one for one in batch if one.figure_id in figures and figures[one.figure_id].class_id == one.before]
            copied = _find_copies(there, figures, figures)
            self._remove(there, list(copied.values()))
            cleaned |= set(copied)
        return cleaned

    def _look_at(self, one: ObjectRelabel, figures: Figures) -> int | str:
        """The id that an object has with its class, or why it cannot get it; empty if it can."""
        there, copy = figures.get(one.figure_id), figures.get(self._copies.get(one.figure_id, -1))
        if there is None:
            return GONE if copy is None else copy.id
        if there.class_id == one.after:
            return there.id
        return "" if there.class_id == one.before else CHANGED

    def _relabel_in_place(self, relabels: Sequence[ObjectRelabel], figures: Figures) -> set[ObjectRelabel]:
        """Try in place, the first as a probe; gives the objects that got their class."""
        done: set[ObjectRelabel] = set()
        for part in (relabels[:1], relabels[1:]):
            if not part or not self._takes_classes:
                break
            now: dict[int, Figure] = {}

            def find_missing(part: Sequence[ObjectRelabel] = part, now: dict[int, Figure] = now) -> list[ObjectRelabel]:
                now.clear()
                now |= self._read(part, masks_of={one.figure_id for one in part})
                return [one for one in part if not _is_relabelled(one, figures[one.figure_id], now.get(one.figure_id))]

            left = write_missing(self._server, find_missing, self._edit_classes, batch_size=1, n_waits=0)
            done |= {one for one in part if one not in left}
            self._takes_classes = not left
        return done

    def _edit_classes(self, batch: Sequence[ObjectRelabel]) -> None:
        for one in batch:
            self._server.ask("figures.editInfo", {"id": one.figure_id, "classId": one.after}, attempts=1)

    def _replace(
        self, relabels: Sequence[ObjectRelabel], figures: Figures
    ) -> tuple[dict[ObjectRelabel, int], dict[ObjectRelabel, str]]:
        """Have copies take the place of objects; what cannot be copied whole stays as it is."""
        if not relabels:
            return {}, {}
        refused = self._copy(relabels, figures)
        copies = _find_copies([one for one in relabels if one not in refused], figures, self._read(relabels))
        for complete in (self._copy_masks, self._copy_tags):
            lost = complete(copies, figures)
            self._remove(relabels, [copies[one] for one in lost])
            refused |= lost
            copies = {one: copy for one, copy in copies.items() if one not in lost}
        self._copies |= {one.figure_id: copy for one, copy in copies.items()}
        if copies:
            self._note_copies({one.figure_id: copy for one, copy in copies.items()})
        kept = self._remove(relabels, [one.figure_id for one in copies])
        for one in [one for one in copies if one.figure_id in kept]:
            refused[one] = f"it cannot be removed: {kept[one.figure_id]}"
            self._remove(relabels, [copies.pop(one)])
            del self._copies[one.figure_id]
        return copies, refused

    def _copy(self, relabels: Sequence[ObjectRelabel], figures: Figures) -> dict[ObjectRelabel, str]:
        """Make the copies that are not there yet; gives those that cannot be made, with the reason."""
        answered: dict[ObjectRelabel, int] = {}

        def find_missing() -> list[ObjectRelabel]:
            there = _find_copies(relabels, figures, self._read(relabels))
            return [one for one in relabels if one not in there]

        def write(batch: Sequence[ObjectRelabel]) -> None:
            answer = self._add([(one, figures[one.figure_id]) for one in batch])
            answered.update({one: int(row["id"]) for one, row in zip(batch, answer, strict=False)})

        left = write_missing(self._server, find_missing, write)
        self._remove(relabels, [answered[one] for one in left if one in answered])  # not what was asked for
        return {one: f"no copy of it can be made: {reason}" for one, reason in left.items()}

    def _add(self, wanted: Sequence[tuple[ObjectRelabel, Figure]]) -> Sequence[Mapping[str, Any]]:
        rows = [
            {"entityId": one.image_id, "classId": one.after, "geometryType": figure.kind}
            | ({} if figure.kind == ALPHA_MASK else {"geometry": figure.geometry})
            for one, figure in wanted
        ]
        whole = [{**figure.facts, **row} for row, (_, figure) in zip(rows, wanted, strict=True)]
        method, dataset_id = "figures.bulk.add", wanted[0][0].dataset_id
        try:
            answer = self._server.ask(method, {"datasetId": dataset_id, "figures": whole}, attempts=1)
        except ServerAnswerError as error:
            if error.status != HTTPStatus.BAD_REQUEST or whole == rows:
                raise
            answer = self._server.ask(method, {"datasetId": dataset_id, "figures": rows}, attempts=1)
        return answer if isinstance(answer, list) else []

    def _copy_masks(self, copies: Mapping[ObjectRelabel, int], figures: Figures) -> dict[ObjectRelabel, str]:
        wanted = {one: figures[one.figure_id] for one in copies if figures[one.figure_id].kind == ALPHA_MASK}
        if not wanted:
            return {}

        uploaded: set[int] = set()  # a copy has no mask before; some servers fail if they are asked for it

        def find_missing() -> list[ObjectRelabel]:
            now = self._read(list(wanted), masks_of=uploaded)
            return [one for one in wanted if now[copies[one]].shape_key != wanted[one].shape_key]

        def write(batch: Sequence[ObjectRelabel]) -> None:
            parts: list[tuple[str, tuple[str | None, Any, str]]] = []
            for one in batch:
                mask = json.dumps(wanted[one].geometry["bitmap"]).encode()
                parts += [("figureId", (None, str(copies[one]), "text/plain"))]
                parts += [("geometry", (str(copies[one]), mask, "application/octet-stream"))]
            self._server.ask("figures.bulk.upload.geometry", Upload({"files": parts}), attempts=1)
            uploaded.update(copies[one] for one in batch)

        left = {one: "the server does not give its mask" for one, figure in wanted.items() if not figure.geometry}
        wanted = {one: figure for one, figure in wanted.items() if one not in left}
        return left | write_missing(self._server, find_missing, write)

    def _copy_tags(self, copies: Mapping[ObjectRelabel, int], figures: Figures) -> dict[ObjectRelabel, str]:
        """Give copies the tags of their objects; gives those that cannot have them all, with the reason."""

        def find_missing() -> list[tuple[ObjectRelabel, int, str, int]]:
            now = self._read(list(copies))
            missing: dict[tuple[ObjectRelabel, int], tuple[ObjectRelabel, int, str, int]] = {}
            for one, copy in copies.items():
                has = Counter((tag, json.dumps(value)) for tag, value in now[copy].tags)
                wanted = Counter((tag, json.dumps(value)) for tag, value in figures[one.figure_id].tags)
                for tag, value in wanted - has:  # a tag twice in one request is refused; the next round brings it
                    missing.setdefault((one, tag), (one, tag, value, has[tag, value]))
            return list(missing.values())

        def write(batch: Sequence[tuple[ObjectRelabel, int, str, int]]) -> None:
            rows = [{"tagId": tag, "figureId": copies[one], "value": json.loads(value)} for one, tag, value, _ in batch]
            rows = [{name: value for name, value in row.items() if value is not None} for row in rows]
            self._server.ask("figures.tags.bulk.add", {"projectId": self._project_id, "tags": rows}, attempts=1)

        left = write_missing(self._server, find_missing, write)
        return {tag[0]: f"its tags cannot be copied: {reason}" for tag, reason in left.items()}

    def _remove(self, relabels: Sequence[ObjectRelabel], figure_ids: Sequence[int]) -> dict[int, str]:
        """Remove objects of the images of ``relabels``; gives those that stay, with the reason."""
        if not figure_ids:
            return {}
        return write_missing(
            self._server,
            lambda: sorted(set(figure_ids) & self._read(relabels).keys()),
            lambda batch: self._server.ask("figures.bulk.remove", {"figureIds": list(batch)}, attempts=1),
        )

    def _read(self, relabels: Sequence[ObjectRelabel], *, masks_of: Collection[int] = ()) -> dict[int, Figure]:
        """The objects of the images of ``relabels``, which are of one data set; alpha masks only of those asked for."""
        if not relabels:
            return {}
        figures = read_figures(self._server, relabels[0].dataset_id, {one.image_id for one in relabels})
        soft = [figure for figure in figures.values() if figure.kind == ALPHA_MASK]
        try:
            masks = read_masks(self._server, [figure for figure in soft if figure.id in masks_of])
        except ServerAnswerError:
            masks = {}
        for figure in soft:
            mask = masks.get(figure.id)
            figures[figure.id] = replace(figure, geometry={} if mask is None else {"bitmap": mask})
        return figures


def rounds_of(relabels: Iterable[ObjectRelabel]) -> list[Sequence[ObjectRelabel]]:
    """Split relabels into what is carried out at once: some objects of one data set."""
    datasets: dict[int, list[ObjectRelabel]] = {}
    for one in relabels:
        datasets.setdefault(one.dataset_id, []).append(one)
    return [batch for found in datasets.values() for batch in in_batches(found, _PER_ROUND)]


def _is_relabelled(one: ObjectRelabel, before: Figure, now: Figure | None) -> bool:
    """Whether an object has its class, and the geometry and the tags that it had."""
    return (
        now is not None
        and now.class_id == one.after
        and now.shape_key == before.shape_key
        and sorted(map(repr, now.tags)) == sorted(map(repr, before.tags))
    )


def _find_copies(relabels: Iterable[ObjectRelabel], before: Figures, now: Figures) -> dict[ObjectRelabel, int]:
    """Find copies that were made: same image and geometry, the wanted class, and not there at the beginning."""
    free: dict[tuple[Any, ...], list[int]] = {}
    for figure in now.values():
        free.setdefault((figure.image_id, figure.class_id, *_match_key(figure)), []).append(figure.id)
    found: dict[ObjectRelabel, int] = {}
    for one in relabels:
        candidates = free.get((one.image_id, one.after, *_match_key(before[one.figure_id])), [])
        copies = [copy for copy in candidates if copy not in one.known and copy not in found.values()]
        if copies:
            found[one] = copies[0]
    return found


def _match_key(figure: Figure) -> tuple[str, ...]:
    """Equal for an object and its copy; an alpha mask is written after the copy was made."""
    return (figure.kind,) if figure.kind == ALPHA_MASK else figure.shape_key
