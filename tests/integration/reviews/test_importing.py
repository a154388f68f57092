"""Imported points, and verdicts on them."""

import json
import shutil

import pytest
import torch

from indexer.errors import AnnotationFormatError
from indexer.exports.export_collection import export_collection
from indexer.imports.import_embeddings import import_embeddings
from indexer.reviews.judgement import Judgement

LISTS = {
    "dataset_id": [1, 1],
    "image_id": [7, 8],
    "object_id": [70, 80],
    "object_cls": ["cat", "dog"],
    "crop_yxyx": [[0, 0, 9, 9], [0, 0, 9, 9]],
    "updated_at": ["2026-01-02T03:04:05Z"] * 2,
}


def write_folder(folder, **lists):
    """An embeddings folder with a row for each image id."""
    info = LISTS | lists
    folder.mkdir(exist_ok=True)
    torch.save(torch.eye(4)[: len(info["image_id"])], folder / "embeddings.pt")
    (folder / "info.json").write_text(
        json.dumps({name: values[: len(info["image_id"])] for name, values in info.items()})
    )
    return folder


def test_import_embeddings__again__verdicts_and_tags_stay(opened, tmp_path):
    folder = write_folder(tmp_path / "embeddings")
    workspace = opened()
    import_embeddings(workspace.collections, workspace.mend, folder)
    first, second = workspace.collections.snapshot().ids.tolist()
    reviews = workspace.reviews.add(None, [first, second], Judgement("dismiss", "ann"))
    workspace.tags.change(None, [first], add=["for Monday"])

    import_embeddings(workspace.collections, workspace.mend, folder)

    assert {one.id for one in workspace.reviews.standing()} == {one.id for one in reviews}
    assert workspace.tags.counts() == {"for Monday": 1}
    assert [one.payload["tags"] for one in workspace.collections.open().retrieve([first])] == [["for Monday"]]


def test_import_embeddings__fewer_rows__the_others_are_gone_and_other_folders_stay(opened, tmp_path):
    workspace = opened()
    import_embeddings(workspace.collections, workspace.mend, write_folder(tmp_path / "other", image_id=[1]))
    import_embeddings(workspace.collections, workspace.mend, write_folder(tmp_path / "embeddings"))

    done = import_embeddings(
        workspace.collections, workspace.mend, write_folder(tmp_path / "embeddings", image_id=[8], object_id=[80])
    )

    assert (done.n_points, done.n_removed) == (1, 1)
    assert sorted(workspace.collections.snapshot().fields["image_key"]) == ["1", "8"]


def test_import_embeddings__our_export_in_the_place_of_the_apps_folder__has_the_same_ids(opened, tmp_path):
    folder = write_folder(tmp_path / "embeddings", object_id=[70, None], object_cls=["cat", None])
    workspace = opened()
    name = import_embeddings(workspace.collections, workspace.mend, folder).collection
    before = workspace.collections.snapshot().ids.tolist()
    export_collection(workspace.export_parts, name, tmp_path / "export", export_format="embeddings-folder")
    info = json.loads((tmp_path / "export" / "info.json").read_text())
    assert {key: info[key] for key in ("dataset_id", "image_id", "object_id", "object_cls", "crop_yxyx")} == {
        "dataset_id": [1, 1],
        "image_id": info["image_id"],
        "object_id": [70 if image == 7 else None for image in info["image_id"]],
        "object_cls": ["cat" if image == 7 else None for image in info["image_id"]],
        "crop_yxyx": [[0, 0, 9, 9], [0, 0, 9, 9]],
    }
    assert sorted(info["image_id"]) == [7, 8]

    shutil.rmtree(folder)
    (tmp_path / "export").rename(folder)
    done = import_embeddings(workspace.collections, workspace.mend, folder, collection_name=name)

    assert (done.n_points, done.n_removed) == (2, 0)
    assert workspace.collections.snapshot().ids.tolist() == before


def test_import_embeddings__row_without_an_image__is_not_the_image_of_that_number(opened, tmp_path):
    folder = write_folder(tmp_path / "embeddings", image_id=[None, 0], object_id=[None, None])
    workspace = opened()
    import_embeddings(workspace.collections, workspace.mend, folder)
    assert sorted(workspace.collections.snapshot().fields["image_key"]) == ["0", "row 0"]


@pytest.mark.parametrize("model", [["clip"], "x" * 300, "two\nlines", "\ud800"], ids=["list", "long", "lines", "half"])
def test_import_embeddings__model_without_a_name__is_refused(opened, tmp_path, model):
    folder = write_folder(tmp_path / "embeddings")
    (folder / "cfg.json").write_text(json.dumps({"model_name": model}))
    workspace = opened()
    with pytest.raises(AnnotationFormatError, match=r"cfg\.json' has .* as 'model_name'; it must be a text of at most"):
        import_embeddings(workspace.collections, workspace.mend, folder)


@pytest.mark.parametrize(
    ("object_ids", "message"),
    [
        ([70, "70"], r"rows 0 and 1 of '.*info\.json' are both object '70' of image '7'; leave one out, or give each"),
        ([None, None], r"rows 0 and 1 of '.*info\.json' are both whole image '7'"),
    ],
)
def test_import_embeddings__two_rows_of_one_object__are_refused_before_anything_is_written(
    opened, tmp_path, object_ids, message
):
    workspace = opened()
    with pytest.raises(AnnotationFormatError, match=message):
        import_embeddings(
            workspace.collections,
            workspace.mend,
            write_folder(tmp_path / "twice", image_id=[7, 7], object_id=object_ids),
        )
    assert workspace.collection_names() == []


@pytest.mark.parametrize(
    "lists",
    [
        {"image_id": [7, 7], "object_id": [None, 70]},
        {"image_id": [7, 7], "object_id": [70, 70], "dataset_id": [1, 2]},
        {"image_id": [7, 7], "object_id": [70, 70], "point_id": ["of one source", "of another"]},
        {"image_id": [None, None], "object_id": [None, None]},
    ],
    ids=["image and object", "datasets", "sources", "no image named"],
)
def test_import_embeddings__rows_that_are_told_apart__are_a_point_each(opened, tmp_path, lists):
    workspace = opened()
    import_embeddings(workspace.collections, workspace.mend, write_folder(tmp_path / "embeddings", **lists))
    assert len(workspace.collections.snapshot()) == 2
