import assert from 'node:assert/strict';
import { test } from 'node:test';

import { TabCounts } from '../../explorer/assets/page/tab_counts.mjs';
import { Store } from '../../explorer/assets/page/worklists/store.mjs';

const settle = () => new Promise((resolve) => { setTimeout(resolve); });

class List extends Store {
  get count() {
    return this.state.count;
  }
}

function opened() {
  const asked = [];
  const answers = { '/reviews': { total: 7 }, '/duplicates': { n_groups: 12 }, '/clusters': { clusters: [{}, {}] } };
  const api = { get: async (path) => { asked.push(path); return answers[path]; } };
  const suspects = new List({ count: null });
  const counts = new TabCounts();
  counts.follow(api, new Map([['suspects', suspects], ['duplicates', new List({ count: null })]]), suspects);
  return { counts, suspects, asked, answers };
}

test('follow: what a list knows, it says itself, also when it changes', () => {
  const { counts, suspects } = opened();
  suspects.set({ count: 303 });
  suspects.set({ count: 302 });
  assert.equal(counts.state.suspects, 302);
});

test('follow: groups are asked for once, after the list that computes their neighbors', async () => {
  const { counts, suspects, asked } = opened();
  await settle();
  assert.deepEqual(asked, ['/reviews']);
  suspects.set({ count: 303 });
  suspects.set({ count: 302 });
  await settle();
  assert.deepEqual(asked, ['/reviews', '/duplicates', '/clusters']);
  assert.deepEqual([counts.state.duplicates, counts.state.clusters, counts.state.reviewed], [12, 2, 7]);
  counts.pointsChanged();
  suspects.set({ count: 301 });
  await settle();
  assert.equal(asked.length, 5);
});

test('ask: verdicts that changed are counted anew, and no answer changes nothing', async () => {
  const { counts, answers } = opened();
  await settle();
  answers['/reviews'] = { total: 8 };
  await counts.ask();
  assert.equal(counts.state.reviewed, 8);
  answers['/reviews'] = null;
  await counts.ask();
  assert.equal(counts.state.reviewed, 8);
});

test('pointsChanged: groups that were counted before come too late', async () => {
  const held = [];
  const api = { get: (path) => (path === '/duplicates' ? new Promise((resolve) => { held.push(resolve); }) : Promise.resolve({ total: 7, clusters: [] })) };
  const suspects = new List({ count: null });
  const counts = new TabCounts();
  counts.follow(api, new Map([['suspects', suspects]]), suspects);
  suspects.set({ count: 303 });
  counts.pointsChanged();
  suspects.set({ count: 12 });
  held[1]({ n_groups: 2 });
  await settle();
  held[0]({ n_groups: 60 });
  await settle();
  assert.equal(counts.state.duplicates, 2);
});
