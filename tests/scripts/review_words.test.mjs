import assert from 'node:assert/strict';
import { test } from 'node:test';

import { moreRefusedWords, outcomeWords } from '../../explorer/assets/page/review_words.mjs';

const review = (/** @type {object} */ changes) => ({ id: 'r', point_id: 'a', verdict: 'accept', class_name: 'cat', given_class: 'dog', entry: null, ...changes });

test('outcomeWords: one verdict names its classes', () => {
  assert.equal(outcomeWords({ made: [review({})] }), 'accepted: dog → cat');
  assert.equal(outcomeWords({ made: [review({ verdict: 'dismiss' })] }), 'kept: dog is right');
  assert.equal(outcomeWords({ made: [review({ verdict: 'skip' })] }), 'left for later: dog');
});

test('outcomeWords: several objects are named by their classes only if these are the same', () => {
  const alike = [review({}), review({ point_id: 'b' })];
  assert.equal(outcomeWords({ made: alike }), 'accepted: dog → cat, 2 objects');
  assert.equal(outcomeWords({ made: [...alike, review({ given_class: 'cow' })] }), 'accepted: 3 objects');
});

test('outcomeWords: the last of several verdicts tells of all of them', () => {
  assert.equal(outcomeWords({ made: [review({})] }, { nGiven: 4 }), 'accepted: 4 objects');
  const takenBack = { undone: review({}), standing: null };
  assert.equal(outcomeWords({ takenBack }), 'taken back: accepted: dog → cat');
  assert.equal(outcomeWords({ takenBack }, { nTakenBack: 4 }), 'taken back: verdicts on 4 objects');
});

test('moreRefusedWords: one is singular', () => {
  assert.deepEqual([1, 1200].map(moreRefusedWords), ['and 1 more was not recorded', 'and 1,200 more were not recorded']);
});

test('outcomeWords: names from right to left do not turn the arrow or a number around', () => {
  const made = [review({ given_class: 'חתול', class_name: 'כלב' }), review({ given_class: 'חתול', class_name: 'כלב', point_id: 'b' })];
  assert.equal(outcomeWords({ made }), 'accepted: \u2068חתול\u2069 → \u2068כלב\u2069, 2 objects');
  assert.equal(outcomeWords({ made: [review({ class_name: 'כלב' })] }), 'accepted: dog → \u2068כלב\u2069');
});
