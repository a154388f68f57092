import assert from 'node:assert/strict';
import { test } from 'node:test';

import { judgedAs, JudgedStore, judgedOf } from '../../explorer/assets/page/worklists/judged.mjs';

const standing = (id, verdict, className = null) => ({
  id: `r-${id}`, point_id: id, verdict, who: 'Ann', class_name: className,
});

test('judgedOf: what is on its way counts over what stands', () => {
  const found = judgedOf([standing('a', 'accept', 'dog'), standing('b', 'skip')], [
    { id: 'b', verdict: 'dismiss' },
    { id: 'c', verdict: 'accept', className: 'fox', group: ['c', 'd'] },
    { id: 'a', undone: { id: 'a', ids: ['a'], review: 'r-a', isOffList: true } },
  ]);
  assert.deepEqual([...found].map(([id, { verdict, className, who }]) => [id, verdict, className, who]), [
    ['b', 'dismiss', null, null], ['c', 'accept', 'fox', null], ['d', 'accept', 'fox', null],
  ]);
});

test('refresh: an older answer that arrives later is dropped', async () => {
  const answers = [];
  const store = new JudgedStore(() => new Promise((resolve) => { answers.push(resolve); }), () => []);
  const loads = [store.refresh(), store.refresh()];
  answers[1]([standing('new', 'skip')]);
  answers[0]([standing('old', 'skip')]);
  await Promise.all(loads);
  assert.deepEqual([...store.state.ofPoint.keys()], ['new']);
});

test('refresh: the first caller waits for the newest answer', async () => {
  const answers = [];
  const store = new JudgedStore(() => new Promise((resolve) => { answers.push(resolve); }), () => []);
  const seen = store.refresh().then(() => [...store.state.ofPoint.keys()]);
  const newer = store.refresh();
  answers[0]([standing('old', 'skip')]);
  await new Promise(setImmediate);
  answers[1]([standing('new', 'skip')]);
  assert.deepEqual(await seen, ['new']); // a table that was saved in between lacked the verdict
  await newer;
});

test('judgedAs: each point is compared by its class and the verdict that stood', () => {
  const judged = judgedOf([standing('a', 'skip')], []);
  assert.deepEqual(judgedAs('set', [{ id: 'a', class_name: 'cat' }], judged), {
    collection: 'set', id: 'a', group: null, seen: { a: { className: 'cat', review: 'r-a' } },
  });
  assert.deepEqual(judgedAs('set', [{ id: 'b', class_name: 'cat' }, { id: 'c', class_name: null }], judged), {
    collection: 'set', id: 'b', group: ['b', 'c'], seen: { b: { className: 'cat', review: null }, c: { className: null, review: null } },
  });
});
