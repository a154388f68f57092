import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gripOf } from '../../explorer/assets/page/point/fingers.mjs';

test('gripOf: the middle of the fingers, and how far from it they are', () => {
  assert.deepEqual(gripOf([[10, 20], [16, 28]]), { middle: [13, 24], spread: 5 });
  assert.deepEqual(gripOf([[10, 20]]), { middle: [10, 20], spread: 0 });
});
