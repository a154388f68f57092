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
  const [one, other] = [new StoredOrders(storage, '/api/v1'), new StoredOrders(storage, '/api/v1')];
  for (const key of ['c', 'a', 'b']) one.save({ key, id: key });
  other.save({ key: 'd', id: 'd' });
  one.save({ key: 'c', id: 'changed' });
  one.remove('a');
  assert.deepEqual(new Set(new StoredOrders(storage, '/api/v1').load().map(({ id }) => id)), new Set(['changed', 'b', 'd']));
  assert.deepEqual(new StoredOrders(storage, '/api/v1').load().map(({ id }) => id).filter((id) => id !== 'd'), ['changed', 'b']);
});

test('load: what others put there is left alone', () => {
  const storage = new Storage();
  storage.setItem('other', '{');
  storage.setItem('lookalike-order:/api/v1#x', '{"at": 1');
  storage.setItem('lookalike-order:/api/v1#y', '{"at": 1, "order": {}}');
  assert.deepEqual(new StoredOrders(storage, '/api/v1').load(), []);
});

test('save: a full store stops nobody', () => {
  new StoredOrders(new Storage(0), '/api/v1').save({ key: 'a' });
});

test('load: orders for another server of the same host are left to its page', () => {
  const storage = new Storage();
  const [plain, below] = ['/api/v1', '/net/12/api/v1'].map((path) => new StoredOrders(storage, path));
  plain.save({ key: 'a' });
  below.save({ key: 'b' });
  assert.deepEqual([plain, below].map((store) => store.load().map(({ key }) => key)), [['a'], ['b']]);
  below.remove('a');
  assert.equal(storage.length, 2);
});
