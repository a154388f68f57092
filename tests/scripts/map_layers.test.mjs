/** What a map shows besides its dots: density, what lies on top, what is out of view, pictures, and columns of values. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Camera } from '../../explorer/assets/map/camera.mjs';
import { PointColumns } from '../../explorer/assets/map/columns.mjs';
import { countCells, densityContours, marchingSquares, typicalDensity } from '../../explorer/assets/map/density.mjs';
import { GridIndex } from '../../explorer/assets/map/grid_index.mjs';
import { Layers, rowsInView } from '../../explorer/assets/map/layers.mjs';
import { topRows } from '../../explorer/assets/map/top_rows.mjs';
import { whatIsUnseen } from '../../explorer/assets/map/unseen.mjs';
import { parseColumn } from '../../explorer/assets/map/value_column.mjs';
import { linesOf, pictureName } from '../../explorer/assets/page/coloring/map_picture.mjs';
import { MapCrops } from '../../explorer/assets/page/map_crops.mjs';
import { swipeMeans } from '../../explorer/assets/page/phone/swipe.mjs';

/** @param {[number, number][]} places in the unit square */
function columnsOf(places) {
  const columns = new PointColumns(places.length);
  columns.append({
    x: Uint16Array.from(places, ([x]) => Math.round(x * 65535)), y: Uint16Array.from(places, ([, y]) => Math.round(y * 65535)),
    classIndex: new Uint16Array(places.length), score: new Uint8Array(places.length),
  });
  return columns;
}

const cloud = (n, x, y, size) => Array.from({ length: n }, (_, k) => [x + ((k % 10) / 10 - 0.45) * size, y + (Math.floor(k / 10) / (n / 10) - 0.45) * size]);

function columnBody(info, values, nPoints = values.length) {
  let words = JSON.stringify(info);
  words += ' '.repeat((4 - (words.length % 4)) % 4);
  const body = new Uint8Array(16 + words.length + values.byteLength);
  body.set(new TextEncoder().encode('LKC1'));
  const head = new DataView(body.buffer);
  [nPoints, values.BYTES_PER_ELEMENT, words.length].forEach((value, place) => head.setUint32(4 + 4 * place, value, true));
  body.set(new TextEncoder().encode(words), 16);
  body.set(new Uint8Array(values.buffer), 16 + words.length);
  return body.buffer;
}

test('parseColumn: words and values of both widths', () => {
  const info = { name: 'dataset', kind: 'category', categories: [{ name: 'a', count: 2 }] };
  const found = parseColumn(columnBody(info, Uint16Array.of(0, 65535, 0)), 3);
  assert.deepEqual(found, { info, values: Uint16Array.of(0, 65535, 0) });
  assert.deepEqual([...parseColumn(columnBody({ name: 'trust' }, Uint8Array.of(7, 255)), 2).values], [7, 255]);
});

test('parseColumn: says what is no column of the map', () => {
  assert.throws(() => parseColumn(new TextEncoder().encode('<html> and more').buffer, 3), /starts with "<htm"/);
  assert.throws(() => parseColumn(columnBody({ name: 'trust' }, Uint8Array.of(7, 255)), 3), /are of 2 points, the map has 3/);
});

test('mostBounds: a single point far away is left out, and all others are in', () => {
  const columns = columnsOf([...cloud(400, 0.3, 0.3, 0.2), [0.98, 0.98]]);
  const { left, right, top } = columns.mostBounds();
  assert.ok(left < 0.22 && right < 0.5 && top < 0.5, `${left} ${right} ${top}`);
  assert.ok(right > 0.39);
});

test('mostBounds: of points without strays everything', () => {
  const columns = columnsOf(cloud(400, 0.5, 0.5, 0.9));
  assert.deepEqual(columns.mostBounds(), columns.bounds());
});

test('countCells: each point in its cell, from the lower left', () => {
  assert.deepEqual([...countCells(columnsOf([[0, 0], [0.9, 0.1], [1, 1], [1, 1]]), 2)], [1, 1, 0, 2]);
});

test('typicalDensity: points in a corner lie more densely than the same points spread out', () => {
  const spread = typicalDensity(columnsOf(cloud(900, 0.5, 0.5, 1)));
  const crowded = typicalDensity(columnsOf(cloud(900, 0.1, 0.1, 0.1)));
  assert.ok(crowded > 10 * spread, `${crowded} ${spread}`);
});

test('marchingSquares: a line around one full cell', () => {
  const pieces = marchingSquares(Float32Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0), 3, 0.5);
  assert.equal(pieces.length, 4 * 4);
  for (let k = 0; k < pieces.length; k += 2) assert.ok(Math.abs(Math.hypot(pieces[k] - 0.5, pieces[k + 1] - 0.5) - 1 / 6) < 1e-6);
});

test('densityContours: the innermost line lies around the denser of two clouds', () => {
  const columns = columnsOf([...cloud(900, 0.25, 0.25, 0.1), ...cloud(100, 0.75, 0.75, 0.1)]);
  const lines = densityContours(columns, () => true);
  assert.ok(lines.length >= 2);
  assert.ok(lines.at(-1).every((place) => place < 0.4));
  assert.ok(densityContours(columns, () => false).length === 0);
});

test('topRows: the highest fiftieth, fewer where too many are equal, and none without values', () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, row) => row % 250);
  assert.deepEqual([...new Set([...topRows(bytes, (value) => value)].map((row) => row % 250))], [245, 246, 247, 248, 249]);
  assert.equal(topRows(new Uint8Array(1000).fill(9), (value) => value).length, 0);
  assert.equal(topRows(new Uint8Array(1000).fill(255), (value) => value).length, 0);
  assert.ok([...topRows(bytes, (value) => 1 - value)].every((row) => row % 250 < 5));
});

test('whatIsUnseen: counts strays in the first view only, and knows an empty view', () => {
  const columns = columnsOf([[0.5, 0.5], [0.5, 0.6], [0.99, 0.99]]);
  const camera = new Camera();
  camera.resize(100, 100);
  camera.lookAt(0.5, 0.5, 2);
  const map = { nPoints: 3, isVisible: () => true, camera, columns, viewport: { isChosen: false, isWhole: false } };
  assert.equal(whatIsUnseen(map), '1 point lies outside.');
  map.viewport.isChosen = true;
  assert.equal(whatIsUnseen(map), '');
  camera.lookAt(0.1, 0.1, 20);
  assert.equal(whatIsUnseen(map), 'No point is in view.');
  assert.equal(whatIsUnseen({ ...map, isVisible: () => false }), '');
});

test('rowsInView: those on the screen, or null for too many', () => {
  const columns = columnsOf([[0.5, 0.5], [0.52, 0.5], [0.9, 0.9]]);
  const camera = new Camera();
  camera.resize(100, 100);
  camera.lookAt(0.5, 0.5, 4);
  const index = new GridIndex(columns);
  assert.deepEqual(rowsInView(index, camera, () => true, 2).sort(), [0, 1]);
  assert.equal(rowsInView(index, camera, () => true, 1), null);
});

test('Layers: contours are made once, and anew when other points are visible', () => {
  let nDrawn = 0;
  let accepts = true;
  const layers = new Layers(() => columnsOf(cloud(100, 0.5, 0.5, 0.2)), () => accepts, () => { nDrawn += 1; });
  assert.deepEqual(layers.lines(), []);
  layers.showContours(true);
  const lines = layers.lines();
  assert.ok(lines.length > 0);
  assert.equal(layers.lines(), lines);
  accepts = false;
  layers.changed();
  assert.deepEqual([layers.lines(), nDrawn], [[], 1]);
});

test('MapCrops: few requests at a time, each picture once, and none from far away', async () => {
  const asked = [];
  let nOpen = 0;
  let most = 0;
  const load = async (url) => {
    asked.push(url);
    nOpen += 1;
    most = Math.max(most, nOpen);
    await new Promise((resolve) => { setTimeout(resolve, 1); });
    nOpen -= 1;
    return { width: 1, height: 1 };
  };
  const rows = Array.from({ length: 20 }, (_, row) => row);
  const map = { rowsInView: () => rows, camera: { zoom: 1 }, layers: { crops: new Map(), showCrops(crops) { this.crops = crops; } } };
  const crops = new MapCrops(map, (row, sizePx) => `${row}/${sizePx}`, load, () => ({ width: 1, height: 1 }));
  crops.look();
  assert.equal(asked.length, 0);
  map.camera.zoom = 3;
  crops.look();
  while (map.layers.crops.size < 20) await new Promise((resolve) => { setTimeout(resolve, 1); });
  crops.look();
  assert.deepEqual([asked.length, most], [20, 6]);
  map.rowsInView = () => null;
  crops.look();
  assert.equal(map.layers.crops.size, 0);
});

test('a picture that cannot be read has another in its place, until it can be', async () => {
  const failed = { words: 'cannot be read' };
  const there = { words: 'there' };
  let isDamaged = true;
  const map = { rowsInView: () => [0, 1], camera: { zoom: 3 }, layers: { crops: new Map(), showCrops(crops) { this.crops = crops; } } };
  const load = async (url) => { if (isDamaged && url === '1/96') throw new Error('damaged'); return there; };
  const crops = new MapCrops(map, (row, sizePx) => `${row}/${sizePx}`, load, () => failed);
  const settle = () => new Promise((done) => { setTimeout(done); });
  crops.look();
  await settle();
  assert.deepEqual([...map.layers.crops], [[0, there], [1, failed]]);
  isDamaged = false;
  crops.look();
  await settle();
  assert.deepEqual([...map.layers.crops], [[0, there], [1, there]]);
});

test('pictureName: of the collection, fit for a file', () => {
  assert.equal(pictureName('Straßen 2026/Nord'), 'Straßen-2026-Nord-map.png');
  assert.equal(pictureName('../..'), 'map-map.png');
});

test('swipeMeans: right accepts, left keeps, short or steep means nothing', () => {
  assert.deepEqual([swipeMeans(90, 10), swipeMeans(-90, 10), swipeMeans(50, 0), swipeMeans(90, 80)], ['accept', 'dismiss', null, null]);
});

test('linesOf: in the legend of a picture, a cluster of two classes has a line for each', () => {
  const classes = ['stamps/town-houses-cartoon', 'stamps/animals-insects-cartoon'];
  const entries = [`${classes.join(' / ')} (2)`, classes[0], 'unlabelled'].map((name) => ({ name, color: '#123456', count: 9 }));
  const lines = (/** @type {string} */ coloring) => linesOf(coloring, entries, classes).map((one) => one.lines);
  assert.deepEqual(lines('cluster'), [['town-houses-cartoon /', 'animals-insects-cartoon (2)'], ['town-houses-cartoon'], ['unlabelled']]);
  assert.deepEqual(linesOf('dataset', [{ ...entries[0], name: 'a / b' }], classes)[0].lines, ['a / b']);
});
