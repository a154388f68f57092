import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KeptSelection } from '../../explorer/assets/page/kept_selection.mjs';

/** A map that tells of its selection, as `PointMap` does, and forgets it when it is loaded. */
function makeMap() {
  const kept = new KeptSelection();
  const told = [];
  const map = {
    chosenRows: [],
    select: (rows) => {
      map.chosenRows = rows;
      if (!kept.takes(rows)) told.push(rows);
    },
  };
  return { kept, map, told };
}

test('a map that is loaded anew has the same selection afterwards, and nobody is told', async () => {
  const { kept, map, told } = makeMap();
  assert.equal(await kept.during('umap', map, async () => {}), false);
  map.select([3, 1]);
  assert.equal(await kept.during('umap', map, async () => map.select([])), true);
  assert.deepEqual([map.chosenRows, told], [[3, 1], [[3, 1]]]);
  map.select([]);
  assert.deepEqual(told, [[3, 1], []]);
});

test('what somebody selects meanwhile stays', async () => {
  const { kept, map, told } = makeMap();
  await kept.during('umap', map, async () => {});
  map.select([3, 1]);
  await kept.during('umap', map, async () => { map.select([]); map.select([7]); });
  assert.deepEqual([map.chosenRows, told], [[7], [[3, 1], [7]]]);
});

test('only the last of several loads ends it', async () => {
  const { kept, map, told } = makeMap();
  await kept.during('umap', map, async () => {});
  map.select([3, 1]);
  const first = kept.during('umap', map, async () => map.select([]));
  const second = kept.during('umap', map, async () => map.select([]));
  await Promise.all([first, second]);
  assert.deepEqual([map.chosenRows, told], [[3, 1], [[3, 1]]]);
});

test('another map begins without a selection', async () => {
  const { kept, map, told } = makeMap();
  await kept.during('umap', map, async () => {});
  map.select([3, 1]);
  assert.equal(await kept.during('tsne', map, async () => map.select([])), false);
  assert.deepEqual([map.chosenRows, told], [[], [[3, 1], []]]);
});
