import assert from 'node:assert/strict';
import test from 'node:test';

import { ViewState } from '../../explorer/assets/page/views/view_state.mjs';

const nothing = { getItem: () => null, setItem: () => {} };
const given = (link) => Object.fromEntries(Object.entries(link).filter(([, values]) => values.length > 0));

test('adopt: what an address does not say, or says wrongly, is usual', () => {
  assert.equal(new ViewState('', nothing).state.view, 'map');
  const { state } = new ViewState('?view=cinema&order=prettiest', nothing);
  assert.deepEqual([state.view, state.order, state.descending], ['map', 'suspect', true]);
});

test('toLink: leads back to the same view', () => {
  const first = new ViewState('', nothing);
  first.set({ view: 'gallery', like: ['a', 'b'], isDiverse: true });
  first.orderBy('file');
  first.orderBy('file');
  assert.deepEqual(given(first.toLink()), { view: ['gallery'], order: ['file'], direction: ['down'], like: ['a', 'b'], diverse: ['yes'] });
  const search = new URLSearchParams(Object.entries(first.toLink()).flatMap(([name, values]) => values.map((one) => [name, one])));
  const second = new ViewState(`?${search}`, nothing);
  assert.deepEqual([second.toLink(), second.state.isDiverse, second.state.onePerImage], [first.toLink(), true, false]);
});

test('orderBy: another order begins in its own direction, the same one turns around', () => {
  const state = new ViewState('', nothing);
  state.orderBy('class');
  assert.equal(state.state.descending, false);
  state.orderBy('class');
  assert.equal(state.state.descending, true);
  state.orderBy('size');
  assert.equal(state.state.descending, true);
});

test('addExamples: a point is an example or a counter-example, never both', () => {
  const state = new ViewState('', nothing);
  state.addExamples('like', ['a', 'b']);
  state.addExamples('unlike', ['b', 'c']);
  assert.deepEqual([state.state.like, state.state.unlike], [['a'], ['b', 'c']]);
  state.clearExamples();
  assert.deepEqual([state.state.like, state.state.unlike], [[], []]);
});

test('resize: is kept, within bounds', () => {
  const kept = new Map();
  const storage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) };
  new ViewState('', storage).resize(1000);
  assert.equal(new ViewState('', storage).state.sizePx, 256);
});
