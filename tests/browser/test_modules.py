"""The renderer's modules, one by one, run where they will run: in the browser."""

from __future__ import annotations

import struct

import numpy as np
import pytest


@pytest.fixture(scope="module")
def page(browser, server):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server}/api/v1/health")  # any page of the same origin, without the explorer
    yield page
    context.close()


def run(page, module: str, body: str, argument: object = None) -> object:
    """Run a function body with a module of the map as ``m`` and an argument as ``a``."""
    return page.evaluate(f"async a => {{ const m = await import('/assets/map/{module}.mjs'); {body} }}", argument)


def test_block_stream__reads_blocks_and_their_padding(page):
    rows = [(1, 10, 0, 0), (2, 20, 1, 254), (3, 30, 65535, 255)]
    blocks = []
    for block in (rows[:2], rows[2:]):
        x, y, class_index, score = zip(*block, strict=True)
        packed = struct.pack(f"<{3 * len(block)}H{len(block)}B", *x, *y, *class_index, *score)
        blocks.append(packed + b"\0" * (-len(packed) % 4))
    body = b"LKM1" + struct.pack("<III", 3, 2, 2) + b"".join(blocks)
    page.route("**/tiny-map", lambda route: route.fulfill(body=body))
    seen = run(
        page,
        "block_stream",
        """
        const seen = [];
        await m.streamMap('/tiny-map', {
          onHeader: header => seen.push(header),
          onBlock: ({ x, y, classIndex, score }) => seen.push([[...x], [...y], [...classIndex], [...score]]),
        });
        return seen;""",
    )
    assert seen == [
        {"nPoints": 3, "blockRows": 2, "nClasses": 2},
        [[1, 2], [10, 20], [0, 1], [0, 254]],
        [[3], [30], [65535], [255]],
    ]


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"LKM1" + struct.pack("<III", 9, 9, 1), 200, "ended 64 bytes early"),
        (b"<!doctype html>..", 200, 'it starts with "<!do"'),
        (b"{}", 404, "could not be loaded (status 404)"),
    ],
)
def test_block_stream__says_what_is_wrong(page, body, status, message):
    page.route("**/broken-map", lambda route: route.fulfill(body=body, status=status))
    said = run(
        page,
        "block_stream",
        "return m.streamMap('/broken-map', { onHeader() {}, onBlock() {} }).then(() => '', error => error.message);",
    )
    page.unroute("**/broken-map")
    assert message in said


def test_camera__screen_and_world_are_inverse(page):
    assert run(
        page,
        "camera",
        """
        const camera = new m.Camera();
        camera.resize(800, 400);
        camera.lookAt(0.25, 0.75, 2);
        return [camera.toScreen(0.25, 0.75), camera.toScreen(0.5, 1), camera.toWorld(600, 0)];""",
    ) == [[400, 200], [600, 0], [0.5, 1]]


def test_camera__fit_leaves_a_margin(page):
    corners = run(
        page,
        "camera",
        """
        const camera = new m.Camera();
        camera.resize(800, 400);
        camera.fit({ left: 0.4, bottom: 0.2, right: 0.6, top: 0.3 }, 50);
        return [camera.toScreen(0.4, 0.3), camera.toScreen(0.6, 0.2)];""",
    )
    np.testing.assert_allclose(corners, [[100, 50], [700, 350]])


def test_camera__view_survives_a_link(page):
    assert run(
        page,
        "camera",
        """
        const camera = new m.Camera();
        const understood = ['2.500,0.25000,0.75000', '', null, 'a,b,c', '1,2', '-1,0,0'].map(t => camera.fromText(t));
        return [understood, camera.toText()];""",
    ) == [[True, False, False, False, False, False], "2.500,0.25000,0.75000"]


def test_grid_index__nearest_is_what_a_scan_finds(page):
    random = np.random.default_rng(3)
    points = random.integers(0, 65536, (3000, 2))
    queries = random.random((200, 2))
    radius = 0.02
    found = run(
        page,
        "grid_index",
        """
        const { PointColumns } = await import('/assets/map/columns.mjs');
        const columns = new PointColumns(a.x.length);
        columns.append({ x: a.x, y: a.y, classIndex: a.x.map(() => 0), score: a.x.map(() => 0) });
        const index = new m.GridIndex(columns);
        return a.queries.map(([x, y]) => index.nearest(x, y, a.radius, row => row % 3 !== 0));""",
        {"x": points[:, 0].tolist(), "y": points[:, 1].tolist(), "queries": queries.tolist(), "radius": radius},
    )
    distances = np.linalg.norm(points[None] / 65535 - queries[:, None], axis=2)
    distances[:, ::3] = np.inf  # rows that are not accepted
    expected = np.where(distances.min(axis=1) <= radius, distances.argmin(axis=1), -1)
    assert found == expected.tolist()
    assert 0 < (expected >= 0).mean() < 1


def test_grid_index__of_no_points_finds_nothing(page):
    assert (
        run(
            page,
            "grid_index",
            """
        const { PointColumns } = await import('/assets/map/columns.mjs');
        return new m.GridIndex(new PointColumns(0)).nearest(0.5, 0.5, 1, () => true);""",
        )
        == -1
    )


def test_polygon__rows_inside_are_what_testing_every_row_finds(page):
    random = np.random.default_rng(5)
    points = random.integers(0, 65536, (4000, 2))
    angles = np.sort(random.random(30)) * 2 * np.pi
    radii = 0.1 + 0.5 * random.random(30)  # spiky, and reaching beyond the map
    corners = np.stack([0.5 + radii * np.cos(angles), 0.5 + radii * np.sin(angles)], axis=1)
    fast, slow = run(
        page,
        "polygon",
        """
        const { PointColumns } = await import('/assets/map/columns.mjs');
        const { GridIndex } = await import('/assets/map/grid_index.mjs');
        const columns = new PointColumns(a.x.length);
        columns.append({ x: a.x, y: a.y, classIndex: a.x.map(() => 0), score: a.x.map(() => 0) });
        const accepts = row => row % 5 !== 0;
        const fast = m.rowsInside(new GridIndex(columns), a.corners, accepts).sort((p, q) => p - q);
        const slow = a.x.map((_, row) => row).filter(
          row => accepts(row) && m.contains(a.corners, ...columns.position(row)));
        return [fast, slow];""",
        {"x": points[:, 0].tolist(), "y": points[:, 1].tolist(), "corners": corners.tolist()},
    )
    assert fast == slow
    assert 500 < len(fast) < 3000


def test_polygon__even_odd(page):
    inside = run(
        page,
        "polygon",
        "return a.map(([x, y]) => m.contains([[0, 0], [1, 0], [1, 1], [0, 1]], x, y));",
        [[0.5, 0.5], [1.5, 0.5], [-0.1, 0.5], [0.5, 2]],
    )
    assert inside == [True, False, False, False]


def test_palette__class_and_ramp_texels(page):
    classes, scores, trusts = run(
        page,
        "palette",
        """
        const classes = m.classTexels(['#ff0000', '#00ff00'], Uint8Array.of(1, 0));
        const ends = placeOf => {
          const ramp = m.rampTexels(['#000000', '#ffffff'], '#123456', placeOf);
          return [0, 254, 255].map(index => [...ramp.slice(4 * index, 4 * index + 4)]);
        };
        return [[...classes.slice(0, 8)], ends(m.RAMP_PLACES.score), ends(m.RAMP_PLACES.trust)];""",
    )
    assert classes == [255, 0, 0, 255, 0, 255, 0, 0]
    black, white, none = [0, 0, 0, 255], [255, 255, 255, 255], [0x12, 0x34, 0x56, 255]
    assert scores == [black, white, none]
    assert trusts == [white, black, none]  # what can be trusted recedes


def test_frame_budget__follows_the_measured_time(page):
    assert run(
        page,
        "frame_budget",
        """
        const budget = new m.FrameBudget();
        const rows = [budget.rows];
        for (const [drawn, ms] of [[100000, 5], [200000, 90], [10, 1], [66667, 1000]]) {
          budget.adapt(drawn, ms);
          rows.push(budget.rows);
        }
        return rows;""",
    ) == [100_000, 200_000, 66_667, 66_667, 25_000]


def test_name_labels__medians_of_the_classes(page):
    medians = run(
        page,
        "name_labels",
        """
        const columns = {
          count: 5,
          x: Uint16Array.of(0, 65535, 65535, 0, 9), y: Uint16Array.of(65535, 0, 65535, 0, 9),
          classIndex: Uint16Array.of(0, 0, 0, 1, 65535),
        };
        return m.classMedians(columns, 3);""",
    )
    assert medians == [{"x": 1, "y": 1, "count": 3}, {"x": 0, "y": 0, "count": 1}, None]


def test_name_labels__the_largest_comes_first_and_none_covers_another(page):
    placed = run(
        page,
        "name_labels",
        """
        const { Camera } = await import('/assets/map/camera.mjs');
        const camera = new Camera();
        camera.resize(100, 100);
        const labels = new m.NameLabels();
        labels.labels = [
          { text: 'large', index: 0, x: 0.5, y: 0.5 }, { text: 'beside', index: 1, x: 0.6, y: 0.5 },
          { text: 'below', index: 2, x: 0.5, y: 0.2 }, { text: 'hidden', index: 3, x: 0.5, y: 0.9 },
        ];
        const place = () => labels.place(camera, Uint8Array.of(1, 1, 1, 0), () => 20).map(label => label.text);
        const seen = [place()];
        camera.lookAt(0.5, 0.5, 4.5);
        seen.push(place());
        camera.lookAt(0.5, 0.5, 1);
        labels.isShown = false;
        return [...seen, place()];""",
    )
    assert placed == [["large", "below"], [], []]
