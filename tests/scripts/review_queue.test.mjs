import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { ReviewQueue } from '../../explorer/assets/page/review_queue.mjs';

/** Keeps orders as the browser's store does: as text. */
class Store {
  constructor() {
    this.kept = new Map();
  }

  load() {
    return [...this.kept.values()].map((text) => JSON.parse(text));
  }

  save(order) {
    this.kept.set(order.key, JSON.stringify(order));
  }

  remove(key) {
    this.kept.delete(key);
  }
}

let queue, sent, store, nKeys, nWaiting;

function open(collection = 'pets') {
  sent = [];
  queue = new ReviewQueue({
    send: (order) => sent.push(order),
    store,
    newKey: () => `key-${++nKeys}`,
    who: () => 'Ann',
    onChange: (count) => { nWaiting = count; },
  });
  queue.resume();
  queue.open(collection);
}

beforeEach(() => {
  store = new Store();
  nKeys = 0;
  open();
});

const on = (id, more = {}) => ({ collection: 'pets', id, seen: { [id]: { className: 'cat', review: null } }, ...more });
const review = (id, pointId) => ({ id, point_id: pointId, verdict: 'dismiss' });
const recorded = (id, pointId) => queue.done({ made: [review(id, pointId)] });
const takenBack = (id, pointId, standing = null) => queue.done({ takenBack: { undone: review(id, pointId), standing } });
const refused = () => queue.done({ refusal: 'no' });

test('judge: one order at a time, in the order in which they were given', () => {
  queue.judge('dismiss', on('a'));
  queue.judge('accept', on('b', { group: ['b', 'c'] }), 'dog');
  assert.deepEqual(sent.map(({ id }) => id), ['a']);
  recorded('r1', 'a');
  assert.deepEqual(sent[1], {
    key: 'key-2', who: 'Ann', collection: 'pets', id: 'b', verdict: 'accept', className: 'dog', group: ['b', 'c'],
    seen: { b: { className: 'cat', review: null } },
  });
  recorded('r2', 'b');
  assert.equal(queue.orders.length, 0);
});

test('onChange: how many wait is told with every order and every answer', () => {
  const counts = [];
  queue.onChange = (count) => counts.push(count);
  for (const id of ['a', 'b', 'c']) queue.judge('dismiss', on(id));
  recorded('r1', 'a');
  assert.deepEqual(counts, [1, 2, 3, 2]);
});

test('judge: a point that is being judged is not judged twice, but one that was taken back is', () => {
  assert.notEqual(queue.judge('dismiss', on('a')), null);
  assert.equal(queue.judge('accept', on('a')), null);
  queue.undoLastBatch('pets');
  assert.notEqual(queue.judge('accept', on('a')), null);
  assert.equal(queue.orders.length, 3);
});

test('judge: what leaves the list is gone at once, what is skipped stays', () => {
  queue.judge('accept', on('a'));
  queue.judge('skip', on('b'));
  assert.deepEqual([[...queue.gone], [...queue.skipped]], [['a'], ['b']]);
});

test('judge: who judges a point again has seen what the page did to it', () => {
  queue.judge('dismiss', on('a'));
  queue.undoLastBatch('pets');
  queue.judge('accept', on('a'), 'dog');
  recorded('r1', 'a');
  takenBack('r1', 'a', { id: 'r0' });
  assert.equal(sent[2].seen.a.review, 'r0');
});

test('judge: several points leave the list together, and come back together', () => {
  queue.judge('dismiss', on('a', { group: ['a', 'b'] }));
  assert.deepEqual([...queue.gone], ['a', 'b']);
  queue.listed(['c']);
  assert.deepEqual([...queue.gone], ['a', 'b']);
  queue.undoLastBatch('pets');
  assert.equal(queue.gone.size, 0);
  queue.judge('skip', on('c', { group: ['c', 'd'] }));
  assert.deepEqual([...queue.skipped], ['c', 'd']);
});

test('done: a refusal brings all its points back', () => {
  queue.judge('dismiss', on('a', { group: ['a', 'b'] }));
  refused();
  assert.equal(queue.gone.size, 0);
});

test('done: a later verdict on several points has seen what an earlier one left on each', () => {
  const seen = Object.fromEntries(['a', 'b'].map((id) => [id, { className: 'cat', review: null }]));
  queue.judge('skip', on('b'));
  queue.judge('dismiss', { collection: 'pets', id: 'a', group: ['a', 'b'], seen });
  recorded('r1', 'b');
  assert.deepEqual([sent[1].seen.a.review, sent[1].seen.b.review], [null, 'r1']);
});

test('listed: a point that the new list does not have is gone for good, once its verdict is recorded', () => {
  queue.judge('accept', on('a'));
  queue.judge('accept', on('b'));
  queue.listed(['b', 'c']);
  assert.deepEqual([...queue.gone], ['a', 'b']);
  recorded('r1', 'a');
  queue.listed(['b', 'c']);
  assert.deepEqual([...queue.gone], ['b']);
});

test('undoLast: the last verdict first, each by the review that it became', () => {
  queue.judge('dismiss', on('a'));
  queue.judge('dismiss', on('b'));
  queue.undoLastBatch('pets');
  queue.undoLastBatch('pets');
  assert.deepEqual(queue.undoLastBatch('pets'), []);
  assert.equal(queue.gone.size, 0);
  recorded('r1', 'a');
  recorded('r2', 'b');
  assert.equal(sent.at(-1).undone.review, 'r2');
  takenBack('r2', 'b');
  assert.equal(sent.at(-1).undone.review, 'r1');
});

test('undoReview: one of another page is taken back once', () => {
  assert.equal(queue.undoReview('r9', 'pets').id, null);
  assert.equal(queue.undoReview('r9', 'pets'), null);
  assert.deepEqual([sent[0].collection, sent[0].undone.review], ['pets', 'r9']);
});

test('done: a refusal brings its point back and touches no other verdict', () => {
  for (const id of ['a', 'b', 'c']) queue.judge('dismiss', on(id));
  refused();
  assert.deepEqual([...queue.gone], ['b', 'c']);
  recorded('r2', 'b');
  recorded('r3', 'c');
  assert.deepEqual(sent.map(({ id }) => id), ['a', 'b', 'c']);
  assert.deepEqual(queue.verdicts.map((given) => given.review), ['r2', 'r3']);
});

test('done: a verdict that was refused is not taken back', () => {
  queue.judge('dismiss', on('a'));
  queue.undoLastBatch('pets');
  queue.judge('accept', on('a'), 'dog');
  refused();
  assert.deepEqual(queue.orders.map(({ verdict }) => verdict), ['accept']);
  assert.equal(nWaiting, 1);
  assert.deepEqual([...queue.gone], ['a']);
  assert.equal(store.kept.size, 1);
});

test('done: whether a verdict stands whose undo was refused, the list tells, and the next undo is of the one before', () => {
  queue.judge('dismiss', on('a'));
  recorded('r1', 'a');
  queue.judge('dismiss', on('b'));
  recorded('r2', 'b');
  queue.undoLastBatch('pets');
  refused();
  assert.deepEqual([[...queue.gone], queue.verdicts.map((given) => given.review)], [['a'], ['r1']]);
  assert.deepEqual(queue.undoLastBatch('pets').map(({ id }) => id), ['a']);
});

test('resume: a page that opens goes on where the last one was closed, with the same keys', () => {
  queue.judge('dismiss', on('a'));
  queue.judge('skip', on('b'));
  queue.judge('dismiss', on('c'));
  queue.undoLastBatch('pets');
  recorded('r1', 'a');
  open();
  assert.deepEqual(queue.orders.map(({ key, id }) => [key, id]), [['key-2', 'b'], ['key-3', 'c'], ['key-4', 'c']]);
  assert.deepEqual(sent.map(({ key }) => key), ['key-2']);
  assert.deepEqual(queue.verdicts.map(({ id }) => id), ['b']);
  recorded('r2', 'b');
  recorded('r3', 'c');
  assert.equal(sent.at(-1).undone.review, 'r3');
  takenBack('r3', 'c');
  assert.equal(store.kept.size, 0);
});

test('resume: an undo whose verdict was recorded before the reload knows its review', () => {
  queue.judge('dismiss', on('a'));
  queue.undoLastBatch('pets');
  recorded('r1', 'a');
  open();
  assert.equal(sent[0].undone.review, 'r1');
});

test('undoLastBatch: verdicts that were given together are taken back together', () => {
  let key = 0;
  const kept = { load: () => [], save: () => {}, remove: () => {} };
  const own = new ReviewQueue({ send: () => {}, store: kept, newKey: () => `key${++key}`, who: () => 'ann', onChange: () => {} });
  const of = (id) => ({ collection: 'pets', id });
  own.judge('accept', of('a'), 'cat');
  const batch = {};
  for (const [id, name] of [['b', 'cat'], ['c', 'dog']]) own.judge('accept', of(id), name, batch);
  assert.deepEqual(own.undoLastBatch('pets').map(({ id }) => id), ['c', 'b']);
  assert.deepEqual(own.verdicts.map(({ id }) => id), ['a']);
  assert.deepEqual(own.undoLastBatch('pets').map(({ id }) => id), ['a']);
  assert.deepEqual(own.undoLastBatch('pets'), []);
});

test('undoTogether: the message about the last of several verdicts takes all of them back', () => {
  queue.judge('accept', on('a'), 'cat');
  const batch = {};
  for (const [id, name] of [['b', 'cat'], ['c', 'dog']]) queue.judge('accept', on(id), name, batch);
  for (const [of, id] of [['r1', 'a'], ['r2', 'b'], ['r3', 'c']]) recorded(of, id);
  assert.equal(queue.countTogether(batch.key), 2);
  assert.deepEqual(queue.undoTogether('r3', 'pets').map(({ id, nTogether }) => [id, nTogether]), [['c', 2], ['b', 2]]);
  assert.deepEqual(queue.verdicts.map(({ id }) => id), ['a']);
  assert.deepEqual(queue.undoTogether('r1', 'pets').map(({ id }) => id), ['a']);
});

const all = (...ids) => on(ids[0], { group: ids, seen: Object.fromEntries(ids.map((id) => [id, { className: 'cat', review: null }])) });
const recordedAll = (reviews) => queue.done({ made: Object.entries(reviews).map(([pointId, id]) => review(id, pointId)) });

test('judge: a verdict on many is taken though its first point waits, and has seen what came of that', () => {
  queue.judge('dismiss', on('a'));
  assert.notEqual(queue.judge('skip', all('a', 'b', 'c')), null);
  assert.equal(queue.judge('skip', all('c', 'b', 'a')), null);
  recorded('r1', 'a');
  assert.deepEqual(Object.values(sent[1].seen).map((seen) => seen.review), ['r1', null, null]);
  recordedAll({ a: 'r2', b: 'r3', c: 'r4' });
  assert.deepEqual(queue.orders, []);
});

test('judge: one point of many that wait is judged anew, and then all of them once more', () => {
  queue.judge('dismiss', all('a', 'b'));
  assert.notEqual(queue.judge('skip', on('a')), null);
  assert.notEqual(queue.judge('dismiss', all('a', 'b')), null);
  recordedAll({ a: 'r1', b: 'r2' });
  recorded('r3', 'a');
  assert.deepEqual([sent[1].seen.a.review, sent[2].seen.a.review, sent[2].seen.b.review], ['r1', 'r3', 'r2']);
});

test('judge: what is left for later after all is on the list', () => {
  queue.judge('dismiss', on('a'));
  queue.judge('skip', all('a', 'b'));
  assert.deepEqual([[...queue.gone], [...queue.skipped]], [[], ['a', 'b']]);
});

test('judge: after many are taken back, what stood on each before stands again, also after a reload', () => {
  for (const isReloaded of [false, true]) {
    store = new Store();
    open();
    queue.judge('dismiss', on('b'));
    queue.judge('skip', all('a', 'b'));
    queue.undoLastBatch('pets');
    queue.judge('accept', on('b'), 'dog');
    recorded('r1', 'b');
    recordedAll({ a: 'r2', b: 'r3' });
    if (isReloaded) open();
    takenBack('r2', 'a');
    assert.equal(sent.at(-1).seen.b.review, 'r1');
  }
});

test('done: what is taken back stays hidden if it was judged again', () => {
  queue.judge('dismiss', on('a'));
  queue.undoLastBatch('pets');
  queue.judge('accept', on('a'), 'dog');
  recorded('r1', 'a');
  takenBack('r1', 'a');
  assert.deepEqual([...queue.gone], ['a']);
});

test('open: verdicts hide nothing of another collection, whose points may have the same ids', () => {
  queue.judge('dismiss', on('a'));
  queue.judge('skip', on('b'));
  for (const name of ['cars', null]) {
    queue.open(name);
    assert.deepEqual([[...queue.gone], [...queue.skipped]], [[], []]);
  }
  queue.open('pets');
  assert.deepEqual([[...queue.gone], [...queue.skipped]], [['a'], ['b']]);
  open('cars');
  assert.deepEqual([[...queue.gone], queue.orders.length], [[], 2]);
});

test('open: what is taken back of another collection shows nothing of this one', () => {
  queue.judge('dismiss', on('a'));
  recorded('r1', 'a');
  queue.open('cars');
  queue.judge('dismiss', on('a', { collection: 'cars' }));
  queue.undoReview('r1', 'pets');
  assert.deepEqual([...queue.gone], ['a']);
  recorded('r2', 'a');
  takenBack('r1', 'a');
  assert.deepEqual([...queue.gone], ['a']);
  queue.judge('dismiss', on('b', { collection: 'cars' }));
  queue.judge('dismiss', on('b'));
  recorded('r3', 'b');
  refused();
  assert.deepEqual([...queue.gone], ['a', 'b']);
});

test('judge: a point is judged though one of the same id waits in another collection, and has seen nothing of that', () => {
  queue.judge('dismiss', on('a'));
  queue.open('cars');
  assert.notEqual(queue.judge('accept', on('a', { collection: 'cars' })), null);
  assert.deepEqual([queue.ordersIn('cars').length, queue.orders.length], [1, 2]);
  recorded('r1', 'a');
  assert.equal(sent[1].seen.a.review, null);
});

test('undoLastBatch: takes back the last verdict of its collection alone', () => {
  queue.judge('dismiss', on('a'));
  queue.open('cars');
  assert.deepEqual(queue.undoLastBatch('cars'), []);
  queue.judge('dismiss', on('b', { collection: 'cars' }));
  queue.open('pets');
  assert.deepEqual(queue.undoLastBatch('pets').map(({ id }) => id), ['a']);
  assert.deepEqual(queue.verdicts.map(({ id }) => id), ['b']);
});

test('putAside: verdicts on a collection that the server lacks wait in the store, and others are sent', () => {
  queue.judge('dismiss', on('a', { collection: 'gone' }));
  queue.judge('dismiss', on('b'));
  queue.judge('skip', on('c', { collection: 'gone' }));
  assert.equal(queue.putAside('gone'), 2);
  assert.deepEqual([sent.map(({ id }) => id), nWaiting, store.kept.size], [['a', 'b'], 1, 3]);
  recorded('r1', 'b');
  assert.deepEqual([queue.orders, sent.length, store.kept.size], [[], 2, 2]);
});

test('open: verdicts that were put aside are sent once their collection is there', () => {
  queue.judge('dismiss', on('a', { collection: 'gone' }));
  queue.putAside('gone');
  queue.open('pets');
  assert.equal(sent.length, 1);
  queue.open('gone');
  assert.deepEqual([sent.map(({ key }) => key), [...queue.gone], queue.aside], [['key-1', 'key-1'], ['a'], []]);
  recorded('r1', 'a');
  assert.equal(store.kept.size, 0);
});

test('discard: verdicts that were put aside are given up, and no others', () => {
  queue.judge('dismiss', on('a', { collection: 'gone' }));
  queue.judge('dismiss', on('b'));
  queue.putAside('gone');
  queue.discard('gone');
  assert.deepEqual([[...store.kept.keys()], queue.verdicts.map(({ id }) => id)], [['key-2'], ['b']]);
});
