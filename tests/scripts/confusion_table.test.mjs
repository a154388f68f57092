import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cellKey, tabulate } from '../../explorer/assets/page/worklists/confusion_table.mjs';

const cell = (given, neighborhood, count) => ({ given, neighborhood, count, ids: [] });

test('tabulate: what is not confused is left out, names are in natural order', () => {
  const table = tabulate([cell('class 10', 'class 9', 3), cell('class 9', 'class 10', 2), cell('cat', 'cat', 50)]);
  assert.deepEqual([table.rows, table.columns], [['class 9', 'class 10'], ['class 9', 'class 10']]);
  assert.equal(table.cells.get(cellKey('class 10', 'class 9')).count, 3);
  assert.deepEqual([table.highest, table.nPoints, table.nHidden], [3, 5, 0]);
});

test('tabulate: a thousand classes make a bounded table of the fullest cells', () => {
  const cells = Array.from({ length: 1000 }, (_, place) => cell(`c${place}`, `c${(place + 1) % 1000}`, 1000 - place));
  const table = tabulate(cells, { mostClasses: 20 });
  assert.deepEqual([table.rows.length, table.columns.length, table.cells.size], [20, 20, 20]);
  assert.equal(table.cells.has(cellKey('c0', 'c1')), true);
  assert.equal(table.nPoints, 500500);
  assert.equal(table.nHidden, 500500 - (1000 + 981) * 10);
  assert.deepEqual([table.pairs.length, table.pairs[999].count], [1000, 1]);
});

test('tabulate: a search finds a name on both sides', () => {
  const cells = [cell('cat', 'dog', 3), cell('dog', 'fox', 2), cell('fox', 'cat', 1)];
  assert.deepEqual([...tabulate(cells, { query: ' DOG ' }).cells.keys()], [cellKey('cat', 'dog'), cellKey('dog', 'fox')]);
  assert.equal(tabulate(cells, { query: 'cow' }).cells.size, 0);
});
