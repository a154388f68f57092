import assert from 'node:assert/strict';
import { test } from 'node:test';

import { StoredOrders } from '../../explorer/assets/page/order_store.mjs';

/** A browser's store; it is full after so many entries. */
class Storage {
  constructor(capacity = Infinity) {
    this.capacity = capacity;
    this.entries = new Map();
  }

  get length() {
    return this.entries.size;
  }

  key(place) {
    return [...this.entries.keys()][place] ?? null;
  }

  getItem(name) {
    return this.entries.get(name) ?? null;
  }

  setItem(name, text) {
    if (this.entries.size >= this.capacity) throw new Error('full');
    this.entries.set(name, text);
  }

  removeItem(name) {
    this.entries.delete(name);
  }
}

test('load: the orders of every page, the oldest first, with what changed since', () => {
  const storage = new Storage();
  const [one, other] = [new StoredOrders(storage), new StoredOrders(storage)];
  for (const key of ['c', 'a', 'b']) one.save({ key, id: key });
  other.save({ key: 'd', id: 'd' });
  one.save({ key: 'c', id: 'changed' });
  one.remove('a');
  assert.deepEqual(new Set(new StoredOrders(storage).load().map(({ id }) => id)), new Set(['changed', 'b', 'd']));
  assert.deepEqual(new StoredOrders(storage).load().map(({ id }) => id).filter((id) => id !== 'd'), ['changed', 'b']);
});

test('load: what others put there is left alone', () => {
  const storage = new Storage();
  storage.setItem('other', '{');
  storage.setItem('lookalike-order:x', '{"at": 1');
  storage.setItem('lookalike-order:y', '{"at": 1, "order": {}}');
  assert.deepEqual(new StoredOrders(storage).load(), []);
});

test('save: a full store stops nobody', () => {
  new StoredOrders(new Storage(0)).save({ key: 'a' });
});
