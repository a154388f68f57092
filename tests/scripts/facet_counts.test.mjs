import assert from 'node:assert/strict';
import test from 'node:test';

import { FacetCounts } from '../../explorer/assets/page/facet_counts.mjs';

/** @param {(number[] | null)[]} scores of one answer after the other */
function make(...scores) {
  return new FacetCounts(async () => ({ n_points: 3, n_matching: 3, scores: scores.shift() }));
}

test('reload: scores that are being computed anew are not said to be unknown', async () => {
  const counts = make(null, [1, 2], null, [2, 1]);
  const seen = [];
  for (let n = 0; n < 4; n++) {
    await counts.reload();
    seen.push(counts.state.facets.scores);
  }
  assert.deepEqual(seen, [null, [1, 2], [1, 2], [2, 1]]);
});

test('forget: scores of one collection are never those of another', async () => {
  const counts = make([1, 2], null);
  await counts.reload();
  counts.forget();
  await counts.reload();
  assert.equal(counts.state.facets.scores, null);
});
