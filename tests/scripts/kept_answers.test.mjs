import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KeptAnswers } from '../../explorer/assets/page/kept_answers.mjs';

/** Answers with the number of the request; keeps what was asked. The first `nFailures` are refused, or the last of them fails. */
function makeKept(nFailures = 0, isThrown = false) {
  const asked = [];
  const kept = new KeptAnswers(async (url, init) => {
    asked.push([init?.method ?? 'GET', url, init?.body ?? '']);
    if (asked.length === nFailures && isThrown) throw new TypeError('Failed to fetch');
    return { ok: asked.length > nFailures, number: asked.length };
  });
  return { asked, kept };
}

const order = (body) => ({ method: 'POST', body });

test('fetch: what was asked for serves the first one who asks for the same', async () => {
  const { asked, kept } = makeKept();
  kept.keep('cats');
  kept.keep('find', order('a'));
  assert.deepEqual([(await kept.fetch('cats')).number, (await kept.fetch('find', order('a'))).number], [1, 2]);
  assert.deepEqual([(await kept.fetch('cats')).number, asked.length], [3, 3]);
});

test('fetch: another body or another method is another question', async () => {
  const { asked, kept } = makeKept();
  kept.keep('find', order('a'));
  kept.keep('cats');
  await kept.fetch('find', order('b'));
  await kept.fetch('cats', { method: 'DELETE' });
  assert.deepEqual(asked.slice(2), [['POST', 'find', 'b'], ['DELETE', 'cats', '']]);
});

test('fetch: what was forgotten is asked for again', async () => {
  const { kept } = makeKept();
  kept.keep('cats');
  kept.forget();
  assert.equal((await kept.fetch('cats')).number, 2);
});

test('fetch: what was refused or lost is asked for again by the one who needs it', async () => {
  for (const isThrown of [false, true]) {
    const { kept } = makeKept(1, isThrown);
    kept.keep('cats');
    assert.deepEqual(await kept.fetch('cats'), { ok: true, number: 2 });
  }
});
