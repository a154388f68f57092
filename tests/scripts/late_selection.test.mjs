/** Points that are selected once it is known which, without a document. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LateSelection } from '../../explorer/assets/page/late_selection.mjs';

/** The second half of an id is its row. */
function make() {
  const selected = [];
  const answers = [];
  const panel = { spec: { id: 'umap', rowUrl: 'api/v1/umap/rows' }, map: { select: (rows) => selected.push(rows) } };
  const send = (url, { body }) => new Promise((resolve) => {
    const rows = JSON.parse(body).ids.map((id) => ({ id, row: Number(id.slice(1)) }));
    answers.push(() => resolve(Response.json(rows)));
  });
  return { late: new LateSelection(() => panel, send, (select) => select()), selected, answers, panel };
}

const settled = () => new Promise((resolve) => { setImmediate(resolve); });

test('selectIds: the last who asks gets its points, whichever answer comes first', async () => {
  const { late, selected, answers } = make();
  const asked = ['p1', 'p2'].map((id) => late.selectIds(async () => [id]));
  await settled();
  answers[1]();
  await settled();
  answers[0]();
  assert.deepEqual([await Promise.all(asked), selected], [[null, 1], [[2]]]);
});

test('selectIds: what somebody selects meanwhile stays', async () => {
  const { late, selected, answers } = make();
  const asked = late.selectIds(async () => ['p1']);
  await settled();
  late.forget();
  answers[0]();
  assert.deepEqual([await asked, selected], [null, []]);
});

test('selectIds: another map that came meanwhile is asked for its own rows', async () => {
  const { late, selected, answers, panel } = make();
  const asked = late.selectIds(async () => ['p1']);
  await settled();
  panel.spec = { id: 'tsne', rowUrl: 'api/v1/tsne/rows' };
  answers[0]();
  await settled();
  answers[1]();
  assert.deepEqual([await asked, selected], [1, [[1]]]);
});

test('select: what nobody wants any more is not selected', async () => {
  const { late, selected } = make();
  assert.deepEqual([await late.select(async () => null), selected], [null, []]);
});

test('selectIds: without a map it says what is missing', async () => {
  const { late, panel } = make();
  panel.spec = null;
  await assert.rejects(late.selectIds(async () => ['p1']), /There is no map/);
});
