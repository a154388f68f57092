import assert from 'node:assert/strict';
import { test } from 'node:test';

import { dockBelow } from '../../explorer/assets/page/early_map.mjs';

const storage = (height) => ({ getItem: (name) => (name === 'lookalike-dock-height' ? height : null), setItem() {} });

test('dockBelow: the map ends above the dock, as tall as it was left', () => {
  assert.equal(dockBelow('', storage(null)), 318);
  assert.equal(dockBelow('?collection=cats&projection=m1&v=1,0.5,0.5&worklist=outliers&colors=score', storage('400')), 400);
});

for (const search of ['?view=gallery', '?view=maps&map2=m2', '?class=cow', '?score-from=0.5']) {
  test(`dockBelow: a page at ${search} opens with no whole map`, () => assert.equal(dockBelow(search, storage(null)), null));
}
