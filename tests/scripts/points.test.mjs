/** What finds points: the grid, and outlines drawn around them, both against a scan of all points. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PointColumns } from '../../explorer/assets/map/columns.mjs';
import { GridIndex } from '../../explorer/assets/map/grid_index.mjs';
import { contains, rowsInside } from '../../explorer/assets/map/polygon.mjs';
import { randomOf } from './random.mjs';

function columnsOf(count, random) {
  const columns = new PointColumns(count);
  const numbers = () => Uint16Array.from({ length: count }, () => random() * 65536);
  columns.append({ x: numbers(), y: numbers(), classIndex: new Uint16Array(count), score: new Uint8Array(count) });
  return columns;
}

test('GridIndex: nearest is what a scan finds', () => {
  const random = randomOf(3);
  const columns = columnsOf(3000, random);
  const index = new GridIndex(columns);
  const accepts = (row) => row % 3 !== 0;
  let nFound = 0;
  for (let query = 0; query < 200; query++) {
    const [x, y] = [random(), random()];
    let [nearest, distance] = [-1, 0.02];
    for (let row = 0; row < columns.count; row++) {
      const [px, py] = columns.position(row);
      const here = Math.hypot(px - x, py - y);
      if (accepts(row) && here <= distance) [nearest, distance] = [row, here];
    }
    assert.equal(index.nearest(x, y, 0.02, accepts), nearest);
    nFound += nearest >= 0 ? 1 : 0;
  }
  assert.ok(nFound > 0 && nFound < 200);
});

test('GridIndex of no points finds nothing', () => {
  assert.equal(new GridIndex(new PointColumns(0)).nearest(0.5, 0.5, 1, () => true), -1);
});

test('rowsInside finds what testing every row finds', () => {
  const random = randomOf(5);
  const columns = columnsOf(4000, random);
  const corners = Array.from({ length: 30 }, () => random()).sort((a, b) => a - b).map((turn) => {
    const radius = 0.1 + 0.5 * random(); // spiky, and reaching beyond the map
    return [0.5 + radius * Math.cos(2 * Math.PI * turn), 0.5 + radius * Math.sin(2 * Math.PI * turn)];
  });
  const accepts = (row) => row % 5 !== 0;
  const expected = [...columns.x.keys()].filter((row) => accepts(row) && contains(corners, ...columns.position(row)));
  assert.deepEqual(rowsInside(new GridIndex(columns), corners, accepts).sort((a, b) => a - b), expected);
  assert.ok(expected.length > 500 && expected.length < 3000);
});

test('contains: even and odd', () => {
  const square = [[0, 0], [1, 0], [1, 1], [0, 1]];
  const inside = [[0.5, 0.5], [1.5, 0.5], [-0.1, 0.5], [0.5, 2]].map(([x, y]) => contains(square, x, y));
  assert.deepEqual(inside, [true, false, false, false]);
});
