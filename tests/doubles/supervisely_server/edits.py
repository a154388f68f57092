"""Methods of the API that edit objects and tags."""

from tests.doubles.supervisely_server.methods import method
from tests.doubles.supervisely_server.tables import RefusedError


@method("figures.editInfo")
def _(tables, asked):
    tables.need(tables.figures, asked["id"], "figure")
    if "classId" in asked and tables.habits.class_edits == "refuses":
        raise RefusedError(400, "Validation failed", '"classId" is not allowed')
    taken = ("classId", "geometry") if tables.habits.class_edits == "takes" else ("geometry",)
    facts = {name: asked[name] for name in taken if asked.get(name)}
    if facts:
        tables.edit_figure(asked["id"], **facts)
    return {"success": True}


@method("tags.bulk.add")
def _(tables, asked):
    known = {row["name"] for row in tables.metas[asked["projectId"]]["tags"]}
    if any(one["title"] in known for one in asked["tags"]):
        raise RefusedError(400, "NONUNIQUE", "tag")
    added = [tables.add_tag_meta(asked["projectId"], one["title"], one["settings"]["type"]) for one in asked["tags"]]
    return [{"id": one} for one in added]


@method("image-tags.bulk.add-to-image")
def _(tables, asked):
    for one in asked["ids"]:
        tables.tag_image(one, asked["tagId"], asked.get("value"))
    return {"success": True}


@method("image-tags.remove-from-image")
def _(tables, asked):
    tables.untag_image(asked["imageId"], asked["id"])
    return {"success": True}


@method("object-tags.add-to-object")
def _(tables, asked):
    return {"id": tables.tag_figure(asked["figureId"], asked["tagId"], asked.get("value"))}


@method("object-tags.remove-from-figure")
def _(tables, asked):
    tables.untag_figure(asked["figureId"], asked["id"])
    return {"success": True}


@method("projects.remove")
def _(tables, asked):
    for one in [row["id"] for row in tables.datasets.values() if row["projectId"] == asked["id"]]:
        if one in tables.datasets:
            tables.remove_dataset(one)
    del tables.projects[asked["id"]]
    return {"success": True}
