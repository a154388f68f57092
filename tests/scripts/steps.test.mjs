/** What the browser's Back takes back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isStep, seenAt } from '../../explorer/assets/page/steps.mjs';

const HERE = '?collection=pets&projection=m1&id=cat&v=1%2C0.5%2C0.5';

test('isStep: another point, map or collection, and letting go of a point', () => {
  const values = { collection: 'pets', projection: 'm1', id: 'cat', v: '2,0.5,0.5' };
  assert.equal(isStep(HERE, values), false);
  assert.equal(isStep(HERE, { ...values, id: 'dog' }), true);
  assert.equal(isStep(HERE, { ...values, id: null }), true);
  assert.equal(isStep(HERE, { ...values, projection: 'm2' }), true);
  assert.equal(isStep(HERE, { ...values, collection: 'cars' }), true);
});

test('isStep: the first values that a page writes complete its link', () => {
  assert.equal(isStep('?collection=pets', { collection: 'pets', projection: 'm1', id: undefined }), false);
});

test('seenAt: what is not named is null', () => {
  assert.deepEqual(seenAt('?projection=m1&v=1'), { collection: null, projection: 'm1', id: null, view: '1' });
});
