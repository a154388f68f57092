# Made of lookalike/client/blocking by `python -m tests.meta.async_client`; change it there.

"""Searches for similar points."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Unpack

from lookalike.client.asynchronous.sender import Sender
from lookalike.client.paths import collection_path
from lookalike.client.problems import make_request
from lookalike.client.selecting import Where, to_filter
from lookalike.client.tables import Rows
from lookalike.errors import ImageReadError
from lookalike.visible_text import show_reason
from lookalike.wire.names import Variety
from lookalike.wire.neighbors import BoxRequest, NeighborModel, Neighbors, NeighborsRequest, SearchModel, TextRequest


class NeighborCalls(Sender):
    """Searches."""

    async def find_neighbors(
        self,
        points: str | Sequence[str],
        collection: str | None = None,
        *,
        limit: int = 20,
        unlike: Sequence[str] = (),
        exclude_same_image: bool = False,
        variety: Sequence[Variety] = (),
        **where: Unpack[Where],
    ) -> Rows[NeighborModel]:
        """Find the points most similar to examples and unlike counter-examples; none of these is among the answers.

        Several examples search around their mean; with counter-examples, around twice that mean minus theirs.

        Args:
            points: Id of a point, or ids.
            collection: Name of the collection; may be left out if there is only one.
            limit: How many at most.
            unlike: Ids of counter-examples.
            exclude_same_image: Whether to leave out points of the same images.
            variety: ``one_per_image`` gives the nearest point of each image only. ``diverse`` gives points that differ
                from each other, the nearest first.
            **where: Conditions on the answers, see ``Where``.

        Example:
            >>> for neighbor in await client.find_neighbors(suspect.id, limit=5):
            ...     print(f"{neighbor.score:.3f}", neighbor.point.class_name)
        """
        request = make_request(
            NeighborsRequest,
            ids=[points] if isinstance(points, str) else list(points),
            limit=limit,
            filter=to_filter(where),
            unlike=list(unlike),
            exclude_same_image=exclude_same_image,
            **dict.fromkeys(variety, True),
        )
        path = f"{collection_path(collection)}/neighbors"
        return _to_rows(await self._ask(Neighbors, "POST", path, json=request.model_dump(mode="json")))

    async def find_neighbors_of_image(
        self,
        image: str | os.PathLike[str] | bytes,
        collection: str | None = None,
        *,
        box: tuple[int, int, int, int] | None = None,
        file_name: str | None = None,
        limit: int = 20,
        **where: Unpack[Where],
    ) -> Rows[NeighborModel]:
        """Find the points most similar to an image of this machine, or to a box of it.

        Args:
            image: Path of an image file, or its bytes.
            collection: Name of the collection; may be left out if there is only one.
            box: Half-open box left, top, right, bottom in px; the whole image if None.
            file_name: What to call the image in messages.
            limit: How many at most.
            **where: Conditions on the answers, see ``Where``.

        Raises:
            ImageReadError: The file cannot be read.

        Example:
            >>> found = await client.find_neighbors_of_image("photo.jpg", box=(10, 20, 60, 90))
            >>> found[0].point.class_name
            'shoe'
        """
        data, name = _read_image(image)
        form: dict[str, Any] = {"limit": str(limit)}
        if box is not None:
            form["box"] = ",".join(map(str, box))
        if (chosen := to_filter(where)) is not None:
            form["filter"] = chosen.model_dump_json(exclude_none=True)
        path = f"{collection_path(collection)}/neighbors/image"
        return _to_rows(await self._ask(Neighbors, "POST", path, files={"file": (file_name or name, data)}, data=form))

    async def find_neighbors_of_box(
        self,
        point: str,
        box: tuple[int, int, int, int],
        collection: str | None = None,
        *,
        limit: int = 20,
        **where: Unpack[Where],
    ) -> Rows[NeighborModel]:
        """Find the points most similar to a box of the image of a point, the point itself among them.

        Args:
            point: Id of a point, whose image it is.
            box: Half-open box left, top, right, bottom in px.
            collection: Name of the collection; may be left out if there is only one.
            limit: How many at most.
            **where: Conditions on the answers, see ``Where``.

        Example:
            >>> found = await client.find_neighbors_of_box(suspect.id, (10, 20, 60, 90))
            >>> found[0].point.class_name
            'shoe'
        """
        request = make_request(BoxRequest, id=point, box=list(box), limit=limit, filter=to_filter(where))
        path = f"{collection_path(collection)}/neighbors/box"
        return _to_rows(await self._ask(Neighbors, "POST", path, json=request.model_dump(mode="json")))

    async def find_neighbors_of_text(
        self, text: str, collection: str | None = None, *, limit: int = 20, **where: Unpack[Where]
    ) -> Rows[NeighborModel]:
        """Find the points most similar to words; the collection's model needs a text tower.

        Example:
            >>> found = await client.find_neighbors_of_text("a red shoe")
            >>> found[0].point.image_name
            'shoe_17.jpg'
        """
        request = make_request(TextRequest, text=text, limit=limit, filter=to_filter(where))
        path = f"{collection_path(collection)}/neighbors/text"
        return _to_rows(await self._ask(Neighbors, "POST", path, json=request.model_dump(mode="json")))

    async def get_search_model(self, collection: str | None = None) -> SearchModel:
        """Tell which network a search by an image or words needs, and whether it is in memory.

        Example:
            >>> await client.get_search_model().is_loaded
            False
        """
        return await self._ask(SearchModel, "GET", f"{collection_path(collection)}/neighbors/model")


def _to_rows(found: Neighbors) -> Rows[NeighborModel]:
    return Rows(found.neighbors, why_empty=found.why_empty)


def _read_image(image: str | os.PathLike[str] | bytes) -> tuple[bytes, str]:
    """The bytes of an image, and its name."""
    if isinstance(image, bytes):
        return image, "image"
    path = Path(image)
    try:
        if path.exists() and not path.is_file():  # a pipe would never end
            raise ImageReadError(f"{path} is not a file; name the file of an image")
        return path.read_bytes(), path.name
    except (OSError, ValueError) as error:
        raise ImageReadError(f"cannot read image {path}: {show_reason(error)}") from error
