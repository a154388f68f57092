import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inPixels, movedRegion, regionAfterPinch, regionAfterZoom, stretchTo } from '../../explorer/assets/page/point/region_zoom.mjs';

const SIZE_HW = [400, 600];
const WHOLE = [0, 0, 600, 400];

test('regionAfterZoom: what is under the pointer stays there', () => {
  assert.deepEqual(regionAfterZoom([100, 100, 200, 200], [0.25, 0.75], 0.5, SIZE_HW, 1), [112.5, 137.5, 162.5, 187.5]);
  assert.deepEqual(regionAfterZoom([112.5, 137.5, 162.5, 187.5], [0.25, 0.75], 2, SIZE_HW, 1), [100, 100, 200, 200]);
});

test('regionAfterZoom: a part has the form of its frame where the image has room, and lies in the image', () => {
  assert.deepEqual(regionAfterZoom(WHOLE, [0.5, 0.5], 0.5, SIZE_HW, 1), [150, 50, 450, 350]);
  assert.deepEqual(regionAfterZoom(WHOLE, [0.5, 0.5], 0.9, SIZE_HW, 1), [30, 0, 570, 400]);
  assert.deepEqual(regionAfterZoom([0, 0, 100, 100], [1, 1], 2, SIZE_HW, 1), [0, 0, 200, 200]);
  assert.deepEqual(regionAfterZoom(WHOLE, [0, 0], 0.5, SIZE_HW, 1), [0, 0, 300, 300]); // beside the picture, which is wider than its frame
});

test('regionAfterZoom: it ends at the whole image, and at a part that is no smaller than the least', () => {
  assert.equal(regionAfterZoom([30, 0, 570, 400], [0.5, 0.5], 1.5, SIZE_HW, 1), null);
  assert.deepEqual(regionAfterZoom([100, 100, 140, 140], [0, 0], 0.1, SIZE_HW, 1), [100, 100, 132, 132]);
  assert.deepEqual(regionAfterZoom([100, 100, 132, 132], [0.5, 0.5], 0.5, SIZE_HW, 1), [100, 100, 132, 132]);
  assert.deepEqual(regionAfterZoom([100, 100, 140, 180], [0, 0], 0.1, SIZE_HW, 0.5), [100, 100, 132, 164]); // its shorter side counts
});

test('regionAfterZoom: an image that is no larger than the least part is always shown in all', () => {
  assert.equal(regionAfterZoom([0, 0, 28, 28], [0.5, 0.5], 0.5, [28, 28], 1), null);
});

test('movedRegion: follows the pointer as far as the image goes', () => {
  assert.deepEqual(movedRegion([100, 100, 200, 200], [0.5, -0.25], SIZE_HW, 1), [50, 125, 150, 225]);
  assert.deepEqual(movedRegion([100, 100, 200, 200], [9, -9], SIZE_HW, 1), [0, 300, 100, 400]);
});

test('inPixels: whole pixels', () => assert.deepEqual(inPixels([1.4, 2.6, 10.5, 20]), [1, 3, 11, 20]));

test('stretchTo: puts each place where the next picture will have it', () => {
  const frame = { width: 300, height: 300 };
  assert.deepEqual(stretchTo([100, 100, 200, 200], [100, 100, 200, 200], frame), { scale: 1, x: 0, y: 0 });
  assert.deepEqual(stretchTo([100, 100, 200, 200], [150, 100, 200, 150], frame), { scale: 2, x: -300, y: 0 });
  assert.deepEqual(stretchTo(WHOLE, [0, 0, 300, 300], frame), { scale: 2, x: 0, y: -100 }); // there was room above it
});

const grip = (x, y, spread) => ({ middle: [x, y], spread });

test('regionAfterPinch: what is between two fingers stays between them', () => {
  const region = [100, 100, 200, 200];
  assert.deepEqual(regionAfterPinch(region, grip(0.25, 0.75, 50), grip(0.25, 0.75, 100), SIZE_HW, 1), [112.5, 137.5, 162.5, 187.5]);
  assert.deepEqual(regionAfterPinch(region, grip(0.5, 0.5, 50), grip(0.75, 0.25, 50), SIZE_HW, 1), [75, 125, 175, 225]); // they only move
  assert.deepEqual(regionAfterPinch(region, grip(0.5, 0.5, 50), grip(0.25, 0.5, 100), SIZE_HW, 1), [137.5, 125, 187.5, 175]);
});

test('regionAfterPinch: ends at the whole image, and fingers at one place do not zoom for ever', () => {
  assert.equal(regionAfterPinch([100, 100, 200, 200], grip(0.5, 0.5, 90), grip(0.5, 0.5, 9), SIZE_HW, 1), null);
  assert.deepEqual(regionAfterPinch([100, 100, 200, 200], grip(0.5, 0.5, 0), grip(0.5, 0.5, 0), SIZE_HW, 1), [100, 100, 200, 200]);
});
