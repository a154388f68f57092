/** A box drawn on a picture, without a document. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { boxAfterKey, boxInElement, boxInImage, middleBox, objectAt, placeInImage, regionAround } from '../../explorer/assets/page/search/image_box.mjs';

/** A picture of 200 x 100 px that fills the width of an element: 50 px are empty above and below it. */
const FITTED = { width: 200, height: 200, naturalWidth: 400, naturalHeight: 200 };

test('boxInElement: is what was dragged in any direction, within the picture', () => {
  assert.deepEqual(boxInElement([150, 120], [50, 60], FITTED), { left: 50, top: 60, right: 150, bottom: 120 });
  assert.deepEqual(boxInElement([-20, 0], [500, 500], FITTED), { left: 0, top: 50, right: 200, bottom: 150 });
});

test('boxInElement: a click is none, nor is a drag beside the picture', () => {
  assert.equal(boxInElement([50, 60], [54, 100], FITTED), null);
  assert.equal(boxInElement([10, 0], [190, 40], FITTED), null);
});

test('boxInImage: in pixels of the whole image, also of a shrunken one', () => {
  assert.deepEqual(boxInImage({ left: 50, top: 60, right: 150, bottom: 120 }, FITTED, [0, 0, 2000, 1000]), [500, 100, 1500, 700]);
  assert.deepEqual(boxInImage({ left: 0, top: 50, right: 200, bottom: 150 }, FITTED, [0, 0, 5, 7]), [0, 0, 5, 7]);
  assert.deepEqual(boxInImage({ left: 194, top: 144, right: 200, bottom: 150 }, FITTED, [0, 0, 1, 1]), [0, 0, 1, 1]);
  assert.deepEqual(boxInImage({ left: 50, top: 50, right: 200, bottom: 150 }, FITTED, [100, 40, 180, 80]), [120, 40, 180, 80]);
});

test('boxAfterKey: an arrow moves the box, with Shift its corner, and both stay within the picture', () => {
  const box = middleBox(FITTED);
  assert.deepEqual(box, { left: 50, top: 75, right: 150, bottom: 125 });
  const press = (/** @type {string} */ key, shiftKey = false, from = box) => boxAfterKey(from, { key, shiftKey }, FITTED);
  assert.deepEqual(press('ArrowLeft'), { left: 42, top: 75, right: 142, bottom: 125 });
  assert.deepEqual(press('ArrowDown', true), { left: 50, top: 75, right: 150, bottom: 133 });
  assert.deepEqual(press('ArrowUp', false, { left: 0, top: 52, right: 20, bottom: 80 }), { left: 0, top: 50, right: 20, bottom: 78 });
  assert.deepEqual(press('ArrowLeft', true, { left: 10, top: 60, right: 18, bottom: 80 }), { left: 10, top: 60, right: 16, bottom: 80 });
  assert.equal(press('a'), null);
});

test('regionAround: the object with a fifth as much around it, in the form of the frame, within the image', () => {
  assert.deepEqual(regionAround([100, 100, 140, 120], [400, 400], 1), [96, 86, 144, 134]);
  assert.deepEqual(regionAround([0, 0, 40, 40], [400, 400], 2), [0, 0, 96, 48]);
  assert.deepEqual(regionAround([0, 0, 90, 50], [50, 90], 1), [0, 0, 90, 50]);
});

test('regionAround: a small object has so much around it that one sees what it lies in', () => {
  assert.deepEqual(regionAround([200, 200, 212, 212], [400, 400], 1), [190, 190, 222, 222]);
  assert.deepEqual(regionAround([390, 395, 392, 397], [400, 400], 1), [368, 368, 400, 400]);
});

test('placeInImage: in px of the image, of a part of it, and nowhere beside the picture', () => {
  assert.deepEqual(placeInImage([100, 100], FITTED, [0, 0, 2000, 1000]), [1000, 500]);
  assert.deepEqual(placeInImage([50, 50], FITTED, [100, 40, 180, 80]), [120, 40]);
  assert.equal(placeInImage([100, 20], FITTED, [0, 0, 2000, 1000]), null);
});

test('objectAt: the smallest one there', () => {
  const objects = /** @type {any[]} */ ([{ id: 'room', box: [0, 0, 90, 90] }, { id: 'cup', box: [10, 10, 20, 20] }, { id: 'whole', box: null }]);
  assert.equal(objectAt(objects, [15, 15])?.id, 'cup');
  assert.equal(objectAt(objects, [20, 15])?.id, 'room');
  assert.equal(objectAt(objects, [95, 15]), null);
});
