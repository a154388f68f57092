import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KeptAnswers } from '../../explorer/assets/page/kept_answers.mjs';

/** Answers with the number of the request; keeps what was asked. */
function makeKept() {
  const asked = [];
  const kept = new KeptAnswers(async (url, init) => {
    asked.push([init?.method ?? 'GET', url, init?.body ?? '']);
    return asked.length;
  });
  return { asked, kept };
}

const order = (body) => ({ method: 'POST', body });

test('fetch: what was asked for serves the first one who asks for the same', async () => {
  const { asked, kept } = makeKept();
  kept.keep('cats');
  kept.keep('find', order('a'));
  assert.deepEqual([await kept.fetch('cats'), await kept.fetch('find', order('a'))], [1, 2]);
  assert.deepEqual([await kept.fetch('cats'), asked.length], [3, 3]);
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
  assert.equal(await kept.fetch('cats'), 2);
});
