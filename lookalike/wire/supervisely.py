"""People's work on a Supervisely server. Pydantic only; nothing here computes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lookalike.wire.base import CollectionName, IdInPath, RequestModel, WireModel
from lookalike.wire.names import TagOwner, TreeEntryKind

Ids = Annotated[list[IdInPath], Field(min_length=1, max_length=100_000)]
Address = Annotated[str, Field(min_length=1, max_length=200, description="supervisely://PROJECT")]
Login = Annotated[str, Field(min_length=1, max_length=200)]
Who = Annotated[str, Field(min_length=1, max_length=200)]


class TagRequest(RequestModel):
    """Put a tag on the images or objects of points, or take it off."""

    ids: Ids
    tag: str = Field(min_length=1, max_length=255)
    who: Who
    on: TagOwner | None = Field(default=None, description="what carries it; found out from the points if null")
    remove: bool = False
    dry_run: bool = Field(default=False, description="only tell what would change")


class TaggedPoints(WireModel):
    """The outcome of a tag."""

    tag: str
    on: TagOwner
    dry_run: bool
    added: int = Field(description="images or objects that got it")
    already: int = Field(description="those that were as wanted")
    removed: int = Field(description="those that lost it")
    run: str | None = Field(description="name to take it back by; null if nothing was written")


class WorkUndoRequest(RequestModel):
    """Take back what a run of tags or jobs did."""

    run: str = Field(min_length=1, max_length=200)


class UndoneWork(WireModel):
    """A run that was taken back."""

    run: str
    undone: int = Field(description="images, objects or jobs that are again as before")


class JobRequest(RequestModel):
    """Make labeling jobs for the images of points."""

    ids: Ids
    name: str = Field(min_length=1, max_length=255)
    assign: list[Login] = Field(min_length=1, max_length=100, description="logins of the people who label")
    who: Who
    reviewer: Login | None = None
    dry_run: bool = Field(default=False, description="only tell what would be made")


class JobModel(WireModel):
    """A labeling job."""

    id: int | None = Field(description="the server's id; null if it is yet to be made")
    dataset_id: int
    images: int = Field(description="how many images it holds")


class LabelingJobs(WireModel):
    """The labeling jobs of a selection."""

    created: int
    existing: int
    jobs: list[JobModel]
    run: str | None = Field(description="name to take those made back by; null if none was made")


class ImageCollectionRequest(RequestModel):
    """Put the images of points into a collection of the platform."""

    ids: Ids
    name: str = Field(min_length=1, max_length=255)


class ImageCollection(WireModel):
    """A collection of the platform after images were put into it."""

    collection_id: int
    added: int
    already: int
    missing: int = Field(description="images that are no longer on the server")


class SaveRequest(RequestModel):
    """Keep the embeddings of a project in Team Files."""

    project: Address


class SavedEmbeddings(WireModel):
    """Embeddings that are kept in Team Files."""

    folder: str
    url: str
    files: list[str]
    points: int


class KeptImportRequest(RequestModel):
    """Bring embeddings that are kept in Team Files into a collection."""

    project: Address
    model: str | None = Field(default=None, max_length=200, description="the only one that is kept if null")
    collection: CollectionName | None = Field(default=None, description="made of the model's name if null")


class SuperviselyServerInfo(WireModel):
    """The Supervisely server that the api's environment names."""

    address: str | None = Field(description="null if it names none")


class SuperviselyCollection(WireModel):
    """Projects of a Supervisely server that a collection holds points of."""

    projects: list[int] = Field(description="the server's ids; empty for other sources")
    hosts: list[str] = Field(description="servers that they are on, as their sources name them")


class TreeEntryModel(WireModel):
    """A team, workspace, project or data set of a server."""

    kind: TreeEntryKind
    id: int
    name: str
    n_images: int | None = Field(description="as the server counts; null if it does not tell")
    parent_id: int | None = Field(description="for a data set, the one that it lies in")
    source: str | None = Field(description="what indexes it; null for a team or a workspace")


class PlatformMembers(WireModel):
    """People who work in the teams of a collection's projects."""

    logins: list[str]


class PointPlaceModel(WireModel):
    """A point in the platform; ids are the server's."""

    url: str = Field(description="its image in the labeling tool")
    project_id: int
    dataset_id: int
    image_id: int
    figure_id: int | None = Field(description="null for a whole image")
