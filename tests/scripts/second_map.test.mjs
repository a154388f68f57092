/** Two maps of the same points, without a document. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DELETED_CLASS, PointColumns } from '../../explorer/assets/map/columns.mjs';
import { LinkedColumns, parsePlaces } from '../../explorer/assets/map/linked_columns.mjs';
import { chooseMap, namesOfMaps, wordsOfMissing } from '../../explorer/assets/page/second_map/map_choice.mjs';

const NOWHERE = 65535;

function placesBody(x, y, nMore = 0, magic = 'LKP1') {
  const body = new Uint8Array(16 + 4 * x.length);
  body.set(new TextEncoder().encode(magic));
  [x.length, 0, nMore].forEach((value, place) => new DataView(body.buffer).setUint32(4 + 4 * place, value, true));
  new Uint16Array(body.buffer, 16).set([...x, ...y]);
  return body.buffer;
}

function firstMap(classes) {
  const columns = new PointColumns(classes.length);
  const places = Uint16Array.from(classes, (_, row) => 100 * row);
  columns.append({ x: places, y: places, classIndex: Uint16Array.from(classes), score: new Uint8Array(classes.length) });
  return columns;
}

test('parsePlaces: reads where points are, and refuses what is no answer', () => {
  const { x, y, nMore } = parsePlaces(placesBody([1, 2], [3, 4], 7), 2);
  assert.deepEqual([[...x], [...y], nMore], [[1, 2], [3, 4], 7]);
  assert.throws(() => parsePlaces(placesBody([1], [1]), 2), /of 1 points, the map has 2/);
  assert.throws(() => parsePlaces(placesBody([1], [1], 0, 'LKM1'), 1), /LKM1/);
});

test('LinkedColumns: shares all but the places, so that a change on one map is one on the other', () => {
  const first = firstMap([0, 1, 0]);
  const second = new LinkedColumns(first, parsePlaces(placesBody([9, 8, 7], [1, 2, 3]), 3));
  for (const name of ['classIndex', 'score', 'value', 'category', 'chosen', 'faded']) assert.equal(second[name], first[name]);
  first.relabel([0], [1]);
  second.followClasses();
  assert.deepEqual([[...second.x], [...second.classIndex], second.count, second.nMissing], [[9, 8, 7], [1, 1, 0], 3, 0]);
});

test('LinkedColumns: rows without a place are not drawn, change no extent, and follow their classes', () => {
  const first = firstMap([0, 1, DELETED_CLASS, 1]);
  const second = new LinkedColumns(first, parsePlaces(placesBody([NOWHERE, 500, NOWHERE, 900], [NOWHERE, 600, NOWHERE, 700], 2), 4));
  assert.deepEqual([...second.classIndex], [DELETED_CLASS, 1, DELETED_CLASS, 1]);
  assert.deepEqual([...first.classIndex], [0, 1, DELETED_CLASS, 1]);
  const { left, right } = second.bounds();
  assert.deepEqual([left, right], [500 / 65535, 900 / 65535]);
  assert.deepEqual([0, 1, 2, 3].map((row) => second.isMissing(row)), [true, false, true, false]);
  assert.deepEqual([second.nMissing, second.nMore], [1, 2]); // a deleted point is missed by nobody
  assert.deepEqual([...second.numbered(Uint16Array.of(5, 6, 7, 8)).classIndex], [DELETED_CLASS, 6, DELETED_CLASS, 8]);
  first.relabel([1], [0]);
  second.followClasses();
  assert.deepEqual([...second.classIndex], [DELETED_CLASS, 0, DELETED_CLASS, 1]);
});

test('LinkedColumns: of maps without a common point still has an extent', () => {
  const second = new LinkedColumns(firstMap([0]), parsePlaces(placesBody([NOWHERE], [NOWHERE], 3), 1));
  assert.deepEqual([second.nMissing, second.bounds().left < 1], [1, true]);
});

const made = (id, method, at = '2026-01-02T03:04:05Z') => ({ id, method, metric: 'cosine', created_at: at, n_points: 3 });

test('chooseMap: the one that the address asks for, else the newest other one, else the same once more', () => {
  const maps = [made('new', 'umap'), made('old', 'pca')];
  assert.equal(chooseMap(maps, 'old', 'old').id, 'old');
  assert.equal(chooseMap(maps, 'gone', 'new').id, 'old');
  assert.equal(chooseMap(maps, null, 'old').id, 'new');
  assert.equal(chooseMap([maps[0]], null, 'new').id, 'new');
  assert.equal(chooseMap([], null, 'new'), null);
});

test('namesOfMaps: equal names are told apart', () => {
  const words = namesOfMaps([made('a', 'umap'), made('b', 'umap', '2026-01-01T00:00:00Z'), made('c', 'pca')], 'a').map((one) => one.words);
  assert.deepEqual(words, [
    'UMAP · cosine · 2026-01-02 03:04:05 (the first map again)', 'UMAP · cosine · 2026-01-01 00:00:00', 'PCA · cosine',
  ]);
});

test('wordsOfMissing: says which points one of the maps lacks', () => {
  const all = { nMissing: 0, nMore: 0, nShared: 9, nChosenMissing: 0, isPointMissing: false };
  assert.deepEqual(wordsOfMissing(all), []);
  assert.deepEqual(wordsOfMissing({ ...all, nMissing: 34, nMore: 1, nChosenMissing: 2, isPointMissing: true }), [
    '34 points are not on this map.', '1 point is on this map only, and not shown.', '2 of the selected are among those missing.',
    'The point that you look at is not on this map.',
  ]);
  assert.deepEqual(wordsOfMissing({ ...all, nMissing: 9, nShared: 0 }), ['No point of the first map is on this one.']);
});
