/** How finely clusters are divided, without a document. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ClusterGrain, GRAINS } from '../../explorer/assets/page/worklists/cluster_grain.mjs';

const address = (grain) => new URLSearchParams(Object.entries(grain.toLink()).flatMap(([name, values]) => values.map((value) => [name, value]))).toString();

test('ClusterGrain: the usual one is not in the address, all others lead back', () => {
  const grain = new ClusterGrain('');
  assert.deepEqual([grain.state.grain.key, address(grain)], ['medium', '']);
  grain.divide(GRAINS[0]);
  grain.open(3);
  assert.equal(decodeURIComponent(address(grain)), 'parts=3@coarse');
  assert.deepEqual(new ClusterGrain('?parts=3@coarse').state, grain.state);
  grain.close();
  assert.deepEqual([grain.state.grain.key, grain.state.whole], ['coarse', null]);
});

test('ClusterGrain: the finest clusters have no parts, and a wrong address means nothing', () => {
  const grain = new ClusterGrain('?grain=finest');
  grain.open(0);
  assert.deepEqual([grain.finer, grain.state.whole], [null, null]);
  for (const wrong of ['?grain=huge', '?parts=x@coarse', '?parts=1@nothing', '?grain=fine&parts=9999999999@medium', '?parts=1@medium&grain=coarse']) {
    assert.equal(new ClusterGrain(wrong).state.whole, null);
  }
});

test('ClusterGrain: another collection has other clusters', () => {
  const grain = new ClusterGrain('?grain=fine&parts=2@medium');
  grain.openCollection('cats');
  assert.equal(grain.state.whole.cluster, 2);
  grain.openCollection('dogs');
  assert.deepEqual([grain.state.grain.key, grain.state.whole], ['medium', null]);
});
