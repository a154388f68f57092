/** The list of clusters, without a document. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ClusterGrain } from '../../explorer/assets/page/worklists/cluster_grain.mjs';
import { clusterWords, ClusterWorklist } from '../../explorer/assets/page/worklists/cluster_worklist.mjs';

const CLUSTER = { cluster: 0, name: 'cat', size: 5, n_matching: 5, examples: [] };

/** @param {string} search address that was opened @param {(query: object) => object} answer of the api @returns {any} the list, and what was said */
function openList(search, answer) {
  const said = [];
  const tools = {
    grain: new ClusterGrain(search), collection: { name: 'pets' }, say: (text) => said.push(text),
    api: { collection: 'pets', get: async (path, query) => answer(query) },
    selectOnMap: async (readIds) => (await readIds())?.length ?? null,
  };
  return { worklist: new ClusterWorklist(tools), grain: tools.grain, said };
}

const settled = () => new Promise((resolve) => { setImmediate(resolve); });

test('ClusterWorklist: parts of a cluster that is gone are told in one line, and all clusters are listed', async () => {
  const asked = [];
  const { worklist, grain, said } = openList('?grain=fine&parts=99@medium', (query) => {
    asked.push(query.part_of);
    if (query.part_of === 99 || query.limit === 1) throw Object.assign(new Error('No cluster 99.'), { code: 'InvalidOptionsError' });
    return { clusters: [CLUSTER], why_empty: null };
  });
  worklist.open();
  await settled();
  assert.deepEqual(said, ['The cluster whose parts the link names is gone; all clusters are listed.']);
  assert.deepEqual([worklist.state.status, worklist.state.cards.length, worklist.whole], ['ready', 1, null]);
  assert.deepEqual(grain.toLink(), { grain: ['fine'], parts: [] });
  assert.deepEqual(asked.at(-1), undefined);
});

test('ClusterWorklist: another failure stays on the page', async () => {
  const { worklist, grain, said } = openList('?grain=fine&parts=9@medium', () => { throw new Error('The server does not answer.'); });
  worklist.open();
  await settled();
  assert.deepEqual([said, worklist.state.message, grain.state.whole.cluster], [[], 'The server does not answer.', 9]);
});

test('clusterWords: under a filter, how many fit of how many, and that the share is of all', () => {
  assert.equal(clusterWords({ size: 1340, n_matching: 1340 }, '87 % cat'), '1,340 points · 87 % cat');
  assert.equal(clusterWords({ size: 1340, n_matching: 1012 }, '87 % cat'), '1,012 of 1,340 points · whole cluster: 87 % cat');
  assert.equal(clusterWords({ size: 5, n_matching: 1 }, 'without classes'), '1 of 5 points · whole cluster: without classes');
});

test('ClusterWorklist: a click selects the points that fit, and says what the filter leaves out', async () => {
  const { worklist, said } = openList('', (query) => (query.offset === undefined
    ? { clusters: [{ ...CLUSTER, n_matching: 1 }] } : { size: 5, ids: ['a'], next_offset: null }));
  worklist.open();
  await settled();
  const [card] = worklist.state.cards;
  await worklist.select(card);
  assert.deepEqual([said, worklist.shown], [['Selected 1 point of cluster cat on the map. The filter leaves out 4 others.'], card.id]);
  worklist.selectionChanged();
  assert.equal(worklist.shown, null);
});

test('ClusterWorklist: the last click counts, and none on a list that is gone', async () => {
  const asked = [];
  const { worklist, said } = openList('', () => new Promise((resolve) => { asked.push(resolve); }));
  const opened = [worklist.select({ id: 'first', cluster: CLUSTER }), worklist.select({ id: 'second', cluster: { ...CLUSTER, name: 'dog' } })];
  for (const answer of asked) answer({ size: 5, ids: ['a', 'b', 'c', 'd', 'e'], next_offset: null });
  await Promise.all(opened);
  assert.deepEqual([said, worklist.shown], [['Selected 5 points of cluster dog on the map.'], 'second']);
  const late = worklist.select({ id: 'first', cluster: CLUSTER });
  worklist.forget();
  asked.at(-1)({ size: 5, ids: ['a', 'b', 'c', 'd', 'e'], next_offset: null });
  await late;
  assert.deepEqual([said.length, worklist.shown], [1, null]);
});

test('ClusterWorklist: parts that were asked for before do not name what is listed', async () => {
  const answers = [];
  const { worklist, grain } = openList('?grain=fine&parts=1@medium', (query) => new Promise((resolve) => { answers.push([query, resolve]); }));
  worklist.open();
  grain.adopt('?grain=fine&parts=2@medium');
  await settled();
  for (const [query, answer] of [...answers.slice(2), ...answers.slice(0, 2)]) {
    answer(query.limit === 1 ? { name: answers.findIndex(([other]) => other === query) > 1 ? 'dog' : 'cat' } : { clusters: [CLUSTER] });
    await settled();
  }
  assert.deepEqual([worklist.state.status, worklist.whole], ['ready', 'dog']);
});

test('ClusterWorklist: a list that was closed follows no grain, and shows nothing that arrives late', async () => {
  const asked = [];
  const { worklist, grain } = openList('', (query) => new Promise((resolve) => { asked.push([query, resolve]); }));
  worklist.open();
  worklist.close();
  asked[0][1]({ clusters: [CLUSTER] });
  grain.adopt('?grain=fine');
  await settled();
  assert.deepEqual([asked.length, worklist.state.status, grain.listeners.size], [1, 'loading', 0]);
});
