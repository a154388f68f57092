import assert from 'node:assert/strict';
import { test } from 'node:test';

import { countWanted, rowAt, rowsOf, toggle } from '../../explorer/assets/page/jobs/dataset_tree.mjs';

const NAMES = ['', 'day', 'night', 'night/fog', 'night/rain', 'night/rain/hard', 'old/a', 'old/b', 'one/alone'];
const MARKS = { true: 'x', false: ' ', mixed: '-' };
const drawn = (names, wanted) => rowsOf(names, wanted).map(({ label, depth, checked }) => `[${MARKS[checked]}] ${'  '.repeat(depth - 1)}${label}`);

test('rowsOf: nests names, and makes a row of a folder that holds several', () => {
  assert.deepEqual(drawn(NAMES, []), [
    '[ ] ', '[ ] day', '[ ] night', '[ ]   fog', '[ ]   rain', '[ ]     hard', '[ ] old', '[ ]   a', '[ ]   b', '[ ] one/alone',
  ]);
});

test('rowsOf: what is nested in a row stands below it, whatever letters come first', () => {
  assert.deepEqual(drawn(['a', 'a b', 'a-b', 'a/c'], []), ['[ ] a', '[ ]   c', '[ ] a b', '[ ] a-b']);
});

test('rowsOf: a parent is checked with what it holds, and mixed over some of it', () => {
  assert.deepEqual(drawn(NAMES, ['night/rain', 'old/a']).slice(2, 9), [
    '[-] night', '[ ]   fog', '[x]   rain', '[x]     hard', '[-] old', '[x]   a', '[ ]   b',
  ]);
});

test('toggle: a parent checks what is below, and is sent alone', () => {
  assert.deepEqual(toggle(NAMES, ['night/fog', 'day'], 'night'), ['day', 'night']);
  assert.deepEqual(toggle(NAMES, ['night'], 'night'), []);
});

test('toggle: a folder that is no dataset is sent as those that it holds', () => {
  assert.deepEqual(toggle(NAMES, ['old/b'], 'old'), ['old/a', 'old/b']);
  assert.deepEqual(toggle(NAMES, ['old/a', 'old/b'], 'old'), []);
});

test('toggle: one taken out of a checked parent leaves the others that it holds', () => {
  assert.deepEqual(toggle(NAMES, ['night'], 'night/rain/hard'), ['night/fog']);
  assert.deepEqual(toggle(NAMES, ['night'], 'night/fog'), ['night/rain']);
});

test('toggle: images outside the others are one of them', () => {
  assert.deepEqual(toggle(NAMES, [], ''), ['']);
  assert.equal(countWanted(NAMES, ['']), 1);
});

test('countWanted: all where none is checked, else with what is nested', () => {
  assert.deepEqual([[], ['night'], ['night/rain', 'day']].map((wanted) => countWanted(NAMES, wanted)), [9, 4, 3]);
});

test('rowAt: keys go through the rows and stay within', () => {
  const rows = rowsOf(['day', 'night', 'night/fog'], []);
  const go = (path, key) => rowAt(rows, path, key);
  assert.deepEqual([go('day', 'ArrowDown'), go('day', 'ArrowUp'), go('day', 'End'), go('night/fog', 'ArrowLeft')], ['night', 'day', 'night/fog', 'night']);
  assert.deepEqual([go('night/fog', 'ArrowDown'), go('night/fog', 'Home'), go('day', 'ArrowLeft'), go('day', 'x')], ['night/fog', 'day', null, null]);
});
