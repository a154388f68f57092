"""Methods of the API for people's work: tags in bulk, labeling jobs, collections of images, Team Files."""

from fastapi import Response

from tests.doubles.supervisely_server.listings import list_page
from tests.doubles.supervisely_server.methods import METHODS, method
from tests.doubles.supervisely_server.tables import TEAM, USER, RefusedError, checksum

# ---- tags in bulk


def refuse_twice(ids):
    if len(set(ids)) < len(ids):
        raise RefusedError(400, "Validation failed", '"ids" contains a duplicate value')


@method("figures.tags.bulk.add")
def _(tables, asked):
    refuse_twice([(one["figureId"], one["tagId"]) for one in asked["tags"]])
    for one in asked["tags"]:
        tables.need(tables.figures, one["figureId"], "figure")
    return [{"id": tables.tag_figure(one["figureId"], one["tagId"], one.get("value"))} for one in asked["tags"]]


@method("image-tags.bulk.remove-from-images")
def _(tables, asked):
    refuse_twice(asked["ids"])
    for image_id in asked["ids"]:
        for one in [tag for tag in tables.images[image_id]["tags"] if tag["tagId"] in asked["tagIds"]]:
            tables.untag_image(image_id, one["id"])
    return {"success": True}


# ---- labeling jobs


@method("members.list")
def _(tables, asked):
    rows = [{"id": one, "login": login, "role": "annotator", "roleId": 4} for one, login in tables.members.items()]
    return list_page(rows, asked, tables.habits)


@method("jobs.add")
def _(tables, asked):
    if "/" in asked["name"] or not asked["meta"]["entityIds"]:
        raise RefusedError(400, "Validation failed", "name or entityIds")
    dataset, added = tables.need(tables.datasets, asked["datasetId"], "dataset"), []
    for user_id in asked["userIds"]:
        row_id, entities = tables.next_id("job"), asked["meta"]["entityIds"]
        tables.jobs[row_id] = {
            "id": row_id, "name": asked["name"], "teamId": TEAM, "projectId": dataset["projectId"],
            "datasetId": dataset["id"], "userId": user_id, "reviewerId": asked.get("reviewerId") or USER,
            "createdBy": USER, "createdAt": tables.now(), "status": "pending", "disabled": False,
            "labelingQueueId": None, "imagesCount": len(entities), "meta": asked["meta"],
            "entities": [{"id": one, "name": tables.images[one]["name"], "reviewStatus": "none"} for one in entities],
        }  # fmt: skip
        added.append({"id": row_id})
    return added


@method("jobs.info")
def _(tables, asked):
    return tables.need(tables.jobs, asked["id"], "job")


@method("jobs.list")
def _(tables, asked):
    rows = [row for row in tables.jobs.values() if asked.get("showDisabled") or not row["disabled"]]
    rows = [{name: value for name, value in row.items() if name != "entities"} for row in rows]
    return list_page(rows, asked, tables.habits)


@method("jobs.archive")
def _(tables, asked):
    tables.need(tables.jobs, asked["id"], "job")["disabled"] = True
    return {"success": True}


# ---- collections of images


@method("entities-collections.add")
def _(tables, asked):
    row_id = tables.next_id("collection")
    tables.collections[row_id] = {
        "id": row_id, "name": asked["name"], "teamId": TEAM, "projectId": asked["projectId"], "description": "",
        "type": asked["type"], "createdAt": tables.now(), "updatedAt": tables.now(), "options": {}, "items": set(),
    }  # fmt: skip
    return collection_row(tables.collections[row_id])


def collection_row(row):
    return {name: value for name, value in row.items() if name != "items"}


@method("entities-collections.list")
def _(tables, asked):
    rows = [collection_row(row) for row in tables.collections.values() if row["projectId"] == asked["projectId"]]
    return list_page(rows, asked, tables.habits)


@method("entities-collections.items.bulk.add")
def _(tables, asked):
    refuse_twice(asked["entityIds"])
    row = tables.need(tables.collections, asked["collectionId"], "collection")
    there = [one for one in asked["entityIds"] if one in tables.images]
    row["items"] |= set(there)
    missing = [{"id": one} for one in asked["entityIds"] if one not in tables.images]
    return {"items": [{"id": one, "entityId": one, "createdAt": row["createdAt"]} for one in there], "missing": missing}


LIST_IMAGES = METHODS["images.list"]


@method("images.list")
def _(tables, asked):
    """Also the images of a collection, by a typed filter."""
    wanted = [one["data"] for one in asked.get("filters") or () if one["type"] == "entities_collection"]
    if not wanted:
        return LIST_IMAGES(tables, asked)
    items = tables.need(tables.collections, wanted[0]["collectionId"], "collection")["items"]
    condition = {"field": "id", "operator": "in", "value": sorted(items)}
    return LIST_IMAGES(tables, asked | {"filter": [*(asked.get("filter") or ()), condition]})


# ---- Team Files


def upload_files(tables, parts, teamId):  # noqa: N803 - as the API names it
    """Parts come in threes: name, folder, content."""
    values = {kind: [value for name, value in parts if name == kind] for kind in ("name", "path", "file")}
    rows = []
    for name, folder, data in zip(values["name"], values["path"], values["file"], strict=True):
        row_id, path = tables.next_id("file"), f"{folder}{name}"
        tables.files[path] = (
            {
                "id": row_id, "teamId": int(teamId), "userId": USER, "name": name, "path": path, "isDir": False,
                "hash": checksum(data), "storagePath": f"/s/{row_id}", "size": len(data),
                "meta": {"size": len(data), "ext": name.rpartition(".")[2], "mime": None},
                "createdAt": tables.now(), "updatedAt": tables.now(), "fullStorageUrl": f"http://storage.invalid/{row_id}",
            },
            data,
        )  # fmt: skip
        rows.append(tables.files[path][0])
    return rows


@method("file-storage.list")
def _(tables, asked):
    start = asked["path"].rstrip("/") + "/"
    if not asked.get("recursive", True):
        return list(_list_folder(tables, start).values())
    return [row for path, (row, _) in tables.files.items() if path == asked["path"] or path.startswith(start)]


def _list_folder(tables, start):
    found = {}
    for path, (row, _) in tables.files.items():
        if path.startswith(start):
            name, _, deeper = path.removeprefix(start).partition("/")
            folder = {"id": 0, "name": name, "path": f"{start}{name}/", "isDir": True, "hash": None, "meta": {}}
            found[name] = folder if deeper else row
    return found


@method("file-storage.download")
def _(tables, asked):
    if asked["path"] not in tables.files:
        raise RefusedError(404, "File not found", asked["path"])
    row, data = tables.files[asked["path"]]
    headers = {"x-content-checksum-sha256": row["hash"]}
    return Response(data, media_type="application/octet-stream", headers=headers)


@method("file-storage.remove")
def _(tables, asked):
    start = asked["path"].rstrip("/") + "/"
    for path in [path for path in tables.files if path == asked["path"] or path.startswith(start)]:
        del tables.files[path]
    return {"success": True}
