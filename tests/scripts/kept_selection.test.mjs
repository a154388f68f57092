import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KeptSelection } from '../../explorer/assets/page/kept_selection.mjs';

const UMAP = { collection: 'digits', id: 'umap' };
const TSNE = { collection: 'digits', id: 'tsne' };
const OTHER = { collection: 'pets', id: 'umap' };
/** The second map has the points in the opposite order, and lacks the first one. */
const NUMBERS = Int32Array.from([-1, 3, 2, 1, 0]);

/** A map that tells of its selection, as `PointMap` does, and forgets it when it is loaded. */
function makeMap({ numbers = async () => NUMBERS, remembers = () => false } = {}) {
  const told = { rows: [], asked: [], renumbered: [], selected: [], said: [] };
  const map = { chosenRows: [], columns: {}, select: () => {} };
  const kept = new KeptSelection({
    map: () => map,
    remembers,
    readNumbers: (from, to) => { told.asked.push([from.id, to.id]); return numbers(); },
    renumber: (found) => told.renumbered.push(found),
    selected: (rows) => told.selected.push(rows),
    say: (text) => told.said.push(text),
  });
  map.select = (rows) => {
    map.chosenRows = rows;
    if (!kept.takes(rows)) told.rows.push(rows);
  };
  return { kept, map, told };
}

/** A map that is loaded has other columns, and nothing is selected. */
const forget = (map) => async () => {
  map.columns = {};
  map.select([]);
};

test('a map that is loaded anew has the same selection afterwards, and nobody is told', async () => {
  const { kept, map, told } = makeMap();
  assert.equal(await kept.during(UMAP, async () => {}), 'other');
  map.select([3, 1]);
  assert.equal(await kept.during(UMAP, forget(map)), 'same');
  assert.deepEqual([map.chosenRows, told.rows, told.selected], [[3, 1], [[3, 1]], []]);
  map.select([]);
  assert.deepEqual(told.rows, [[3, 1], []]);
});

test('what somebody selects meanwhile stays', async () => {
  const { kept, map, told } = makeMap();
  await kept.during(UMAP, async () => {});
  map.select([3, 1]);
  await kept.during(TSNE, async () => { await forget(map)(); map.select([4]); });
  assert.deepEqual([map.chosenRows, told.rows, told.selected], [[4], [[3, 1], [4]], []]);
});

test('what somebody selects before a map that is loaded anew begins to come is kept, too', async () => {
  for (const before of [[3, 1], []]) {
    const { kept, map, told } = makeMap();
    await kept.during(UMAP, async () => {});
    map.select(before);
    await kept.during(UMAP, async () => { map.select([4]); await forget(map)(); });
    assert.deepEqual([map.chosenRows, told.rows, told.selected], [[4], [before, [4]], []]);
  }
});

test('what somebody lets go of meanwhile does not come back', async () => {
  for (const load of [(map) => async () => { map.select([]); await forget(map)(); }, (map) => async () => { await forget(map)(); map.select([]); }]) {
    const { kept, map, told } = makeMap();
    await kept.during(UMAP, async () => {});
    map.select([3, 1]);
    await kept.during(UMAP, load(map));
    assert.deepEqual([map.chosenRows, told.rows.slice(0, 2)], [[], [[3, 1], []]]);
  }
});

test('only the last of several loads ends it', async () => {
  const { kept, map, told } = makeMap();
  await kept.during(UMAP, async () => {});
  map.select([3, 1]);
  const first = kept.during(UMAP, forget(map));
  const second = kept.during(UMAP, forget(map));
  assert.deepEqual([await first, await second], ['late', 'same']);
  assert.deepEqual([map.chosenRows, told.rows], [[3, 1], [[3, 1]]]);
});

test('another map of the same points selects the same ones, and says which it lacks', async () => {
  const { kept, map, told } = makeMap();
  await kept.during(UMAP, async () => {});
  map.select([0, 1, 4]);
  assert.equal(await kept.during(TSNE, forget(map)), 'renumbered');
  assert.deepEqual([map.chosenRows, told.selected, told.rows], [[3, 0], [[3, 0]], [[0, 1, 4]]]);
  assert.deepEqual([told.asked, told.renumbered.at(-1)], [[['umap', 'tsne']], NUMBERS]);
  assert.deepEqual(told.said, ['1 of the selected points is not on this map.']);
});

test('the map before is asked for nothing if there is nothing to keep, or if points are others', async () => {
  const { kept, map, told } = makeMap();
  await kept.during(UMAP, async () => {});
  assert.equal(await kept.during(TSNE, async () => {}), 'other');
  map.select([3]);
  assert.equal(await kept.during(OTHER, forget(map)), 'other');
  assert.deepEqual([map.chosenRows, told.asked, told.renumbered], [[], [], [null, null, null]]);
});

test('what may be undone is kept without a selection', async () => {
  const { kept, told } = makeMap({ remembers: () => true });
  await kept.during(UMAP, async () => {});
  assert.equal(await kept.during(TSNE, async () => {}), 'renumbered');
  assert.deepEqual([told.renumbered.at(-1), told.selected], [NUMBERS, []]);
});

test('a map that is gone takes the selection with it, and that is said', async () => {
  const { kept, map, told } = makeMap({ numbers: async () => { throw new Error('There is no projection.'); } });
  await kept.during(UMAP, async () => {});
  map.select([3, 1]);
  assert.equal(await kept.during(TSNE, forget(map)), 'other');
  assert.deepEqual([map.chosenRows, told.renumbered.at(-1), told.said], [[], null, ['What was selected on the map before is not known any more.']]);
});

test('a map that is asked for before the last one came has its own rows', async () => {
  let give;
  const { kept, map, told } = makeMap({ numbers: () => new Promise((done) => { give = done; }) });
  await kept.during(UMAP, async () => {});
  map.select([3]);
  const late = kept.during(TSNE, () => assert.fail('it is not wanted any more'));
  const same = kept.during(UMAP, forget(map));
  give(NUMBERS);
  assert.deepEqual([await late, await same], ['late', 'same']);
  assert.deepEqual([map.chosenRows, told.selected], [[3], []]);
});
