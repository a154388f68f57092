"""What the API's methods answer, by name. Each takes the tables and the request's body, and gives JSON or bytes."""

import json
from collections import Counter
from io import BytesIO
from uuid import uuid4

from fastapi import Response

from tests.doubles.supervisely_server.listings import list_page
from tests.doubles.supervisely_server.tables import (
    GEOMETRY_FIELDS,
    TEAM,
    USER,
    WORKSPACE,
    RefusedError,
    checksum,
    extent_of,
)

METHODS = {}


def method(name):
    """Register the function that answers a method."""

    def register(function):
        METHODS[name] = function
        return function

    return register


# ---- who and where


@method("instance.version")
def _(tables, asked):
    return {"version": "6.18.3"}


@method("users.me")
def _(tables, asked):
    return {"id": USER, "login": "ann", "role": "admin", "roleId": 1, "name": "Ann", "email": None}


@method("teams.info")
def _(tables, asked):
    return {"id": TEAM, "name": "team", "description": "", "role": "admin", "createdAt": "", "updatedAt": ""}


@method("workspaces.info")
def _(tables, asked):
    return {"id": WORKSPACE, "name": "w", "description": "", "teamId": TEAM, "createdAt": "", "updatedAt": ""}


@method("teams.list")
def _(tables, asked):
    return list_page(list(tables.teams.values()), asked, tables.habits)


@method("workspaces.list")
def _(tables, asked):
    rows = [row for row in tables.workspaces.values() if row["teamId"] == asked["teamId"]]
    return list_page(rows, asked, tables.habits)


@method("tasks.info")
def _(tables, asked):
    return tables.need(tables.tasks, asked["id"], "task")


# ---- projects and data sets


def project_row(tables, row):
    n_images = len(tables.images_of(project_id=row["id"]))
    n_datasets = sum(one["projectId"] == row["id"] for one in tables.datasets.values())
    return {**row, "imagesCount": n_images, "itemsCount": n_images, "datasetsCount": n_datasets}


@method("projects.add")
def _(tables, asked):
    return project_row(tables, tables.projects[tables.add_project(asked["name"], asked.get("type") or "images")])


@method("projects.info")
def _(tables, asked):
    return project_row(tables, tables.need(tables.projects, asked["id"], "project"))


@method("projects.list")
def _(tables, asked):
    workspace = asked.get("workspaceId")
    rows = [project_row(tables, row) for row in tables.projects.values() if workspace in (None, row["workspaceId"])]
    return list_page(rows, {**asked, "fields": None}, tables.habits)


@method("projects.meta")
def _(tables, asked):
    tables.need(tables.projects, asked["id"], "project")
    return tables.metas[asked["id"]]


@method("projects.meta.update")
def _(tables, asked):
    """Names are the keys: known ones keep their ids, new ones get some, missing ones go, as on the platform."""
    meta = tables.metas[asked["id"]]
    for kind, name, id_kind in (("classes", "title", "class"), ("tags", "name", "tag")):
        known = {row[name]: row["id"] for row in meta[kind]}
        meta[kind] = [
            {**row, "id": known.get(row[name]) or tables.next_id(id_kind)} for row in asked["meta"].get(kind, [])
        ]
    return meta


@method("projects.settings.update")
def _(tables, asked):
    tables.need(tables.projects, asked["id"], "project")["settings"].update(asked["settings"])
    return {"success": True}


def dataset_row(tables, row, asked):
    n_images = len(tables.images_of(dataset_id=row["id"]))
    hidden = () if "customData" in (asked.get("extraFields") or ()) else ("customData",)
    return {name: value for name, value in row.items() if name not in hidden} | {
        "imagesCount": n_images,
        "itemsCount": n_images,
    }


@method("datasets.add")
def _(tables, asked):
    row_id = tables.add_dataset(asked["projectId"], asked["name"], asked.get("parentId"))
    return dataset_row(tables, tables.datasets[row_id], asked)


@method("datasets.info")
def _(tables, asked):
    row = tables.need(tables.datasets, asked["id"], "dataset")
    refuse_forbidden(tables, row["id"])
    return dataset_row(tables, row, asked)


@method("datasets.list")
def _(tables, asked):
    tables.need(tables.projects, asked["projectId"], "project")
    rows = [
        dataset_row(tables, row, asked)
        for row in tables.datasets.values()
        if row["projectId"] == asked["projectId"] and (asked.get("recursive") or row["parentId"] is None)
    ]
    return list_page(rows, asked, tables.habits)


def refuse_forbidden(tables, dataset_id):
    if dataset_id in tables.habits.forbidden_datasets:
        raise RefusedError(403, "Access denied", f"You have no rights to dataset {dataset_id}")


# ---- images


def image_row(tables, row, n_labels=None):
    n_labels = len(tables.figures_of(row["id"])) if n_labels is None else n_labels
    counts = {"labelsCount": n_labels, "size": row["size"]}
    if tables.habits.counts_in_text:
        counts = {name: None if value is None else str(value) for name, value in counts.items()}
    return {**row, **counts}


@method("images.list")
def _(tables, asked):
    if asked.get("datasetId") is not None:
        refuse_forbidden(tables, asked["datasetId"])
        wanted = {asked["datasetId"]}
        while asked.get("recursive"):
            below = {one["id"] for one in tables.datasets.values() if one["parentId"] in wanted} - wanted
            if not below:
                break
            wanted |= below
        rows = [row for row in tables.images.values() if row["datasetId"] in wanted]
    else:
        tables.need(tables.projects, asked["projectId"], "project")
        rows = tables.images_of(project_id=asked["projectId"])
        rows = [row for row in rows if row["datasetId"] not in tables.habits.forbidden_datasets]
    filtered = {condition["field"] for condition in asked.get("filter") or []}
    if "updatedAt" in filtered and not tables.habits.filters_by_time:
        raise RefusedError(400, "Validation failed", '"field" must be one of [id, name]')
    rows = rows[: len(rows) - tables.habits.n_images_hidden]
    n_labels = Counter(row["imageId"] for row in tables.figures.values())

    def show(row):
        return image_row(tables, row, n_labels[row["id"]])

    return list_page(rows, asked, tables.habits, default_per_page=10_000, show=show)


@method("images.info")
def _(tables, asked):
    return image_row(tables, tables.need(tables.images, asked["id"], "image"))


@method("images.download")
def _(tables, asked):
    row = tables.need(tables.images, asked["id"], "image")
    refuse_forbidden(tables, row["datasetId"])
    data = tables.file_of(row["id"])
    headers = {"x-content-checksum-sha256": checksum(data)} if tables.habits.sends_checksums else {}
    return Response(data, media_type="image/png", headers=headers)


@method("images.bulk.download")
def _(tables, asked):
    refuse_many(tables, asked["imageIds"])
    refuse_forbidden(tables, asked["datasetId"])
    return multipart([(one, tables.file_of(one)) for one in in_own_order(tables, asked["imageIds"])])


@method("images.internal.hashes.list")
def _(tables, asked):
    return [one for one in asked if one in tables.blobs]


@method("images.bulk.add")
def _(tables, asked):
    added = []
    for one in asked["images"]:
        row_id = tables.add_image(asked["datasetId"], one["title"], tables.blobs[one["hash"]])
        added.append(image_row(tables, tables.images[row_id]))
    return added


def refuse_many(tables, ids):
    if len(ids) > tables.habits.max_bulk_ids:
        limit = tables.habits.max_bulk_ids
        raise RefusedError(400, f'"ids" must contain less than or equal to {limit} items')


def in_own_order(tables, ids):
    return list(reversed(ids)) if tables.habits.shuffles_bulk_answers else list(ids)


def multipart(parts):
    """A multipart answer; each part is named after its id."""
    boundary = uuid4().hex
    body = BytesIO()
    for name, data in parts:
        disposition = f'Content-Disposition: form-data; name="{name}"; filename="{name}"'
        body.write(f"--{boundary}\r\n{disposition}\r\nContent-Type: application/octet-stream\r\n\r\n".encode())
        body.write(data + b"\r\n")
    body.write(f"--{boundary}--\r\n".encode())
    return Response(body.getvalue(), media_type=f"multipart/form-data; boundary={boundary}")


# ---- annotations and figures


def label_of(tables, row):
    names = ("id", "classId", "objectId", "description", "geometryType", "createdAt", "updatedAt", "nnCreated")
    label = {name: row[name] for name in (*names, "nnUpdated", "priority", "customData")}
    label["labelerLogin"] = row.get("labelerLogin", "ann")
    label["classTitle"] = tables.class_title(row["projectId"], row["classId"])
    label["tags"] = [tables.named_tag(row["projectId"], one) for one in row["tags"]]
    return label | ({"bitmap": None} if row["geometryType"] == "alpha_mask" else row["geometry"])


def annotation_of(tables, row):
    figures = tables.figures_of(row["id"])
    figures = figures[: max(len(figures) - tables.habits.n_figures_hidden, 0)]
    annotation = {
        "description": row["description"],
        "size": {"height": row["height"], "width": row["width"]},
        "tags": [tables.named_tag(row["projectId"], one) for one in row["tags"]],
        "objects": [label_of(tables, one) for one in figures],
    }
    if not tables.habits.tells_names:
        annotation = without_names(annotation)
    facts = {"imageId": row["id"], "imageName": row["name"], "datasetId": row["datasetId"]}
    return facts | {"createdAt": row["createdAt"], "updatedAt": row["updatedAt"], "annotation": annotation}


def without_names(annotation):
    """An annotation whose labels and tags have ids only; one without objects has not even their list."""
    labels = [{name: value for name, value in one.items() if name != "classTitle"} for one in annotation["objects"]]
    for one in (annotation, *labels):
        one["tags"] = [{name: value for name, value in tag.items() if name != "name"} for tag in one["tags"]]
    others = {name: value for name, value in annotation.items() if name != "objects"}
    return others | ({"objects": labels} if labels else {})


@method("annotations.bulk.info")
def _(tables, asked):
    refuse_many(tables, asked["imageIds"])
    refuse_forbidden(tables, asked["datasetId"])
    ids = in_own_order(tables, asked["imageIds"])
    return [annotation_of(tables, tables.need(tables.images, one, "image")) for one in ids]


@method("annotations.info")
def _(tables, asked):
    return annotation_of(tables, tables.need(tables.images, asked["imageId"], "image"))


@method("annotations.bulk.add")
def _(tables, asked):
    """Replaces whole annotations, as the platform does."""
    for one in asked["annotations"]:
        for figure in tables.figures_of(one["imageId"]):
            del tables.figures[figure["id"]]
        for label in one["annotation"]["objects"]:
            add_label(tables, one["imageId"], label)
        for tag in one["annotation"].get("tags") or []:
            tables.tag_image(one["imageId"], tag_id_of(tables, one["imageId"], tag), tag.get("value"))
    return {"success": True}


def tag_id_of(tables, image_id, tag):
    metas = tables.metas[tables.images[image_id]["projectId"]]["tags"]
    return tag.get("tagId") or next(one["id"] for one in metas if one["name"] == tag["name"])


FIGURE_FACTS = ("meta", "description", "customData", "priority", "nnCreated", "nnUpdated")


def add_label(tables, image_id, label):
    classes = tables.metas[tables.images[image_id]["projectId"]]["classes"]
    class_id = label.get("classId") or next(one["id"] for one in classes if one["title"] == label["classTitle"])
    geometry = label.get("geometry") or {name: label[name] for name in GEOMETRY_FIELDS if name in label}
    tags = [(tag_id_of(tables, image_id, tag), tag.get("value")) for tag in label.get("tags") or []]
    facts = {name: label[name] for name in FIGURE_FACTS if name in label}
    if facts and not tables.habits.takes_figure_facts:
        raise RefusedError(400, "Validation failed", f'"{next(iter(facts))}" is not allowed')
    return tables.add_figure(image_id, class_id, label["geometryType"], geometry, tags, **facts)


@method("figures.bulk.add")
def _(tables, asked):
    return [{"id": add_label(tables, one.get("entityId") or asked["entityId"], one)} for one in asked["figures"]]


@method("figures.bulk.remove")
def _(tables, asked):
    for one in asked["figureIds"]:
        if one in tables.figures:
            tables.remove_figure(one)
    return {"success": True}


@method("figures.list")
def _(tables, asked):
    rows = list(tables.figures.values())
    if asked.get("datasetId") is not None:
        refuse_forbidden(tables, asked["datasetId"])
        rows = [row for row in rows if row["datasetId"] == asked["datasetId"]]
    elif not tables.habits.lists_figures_of_projects:
        raise RefusedError(400, "Validation failed", '"datasetId" is required')
    else:
        wanted = asked["projectId"] if tables.habits.finds_figures_of_projects else None
        rows = [row for row in rows if row["projectId"] == wanted]
        rows = [row for row in rows if row["datasetId"] not in tables.habits.forbidden_datasets]
    rows = rows[: max(len(rows) - tables.habits.n_figures_hidden, 0)]
    if not tables.habits.sorts_figures:
        asked = {**asked, "sort": "id", "sort_order": "asc"}

    def show(row):
        facts = {"geometryMeta": {"bbox": extent_of(row["geometry"])}}
        tags = [{name: tag[name] for name in ("id", "tagId", "value")} for tag in row["tags"]]
        shown = {**row, **facts, "tags": tags}
        hidden = () if tables.habits.tells_figure_facts else ("updatedAt", "geometryMeta")
        return {name: value for name, value in shown.items() if name not in hidden}

    return list_page(rows, asked, tables.habits, default_per_page=20_000, always=("entityId",), show=show)


@method("figures.info")
def _(tables, asked):
    row = tables.need(tables.figures, int(asked["id"]), "figure")
    return {**row, "tags": [tables.named_tag(row["projectId"], one) for one in row["tags"]]}


@method("figures.bulk.download.geometry")
def _(tables, asked):
    refuse_many(tables, asked["ids"])
    masks = {one: tables.masks.get(one) or tables.figures[one]["geometry"].get("bitmap") for one in asked["ids"]}
    if None in masks.values():
        raise RefusedError(500, "geometry not found")
    return multipart([(one, json.dumps(masks[one]).encode()) for one in in_own_order(tables, asked["ids"])])
