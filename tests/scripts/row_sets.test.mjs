import assert from 'node:assert/strict';
import test from 'node:test';

import { combineRows, RowHistory } from '../../explorer/assets/map/row_sets.mjs';

test('combineRows: Shift adds, Alt takes away, else it is another set', () => {
  assert.deepEqual(combineRows([1, 2], [2, 3], 'add'), [1, 2, 3]);
  assert.deepEqual(combineRows([1, 2], [2, 3], 'subtract'), [1]);
  assert.deepEqual(combineRows([1, 2], [2, 3], 'replace'), [2, 3]);
  assert.deepEqual(combineRows([], [2], 'subtract'), []);
});

test('RowHistory: leads back and forth until something else is chosen', () => {
  const history = new RowHistory();
  assert.equal(history.canUndo, false);
  for (const rows of [[1], [1], [1, 2], []]) history.note(rows);
  assert.deepEqual([history.step(-1), history.step(-1), history.step(-1), history.step(-1)], [[1, 2], [1], [], null]);
  assert.deepEqual(history.step(1), [1]);
  history.note([9]);
  assert.deepEqual([history.canRedo, history.canUndo], [false, true]);
  assert.deepEqual(history.step(-1), [1]);
});

test('RowHistory: leads to the same points on another map, but for those that it lacks', () => {
  const history = new RowHistory();
  for (const rows of [[0, 2], [1], [2, 1]]) history.note(rows);
  history.renumber(Int32Array.from([-1, 5, 7]));
  assert.deepEqual([history.step(-1), history.step(-1), history.step(-1)], [[5], [7], []]);
});

test('RowHistory: keeps fifty steps, and none of another map', () => {
  const history = new RowHistory();
  for (let row = 0; row < 200; row++) history.note([row]);
  assert.equal(history.sets.length, 50);
  history.forget();
  assert.equal(history.canUndo, false);
});
