/** The list of outliers, without a document. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { apartText } from '../../explorer/assets/page/worklists/names.mjs';
import { OutlierWorklist } from '../../explorer/assets/page/worklists/outlier_worklist.mjs';

const settle = () => new Promise((resolve) => { setTimeout(resolve); });
const answer = (nOutliers) => ({ outliers: [{ id: 'a', score: 1, reason: 'far' }], n_outliers: nOutliers, why_empty: null });

test('open: knows how many stand apart, listed or not', async () => {
  const list = new OutlierWorklist({ api: { get: async () => answer(60) } });
  list.open();
  await settle();
  assert.deepEqual([list.nOutliers, list.state.cards.length, list.state.cards[0].rank], [60, 1, '#1']);
});

test('open: an answer under an older filter that comes late counts nothing', async () => {
  const answers = [];
  const list = new OutlierWorklist({ api: { get: () => new Promise((resolve) => { answers.push(resolve); }) } });
  list.open();
  list.forget();
  list.open();
  answers[1](answer(2));
  await settle();
  answers[0](answer(60));
  await settle();
  assert.equal(list.nOutliers, 2);
});

test('apartText: none, one and many', () => {
  assert.deepEqual([0, 1, 1200].map(apartText), ['none stands apart', '1 stands apart', '1,200 stand apart']);
});
