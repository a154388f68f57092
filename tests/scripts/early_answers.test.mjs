import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EarlyAnswers } from '../../explorer/assets/page/early_answers.mjs';

const CATS = { collection: { name: 'cats' }, map: { url: 'api/v1/map?v=1' } };
const SUSPECTS = 'api/v1/collections/cats/suspects?limit=36&offset=0';

/** Answers every address, but for those that are lost; keeps what was asked. */
function server(lost = new Set()) {
  const asked = [];
  const send = async (url) => {
    asked.push(url);
    if (lost.has(url)) throw new TypeError('failed to fetch');
    return { ok: true, url };
  };
  return { asked, send };
}

test('EarlyAnswers: the first list and the map are asked for at once, and serve the first one who asks', async () => {
  const { asked, send } = server();
  const early = new EarlyAnswers(send, '', CATS);
  assert.deepEqual(asked, [SUSPECTS, CATS.map.url]);
  assert.equal((await early.fetch(SUSPECTS)).url, SUSPECTS);
  assert.equal((await early.take(CATS.map.url)).url, CATS.map.url);
  assert.equal(early.take(CATS.map.url), null);
  assert.equal(asked.length, 2);
  await early.fetch(SUSPECTS);
  assert.equal(asked.length, 3);
});

test('fetch: an early question that failed is asked again', async () => {
  const lost = new Set([SUSPECTS]);
  const early = new EarlyAnswers(server(lost).send, '', CATS);
  lost.clear();
  assert.equal((await early.fetch(SUSPECTS)).url, SUSPECTS);
});

test('fetch: a question with options, such as one that writes, is never an early one', async () => {
  const { asked, send } = server();
  await new EarlyAnswers(send, '', CATS).fetch(SUSPECTS, { method: 'POST' });
  assert.equal(asked.length, 3);
});

test('EarlyAnswers: nothing is asked for what is not there', () => {
  const { asked, send } = server();
  new EarlyAnswers(send, '', { collection: null, map: null });
  assert.deepEqual(asked, []);
});

test('EarlyAnswers: what a filter leaves is not asked for, because the collection may not have what it names', () => {
  const { asked, send } = server();
  new EarlyAnswers(send, '?class=cow', CATS);
  assert.deepEqual(asked, [CATS.map.url]);
});
