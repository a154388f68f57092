import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DockState } from '../../explorer/assets/page/dock_state.mjs';
import { IndexForm } from '../../explorer/assets/page/jobs/index_form.mjs';
import { keptIn } from '../../explorer/assets/page/kept.mjs';
import { StoredOrders } from '../../explorer/assets/page/order_store.mjs';
import { ViewState } from '../../explorer/assets/page/views/view_state.mjs';

/** A browser's store that has room for so many entries. */
function storageFor(most = Infinity) {
  const entries = new Map();
  return {
    most,
    get length() { return entries.size; },
    key: (place) => [...entries.keys()][place] ?? null,
    getItem: (name) => entries.get(name) ?? null,
    setItem(name, text) {
      if (entries.size + (entries.has(name) ? 0 : 1) > this.most || text.length > 100_000) throw new DOMException('full', 'QuotaExceededError');
      entries.set(name, text);
    },
    removeItem: (name) => entries.delete(name),
  };
}

const forbidden = () => { throw new DOMException('denied', 'SecurityError'); };
const namesOf = (kept) => Array.from({ length: kept.length }, (_, place) => kept.key(place));

test('keptIn: what there is room for is kept in the store', () => {
  const storage = storageFor();
  const kept = keptIn(() => storage);
  kept.setItem('a', '1');
  kept.setItem('b', '2');
  kept.removeItem('a');
  assert.deepEqual([storage.getItem('a'), storage.getItem('b'), kept.getItem('a'), kept.getItem('b')], [null, '2', null, '2']);
});

test('keptIn: where the store is forbidden, the page keeps all by itself', () => {
  for (const give of [forbidden, () => null]) {
    const kept = keptIn(give);
    assert.deepEqual([kept.getItem('a'), kept.length, kept.key(0)], [null, 0, null]);
    for (const name of ['a', 'b', 'c']) kept.setItem(name, `${name}!`);
    kept.removeItem('b');
    assert.deepEqual([namesOf(kept), kept.getItem('a'), kept.getItem('b'), kept.key(2)], [['a', 'c'], 'a!', null, null]);
  }
});

test('keptIn: names that a full store refuses are counted behind those it has, each once', () => {
  const storage = storageFor(2);
  const kept = keptIn(() => storage);
  for (const name of ['a', 'b', 'c', 'd']) kept.setItem(name, name);
  kept.setItem('a', 'long'.repeat(50_000));
  assert.deepEqual([namesOf(kept), kept.getItem('a').length, storage.getItem('a')], [['a', 'b', 'c', 'd'], 200_000, 'a']);
  kept.removeItem('b');
  kept.setItem('c', 'kept now');
  assert.deepEqual([namesOf(kept), storage.getItem('c'), kept.getItem('c')], [['a', 'c', 'd'], 'kept now', 'kept now']);
  kept.removeItem('a');
  assert.deepEqual([namesOf(kept), kept.getItem('a')], [['c', 'd'], null]);
});

for (const [words, give] of [['full', () => storageFor(0)], ['forbidden', forbidden]]) {
  test(`a ${words} store holds up neither separator, nor size of crops, nor verdicts`, () => {
    const kept = keptIn(give);
    new DockState(['suspects'], null, kept).resize(400, 900);
    assert.equal(new DockState(['suspects'], null, kept).state.heightPx, 400);
    new ViewState('', kept).resize(128);
    assert.equal(new ViewState('', kept).state.sizePx, 128);
    for (const key of ['x', 'y']) new StoredOrders(kept).save({ key });
    assert.deepEqual(new StoredOrders(kept).load().map(({ key }) => key).sort(), ['x', 'y']);
  });

  test(`a ${words} store holds up no index run`, async () => {
    const sent = [];
    const runs = { start: async (request) => { sent.push(request); return { id: 'r' }; }, state: { runs: [] }, subscribe: () => {} };
    const form = new IndexForm(runs, { send: async () => new Response('[]'), storage: keptIn(give), started: () => {} });
    form.show({ source: '/data/pets' });
    await form.start();
    assert.deepEqual([sent.length, form.state.words], [1, '']);
  });
}
