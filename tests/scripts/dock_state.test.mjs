import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { DockState, FIRST_PX, highestPx, LOWEST_PX } from '../../explorer/assets/page/dock_state.mjs';

const KEYS = ['suspects', 'duplicates', 'selection'];
let kept, storage, state;

const open = (wanted = null) => new DockState(KEYS, wanted, storage);

beforeEach(() => {
  kept = new Map();
  storage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) };
  state = open();
});

test('constructor: opens what the address asks for, else the first', () => {
  assert.deepEqual([open('duplicates'), open('nonsense'), open()].map((one) => one.state.open), [
    'duplicates', 'suspects', 'suspects',
  ]);
});

test('tabOf: arrows go round, Home and End go to the ends', () => {
  assert.deepEqual(['ArrowRight', 'ArrowLeft', 'Home', 'End', 'x'].map((key) => state.tabOf(key)), [
    'duplicates', 'selection', 'suspects', 'selection', null,
  ]);
});

test('lend: a selection opens its list, and its end what was open before', () => {
  state.open('duplicates');
  state.lend('selection', true);
  assert.equal(state.state.open, 'selection');
  state.lend('selection', false);
  assert.equal(state.state.open, 'duplicates');
});

test('lend: a list that was opened by hand stays', () => {
  state.lend('selection', true);
  state.open('duplicates');
  state.lend('selection', false);
  assert.equal(state.state.open, 'duplicates');
  state.open('selection');
  state.lend('selection', false);
  assert.equal(state.state.open, 'selection');
});

test('resize: leaves some of the map, and the height is kept', () => {
  state.resize(400, 800);
  assert.equal(open().state.heightPx, 400);
  state.resize(5000, 800);
  assert.equal(state.state.heightPx, highestPx(800));
  state.resize(1, 800);
  assert.equal(state.state.heightPx, LOWEST_PX);
});

test('resizeByKey: arrows resize, Enter is full height and back', () => {
  state.resizeByKey('ArrowUp', 800);
  assert.equal(state.state.heightPx > FIRST_PX, true);
  assert.equal(state.resizeByKey('Enter', 800), true);
  assert.equal(state.state.isFull, true);
  state.resizeByKey('Enter', 800);
  assert.equal(state.state.isFull, false);
  assert.equal(state.resizeByKey('x', 800), false);
});
