import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ReviewSender } from '../../explorer/assets/page/review_sender.mjs';

const ORDER = {
  key: 'key-1', who: 'Ann', collection: 'my pets', id: 'a', verdict: 'accept', className: 'dog', group: ['a', 'b'],
  seen: { a: { className: 'cat', review: null }, b: { className: null, review: 'r0' } },
};
const json = (body, status) => new Response(JSON.stringify(body), { status, headers: { 'review-revision': '7' } });

/**
 * @param {(Response | Error)[]} answers in their order
 * @returns what a sender asked, how long it waited, and what trouble it told
 */
function senderOf(answers) {
  const seen = { requests: [], pausesMs: [], troubles: [] };
  const sender = new ReviewSender({
    api: '/api/v1',
    fetch: async (url, { body }) => {
      seen.requests.push([url, JSON.parse(body)]);
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
    pause: (ms) => {
      seen.pausesMs.push(ms);
      return { passed: Promise.resolve(), end() {} };
    },
    onTrouble: (trouble) => seen.troubles.push(trouble),
  });
  return { sender, seen };
}

test('carryOut: a verdict says what was shown, and is sent with its key', async () => {
  const { sender, seen } = senderOf([json([{ id: 'r1' }], 201)]);
  assert.deepEqual(await sender.carryOut(ORDER), { made: [{ id: 'r1' }], revision: '7' });
  assert.deepEqual(seen.requests, [['/api/v1/collections/my%20pets/reviews', {
    who: 'Ann', verdict: 'accept', ids: ['a', 'b'], class_name: 'dog', is_one_entry: true,
    seen: [{ id: 'a', class_name: 'cat', review: null }, { id: 'b', class_name: null, review: 'r0' }], idempotency_key: 'key-1',
  }]]);
});

test('carryOut: tries again with the same key, less and less often, until there is an answer', async () => {
  const away = new TypeError('failed to fetch');
  const { sender, seen } = senderOf([away, away, away, away, away, away, away, json([{ id: 'r1' }], 201)]);
  assert.deepEqual(await sender.carryOut(ORDER), { made: [{ id: 'r1' }], revision: '7' });
  assert.deepEqual(seen.pausesMs, [500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  assert.deepEqual(new Set(seen.requests.map(([, body]) => body.idempotency_key)), new Set(['key-1']));
  assert.deepEqual(seen.troubles[0], { why: 'Connection lost', retryInMs: 500 });
  assert.equal(seen.troubles.at(-1), null);
});

for (const [name, answer, why] of [
  ['a store that is away', json({ detail: 'the disk is full' }, 503), 'The server cannot record verdicts (the disk is full)'],
  ['a proxy that answers for the server', new Response('<html>', { status: 502 }), 'Connection lost'],
  ['a login page', new Response('<html>', { status: 200 }), 'Connection lost'],
  ['too many requests', json({}, 429), 'The server cannot record verdicts (status 429)'],
]) {
  test(`carryOut: ${name} loses nothing`, async () => {
    const { sender, seen } = senderOf([answer, json([{ id: 'r1' }], 201)]);
    assert.deepEqual(await sender.carryOut(ORDER), { made: [{ id: 'r1' }], revision: '7' });
    assert.equal(seen.troubles[0].why, why);
  });
}

for (const status of [404, 409, 422]) {
  test(`carryOut: a refusal (${status}) is told in the api's words and not tried again`, async () => {
    const { sender, seen } = senderOf([json({ detail: 'Bob was faster' }, status)]);
    assert.deepEqual(await sender.carryOut(ORDER), { refusal: 'Bob was faster' });
    assert.deepEqual(seen.pausesMs, []);
  });
}

test('carryOut: an undo names its review and has a key of its own', async () => {
  const { sender, seen } = senderOf([json({ undone: { id: 'r1' }, standing: null }, 200)]);
  const undone = { key: 'key-1', id: 'a', collection: 'pets', review: 'r1', isOffList: true };
  const outcome = await sender.carryOut({ key: 'key-2', who: 'Ann', collection: 'pets', id: 'a', undone });
  assert.deepEqual(outcome, { takenBack: { undone: { id: 'r1' }, standing: null }, revision: '7' });
  assert.deepEqual(seen.requests, [['/api/v1/collections/pets/reviews/undo', {
    who: 'Ann', review_id: 'r1', idempotency_key: 'key-2',
  }]]);
});

test('carryOut: an undo that does not know its review takes back no other', async () => {
  const { sender, seen } = senderOf([]);
  const undone = { key: 'key-1', id: 'a', collection: 'pets', review: null, isOffList: true };
  const outcome = await sender.carryOut({ key: 'key-2', who: 'Ann', collection: 'pets', id: 'a', undone });
  assert.match(outcome.refusal, /not known which verdict/);
  assert.deepEqual(seen.requests, []);
});

test('carryOut: a server that lacks the collection refuses nothing, and is not asked again', async () => {
  const { sender, seen } = senderOf([json({ detail: "no collection 'my pets'", code: 'CollectionNotFoundError' }, 404)]);
  assert.deepEqual(await sender.carryOut(ORDER), { lacksCollection: true });
  assert.deepEqual([seen.pausesMs, seen.troubles], [[], [null]]);
});
