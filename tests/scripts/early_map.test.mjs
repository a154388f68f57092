import assert from 'node:assert/strict';
import { test } from 'node:test';

import { dockBelow, EarlyMap } from '../../explorer/assets/page/early_map.mjs';

const storage = (height) => ({ getItem: (name) => (name === 'lookalike-dock-height' ? height : null), setItem() {} });

test('dockBelow: the map ends above the dock, as tall as it was left', () => {
  assert.equal(dockBelow('', storage(null)), 318);
  assert.equal(dockBelow('?collection=cats&projection=m1&v=1,0.5,0.5&worklist=outliers&colors=score', storage('400')), 400);
});

for (const search of ['?view=gallery', '?view=maps&map2=m2', '?class=cow', '?score-from=0.5']) {
  test(`dockBelow: a page at ${search} opens with no whole map`, () => assert.equal(dockBelow(search, storage(null)), null));
}

test('has: the map that arrived is there for the first who asks, as another one takes its place', async () => {
  const early = new EarlyMap({ url: 'map?v=1' });
  early.arrived = Promise.resolve(true);
  assert.deepEqual([await early.has('map?v=1'), await early.has('map?v=1')], [true, false]);
});

test('has: another map than that of the page is not', async () => {
  const early = new EarlyMap({ url: 'map?v=1' });
  early.arrived = Promise.resolve(true);
  assert.deepEqual([await early.has('map?v=2'), await early.has('map?v=1')], [false, false]);
});
