import assert from 'node:assert/strict';
import test from 'node:test';

import { TabSelections } from '../../explorer/assets/page/views/tab_selections.mjs';

function memory(mostLetters = Infinity) {
  const items = new Map();
  return {
    items,
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => {
      if (value.length > mostLetters) throw new Error('QuotaExceededError');
      items.set(name, value);
    },
  };
}

const DIGITS = { collection: 'digits', map: 'umap' };
/** @param {number} n @param {number} first */
const rowsFrom = (n, first) => Array.from({ length: n }, (_, place) => first + place * 40_000);

test('keep: a page that is loaded again finds the rows in their order', () => {
  const storage = memory();
  const key = new TabSelections(() => storage).keep({ ...DIGITS, rows: [7, 3, 1796, 3000] });
  assert.deepEqual(new TabSelections(() => storage).find(key), { ...DIGITS, rows: [7, 3, 1796, 3000] });
});

test('keep: the same rows of the same map have one key', () => {
  const tab = new TabSelections(memory);
  const key = tab.keep({ ...DIGITS, rows: [1, 2] });
  assert.equal(tab.keep({ ...DIGITS, rows: [1, 2] }), key);
  assert.notEqual(tab.keep({ ...DIGITS, map: 'pca', rows: [1, 2] }), key);
  assert.notEqual(tab.keep({ ...DIGITS, rows: [2, 1] }), key);
});

test('find: another tab knows none of them', () => {
  const key = new TabSelections(memory).keep({ ...DIGITS, rows: [1] });
  assert.equal(new TabSelections(memory).find(key), null);
});

test('keep: the oldest give way', () => {
  const tab = new TabSelections(memory);
  const keys = Array.from({ length: 51 }, (_, row) => tab.keep({ ...DIGITS, rows: [row] }));
  assert.deepEqual([tab.find(keys[0]), tab.find(keys[1])?.rows], [null, [1]]);
});

test('keep: what is kept is bounded, and one that is too long is known while the page is open', () => {
  const storage = memory();
  const tab = new TabSelections(() => storage);
  const keys = [0, 1, 2, 3].map((first) => tab.keep({ ...DIGITS, rows: rowsFrom(40_000, first) })); // 3 letters each and a space
  assert.deepEqual(keys.map((key) => tab.find(key)?.rows.length), [undefined, 40_000, 40_000, 40_000]);
  const long = tab.keep({ ...DIGITS, rows: rowsFrom(60_000, 2) });
  assert.equal(tab.keep({ ...DIGITS, rows: rowsFrom(60_000, 2) }), long);
  assert.deepEqual([tab.find(long)?.rows.length, tab.find(keys[3])?.rows.length], [60_000, 40_000]);
  const again = new TabSelections(() => storage);
  assert.deepEqual([again.find(long), again.find(keys[3])?.rows.length], [null, 40_000]);
});

test('keep: with little room the newest is kept, and the page goes on with all', () => {
  const storage = memory(200);
  const tab = new TabSelections(() => storage);
  const first = tab.keep({ ...DIGITS, rows: rowsFrom(20, 0) });
  const second = tab.keep({ ...DIGITS, rows: rowsFrom(20, 1) });
  assert.deepEqual([tab.find(first)?.rows.length, tab.find(second)?.rows.length], [20, 20]);
  const again = new TabSelections(() => storage);
  assert.deepEqual([again.find(first), again.find(second)?.rows.length], [null, 20]);
});

test('a browser that gives no storage, or a damaged one, keeps the selection while the page is open', () => {
  const denied = new TabSelections(() => { throw new Error('SecurityError'); });
  const storage = memory();
  storage.items.set('lookalike-selections', '{"a": 1}');
  for (const tab of [denied, new TabSelections(() => storage)]) {
    const key = tab.keep({ ...DIGITS, rows: [5] });
    assert.deepEqual(tab.find(key)?.rows, [5]);
  }
});
