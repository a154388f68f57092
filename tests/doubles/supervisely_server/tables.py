"""What the server holds, and what editing it touches. Tests change it directly; the API's methods do the same."""

from base64 import b64encode
from copy import deepcopy
from hashlib import sha256
from io import BytesIO
from itertools import count

from PIL import Image

from tests.doubles.supervisely_server.clock import VirtualClock
from tests.doubles.supervisely_server.habits import Habits

TEAM, WORKSPACE, USER = 1, 1, 7
GEOMETRY_FIELDS = ("points", "bitmap", "nodes", "vertices", "parts", "angle")


class RefusedError(Exception):
    """A request that is answered with an error."""

    def __init__(self, status, error, message=""):
        super().__init__(error)
        self.status, self.error, self.message = status, error, message


def checksum(data):
    """A file's hash as the platform writes it: base64 of SHA-256."""
    return b64encode(sha256(data).digest()).decode()


class Tables:
    """Projects, data sets, images, figures by id.

    Ids of projects, data sets and images overlap, as each kind is numbered by itself; those of figures exceed 2^32.

    Attributes:
        metas: Classes and tags by project.
        blobs: Files by checksum; ``linked`` holds those behind links, by address.
        masks: Geometry of alpha masks by figure.
        jobs: Labeling jobs; ``collections`` of images with their items.
        files: Team Files by path: how each is listed, and its bytes.
        members: Logins of the team by id.
        teams: By id; ``workspaces`` of theirs.
        tasks: Sessions of apps by id.
    """

    def __init__(self, habits=None):
        self.habits, self.clock = habits or Habits(), VirtualClock()
        self.projects, self.metas, self.datasets, self.images, self.figures = {}, {}, {}, {}, {}
        self.blobs, self.linked, self.masks = {}, {}, {}
        self.jobs, self.collections, self.files, self.members = {}, {}, {}, {USER: "ann", 8: "bob", 9: "eva"}
        self.teams = {TEAM: {"id": TEAM, "name": "team", "description": ""}}
        self.workspaces = {WORKSPACE: {"id": WORKSPACE, "name": "streets", "description": "", "teamId": TEAM}}
        self.tasks = {}
        kinds = ("project", "dataset", "image", "class", "tag", "tagging", "job", "collection", "file")
        self._ids = {kind: count(11) for kind in kinds}
        self._ids["figure"] = count(2**32 + 11)

    def copy_rows(self):
        """Everything that the server holds, to be given to ``put_back``; new ids stay new."""
        return deepcopy(
            {name: value for name, value in vars(self).items() if isinstance(value, dict) and name != "_ids"}
        )

    def put_back(self, rows):
        vars(self).update(rows)

    def next_id(self, kind):
        return next(self._ids[kind])

    def now(self):
        return self.clock.stamp(self.habits.time_resolution_s)

    def need(self, table, row_id, what):
        """A row, or a refusal as the API gives it."""
        if row_id not in table:
            raise RefusedError(404, f"{what} not found", str(row_id))
        return table[row_id]

    # ---- making

    def add_project(self, name="project", kind="images"):
        row_id, now = self.next_id("project"), self.now()
        self.projects[row_id] = {
            "id": row_id, "name": name, "title": name, "description": "", "size": "0", "readme": "", "teamId": TEAM,
            "workspaceId": WORKSPACE, "createdAt": now, "updatedAt": now, "type": kind, "settings": {},
            "customData": {}, "createdBy": USER, "referenceImageUrl": None, "backupArchive": None,
            "importSettings": {}, "version": None, "embeddingsEnabled": False, "embeddingsUpdatedAt": None,
            "embeddingsInProgress": False,
        }  # fmt: skip
        self.metas[row_id] = {"classes": [], "tags": [], "projectType": kind}
        return row_id

    def add_class(self, project_id, title, shape="any"):
        row = {"id": self.next_id("class"), "title": title, "description": "", "shape": shape, "color": "#0A0B0C"}
        self.metas[project_id]["classes"].append({**row, "geometry_config": {}, "hotkey": ""})
        return row["id"]

    def add_tag_meta(self, project_id, name, value_type="none"):
        row = {"id": self.next_id("tag"), "name": name, "value_type": value_type, "color": "#0A0B0C", "hotkey": ""}
        row |= {"applicable_type": "all", "target_type": "all", "classes": []}
        self.metas[project_id]["tags"].append(row)
        return row["id"]

    def add_dataset(self, project_id, name, parent_id=None):
        row_id, now = self.next_id("dataset"), self.now()
        self.datasets[row_id] = {
            "id": row_id, "name": name, "description": "", "size": "0", "projectId": project_id, "createdAt": now,
            "updatedAt": now, "teamId": TEAM, "workspaceId": WORKSPACE, "parentId": parent_id, "createdBy": USER,
            "referenceImageUrl": None, "customData": {"hidden": True},
        }  # fmt: skip
        return row_id

    def add_image(self, dataset_id, name, data=None, *, link=None, size_hw=None):
        """Add an image with its file; with ``link`` the file lies elsewhere, and without data the upload is not over.

        Args:
            dataset_id: Where.
            name: Its name; may repeat and may hold ``/``.
            data: The file.
            link: Address of a file that the server fetches.
            size_hw: Height and width that are told; by default those of the file, as it is stored.
        """
        row_id, now, dataset = self.next_id("image"), self.now(), self.datasets[dataset_id]
        if data is not None and size_hw is None:
            with Image.open(BytesIO(data)) as opened:
                size_hw = (opened.height, opened.width)
        height, width = size_hw or (None, None)
        self.images[row_id] = {
            "id": row_id, "name": name, "link": link, "hash": None, "mime": "image/png", "size": None,
            "width": width, "height": height, "datasetId": dataset_id, "projectId": dataset["projectId"],
            "createdAt": now, "updatedAt": now, "meta": {}, "tags": [], "createdBy": USER, "description": "",
            "pathOriginal": f"/original/{row_id}", "fullStorageUrl": f"http://storage.invalid/original/{row_id}",
            "relatedDataId": None, "downloadId": None, "parentId": None, "embeddingsUpdatedAt": None,
        }  # fmt: skip
        if link is not None:
            self.linked[link] = data
        elif data is not None:
            self.replace_pixels(row_id, data)
        self._touch_above(self.images[row_id], now)
        return row_id

    def add_figure(self, image_id, class_id, geometry_type, geometry, tags=(), **facts):
        """Add an object; geometry as the API stores it: in edges, not in pixels."""
        image, now, row_id = self.images[image_id], self.now(), self.next_id("figure")
        row = {
            "id": row_id, "classId": class_id, "imageId": image_id, "entityId": image_id, "objectId": None,
            "projectId": image["projectId"], "datasetId": image["datasetId"], "geometryType": geometry_type,
            "geometry": geometry, "tags": [], "meta": {}, "area": "0", "priority": 1, "createdAt": now,
            "updatedAt": now, "customData": {}, "description": "", "nnCreated": False, "nnUpdated": False, **facts,
        }  # fmt: skip
        self.figures[row_id] = row
        for tag_id, value in tags:
            row["tags"].append(self._new_tagging(tag_id, value))
        self.touch_image(image_id)
        return row_id

    def _new_tagging(self, tag_id, value):
        now = self.now()
        row = {"id": self.next_id("tagging"), "tagId": tag_id, "value": value, "labelerLogin": "ann"}
        return row | {"createdAt": now, "updatedAt": now}

    # ---- editing

    def touch_image(self, image_id):
        row, now = self.images[image_id], self.now()
        row["updatedAt"] = now
        self._touch_above(row, now)

    def _touch_above(self, image, now):
        self.datasets[image["datasetId"]]["updatedAt"] = now
        self.projects[image["projectId"]]["updatedAt"] = now

    def edit_figure(self, figure_id, **facts):
        """Change the class or the geometry of an object."""
        row = self.figures[figure_id]
        row.update(facts, updatedAt=self.now())
        if self.habits.figure_edits_touch_images:
            self.touch_image(row["imageId"])

    def tag_figure(self, figure_id, tag_id, value=None):
        row = self.figures[figure_id]
        self._refuse_twice(row, tag_id)
        row["tags"].append(self._new_tagging(tag_id, value))
        self._note_tag_edit(row)
        return row["tags"][-1]["id"]

    def untag_figure(self, figure_id, tagging_id):
        row = self.figures[figure_id]
        row["tags"] = [one for one in row["tags"] if one["id"] != tagging_id]
        self._note_tag_edit(row)

    def _note_tag_edit(self, row):
        if self.habits.tag_edits_touch_figures:
            row["updatedAt"] = self.now()
        if self.habits.tag_edits_touch_images:
            self.touch_image(row["imageId"])

    def tag_image(self, image_id, tag_id, value=None):
        row = self.images[image_id]
        self._refuse_twice(row, tag_id)
        row["tags"].append(self._new_tagging(tag_id, value) | {"entityId": image_id})
        self.touch_image(image_id)
        return row["tags"][-1]["id"]

    def untag_image(self, image_id, tagging_id):
        row = self.images[image_id]
        row["tags"] = [one for one in row["tags"] if one["id"] != tagging_id]
        self.touch_image(image_id)

    def _refuse_twice(self, row, tag_id):
        if not self.habits.allows_duplicate_tags and any(one["tagId"] == tag_id for one in row["tags"]):
            raise RefusedError(400, "tag already exists", "NONUNIQUE")

    def replace_pixels(self, image_id, data):
        """Give an image another file."""
        row = self.images[image_id]
        if row["link"] is not None:
            self.linked[row["link"]] = data
        else:
            row["hash"], row["size"] = checksum(data), len(data)
            self.blobs[row["hash"]] = data
        self.touch_image(image_id)

    def rename_class(self, project_id, old, new):
        """Rename a class; no time stamp moves."""
        next(one for one in self.metas[project_id]["classes"] if one["title"] == old)["title"] = new

    def remove_figure(self, figure_id):
        row = self.figures.pop(figure_id)
        if self.habits.figure_edits_touch_images:
            self.touch_image(row["imageId"])

    def remove_image(self, image_id):
        for figure_id in [one["id"] for one in self.figures.values() if one["imageId"] == image_id]:
            del self.figures[figure_id]
        row = self.images.pop(image_id)
        self._touch_above(row, self.now())

    def remove_dataset(self, dataset_id):
        for child in [one["id"] for one in self.datasets.values() if one["parentId"] == dataset_id]:
            self.remove_dataset(child)
        for image_id in [one["id"] for one in self.images.values() if one["datasetId"] == dataset_id]:
            self.remove_image(image_id)
        del self.datasets[dataset_id]

    # ---- reading

    def images_of(self, *, project_id=None, dataset_id=None):
        return [
            one
            for one in self.images.values()
            if (dataset_id is None or one["datasetId"] == dataset_id)
            and (project_id is None or one["projectId"] == project_id)
        ]

    def figures_of(self, image_id):
        return [one for one in self.figures.values() if one["imageId"] == image_id]

    def file_of(self, image_id):
        """The bytes of an image."""
        row = self.images[image_id]
        data = self.linked.get(row["link"]) if row["link"] else self.blobs.get(row["hash"])
        if data is None:
            raise RefusedError(404, "file not found", f"the file of image {image_id} is not there")
        return data

    def class_title(self, project_id, class_id):
        return next((one["title"] for one in self.metas[project_id]["classes"] if one["id"] == class_id), None)

    def named_tag(self, project_id, tagging):
        metas = self.metas[project_id]["tags"]
        return {**tagging, "name": next((one["name"] for one in metas if one["id"] == tagging["tagId"]), None)}


def extent_of(geometry):
    """``[top, left, bottom, right]`` of a geometry, as ``geometryMeta`` tells it."""
    if isinstance(geometry.get("points"), dict):
        corners = geometry["points"]["exterior"]
    elif "parts" in geometry:
        corners = [corner for part in geometry["parts"] for corner in part["exterior"]]
    elif "nodes" in geometry or "vertices" in geometry:
        corners = [node["loc"] for node in (geometry.get("nodes") or geometry["vertices"]).values()]
    elif geometry.get("bitmap"):
        corners = [geometry["bitmap"]["origin"]]
    else:
        corners = geometry.get("points") or [[0, 0]]
    xs, ys = [corner[0] for corner in corners], [corner[1] for corner in corners]
    return [min(ys), min(xs), max(ys), max(xs)]
