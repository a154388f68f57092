/** Dots that the processor draws: where they lie, what they cover, and how they are blended. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DELETED_CLASS, PointColumns } from '../../explorer/assets/map/columns.mjs';
import { classTexels, rampTexels } from '../../explorer/assets/map/palette.mjs';
import { colorsOf, DotPicture } from '../../explorer/assets/map/pixel_dots.mjs';

const WHOLE = /** @type {[number, number, number, number]} */ ([2, 2, -1, -1]); // the unit square fills the picture
const LOOKS = { clip: WHOLE, sizePx: 6, alpha: 1, mode: /** @type {const} */ ('class'), nCategories: 0, dimOthers: false };
const [RED, BLUE, TRANSPARENT] = [[255, 0, 0, 255], [0, 0, 255, 255], [0, 0, 0, 0]];

/** @param {[number, number][]} places in the unit square @param {number[]} classes */
function columnsOf(places, classes) {
  const columns = new PointColumns(places.length);
  columns.append({
    x: Uint16Array.from(places, ([x]) => Math.round(x * 65535)), y: Uint16Array.from(places, ([, y]) => Math.round(y * 65535)),
    classIndex: Uint16Array.from(classes), score: new Uint8Array(places.length),
  });
  return columns;
}

const palette = (visible = [1, 1]) => ({
  class: colorsOf(classTexels(['#ff0000', '#0000ff'], Uint8Array.from(visible))),
  ramp: colorsOf(rampTexels(['#000000', '#ffffff'], '#00ff00', (value) => value)),
  category: colorsOf(classTexels(['#ffff00'], Uint8Array.from([1]))),
});

/** @returns {(x: number, y: number) => number[]} RGBA of the pixel at (x, y), y down; of 40 by 20 */
function draw(columns, { looks = {}, colors = palette(), rows = null, times = 1 } = {}) {
  const picture = new DotPicture(40, 20, looks.sizePx ?? LOOKS.sizePx);
  const end = rows ? rows.length : columns.count;
  for (let time = 0; time < times; time++) picture.draw(columns, colors, { ...LOOKS, ...looks }, { start: 0, end, rows });
  const shown = new Uint32Array(40 * 20);
  picture.copyTo(shown);
  const bytes = new Uint8Array(shown.buffer);
  return (x, y) => [...bytes.subarray((y * 40 + x) * 4, (y * 40 + x) * 4 + 4)];
}

test('a dot: round, in the colour of its class, y up', () => {
  const at = draw(columnsOf([[0.25, 0.75]], [0]));
  assert.deepEqual(at(10, 5), RED);
  assert.deepEqual(at(8, 5), RED);
  assert.deepEqual([at(14, 5), at(10, 9), at(10, 14), at(7, 2)], Array(4).fill(TRANSPARENT));
});

test('a small dot is a square without soft edges', () => {
  const at = draw(columnsOf([[0.2625, 0.725]], [0]), { looks: { sizePx: 2 } });
  const inked = [];
  for (let y = 0; y < 20; y++) for (let x = 0; x < 40; x++) if (at(x, y)[3] > 0) inked.push(at(x, y));
  assert.ok(inked.length >= 2 && inked.length <= 4, `${inked.length} pixels`);
  assert.ok(inked.every((color) => String(color) === String(RED)));
});

test('dots that stick out are cut, and those beyond are on no other side', () => {
  const clip = /** @type {[number, number, number, number]} */ ([2, 2, -1, -1]);
  const at = draw(columnsOf([[1, 0.5], [0, 1]], [0, 1]), { looks: { clip } });
  assert.deepEqual([at(39, 10), at(0, 0)], [RED, BLUE]);
  assert.deepEqual([at(0, 10), at(0, 11), at(1, 10), at(39, 19), at(39, 0)], Array(5).fill(TRANSPARENT));
  for (const shift of [-3, -1.8, 1.8, 3]) { // far out of view, along both axes
    for (const away of [[2, 2, -1 + shift, -1], [2, 2, -1, -1 + shift]]) {
      const seen = draw(columnsOf([[0.5, 0.5]], [0]), { looks: { clip: away, sizePx: 12 } });
      const inked = Array.from({ length: 800 }, (_, place) => seen(place % 40, Math.floor(place / 40))[3]).some(Boolean);
      assert.equal(inked, false, String(shift));
    }
  }
});

test('the smallest dots do not vanish between pixels', () => {
  for (const place of [0.25, 0.2625, 0.2687]) {
    const at = draw(columnsOf([[place, 0.5]], [0]), { looks: { sizePx: 0.5 } });
    assert.ok(Array.from({ length: 800 }, (_, one) => at(one % 40, Math.floor(one / 40))[3]).some(Boolean), String(place));
  }
});

test('what has no place is not drawn', () => {
  const at = draw(columnsOf([[0.25, 0.75]], [0]), { looks: { clip: [2, 2, NaN, NaN] } });
  assert.deepEqual(at(10, 5), TRANSPARENT);
});

test('what is deleted is not drawn', () => {
  const at = draw(columnsOf([[0.25, 0.75]], [DELETED_CLASS]));
  assert.deepEqual(at(10, 5), TRANSPARENT);
});

test('what recedes is pale: by its class, by a filter, outside the selection', () => {
  const [columns, filtered] = [columnsOf([[0.25, 0.5], [0.75, 0.5]], [0, 1]), columnsOf([[0.25, 0.5], [0.75, 0.5]], [0, 1])];
  const pale = [168, 130, 130, 77]; // 15 % of the colour, 85 % of grey; alpha 0.3
  const close = (/** @type {number[]} */ found) => found.forEach((value, place) => assert.ok(Math.abs(value - pale[place]) <= 3, `${found}`));
  const byClass = draw(columns, { colors: palette([0, 1]) });
  filtered.faded[0] = 1;
  const byFilter = draw(filtered);
  columns.chosen[1] = 1;
  const bySelection = draw(columns, { looks: { dimOthers: true } });
  for (const at of [byClass, byFilter, bySelection]) {
    close(at(10, 10));
    assert.deepEqual(at(30, 10), BLUE);
  }
});

test('by a number, by a category, and without one', () => {
  const columns = columnsOf([[0.25, 0.5], [0.75, 0.5]], [0, 0]);
  columns.value.set([254, 255]);
  columns.category.set([0, DELETED_CLASS]);
  const byNumber = draw(columns, { looks: { mode: 'number' } });
  assert.deepEqual([byNumber(10, 10), byNumber(30, 10)], [[255, 255, 255, 255], [0, 255, 0, 255]]);
  const byCategory = draw(columns, { looks: { mode: 'category', nCategories: 1 } });
  assert.deepEqual([byCategory(10, 10), byCategory(30, 10)], [[255, 255, 0, 255], [0, 255, 0, 255]]);
});

test('what lies on top is opaque, and left out if it recedes', () => {
  const columns = columnsOf([[0.25, 0.5], [0.75, 0.5]], [0, 1]);
  columns.faded[1] = 1;
  const at = draw(columns, { looks: { alpha: 0.1 }, rows: Uint32Array.of(0, 1) });
  assert.deepEqual([at(10, 10), at(30, 10)], [RED, TRANSPARENT]);
});

test('many faint dots come close to their colour, and never beyond', () => {
  const columns = columnsOf([[0.25, 0.5]], [0]);
  const alphas = [1, 10, 100, 1000].map((times) => draw(columns, { looks: { alpha: 0.06 }, times })(10, 10)[3]);
  assert.deepEqual([...alphas].sort((a, b) => a - b), alphas);
  assert.ok(alphas[0] >= 12 && alphas[3] > 240, String(alphas));
});
