import assert from 'node:assert/strict';
import { test } from 'node:test';

import { objectRegion } from '../../explorer/assets/page/point/object_region.mjs';

const SIZE_HW = [400, 600];
const point = (box, size = SIZE_HW) => ({ box, payload: { image_size_hw: size } });

test('objectRegion: the object with a little around it, in the form of the frame', () => {
  assert.deepEqual(objectRegion(point([100, 100, 150, 150]), 1), [95, 95, 155, 155]);
  assert.deepEqual(objectRegion(point([100, 100, 150, 150]), 2), [65, 95, 185, 155]);
});

test('objectRegion: an object that fills most of its image is shown in all of it', () => {
  assert.equal(objectRegion(point([0, 0, 600, 400]), 1), null);
  assert.equal(objectRegion(point([20, 20, 560, 380]), 1.5), null);
  assert.deepEqual(objectRegion(point([0, 0, 300, 200]), 1.5), [0, 0, 360, 240]);
});

test('objectRegion: there is only the image without a box, or while its size is unknown', () => {
  assert.equal(objectRegion(point(null), 1), null);
  assert.equal(objectRegion(point(undefined), 1), null);
  assert.equal(objectRegion(point([0, 0, 9, 9], null), 1), null);
});
