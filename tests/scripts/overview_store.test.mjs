import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OverviewStore } from '../../explorer/assets/page/overview/overview_store.mjs';

const ANSWERS = {
  '/reviews?limit=1&verdict=accept&verdict=dismiss': { total: 34 },
  '/suspects?limit=1': { n_ranked: 1797 },
  '/duplicates?limit=100': { n_groups: 3, groups: [{ has_class_conflict: true }, { has_class_conflict: false }] },
  '/outliers?limit=1': { n_outliers: 7 },
};

function makeStore({ isSeen = () => true } = {}) {
  const seen = { asked: [], acts: [] };
  const store = new OverviewStore(async (url) => {
    const question = url.replace('api/v1/collections/pets', '');
    seen.asked.push(question);
    return { ok: true, status: 200, json: async () => ANSWERS[question] };
  }, (act) => seen.acts.push(act), isSeen);
  const settle = async () => {
    for (const act of seen.acts.splice(0)) act();
    await new Promise((done) => { setTimeout(done); });
  };
  return { store, seen, settle };
}

test('look: counts what there is to do', async () => {
  const { store, settle } = makeStore();
  store.look('pets');
  await settle();
  assert.deepEqual(store.state, { name: 'pets', nJudged: 34, nRanked: 1797, nDuplicates: 3, nConflicts: 1, nOutliers: 7 });
});

test('look: of many changes only the last one asks', async () => {
  const { store, seen, settle } = makeStore();
  store.look('pets');
  store.look('pets');
  await settle();
  assert.equal(seen.asked.length, 4);
});

test('look: asks nothing while nobody sees it, and of no collection', async () => {
  const { store, seen, settle } = makeStore({ isSeen: () => false });
  store.look('pets');
  await settle();
  store.look('');
  await settle();
  assert.deepEqual(seen.asked, []);
});

test('look: another collection forgets the counts at once', async () => {
  const { store, settle } = makeStore();
  store.look('pets');
  await settle();
  store.look('cars');
  assert.deepEqual([store.state.nJudged, store.state.nOutliers], [null, null]);
});
