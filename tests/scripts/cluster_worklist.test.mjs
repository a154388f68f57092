/** The list of clusters, without a document. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ClusterGrain } from '../../explorer/assets/page/worklists/cluster_grain.mjs';
import { ClusterWorklist } from '../../explorer/assets/page/worklists/cluster_worklist.mjs';

const CLUSTER = { cluster: 0, name: 'cat', size: 5, examples: [] };

/** @param {string} search address that was opened @param {(query: object) => object} answer of the api @returns {any} the list, and what was said */
function openList(search, answer) {
  const said = [];
  const tools = {
    grain: new ClusterGrain(search), collection: { name: 'pets' }, say: (text) => said.push(text),
    api: { collection: 'pets', get: async (path, query) => answer(query) },
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
