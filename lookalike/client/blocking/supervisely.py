"""Tags, labeling jobs, collections of images and kept embeddings on a Supervisely server."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from lookalike.client.blocking.sender import Sender
from lookalike.client.paths import collection_path, user_name
from lookalike.client.problems import make_request
from lookalike.wire.exports import Imported
from lookalike.wire.names import TagOwner, TreeLevel
from lookalike.wire.supervisely import (
    ImageCollection,
    ImageCollectionRequest,
    JobRequest,
    KeptImportRequest,
    LabelingJobs,
    PlatformMembers,
    PointPlaceModel,
    SavedEmbeddings,
    SaveRequest,
    SuperviselyCollection,
    SuperviselyServerInfo,
    TaggedPoints,
    TagRequest,
    TreeEntryModel,
    UndoneWork,
    WorkUndoRequest,
)


class SuperviselyCalls(Sender):
    """Work on the Supervisely server that the environment of the api names; all of it needs local power."""

    def get_supervisely_server(self) -> SuperviselyServerInfo:
        """The server that the environment of the api names.

        Example:
            >>> client.get_supervisely_server().address
            'https://app.supervisely.com'
        """
        return self._ask(SuperviselyServerInfo, "GET", "/supervisely")

    def list_supervisely_tree(self, level: TreeLevel = "server", level_id: int = 0) -> list[TreeEntryModel]:
        """List the teams of a server, or what a team, workspace or project holds.

        Args:
            level: Whose content; a project gives all its data sets, nested ones too.
            level_id: The server's id of it.

        Example:
            >>> for entry in client.list_supervisely_tree("workspace", 5):
            ...     print(entry.source, entry.name, entry.n_images)
        """
        return self._ask(list[TreeEntryModel], "GET", "/supervisely/tree", params={"level": level, "id": level_id})

    def find_supervisely_projects(self, collection: str | None = None) -> SuperviselyCollection:
        """Find the projects of a Supervisely server that a collection holds points of.

        Example:
            >>> client.find_supervisely_projects().projects
            [11]
        """
        return self._ask(SuperviselyCollection, "GET", f"{collection_path(collection)}/supervisely")

    def list_supervisely_members(self, collection: str | None = None) -> PlatformMembers:
        """List who works in the teams of a collection's projects.

        Example:
            >>> client.list_supervisely_members().logins
            ['ann', 'bob']
        """
        return self._ask(PlatformMembers, "GET", f"{collection_path(collection)}/supervisely/members")

    def find_in_supervisely(self, point_id: str, collection: str | None = None) -> PointPlaceModel:
        """Find the image of a point in the labeling tool.

        Example:
            >>> client.find_in_supervisely(suspect.id).url
            'https://app.supervisely.com/app/images/1/5/11/22#image-4096'
        """
        path = f"{collection_path(collection)}/supervisely/places/{quote(point_id, safe='')}"
        return self._ask(PointPlaceModel, "GET", path)

    def tag_points(  # noqa: PLR0913 - a tag has that many sides
        self,
        ids: Sequence[str],
        tag: str,
        collection: str | None = None,
        *,
        on: TagOwner | None = None,
        remove: bool = False,
        dry_run: bool = False,
        who: str | None = None,
    ) -> TaggedPoints:
        """Put a tag on the images or objects of points, or take it off.

        Args:
            ids: Ids of the points.
            tag: Name of the tag; made if the project has none.
            collection: Name of the collection; may be left out if there is only one.
            on: ``object`` or ``image``; found out from the points if None.
            remove: Whether the tag is taken off.
            dry_run: Whether only to tell what would change.
            who: Who does it, for the record.

        Example:
            >>> tagged = client.tag_points([suspect.id], "ISSUE")
            >>> tagged.added
            1
        """
        request = make_request(
            TagRequest, ids=list(ids), tag=tag, on=on, remove=remove, dry_run=dry_run, who=who or user_name()
        )
        path = f"{collection_path(collection)}/supervisely/tags"
        return self._ask(TaggedPoints, "POST", path, json=request.model_dump(mode="json"))

    def make_jobs(  # noqa: PLR0913 - a job has that many sides
        self,
        ids: Sequence[str],
        name: str,
        assign: Sequence[str],
        collection: str | None = None,
        *,
        reviewer: str | None = None,
        dry_run: bool = False,
        who: str | None = None,
    ) -> LabelingJobs:
        """Make a labeling job per data set and person; one for the same images is not made twice.

        Args:
            ids: Ids of the points.
            name: Name of the jobs.
            assign: Logins of the people who label.
            collection: Name of the collection; may be left out if there is only one.
            reviewer: Login of the person who reviews.
            dry_run: Whether only to tell what would be made.
            who: Who does it, for the record.

        Example:
            >>> made = client.make_jobs([suspect.id], "look again", ["ann"])
            >>> made.created
            1
        """
        request = make_request(
            JobRequest,
            ids=list(ids),
            name=name,
            assign=list(assign),
            reviewer=reviewer,
            dry_run=dry_run,
            who=who or user_name(),
        )
        path = f"{collection_path(collection)}/supervisely/jobs"
        return self._ask(LabelingJobs, "POST", path, json=request.model_dump(mode="json"))

    def collect_images(self, ids: Sequence[str], name: str, collection: str | None = None) -> ImageCollection:
        """Put the images of points into a collection of the platform, which is made if there is none.

        Example:
            >>> collected = client.collect_images([suspect.id], "to look at")
            >>> collected.added
            1
        """
        request = make_request(ImageCollectionRequest, ids=list(ids), name=name)
        path = f"{collection_path(collection)}/supervisely/image-collections"
        return self._ask(ImageCollection, "POST", path, json=request.model_dump(mode="json"))

    def save_to_supervisely(self, project: str, collection: str | None = None) -> SavedEmbeddings:
        """Keep the embeddings of a project's points in Team Files.

        Example:
            >>> saved = client.save_to_supervisely("supervisely://11")
            >>> saved.points
            120
        """
        request = make_request(SaveRequest, project=project)
        path = f"{collection_path(collection)}/supervisely/saves"
        return self._ask(SavedEmbeddings, "POST", path, json=request.model_dump(mode="json"))

    def import_from_supervisely(
        self, project: str, collection: str | None = None, *, model: str | None = None
    ) -> Imported:
        """Bring embeddings that are kept in Team Files into a collection, without embedding anything.

        Args:
            project: Address of the project, ``supervisely://11``.
            collection: Name of the collection; made of the model's name if None.
            model: Which embeddings; may be left out if there are only those of one model.

        Example:
            >>> done = client.import_from_supervisely("supervisely://11")
            >>> done.n_points
            120
        """
        request = make_request(KeptImportRequest, project=project, model=model, collection=collection)
        return self._ask(Imported, "POST", "/supervisely/imports", json=request.model_dump(mode="json"))

    def undo_supervisely(self, run: str) -> UndoneWork:
        """Take back what tags or jobs of a run did.

        Example:
            >>> undone = client.undo_supervisely(tagged.run)
            >>> undone.undone
            1
        """
        request = make_request(WorkUndoRequest, run=run)
        return self._ask(UndoneWork, "POST", "/supervisely/undo", json=request.model_dump(mode="json"))
