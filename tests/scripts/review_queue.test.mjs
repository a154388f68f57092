import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { ReviewQueue } from '../../explorer/assets/page/review_queue.mjs';

let queue, sent;

beforeEach(() => {
  sent = [];
  queue = new ReviewQueue((order) => sent.push(order));
});

const ok = (id, review = null) => queue.done({ ok: true, id, review });

test('judge: one order at a time, in the order in which they were given', () => {
  queue.judge('dismiss', 'a');
  queue.judge('accept', 'b', 'dog', ['b', 'c']);
  assert.deepEqual(sent.map(({ id }) => id), ['a']);
  ok('a', 'r1');
  assert.deepEqual(sent.map(({ verdict, id, className, group }) => [verdict, id, className, group]), [
    ['dismiss', 'a', null, null], ['accept', 'b', 'dog', ['b', 'c']],
  ]);
  ok('b', 'r2');
  assert.equal(queue.orders.length, 0);
});

test('judge: a point that is being judged is not judged twice, but one that was taken back is', () => {
  assert.notEqual(queue.judge('dismiss', 'a'), null);
  assert.equal(queue.judge('accept', 'a'), null);
  queue.undoLast();
  assert.notEqual(queue.judge('accept', 'a'), null);
  assert.equal(queue.orders.length, 3);
});

test('judge: what leaves the list is gone at once, what is skipped stays', () => {
  queue.judge('accept', 'a');
  queue.judge('skip', 'b');
  assert.deepEqual([[...queue.gone], [...queue.skipped]], [['a'], ['b']]);
});

test('listed: a point that the new list does not have is gone for good', () => {
  queue.judge('accept', 'a');
  queue.judge('accept', 'b');
  queue.listed(['b', 'c']);
  assert.deepEqual([...queue.gone], ['b']);
});

test('undoLast: the last verdict first, each by the review that it became', () => {
  queue.judge('dismiss', 'a');
  queue.judge('dismiss', 'b');
  queue.undoLast();
  queue.undoLast();
  assert.equal(queue.undoLast(), null);
  assert.equal(queue.gone.size, 0);
  ok('a', 'r1');
  ok('b', 'r2');
  assert.deepEqual(sent.at(-1).undone, { id: 'b', review: 'r2', isOffList: true });
  ok('b');
  assert.deepEqual(sent.at(-1).undone, { id: 'a', review: 'r1', isOffList: true });
});

test('undoReview: one of another page tells which point it was on', () => {
  queue.undoReview('r9');
  assert.equal(queue.undoReview('r9'), null);
  assert.equal(ok('z'), 'z');
});

test('done: a refusal brings the point back', () => {
  queue.judge('dismiss', 'a');
  assert.equal(queue.done({ ok: false, id: 'a', review: null }), 'a');
  assert.deepEqual([queue.gone.size, queue.verdicts.length, queue.orders.length], [0, 0, 0]);
});

test('done: a verdict whose undo was refused stands', () => {
  queue.judge('dismiss', 'a');
  ok('a', 'r1');
  queue.undoLast();
  queue.done({ ok: false, id: 'a', review: null });
  assert.deepEqual([[...queue.gone], queue.verdicts.map(({ review }) => review)], [['a'], ['r1']]);
});
