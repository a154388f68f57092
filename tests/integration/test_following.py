"""What is computed from points follows them, from process to process and from one state of a source to the next."""

from importlib import import_module

import numpy as np
import pytest

from indexer.domain import CollectionSpec, CropOptions
from indexer.insights.duplicates import DUPLICATES
from indexer.insights.outliers import OUTLIERS
from indexer.insights.suspects import SuspectModel
from indexer.insights.suspects.suspects import find_origin
from indexer.maps.maps import is_map_of
from indexer.maps.maps import project_points as project_points_unwatched
from indexer.neighbors.graph import build_neighbor_graph
from indexer.neighbors.graphs import N_NEIGHBORS
from indexer.pipeline.sync import sync
from indexer.points import make_point_id
from indexer.settings import IndexerSettings
from indexer.workspace import Workspace
from tests.copies import copy_data
from tests.doubles import CountingEmbedder, MemoryImage, MemorySource, make_object, png

N_POINTS = 240
SPEC = CollectionSpec("fake:mean-colour", "mean", 4, CropOptions().text)


def random_png(random):
    return png(tuple(int(value) for value in random.integers(0, 256, 3)))


def make_source():
    """Reddish cats and bluish dogs of random colours; image 7, a red one, is called a dog."""
    random = np.random.default_rng(0)
    images = {}
    for number in range(N_POINTS):
        is_red = number % 2 == 1
        strong, weak, green = (int(value) for value in random.integers((150, 0, 0), (256, 90, 120)))
        colour = (strong, green, weak) if is_red else (weak, green, strong)
        images[f"{number}"] = MemoryImage(png(colour), [make_object("1", "cat" if is_red and number != 7 else "dog")])
    return MemorySource(images)


@pytest.fixture(scope="module")
def indexed(tmp_path_factory):
    """A data directory with the source in it; making a store costs seconds, copying one does not."""
    data_dir = tmp_path_factory.mktemp("data")
    with Workspace.open(IndexerSettings(data_dir=data_dir)) as made:
        made.store.create_collection("test", SPEC)
        index(made, make_source())
    return data_dir


@pytest.fixture
def source():
    return make_source()


@pytest.fixture
def reopen(indexed, tmp_path):
    """Open the one data directory, as every new process does."""
    copy_data(indexed, tmp_path / "data")
    opened = []

    def open_again():
        for workspace in opened:
            workspace.close()
        opened.append(Workspace.open(IndexerSettings(data_dir=tmp_path / "data")))
        return opened[-1]

    yield open_again
    opened[-1].close()


@pytest.fixture
def workspace(reopen):
    return reopen()


@pytest.fixture
def searches(monkeypatch):
    """How many points each search for a neighbor graph started from."""
    started = []

    def count(points, embeddings, **options):
        rows = []
        found = search(points, embeddings, **options | {"on_progress": lambda stage, done, total: rows.append(total)})
        started.append(max(rows, default=0))
        return found

    from indexer.neighbors.graphs import search_points as search

    monkeypatch.setattr("indexer.neighbors.graphs.search_points", count)
    return started


@pytest.fixture
def fits(monkeypatch):
    """The class names that each fit of the suspect model was given."""
    started = []

    def count(columns, graph, *, class_names, on_progress):
        started.append(list(class_names))
        return fit(columns, graph, class_names=class_names, on_progress=on_progress)

    from indexer.insights.suspects.suspects import fit_suspects as fit

    monkeypatch.setattr("indexer.insights.suspects.suspects.fit_suspects", count)
    return started


def index(workspace, source):
    return sync(source, CountingEmbedder(), workspace.collections.open("test"))


def id_of(number):
    return make_point_id("memory", f"{number}", "1")


def row_of(workspace, number):
    return int(workspace.collections.snapshot().rows_of([id_of(number)])[0])


def ranked_of(workspace):
    return workspace.suspects.rank(workspace.collections.snapshot()).columns


def graph_of(workspace):
    return workspace.graphs.graph(workspace.collections.snapshot())


def assert_is_full_search(workspace, graph):
    expected = build_neighbor_graph(workspace.collections.snapshot().embeddings(), n_neighbors=N_NEIGHBORS)
    np.testing.assert_array_equal(graph.indices, expected.indices)
    np.testing.assert_allclose(graph.similarities, expected.similarities, atol=1e-6)


# The neighbor graph


def test_graph__next_process_searches_nothing(workspace, reopen, searches):
    graph = graph_of(workspace)
    assert searches == [N_POINTS]

    again = reopen()

    assert_is_full_search(again, graph_of(again))
    np.testing.assert_array_equal(graph_of(again).indices, graph.indices)
    again.suspects.find()
    again.insights.ask(DUPLICATES, DUPLICATES.question())
    assert searches == [N_POINTS]


def test_graph__next_process_reads_no_embeddings_for_it(workspace, reopen):
    graph_of(workspace)

    again = reopen()
    again.insights.ask(OUTLIERS, OUTLIERS.question())

    assert not again.collections.snapshot().has_embeddings


@pytest.mark.parametrize("is_new_process", [False, True])
def test_graph__changed_added_and_removed_images_search_only_what_they_must(
    workspace, reopen, source, searches, is_new_process
):
    graph_of(workspace)
    random = np.random.default_rng(1)
    source.images["20"].data = random_png(random)
    source.images["new"] = MemoryImage(random_png(random), [make_object("1")])
    del source.images["30"]

    workspace = reopen() if is_new_process else workspace
    index(workspace, source)
    graph = graph_of(workspace)

    assert_is_full_search(workspace, graph)
    assert searches[0] == N_POINTS
    assert 2 <= searches[1] < N_POINTS / 3
    np.testing.assert_array_equal(graph_of(reopen()).indices, graph.indices)
    assert len(searches) == 2


def test_graph__edited_classes_search_nothing(workspace, source, searches):
    graph = graph_of(workspace)
    source.change("7", "1", class_name="cat")
    index(workspace, source)

    assert graph_of(workspace) is graph
    assert len(searches) == 1


def test_graph__maps_of_the_followed_and_of_a_new_graph_are_equal_to_the_bit(workspace, source):
    graph_of(workspace)
    source.images["20"].data = random_png(np.random.default_rng(1))
    index(workspace, source)

    embeddings = workspace.collections.snapshot().embeddings()
    maps = [
        project_points_unwatched(embeddings, method="umap", graph=graph).coordinates
        for graph in (
            graph_of(workspace),
            build_neighbor_graph(embeddings, n_neighbors=N_NEIGHBORS),
        )
    ]

    np.testing.assert_array_equal(maps[0], maps[1])


def test_graph__damaged_file_is_made_anew(workspace, reopen, searches, tmp_path):
    graph_of(workspace)
    (path,) = (tmp_path / "data" / "insights").rglob("*.npz")
    path.write_bytes(path.read_bytes()[:1000])

    again = reopen()

    assert_is_full_search(again, graph_of(again))
    assert searches == [N_POINTS, N_POINTS]
    graph_of(reopen())
    assert len(searches) == 2


def test_graph__folder_that_cannot_be_written__answers_all_the_same(workspace, tmp_path):
    (tmp_path / "data" / "insights").write_text("in the way")

    assert_is_full_search(workspace, graph_of(workspace))


def test_delete_collection__takes_the_graph_with_it(workspace, source, searches, tmp_path):
    graph_of(workspace)
    assert list((tmp_path / "data" / "insights").rglob("*.npz"))

    workspace.delete_collection("test")

    assert not list((tmp_path / "data" / "insights").rglob("*.npz"))
    workspace.store.create_collection("test", SPEC)
    index(workspace, source)
    assert_is_full_search(workspace, graph_of(workspace))
    assert searches == [N_POINTS, N_POINTS]


# Suspects


def fit_anew(workspace):
    """The ranking of the points by a model that knew nothing before."""
    snapshot = workspace.collections.snapshot()
    return SuspectModel(snapshot.embeddings(), snapshot.fields["class_name"], origin=find_origin(snapshot)).rank()


def test_suspects__follow_an_edited_class_without_a_fit(workspace, source, fits):
    assert workspace.suspects.find(limit=1).suspects[0].point.id == id_of(7)
    source.change("7", "1", class_name="cat")
    source.change("20", "1", class_name="lynx")
    index(workspace, source)

    ranked = ranked_of(workspace)

    assert len(fits) == 1
    assert not workspace.collections.snapshot().has_embeddings
    assert ranked.classes[ranked.given[row_of(workspace, 7)]] == "cat"
    assert ranked.classes[ranked.given[row_of(workspace, 20)]] == "lynx"
    assert workspace.suspects.find(limit=1).suspects[0].point.id != id_of(7)
    expected = fit_anew(workspace)
    np.testing.assert_array_equal(ranked.top(N_POINTS), expected.top(N_POINTS))
    np.testing.assert_allclose(ranked.ridge_margin, expected.ridge_margin, atol=1e-4)
    np.testing.assert_allclose(ranked.relative_distance, expected.relative_distance, atol=1e-4)


def test_suspects__follow_edits_that_come_one_after_the_other(workspace, source, fits):
    before = [suspect.point.id for suspect in workspace.suspects.find(limit=5).suspects]
    for class_name in ("cat", "bird", "dog"):
        source.change("7", "1", class_name=class_name)
        index(workspace, source)
        after = [suspect.point.id for suspect in workspace.suspects.find(limit=5).suspects]

    assert after == before
    assert len(fits) == 1


def test_suspects__class_taken_away_or_given_is_fitted_anew(workspace, source, fits):
    source.change("7", "1", class_name="")
    index(workspace, source)
    assert ranked_of(workspace).given[row_of(workspace, 7)] == -1

    source.change("7", "1", class_name="cat")
    index(workspace, source)

    assert ranked_of(workspace).given[row_of(workspace, 7)] >= 0
    assert len(fits) == 2


def test_suspects__many_edited_classes_give_the_ranking_of_a_fresh_fit(workspace, source, fits):
    workspace.suspects.find()
    for number in range(0, N_POINTS, 5):
        source.change(f"{number}", "1", class_name="fifth")
    index(workspace, source)

    ranked = ranked_of(workspace)

    assert len(fits) == 1
    expected = fit_anew(workspace)
    np.testing.assert_array_equal(ranked.top(N_POINTS), expected.top(N_POINTS))
    np.testing.assert_allclose(ranked.ridge_margin, expected.ridge_margin, atol=1e-4)


def test_suspects__changed_image_is_fitted_anew(workspace, source, fits):
    workspace.suspects.find()
    source.images["7"].data = png((20, 30, 200))
    index(workspace, source)

    workspace.suspects.find()

    assert len(fits) == 2


@pytest.mark.parametrize("written", ["before the search", "during the fit"])
def test_suspects__of_points_written_meanwhile__are_those_that_were_judged(workspace, source, monkeypatch, written):
    expected = [suspect.point.id for suspect in workspace.suspects.find(limit=5).suspects]
    stages = {
        "before the search": "indexer.neighbors.graphs.search_points",
        "during the fit": "indexer.insights.suspects.suspects.fit_suspects",
    }
    module, name = stages[written].rsplit(".", 1)
    original = getattr(import_module(module), name)

    def write_first(*arguments, **options):
        monkeypatch.setattr(stages[written], original)
        for number in range(5):  # their ids lie between the others, so that rows shift
            source.images[f"late {number}"] = MemoryImage(png((0, 0, number)), [make_object("1", "cat")])
        index(workspace, source)
        return original(*arguments, **options)

    monkeypatch.setattr(stages[written], write_first)
    source.images["early"] = MemoryImage(png((0, 5, 200)), [make_object("1", "dog")])
    index(workspace, source)

    assert [suspect.point.id for suspect in workspace.suspects.find(limit=5).suspects] == expected
    assert workspace.suspects.find().n_ranked == N_POINTS + 6


# Maps


def test_make__edited_classes_make_no_other_map(workspace, source):
    made = workspace.maps.make(method="pca")
    source.change("7", "1", class_name="cat")
    index(workspace, source)

    assert workspace.maps.make(method="pca").header.id == made.header.id
    assert is_map_of(made, workspace.collections.snapshot())


def test_make__point_embedded_anew_while_the_map_was_made_is_placed_anew(workspace, source, monkeypatch):
    def change_meanwhile(embeddings, **options):
        source.images["21"].data = source.images["20"].data  # a red one becomes blue, after embeddings were read
        index(workspace, source)
        return project_points_unwatched(embeddings, **options)

    monkeypatch.setattr("indexer.maps.maps.project_points", change_meanwhile)
    made = workspace.maps.make(method="pca")
    assert not is_map_of(made, workspace.collections.snapshot())

    followed = workspace.maps.make(method="pca")

    blue, changed = row_of(workspace, 20), row_of(workspace, 21)
    has_moved = (followed.coordinates != made.coordinates).any(axis=1)
    assert np.flatnonzero(has_moved).tolist() == [changed]
    moved_to, stood_at = (np.linalg.norm(m.coordinates[changed] - m.coordinates[blue]) for m in (followed, made))
    assert moved_to < stood_at / 3
    assert is_map_of(followed, workspace.collections.snapshot())
