/** What is judged and taken back on the page, without a document. */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { Judging } from '../../explorer/assets/page/judging.mjs';
import { ReviewQueue } from '../../explorer/assets/page/review_queue.mjs';

let judging, queue, said, shown, lists;

const on = (id, collection = 'pets') => ({ collection, id, seen: { [id]: { className: 'cat', review: null } } });

function openCollection(name) {
  queue.open(name);
  lists.collection = { name, display_name: name.toUpperCase() };
}

beforeEach(() => {
  [said, shown] = [[], []];
  let nKeys = 0;
  queue = new ReviewQueue({
    send() {}, store: { load: () => [], save() {}, remove() {} }, newKey: () => `key-${++nKeys}`, who: () => 'Ann', onChange() {},
  });
  const suspects = { gave: ({ id }) => shown.push(`gave ${id}`), tookBack: ({ id }) => shown.push(`tookBack ${id}`) };
  lists = { collection: null, judged: { foresee() {}, takeBack() {} }, suspects, active: suspects };
  judging = new Judging(queue, lists, (text) => said.push(text));
  openCollection('pets');
});

test('judge: the suspects show it at once, and a verdict that waits is told', () => {
  judging.judge('dismiss', on('a'), null);
  judging.judge('accept', on('a'), 'dog');
  assert.deepEqual([shown, said], [['gave a'], ['A verdict on this is being recorded.']]);
});

test('undoLast: takes back what was judged in the open collection alone, and says so if there is nothing', () => {
  judging.judge('dismiss', on('a'), null);
  openCollection('cars');
  judging.undoLast();
  assert.deepEqual([shown, queue.orders.length], [['gave a'], 1]);
  assert.deepEqual(said, ['No verdict was given in CARS since this page was opened. The Reviewed tab has the earlier ones.']);
  openCollection('pets');
  judging.undoLast();
  assert.deepEqual([shown, queue.orders.length, said.length], [['gave a', 'tookBack a'], 2, 1]);
});

test('undoReview: what is taken back of another collection is not looked for in the open one', () => {
  judging.judge('dismiss', on('a'), null);
  queue.done({ made: [{ id: 'r1', point_id: 'a' }] });
  openCollection('cars');
  judging.undoReview('r1', 'pets', true);
  assert.deepEqual([shown, queue.orders.map(({ collection, undone }) => [collection, undone.review])], [['gave a'], [['pets', 'r1']]]);
});

test('judge: a verdict on a collection that was closed moves no list', () => {
  judging.judge('dismiss', on('a', 'cars'), null);
  assert.deepEqual([shown, queue.orders.length], [[], 1]);
});
