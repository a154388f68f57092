"""Every geometry that the SDK uploads survives a copy that takes its object's place: not a pixel moves."""

import warnings

import pytest

from indexer.collection.collections import Collections
from indexer.collection.revision_cache import RevisionCache
from indexer.reviews.judgement import Judgement
from indexer.reviews.log import ReviewLog
from indexer.reviews.reviews import Reviews
from tests.doubles import CountingEmbedder
from tests.integration.supervisely.projects import points_by_object
from tests.integration.supervisely.test_geometries import uploaded  # noqa: F401 - a fixture

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    sly = pytest.importorskip("supervisely", reason="the Supervisely SDK is not installed")


def geometries(server, class_id=None):
    """Type, geometry and mask of every object."""
    return sorted(
        repr((row["geometryType"], row["geometry"], server.tables.masks.get(row["id"])))
        for row in server.tables.figures.values()
        if class_id in (None, row["classId"])
    )


@pytest.mark.parametrize("way", ["takes", "ignores"])
@pytest.mark.parametrize("lost", [None, "figures.bulk.upload.geometry", "figures.bulk.add"])
def test_apply__every_geometry_is_the_same(server, uploaded, store, collection, run, tmp_path, way, lost):  # noqa: F811
    server.habits.class_edits = way
    project = next(iter(server.tables.projects))
    anything = server.tables.add_class(project, "anything")
    run(f"supervisely://{project}")
    before, embeddings = geometries(server), points_by_object(collection)
    reviews = Reviews(Collections(store, RevisionCache()), ReviewLog(tmp_path / "log.jsonl"))
    ids = [point.id for point in embeddings.values()]
    reviews.add(collection.name, ids, Judgement("accept", "ann", "anything", allows_new_class=True))
    if lost is not None:
        server.fail(lost, keep_share=0)

    applied = reviews.apply(collection.name, who="ann")

    assert [one.reason for one in applied.outcomes] == [""] * len(ids)
    assert geometries(server) == before
    assert len(geometries(server, anything)) == len(ids) >= 9
    embedder = CountingEmbedder()
    assert run(f"supervisely://{project}", embedder=embedder).instances.payload_updated == len(ids)
    assert embedder.n_embedded == 0
    restored = reviews.restore(applied.run, who="ann")
    assert (len(restored.paths), restored.kept) == (len(ids), {})
    assert geometries(server) == before
